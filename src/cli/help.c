/* weir help [NAME...]: what there is to write into a configuration, from the option tables that
 * read it. */
#include "base/intl.h"
#include "base/option.h"
#include "base/status.h"
#include "cli/cli.h"
#include "doctor/verify.h"
#include "nn/init.h"
#include "nn/layer.h"
#include "nn/loss.h"
#include "train/data.h"
#include "train/optimizer.h"
#include "train/penalty.h"
#include "train/schedule.h"
#include "train/trainer.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 160, NAME = 24 };

struct entry {
    const char *group, *name, *doc;
    const weir_option *options;
    const weir_key *keys;
};

struct list {
    size_t count;
    struct entry entry[MOST];
};

/* What every layer can have beside its own options. */
static const weir_key layer_keys[] = {
    {"name", N_("one word"), N_("what the layer is called; not given: its index")},
    {"from", N_("a name, or a list of names"),
     N_("what it reads: earlier layers, or x, the batch; not given: the layer before")},
    {"init", N_("an initialiser, or one for each parameter"),
     N_("instead of the net's: orthogonal, {weight: {normal: {std: 0.1}}, bias: zeros}")},
    {0}};

static void add(struct list *l, const char *group, const char *name, const char *doc,
                const weir_option *options, const weir_key *keys)
{
    if (l->count < MOST) l->entry[l->count++] = (struct entry){group, name, doc, options, keys};
}

#define ADD_ALL(list, group, kinds, keys) \
    for (size_t i = 0; kinds[i]; i++)     \
    add(list, group, kinds[i]->name, kinds[i]->doc, kinds[i]->options, keys)

static void gather(struct list *l)
{
    ADD_ALL(l, "data:", weir_data_kinds, weir_data_kinds[i]->keys);
    ADD_ALL(l, "model:", weir_layer_kinds, layer_keys);
    ADD_ALL(l, "init:", weir_init_kinds, NULL);
    add(l, "train:", "train", N_("how long, how often"), weir_train_option_table, NULL);
    add(l, "train:", "clip_grad_norm", N_("clip the gradient by its norm; short: a number"),
        weir_clip_norm_table, NULL);
    add(l, "train:", "clip_grad_value", N_("clip every number of the gradient; short: a number"),
        weir_clip_value_table, NULL);
    ADD_ALL(l, "train: loss:", weir_loss_kinds, NULL);
    ADD_ALL(l, "train: optimizer:", weir_optimizer_kinds, NULL);
    ADD_ALL(l, "train: schedule:", weir_schedule_kinds, NULL);
    ADD_ALL(l, "train: penalties:", weir_penalty_kinds, NULL);
    add(l, "doctor:", "doctor", N_("how long the doctor watches and tries"),
        weir_doctor_option_table, NULL);
}

static const char *type_of(const weir_option *o)
{
    static const char *const names[] = {
        [WEIR_SIZE] = N_("whole number"), [WEIR_INT] = N_("whole number"),
        [WEIR_REAL] = N_("number"),       [WEIR_BOOL] = "true|false",
        [WEIR_CHOICE] = NULL,             [WEIR_STRING] = N_("text"),
        [WEIR_REALS] = N_("numbers"),     [WEIR_PAIR] = N_("whole number, or two: [3, 5]")};
    return o->type == WEIR_CHOICE ? o->choices : names[o->type];
}

/* The words that may stand instead of a number, or NULL. */
static const char *words_of(const weir_option *o)
{
    return o->type == WEIR_CHOICE ? NULL : o->choices;
}

/* "a|b|c" as "a | b | c", which fits on lines. */
static void add_type(weir_text *out, const char *type)
{
    for (; *type; type++) {
        weir_text_add(out, *type == '|' ? " | " : "");
        if (*type != '|') weir_text_add_bytes(out, type, 1);
    }
}

static void describe_option(const weir_option *o, weir_canvas *c)
{
    weir_text line = {0};
    add_type(&line, _(type_of(o)));
    if (words_of(o)) {
        add_type(&line, "|");
        add_type(&line, words_of(o));
    }
    if (!o->fallback)
        weir_text_add(&line, _(", must be given"));
    else if (*o->fallback)
        weir_text_printf(&line, _(", default %s"), o->fallback);
    c->out->failed |= line.failed;
    weir_text_add(c->out, "  ");
    weir_paint(c, WEIR_BOLD, "%s", o->name);
    weir_text_add(c->out, "  ");
    weir_paint_wrapped(c, 6, 4 + strlen(o->name), line.s ? line.s : "");
    weir_text_free(&line);
    weir_text_add(c->out, "      ");
    weir_paint_wrapped(c, 6, 6, _(o->doc));
}

static void describe_key(const weir_key *key, weir_canvas *c)
{
    weir_text_add(c->out, "  ");
    weir_paint(c, WEIR_BOLD, "%s", key->name);
    weir_text_printf(c->out, "  %s\n      ", _(key->form));
    weir_paint_wrapped(c, 6, 6, _(key->doc));
}

static void describe(const struct entry *e, weir_canvas *c)
{
    weir_text_printf(c->out, "%s ", e->group);
    weir_paint(c, WEIR_BOLD, "%s\n  ", e->name);
    weir_paint_wrapped(c, 2, 2, _(e->doc));
    for (const weir_option *o = e->options; o && o->name; o++) describe_option(o, c);
    for (const weir_key *k = e->keys; k && k->name; k++) describe_key(k, c);
    weir_text_add(c->out, "\n");
}

/* Whether a group is called so: "train: loss:" is "train", and "loss". */
static bool is_called(const char *group, const char *name)
{
    size_t n = strlen(name);
    for (const char *word = group; word; word = strchr(word, ' ')) {
        word += *word == ' ';
        if (!strncmp(word, name, n) && word[n] == ':') return true;
    }
    return false;
}

/* One line for each entry of a group, or of all (NULL). */
static void overview(const struct list *l, const char *name, weir_canvas *c)
{
    const char *group = "";
    for (size_t i = 0; i < l->count; i++) {
        const struct entry *e = &l->entry[i];
        if (name && !is_called(e->group, name)) continue;
        if (strcmp(group, e->group) != 0)
            weir_paint(c, WEIR_BOLD, "%s%s\n", *group ? "\n" : "", e->group);
        group = e->group;
        weir_text_printf(c->out, "  %-*s ", NAME - 4, e->name);
        weir_paint_wrapped(c, NAME - 1, NAME - 1, _(e->doc));
    }
    weir_text_add(c->out,
                  _("\nweir help NAME tells its options: weir help rnn, weir help adding\n"));
}

static json_t *to_json(const struct entry *e)
{
    json_t *options = json_array();
    for (const weir_option *o = e->options; o && o->name; o++) {
        const char *words = words_of(o);
        json_array_append_new(options, json_pack("{s:s, s:s++, s:s?, s:s}", "name", o->name, "type",
                                                 type_of(o), words ? "|" : "", words ? words : "",
                                                 "default", o->fallback, "doc", _(o->doc)));
    }
    for (const weir_key *k = e->keys; k && k->name; k++)
        json_array_append_new(options, json_pack("{s:s, s:s, s:n, s:s}", "name", k->name, "type",
                                                 _(k->form), "default", "doc", _(k->doc)));
    return json_pack("{s:s, s:s, s:s, s:o}", "where", e->group, "name", e->name, "doc", _(e->doc),
                     "options", options);
}

static bool wanted(const weir_cli *cli, const struct entry *e)
{
    return !cli->arguments || !strcmp(cli->argument[0], e->name) ||
           is_called(e->group, cli->argument[0]);
}

static int run(weir_cli *cli)
{
    static struct list list;
    weir_text out = {0};
    weir_canvas canvas = weir_cli_canvas(&out, false);
    json_t *json = cli->json ? json_array() : NULL;
    const char *names[MOST + 1] = {0};
    bool any = false, group = false;
    list.count = 0;
    gather(&list);
    for (size_t i = 0; i < list.count; i++) {
        names[i] = list.entry[i].name;
        if (!wanted(cli, &list.entry[i])) continue;
        any = true;
        bool named = cli->arguments && !strcmp(cli->argument[0], list.entry[i].name);
        group |= !named;
        if (cli->json)
            json_array_append_new(json, to_json(&list.entry[i]));
        else if (named)
            describe(&list.entry[i], &canvas);
    }
    if (!any) {
        const char *meant = weir_closest(cli->argument[0], names);
        json_decref(json);
        weir_fail(&cli->err, WEIR_USAGE,
                  meant ? _("nothing is called \"%s\"; did you mean \"%s\"?")
                        : _("nothing is called \"%s\"; weir help lists what there is"),
                  cli->argument[0], meant);
        return weir_cli_fail(cli);
    }
    if (cli->json) {
        json = json_pack("{s:o}", "entries", json);
        return weir_cli_print_json(cli, json) ? WEIR_OK : weir_cli_fail(cli);
    }
    if (group) overview(&list, cli->arguments ? cli->argument[0] : NULL, &canvas);
    return weir_cli_print(cli, &out) ? WEIR_OK : weir_cli_fail(cli);
}

const weir_command weir_command_help = {
    .name = "help",
    .doc = N_("what can stand in a configuration: every layer, loss, data kind .. and its options"),
    .arguments = "[NAME]",
    .most = 1,
    .run = run,
};
