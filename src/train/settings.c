/* What stands under `train:`. */
#include "base/intl.h"
#include "base/status.h"
#include "train/trainer.h"

#include <string.h>

const weir_option weir_train_option_table[] = {
    WEIR_OPTION_SIZE(weir_train_options, steps, "1000", 0, N_("training steps")),
    WEIR_OPTION_SIZE(weir_train_options, epochs, "0", 0,
                     N_("rounds through the data, instead of steps")),
    WEIR_OPTION_SIZE(weir_train_options, eval_every, "0", 0,
                     N_("steps between validations; 0: ten in a run")),
    WEIR_OPTION_SIZE(weir_train_options, eval_batches, "8", 1, N_("batches of a validation")),
    WEIR_OPTION_SIZE(weir_train_options, patience, "0", 0,
                     N_("stop after so many validations without a better loss; 0: never")),
    WEIR_OPTION_SIZE(weir_train_options, checkpoint_every, "0", 0,
                     N_("steps between checkpoints; 0: at the end")),
    WEIR_OPTION_SIZE(weir_train_options, seed, "1", 0, N_("of weights, batches and dropout")),
    WEIR_OPTION_REAL(weir_train_options, lr, "", 0, 1e30,
                     N_("learning rate, instead of the optimizer's own")),
    {0}};

const weir_option weir_clip_norm_table[] = {
    WEIR_OPTION_REAL(weir_clip_options, max_norm, NULL, 0, 1e300,
                     N_("the largest norm let through")),
    WEIR_OPTION_REAL(weir_clip_options, norm_type, "2", 1, (double)INFINITY,
                     N_("which norm: 1, 2 or .inf")),
    {0}};
const weir_option weir_clip_value_table[] = {
    WEIR_OPTION_REAL(weir_clip_options, clip_value, NULL, 0, 1e300,
                     N_("the largest absolute value let through")),
    {0}};

/* Calls find(name); on a name there is none of, says which there are. */
struct choice {
    const char *what;
    const void *(*find)(const char *name);
    const char *(*name)(size_t i); /* NULL after the last */
};

static weir_status choose(const weir_config *config, const weir_yaml *node,
                          const struct choice *choice, const void **kind, const weir_yaml **map,
                          weir_error *err)
{
    const char *name;
    weir_yaml value = *node;
    value.key = NULL;
    WEIR_TRY(weir_config_kind(config, &value, &name, map, err));
    *kind = choice->find(name);
    if (*kind) return WEIR_OK;
    const char *names[64];
    size_t n = 0;
    for (; choice->name(n) && n < 63; n++) names[n] = choice->name(n);
    names[n] = NULL;
    return weir_config_fail_unknown(config, node, choice->what, name, names, err);
}

#define CHOICE(noun)                                                                           \
    static const void *find_##noun(const char *name)                                           \
    {                                                                                          \
        return weir_##noun##_find(name);                                                       \
    }                                                                                          \
    static const char *name_##noun(size_t i)                                                   \
    {                                                                                          \
        return weir_##noun##_kinds[i] ? weir_##noun##_kinds[i]->name : NULL;                   \
    }                                                                                          \
    static const struct choice choice_##noun = {N_(#noun), find_##noun, name_##noun}
CHOICE(loss);
CHOICE(optimizer);
CHOICE(schedule);
CHOICE(penalty);

/* Class numbers index the net's output: it must have room for all of them. */
static weir_status check_classes(const weir_trainer *t, size_t features, weir_error *err)
{
    size_t classes = t->data->hints.outputs;
    if (features >= classes) return WEIR_OK;
    return weir_fail(err, WEIR_USAGE,
                     _("the data have %zu classes, but the last layer only %zu outputs: leave its "
                       "size out, and it follows from the data"),
                     classes, features);
}

static weir_status read_loss(weir_trainer *t, const weir_yaml *node, weir_error *err)
{
    const void *kind;
    const weir_yaml *map;
    void *options;
    if (!node)
        return weir_config_fail(t->config, weir_config_find(t->config, "train"), err, "%s",
                                _("loss is needed, as in train: {loss: cross_entropy}"));
    WEIR_TRY(choose(t->config, node, &choice_loss, &kind, &map, err));
    t->loss.kind = kind;
    WEIR_TRY(weir_kind_options(t->config, map, t->loss.kind->options, t->loss.kind->options_size,
                               &t->arena, &options, err));
    t->loss.options = options;
    const weir_shape *y = &t->model->nodes[t->model->count - 1].shape;
    weir_status status = t->loss.kind->check(options, y, &t->data->target, err);
    if (!status && t->loss.kind->classes) status = check_classes(t, weir_shape_features(y), err);
    char place[512];
    if (status)
        weir_error_prefix(err, "%s: ", weir_config_place(t->config, node, place, sizeof place));
    return status;
}

static weir_status read_optimizer(weir_trainer *t, const weir_yaml *node, weir_error *err)
{
    const void *kind = weir_optimizer_find("sgd");
    const weir_yaml *map = NULL;
    char place[512];
    if (node) WEIR_TRY(choose(t->config, node, &choice_optimizer, &kind, &map, err));
    t->optimizer = kind;
    WEIR_TRY(weir_kind_options(t->config, map, t->optimizer->options, t->optimizer->options_size,
                               &t->arena, &t->optimizer_options, err));
    if (t->optimizer->check && t->optimizer->check(t->optimizer_options, err)) {
        weir_error_prefix(err, "%s: ", weir_config_place(t->config, node, place, sizeof place));
        return WEIR_USAGE;
    }
    t->slots = t->optimizer->slots(t->optimizer_options);
    for (size_t s = 0; s < t->slots; s++) {
        t->slot[s] = weir_arena_calloc(&t->arena, t->model->weights + 1, sizeof(real));
        if (!t->slot[s]) return weir_fail_memory(err);
        if (!t->optimizer->initial) continue;
        for (size_t i = 0; i < t->model->weights; i++)
            t->slot[s][i] = (real)t->optimizer->initial(t->optimizer_options, s);
    }
    return WEIR_OK;
}

static weir_status read_schedule(weir_trainer *t, const weir_yaml *node, weir_error *err)
{
    const void *kind = weir_schedule_find("constant");
    const weir_yaml *map = NULL;
    if (node) WEIR_TRY(choose(t->config, node, &choice_schedule, &kind, &map, err));
    t->schedule = kind;
    return weir_kind_options(t->config, map, t->schedule->options, t->schedule->options_size,
                             &t->arena, &t->schedule_options, err);
}

/* `clip_grad_norm: 1` is short for `clip_grad_norm: {max_norm: 1}`. */
static weir_status read_clip(weir_trainer *t, const weir_yaml *node, const weir_option *table,
                             bool *clips, weir_error *err)
{
    if (!node) return WEIR_OK;
    *clips = true;
    if (node->type != WEIR_YAML_SCALAR || !*node->text)
        return weir_config_options(t->config, node, table, NULL, &t->clip, &t->arena, err);
    char place[512];
    weir_config_place(t->config, node, place, sizeof place);
    WEIR_TRY(weir_options_default(table + 1, &t->clip, &t->arena, err));
    return weir_option_read(table, node->text, place, &t->clip, &t->arena, err);
}

/* `penalties: {l2: {lambda: 1e-4}}`, or `{l2: 1e-4}`. */
static weir_status read_penalties(weir_trainer *t, const weir_yaml *node, weir_error *err)
{
    WEIR_TRY(weir_config_need_map(t->config, node, err));
    if (!node) return WEIR_OK;
    weir_penalty *item = weir_arena_calloc(&t->arena, weir_yaml_count(node) + 1, sizeof *item);
    if (!item) return weir_fail_memory(err);
    t->penalties.item = item;
    for (const weir_yaml *c = node->child; c; c = c->next) {
        weir_yaml pair = {.type = WEIR_YAML_SCALAR, .text = c->key, .line = c->line,
                          .column = c->column};
        const weir_yaml *none;
        const void *kind;
        void *options;
        char place[512];
        WEIR_TRY(choose(t->config, &pair, &choice_penalty, &kind, &none, err));
        weir_penalty *p = &item[t->penalties.count++];
        p->kind = kind;
        bool brief = c->type == WEIR_YAML_SCALAR && *c->text;
        options = weir_arena_calloc(&t->arena, 1, p->kind->options_size);
        if (!options) return weir_fail_memory(err);
        p->options = options;
        if (brief)
            WEIR_TRY(weir_option_read(p->kind->options, c->text,
                                      weir_config_place(t->config, c, place, sizeof place), options,
                                      &t->arena, err));
        else
            WEIR_TRY(weir_config_options(t->config, c, p->kind->options, NULL, options, &t->arena,
                                         err));
    }
    return WEIR_OK;
}

weir_status weir_trainer_configure(weir_trainer *t, weir_error *err)
{
    const weir_yaml *map = weir_yaml_find(t->config->root, "train");
    if (!map || map->type != WEIR_YAML_MAP)
        return weir_config_fail(t->config, map, err, "%s",
                                _("train is needed, as in train: {loss: cross_entropy}"));
    WEIR_TRY(read_loss(t, weir_yaml_find(map, "loss"), err));
    WEIR_TRY(read_optimizer(t, weir_yaml_find(map, "optimizer"), err));
    WEIR_TRY(read_schedule(t, weir_yaml_find(map, "schedule"), err));
    WEIR_TRY(read_clip(t, weir_yaml_find(map, "clip_grad_norm"), weir_clip_norm_table,
                       &t->clips_norm, err));
    WEIR_TRY(
        read_clip(t, weir_yaml_find(map, "clip_grad_value"), weir_clip_value_table,
                  &t->clips_value, err));
    return read_penalties(t, weir_yaml_find(map, "penalties"), err);
}
