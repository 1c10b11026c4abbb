/* weir help [NAME...]: what there is to write into a configuration, from the option tables that
 * read it. */
#include "base/intl.h"
#include "base/option.h"
#include "base/status.h"
#include "cli/cli.h"
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
};

struct list {
    size_t count;
    struct entry entry[MOST];
};

static void add(struct list *l, const char *group, const char *name, const char *doc,
                const weir_option *options)
{
    if (l->count < MOST) l->entry[l->count++] = (struct entry){group, name, doc, options};
}

#define ADD_ALL(list, group, kinds)    \
    for (size_t i = 0; kinds[i]; i++) \
    add(list, group, kinds[i]->name, kinds[i]->doc, kinds[i]->options)

static void gather(struct list *l)
{
    ADD_ALL(l, "data:", weir_data_kinds);
    ADD_ALL(l, "model:", weir_layer_kinds);
    ADD_ALL(l, "init:", weir_init_kinds);
    add(l, "train:", "train", N_("how long, how often"), weir_train_option_table);
    ADD_ALL(l, "train: loss:", weir_loss_kinds);
    ADD_ALL(l, "train: optimizer:", weir_optimizer_kinds);
    ADD_ALL(l, "train: schedule:", weir_schedule_kinds);
    ADD_ALL(l, "train: penalties:", weir_penalty_kinds);
}

static const char *type_of(const weir_option *o)
{
    static const char *const names[] = {
        [WEIR_SIZE] = N_("whole number"), [WEIR_INT] = N_("whole number"),
        [WEIR_REAL] = N_("number"),       [WEIR_BOOL] = "true|false",
        [WEIR_CHOICE] = NULL,             [WEIR_STRING] = N_("text"),
        [WEIR_REALS] = N_("numbers")};
    return o->type == WEIR_CHOICE ? o->choices : names[o->type];
}

static void describe(const struct entry *e, weir_canvas *c)
{
    weir_text_printf(c->out, "%s ", e->group);
    weir_paint(c, WEIR_BOLD, "%s\n  ", e->name);
    weir_paint_wrapped(c, 2, 2, _(e->doc));
    for (const weir_option *o = e->options; o && o->name; o++) {
        weir_text_add(c->out, "  ");
        weir_paint(c, WEIR_BOLD, "%s", o->name);
        weir_text_printf(c->out, "  %s", _(type_of(o)));
        if (!o->fallback)
            weir_text_printf(c->out, "%s", _(", must be given"));
        else if (*o->fallback)
            weir_text_printf(c->out, _(", default %s"), o->fallback);
        weir_text_add(c->out, "\n      ");
        weir_paint_wrapped(c, 6, 6, _(o->doc));
    }
    weir_text_add(c->out, "\n");
}

static void overview(const struct list *l, weir_canvas *c)
{
    const char *group = "";
    for (size_t i = 0; i < l->count; i++) {
        const struct entry *e = &l->entry[i];
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
    for (const weir_option *o = e->options; o && o->name; o++)
        json_array_append_new(options,
                              json_pack("{s:s, s:s, s:s?, s:s}", "name", o->name, "type",
                                        type_of(o), "default", o->fallback, "doc", _(o->doc)));
    return json_pack("{s:s, s:s, s:s, s:o}", "where", e->group, "name", e->name, "doc", _(e->doc),
                     "options", options);
}

static bool wanted(const weir_cli *cli, const struct entry *e)
{
    return !cli->arguments || !strcmp(cli->argument[0], e->name);
}

static int run(weir_cli *cli)
{
    static struct list list;
    weir_text out = {0};
    weir_canvas canvas = weir_cli_canvas(&out, false);
    json_t *json = cli->json ? json_array() : NULL;
    const char *names[MOST + 1] = {0};
    bool any = false;
    list.count = 0;
    gather(&list);
    for (size_t i = 0; i < list.count; i++) {
        names[i] = list.entry[i].name;
        if (!wanted(cli, &list.entry[i])) continue;
        any = true;
        if (cli->json)
            json_array_append_new(json, to_json(&list.entry[i]));
        else if (cli->arguments)
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
    if (cli->json) return weir_cli_print_json(cli, json) ? WEIR_OK : weir_cli_fail(cli);
    if (!cli->arguments) overview(&list, &canvas);
    return weir_cli_print(cli, &out) ? WEIR_OK : weir_cli_fail(cli);
}

const weir_command weir_command_help = {
    .name = "help",
    .doc = N_("what can stand in a configuration: every layer, loss, data kind .. and its options"),
    .arguments = "[NAME]",
    .most = 1,
    .run = run,
};
