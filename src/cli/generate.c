/* weir generate RUN: text from a trained net, printed as it comes. */
#include "base/intl.h"
#include "base/status.h"
#include "cli/cli.h"
#include "show/show.h"
#include "weir/text.h"

#include <stdio.h>

static const weir_flag flags[] = {
    {"prompt", 'p', "TEXT", N_("what the text begins with (default: nothing)")},
    {"length", 'n', "N", N_("characters, or bytes, to add (default: 400)")},
    {"temperature", 0, "X",
     N_("above 1 bolder, below 1 more careful, 0 the likeliest (default: 1)")},
    {"top-k", 0, "K", N_("draw from the K likeliest only (default: 0, all)")},
    {0}};

struct wish {
    const char *prompt;
    size_t length;
    weir_sampling how;
};

static bool read_wish(weir_cli *cli, struct wish *w)
{
    double temperature;
    uint64_t length, top_k, seed;
    const char *prompt = weir_cli_get(cli, "prompt");
    if (!weir_cli_count(cli, "length", 0, 400, &length) ||
        !weir_cli_number(cli, "temperature", 0, 1, &temperature) ||
        !weir_cli_count(cli, "top-k", 0, 0, &top_k) || !weir_cli_count(cli, "seed", 0, 1, &seed))
        return false;
    *w = (struct wish){prompt ? prompt : "", length, {temperature, top_k, seed}};
    return true;
}

/* A piece of text on stdout at once; with --json it is kept for the end. */
static weir_status give(weir_cli *cli, weir_text *kept, const char *piece)
{
    if (cli->json) {
        weir_text_add(kept, piece);
        return kept->failed ? weir_fail_memory(&cli->err) : WEIR_OK;
    }
    if (fputs(piece, stdout) >= 0 && fflush(stdout) == 0) return WEIR_OK;
    return weir_fail_errno(&cli->err, "stdout", _("write"));
}

static weir_status write_text(weir_cli *cli, weir_generator *g, const struct wish *w,
                              weir_text *kept)
{
    char piece[WEIR_PIECE];
    WEIR_TRY(weir_generator_read(g, w->prompt, &cli->err));
    if (!cli->json) WEIR_TRY(give(cli, kept, w->prompt));
    for (size_t i = 0; i < w->length && !weir_cli_interrupted(); i++) {
        WEIR_TRY(weir_generator_next(g, &w->how, piece, &cli->err));
        WEIR_TRY(give(cli, kept, piece));
    }
    return cli->json ? WEIR_OK : give(cli, kept, "\n");
}

static bool print_json(weir_cli *cli, const struct wish *w, const weir_text *kept)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:b}", "run", cli->argument[0], "prompt",
                          w->prompt, "text", kept->s ? kept->s : "", "length",
                          (json_int_t)w->length, "top_k", (json_int_t)w->how.top_k, "seed",
                          (json_int_t)w->how.seed, "interrupted", weir_cli_interrupted());
    if (o) weir_json_number(o, "temperature", w->how.temperature);
    return weir_cli_print_json(cli, o);
}

static int run(weir_cli *cli)
{
    struct wish w;
    weir_generator *g;
    weir_text kept = {0};
    if (weir_cli_get(cli, "set"))
        weir_fail(&cli->err, WEIR_USAGE, "%s",
                  _("a run is as it was trained: --set would change nothing"));
    if (cli->err.status || !read_wish(cli, &w)) return weir_cli_fail(cli);
    weir_status status = weir_generator_open(cli->argument[0], &g, &cli->err);
    if (!status) status = write_text(cli, g, &w, &kept);
    if (!status && cli->json && !print_json(cli, &w, &kept)) status = WEIR_IO;
    weir_text_free(&kept);
    weir_generator_free(g);
    if (status) return weir_cli_fail(cli);
    return weir_cli_interrupted() ? weir_cli_signal_status() : WEIR_OK;
}

const weir_command weir_command_generate = {
    .name = "generate",
    .doc = N_("write text with a net that was trained on one"),
    .arguments = "RUN",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};
