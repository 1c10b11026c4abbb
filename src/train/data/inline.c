/* inline: a small table that stands in the configuration itself.
 *
 *   data: { kind: inline, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] }
 *
 * x: [[..],..] -> [B,F], [[[..],..],..] -> [T,B,F], four levels -> [B,C,H,W], a flat list -> [B,1].
 * y: [[..],..] -> [B,O], three levels -> [T,B,O], a flat list -> [B,1]. Where the loss wants
 * classes, y is class numbers, one for each example ([B]) or, for sequences, for each step ([T,B]).
 */
#include "base/intl.h"
#include "base/status.h"
#include "train/data/grid.h"
#include "train/data/table.h"

struct inline_table {
    weir_table_options table;
    int classes, normalize, normalize_target;
    bool allow_nonfinite;
};

static const weir_option options[] = {
    WEIR_CLASSES_OPTION(struct inline_table, classes),
    WEIR_NORMALIZE_OPTION(struct inline_table, normalize, N_("scale each column of x")),
    WEIR_NORMALIZE_OPTION(struct inline_table, normalize_target, N_("scale each column of y")),
    WEIR_NONFINITE_OPTION(struct inline_table, allow_nonfinite),
    WEIR_TABLE_OPTIONS(struct inline_table, "0"),
    {0}};

static const weir_key keys[] = {
    {"x", N_("a list of rows"), N_("what the net reads: [[0, 0], [0, 1]]")},
    {"y", N_("a list of rows, or of class numbers"),
     N_("what it is to say: [[0], [1]], or [0, 1]")},
    {0}};

static weir_status read_key(weir_data *data, const char *key, weir_array *out, weir_error *err)
{
    const struct inline_table *o = data->options;
    const weir_yaml *node = weir_yaml_find(data->map, key);
    if (!node)
        return weir_config_fail(data->config, data->map, err,
                                _("%s is needed: a list with a row for each example"), key);
    WEIR_TRY(weir_grid_read(data, node, o->allow_nonfinite, out, err));
    if (out->rank > 4)
        return weir_config_fail(data->config, node, err, "%s", _("nested too deeply"));
    return WEIR_OK;
}

/* A single number is a row of one. */
static weir_shape row_shape(const weir_array *a)
{
    return a->rank > 1 ? weir_table_row(a) : weir_shape_of(1, (size_t)1);
}

/* y as labels: without the size 1 at its end, so that [] or [T] is left. */
static weir_status label_shape(const weir_data *data, weir_table *t, weir_error *err)
{
    size_t last = t->y.rank - 1;
    if (t->y.dim[last] == 1) t->y.rank--;
    if (t->y.rank == 0) return WEIR_OK;
    if (t->y.rank == 1 && t->x_steps && t->y.dim[0] == t->x.dim[0]) {
        t->y_steps = true;
        return WEIR_OK;
    }
    return weir_config_fail(data->config, weir_data_key(data, "y"), err, "%s",
                            _("the loss wants one class number for each example (or for each "
                              "step): write y as a flat list, or set classes: false"));
}

static weir_status open_inline(weir_data *data, weir_error *err)
{
    const struct inline_table *o = data->options;
    weir_array x, y;
    weir_table *t = data->self = weir_arena_calloc(&data->arena, 1, sizeof *t);
    if (!t) return weir_fail_memory(err);
    WEIR_TRY(read_key(data, "x", &x, err));
    WEIR_TRY(read_key(data, "y", &y, err));
    if (x.dim[0] != y.dim[0])
        return weir_config_fail(data->config, weir_data_key(data, "y"), err,
                                _("x has %zu examples, but y has %zu"), x.dim[0], y.dim[0]);
    *t = weir_table_of(&o->table, weir_config_name(data->config), x.dim[0], x, y);
    t->x = row_shape(&x);
    t->y = row_shape(&y);
    t->x_steps = x.rank == 3;
    t->y_steps = t->x_steps && y.rank == 3 && y.dim[1] == x.dim[1];
    t->allow_nonfinite = o->allow_nonfinite;
    t->labels = t->classes = weir_data_wants_classes(data, o->classes, false);
    if (t->labels) WEIR_TRY(label_shape(data, t, err));
    WEIR_TRY(weir_table_split(data, t, err));
    size_t F = weir_shape_features(&t->x), O = weir_shape_features(&t->y);
    WEIR_TRY(weir_table_normalize(data, t, o->normalize, (double *)(uintptr_t)x.data,
                                  t->x_stride / F, F, err));
    if (!t->labels)
        WEIR_TRY(weir_table_normalize(data, t, o->normalize_target, (double *)(uintptr_t)y.data,
                                      t->y_stride / O, O, err));
    return weir_table_open(data, t, err);
}

const weir_data_kind weir_data_inline = {
    .name = "inline",
    .doc = N_("a small table in the configuration itself"),
    .options_size = sizeof(struct inline_table),
    .options = options,
    .keys = keys,
    .open = open_inline,
    .batch = weir_table_batch,
};
