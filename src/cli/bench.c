/* weir bench NET: how long forward and backward take, and how much of this machine they use. */
#include "base/intl.h"
#include "base/status.h"
#include "cli/cli.h"
#include "show/show.h"
#include "weir/bench.h"

#include <math.h>
#include <string.h>

static const weir_flag flags[] = {
    {"seq", 0, "T", N_("steps of a sequence (default: the net's)")},
    {"batch", 0, "B", N_("examples side by side (default: the net's)")},
    {"input", 0, "I", N_("features of the input (default: the net's)")},
    {"hidden", 0, "H", N_("hidden_size of a recurrent layer (default: the net's)")},
    {"layers", 0, "L", N_("recurrent layers on top of each other (default: the net's)")},
    {"depth", 0, "D", N_("hidden layers of an MLP (default: the net's)")},
    {"width", 0, "W", N_("units of each (default: the net's)")},
    {"telemetry", 0, "off|norms|full|shares",
     N_("measure meanwhile: norms of the gradient by layer and step; full: of every step's "
        "contribution too; shares: and its share in the whole (default: off)")},
    {"no-input-grad", 0, NULL, N_("leave out the gradient of the net's input, as in training")},
    {"seconds", 0, "S", N_("measure for so long, but 5 steps at least (default: 2)")},
    {0}};

static const char *const telemetry_names[] = {"off", "norms", "full", "shares"};

static bool read_telemetry(weir_cli *cli, weir_telemetry *out)
{
    const char *word = weir_cli_get(cli, "telemetry");
    for (int i = WEIR_TELEMETRY_OFF; i <= WEIR_TELEMETRY_SHARES; i++) {
        *out = (weir_telemetry)i;
        if (!strcmp(word ? word : "off", telemetry_names[i])) return true;
    }
    weir_fail(&cli->err, WEIR_USAGE, _("--telemetry is off, norms, full or shares, not \"%s\""),
              word);
    return false;
}

static bool read_sizes(weir_cli *cli, weir_bench_size *size)
{
    for (size_t i = 0; weir_bench_size_at(i); i++) {
        uint64_t n;
        if (!weir_cli_count(cli, weir_bench_size_at(i), 1, 0, &n)) return false;
        *weir_bench_size_of(size, i) = (size_t)n;
    }
    return true;
}

static bool stop(void *self)
{
    (void)self;
    return weir_cli_interrupted();
}

static bool read_options(weir_cli *cli, weir_bench_options *o)
{
    *o = weir_bench_options_init();
    o->net = cli->argument[0];
    o->input_grad = !weir_cli_get(cli, "no-input-grad");
    o->stop = stop;
    return read_sizes(cli, &o->size) && read_telemetry(cli, &o->telemetry) &&
           weir_cli_number(cli, "seconds", 0, 2, &o->seconds);
}

/* " seq 100, batch 32" and the end of the line: what a net has */
static void add_sizes(weir_text *out, weir_bench_size s)
{
    const char *before = " ";
    for (size_t i = 0; weir_bench_size_at(i); i++) {
        size_t size = *weir_bench_size_of(&s, i);
        if (!size) continue;
        weir_text_printf(out, "%s%s %zu", before, weir_bench_size_at(i), size);
        before = ", ";
    }
    weir_text_add(out, "\n");
}

static void set_sizes(json_t *json, weir_bench_size s)
{
    for (size_t i = 0; json && weir_bench_size_at(i); i++)
        if (*weir_bench_size_of(&s, i))
            json_object_set_new(json, weir_bench_size_at(i),
                                json_integer((json_int_t)*weir_bench_size_of(&s, i)));
}

static const char *precision(void)
{
    return weir_real_size() == 8 ? "float64" : "float32";
}

static const char *kernels_of(const weir_cli *cli)
{
    const char *kernels = weir_cli_get(cli, "kernels");
    return weir_real_size() == 8 ? "reference" : kernels ? kernels : "fast";
}

static bool print_json(weir_cli *cli, const weir_bench_options *o, const weir_bench_result *r)
{
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:b, s:I, s:I}", "net", o->net, "kernels", kernels_of(cli),
        "precision", precision(), "threads", weir_threads(),
        "telemetry", telemetry_names[o->telemetry], "input_grad", o->input_grad, "parameters",
        (json_int_t)r->parameters, "rounds", (json_int_t)r->rounds);
    set_sizes(json, r->size);
    const struct {
        const char *name;
        double value;
    } figures[] = {{"median_ms", r->median_ms},     {"min_ms", r->min_ms},
                   {"low_ms", r->low_ms},           {"high_ms", r->high_ms},
                   {"gflop", r->gflop},             {"gflops", r->gflops},
                   {"peak_gflops", r->peak_gflops}, {"peak_share", r->gflops / r->peak_gflops},
                   {"peak_rss_mb", r->peak_rss_mb}};
    for (size_t i = 0; json && i < sizeof figures / sizeof *figures; i++)
        weir_json_number(json, figures[i].name, figures[i].value);
    return weir_cli_print_json(cli, json);
}

static bool print_text(weir_cli *cli, const weir_bench_options *o, const weir_bench_result *r)
{
    weir_text out = {0};
    weir_text_printf(&out, "%s ", o->net);
    add_sizes(&out, r->size);
    weir_text_printf(&out, _("  %zu parameters, %s, %s kernels, threads: %d, telemetry: %s\n"),
                     r->parameters, precision(), kernels_of(cli), weir_threads(),
                     telemetry_names[o->telemetry]);
    weir_text_add(&out, o->input_grad ? _("  forward and backward, down to the net's input\n")
                                      : _("  forward and backward, but for the net's input\n"));
    weir_text_printf(&out, _("  time    %.4g ms, the median of %zu; quartiles %.4g to %.4g, "
                             "least %.4g\n"),
                     r->median_ms, r->rounds, r->low_ms, r->high_ms, r->min_ms);
    weir_text_printf(&out, _("  rate    %.4g GFLOP/s"), r->gflops);
    if (isfinite(r->peak_gflops))
        weir_text_printf(&out, _(", %.0f %% of the %.4g that this machine can reach"),
                         100 * r->gflops / r->peak_gflops, r->peak_gflops);
    weir_text_add(&out, "\n");
    weir_text_printf(&out, _("  memory  %.4g MB at most\n"), r->peak_rss_mb);
    return weir_cli_print(cli, &out);
}

/* Without a name: what can be timed, and at which sizes. */
static bool print_nets(weir_cli *cli)
{
    weir_text out = {0};
    weir_canvas c = weir_cli_canvas(&out, false);
    for (size_t i = 0; weir_bench_net_at(i); i++) {
        const weir_bench_net *net = weir_bench_net_at(i);
        weir_paint(&c, WEIR_BOLD, "%-10s", net->name);
        weir_text_printf(&out, "%s\n         ", _(net->doc));
        add_sizes(&out, net->size);
    }
    return weir_cli_print(cli, &out);
}

static bool list_nets(weir_cli *cli)
{
    json_t *nets = json_array();
    for (size_t i = 0; weir_bench_net_at(i); i++) {
        const weir_bench_net *net = weir_bench_net_at(i);
        json_t *one = json_pack("{s:s, s:s}", "name", net->name, "doc", net->doc);
        set_sizes(one, net->size);
        json_array_append_new(nets, one);
    }
    return weir_cli_print_json(cli, json_pack("{s:o}", "nets", nets));
}

static bool asks_for_change(weir_cli *cli)
{
    const char *flag = weir_cli_get(cli, "set") ? "set" : weir_cli_get(cli, "seed") ? "seed" : NULL;
    if (!flag) return false;
    weir_fail(&cli->err, WEIR_USAGE,
              _("a net that is timed is always the same: --%s would change nothing"), flag);
    return true;
}

/* Something is asked of a net, and none is named. */
static bool lacks_net(weir_cli *cli)
{
    for (const weir_flag *f = flags; !cli->arguments && f->name; f++)
        if (weir_cli_get(cli, f->name)) {
            weir_fail(&cli->err, WEIR_USAGE, _("--%s of which net? `weir bench` lists them"),
                      f->name);
            return true;
        }
    return false;
}

static int run(weir_cli *cli)
{
    weir_bench_options o;
    weir_bench_result result;
    bool printed;
    if (asks_for_change(cli) || lacks_net(cli)) return weir_cli_fail(cli);
    if (!cli->arguments) {
        printed = cli->json ? list_nets(cli) : print_nets(cli);
        return printed ? WEIR_OK : weir_cli_fail(cli);
    }
    if (!read_options(cli, &o) || weir_bench(&o, &result, &cli->err)) return weir_cli_fail(cli);
    if (!result.rounds) return weir_cli_signal_status();
    printed = cli->json ? print_json(cli, &o, &result) : print_text(cli, &o, &result);
    if (!printed) return weir_cli_fail(cli);
    return weir_cli_interrupted() ? weir_cli_signal_status() : WEIR_OK;
}

const weir_command weir_command_bench = {
    .name = "bench",
    .doc = N_("time forward and backward of a well-known net"),
    .arguments = "[NET]",
    .flags = flags,
    .most = 1,
    .run = run,
};
