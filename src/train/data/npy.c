/* npy: arrays that NumPy saved; x and y are files, or members of the npz file at `path`.
 *
 *   x [N,F] -> [B,F],  [N] -> [B,1],  [N,T,F] -> [T,B,F],  [N,C,H,W] -> [B,C,H,W]
 *   y [N] whole -> classes [B],  else numbers [B,1];  [N,O] -> [B,O];  [N,T,O] -> [T,B,O];
 *   [N,T] whole, where x is a sequence -> classes [T,B]
 *
 * npy files stay mapped: they may be larger than memory.
 */
#include "base/intl.h"
#include "base/status.h"
#include "formats/npy.h"
#include "formats/npz.h"
#include "train/data/table.h"

struct npy {
    weir_table_options table;
    const char *x, *y, *path;
    int classes;
    double scale;
    bool allow_nonfinite;
};

static const weir_option options[] = {
    WEIR_OPTION_STRING(struct npy, x, "x", N_("the inputs: a file, or a member of path")),
    WEIR_OPTION_STRING(struct npy, y, "y", N_("the targets: a file, or a member of path")),
    WEIR_OPTION_STRING(struct npy, path, "", N_("an npz file that holds both")),
    WEIR_OPTION_REAL(struct npy, scale, "1", 1e-30, 1, N_("x is multiplied by this")),
    WEIR_CLASSES_OPTION(struct npy, classes),
    WEIR_NONFINITE_OPTION(struct npy, allow_nonfinite),
    WEIR_TABLE_OPTIONS(struct npy, "0.1"),
    {0}};

struct files {
    weir_table table;
    weir_npy x, y;
    weir_npz npz;
    const char *x_path, *y_path; /* NULL: members of the npz file */
};

static weir_status find_member(const weir_data *data, const weir_npz *npz, const char *key,
                               const char *name, weir_array *out, weir_error *err)
{
    const weir_array *a = weir_npz_find(npz, name);
    if (!a)
        return weir_config_fail(data->config, weir_data_key(data, key), err,
                                _("there is no array \"%s\" in the npz file"), name);
    *out = *a;
    return WEIR_OK;
}

static weir_status open_files(weir_data *data, weir_array *x, weir_array *y, weir_error *err)
{
    const struct npy *o = data->options;
    struct files *f = data->self;
    const char *path = o->path ? weir_data_path(data, "path", o->path)
                               : weir_data_path(data, "x", o->x);
    const char *path_y = o->path ? "" : weir_data_path(data, "y", o->y);
    if (!path || !path_y) return weir_fail_memory(err);
    if (o->path) {
        WEIR_TRY(weir_npz_open(path, &f->npz, err));
        WEIR_TRY(find_member(data, &f->npz, "x", o->x, x, err));
        return find_member(data, &f->npz, "y", o->y, y, err);
    }
    WEIR_TRY(weir_npy_open(path, &f->x, err));
    WEIR_TRY(weir_npy_open(path_y, &f->y, err));
    *x = f->x.array;
    *y = f->y.array;
    f->x_path = path;
    f->y_path = path_y;
    return WEIR_OK;
}

static weir_status check_shapes(const weir_data *data, const weir_array *x, const weir_array *y,
                                weir_error *err)
{
    if (x->rank < 1 || x->rank > 4)
        return weir_config_fail(data->config, weir_data_key(data, "x"), err,
                                _("x has %zu dimensions; [N,F], [N,T,F] or [N,C,H,W] is needed"),
                                x->rank);
    if (y->rank < 1 || y->rank > 3)
        return weir_config_fail(data->config, weir_data_key(data, "y"), err,
                                _("y has %zu dimensions; [N], [N,O] or [N,T,O] is needed"),
                                y->rank);
    if (x->dim[0] != y->dim[0])
        return weir_config_fail(data->config, weir_data_key(data, "y"), err,
                                _("x has %zu examples, but y has %zu"), x->dim[0], y->dim[0]);
    if (x->count && y->count) return WEIR_OK;
    return weir_config_fail(data->config, weir_data_key(data, x->count ? "y" : "x"), err, "%s",
                            _("this array is empty"));
}

/* Whole numbers, one for each example or step, are labels. */
static void set_target(const weir_data *data, weir_table *t, const weir_array *x,
                       const weir_array *y)
{
    const struct npy *o = data->options;
    bool sequence = x->rank == 3, whole = weir_number_is_whole(y->type);
    bool each_step = sequence && y->rank >= 2 && y->dim[1] == x->dim[1];
    t->labels = (y->rank == 1 || (y->rank == 2 && each_step && whole)) &&
                (o->classes == 1 || (o->classes == 0 && whole));
    t->classes = t->labels && weir_data_wants_classes(data, o->classes, true);
    t->y = weir_table_row(y);
    t->y_steps = each_step && (y->rank == 3 || t->labels);
    if (!t->labels && t->y.rank == 0) t->y = weir_shape_of(1, (size_t)1);
}

static weir_status open_npy(weir_data *data, weir_error *err)
{
    const struct npy *o = data->options;
    struct files *f = data->self = weir_arena_calloc(&data->arena, 1, sizeof *f);
    weir_array x = {0}, y = {0};
    if (!f) return weir_fail_memory(err);
    WEIR_TRY(open_files(data, &x, &y, err));
    WEIR_TRY(check_shapes(data, &x, &y, err));
    weir_table *t = &f->table;
    *t = weir_table_of(&o->table, o->path ? o->path : o->x, x.dim[0], x, y);
    t->x = x.rank == 1 ? weir_shape_of(1, (size_t)1) : weir_table_row(&x);
    t->x_steps = x.rank == 3;
    t->x_scale = o->scale;
    t->part[WEIR_TRAIN].x_name = t->part[WEIR_VALID].x_name = f->x_path;
    t->part[WEIR_TRAIN].y_name = t->part[WEIR_VALID].y_name = f->y_path;
    t->allow_nonfinite = o->allow_nonfinite;
    set_target(data, t, &x, &y);
    WEIR_TRY(weir_table_split(data, t, err));
    return weir_table_open(data, t, err);
}

static void close_npy(weir_data *data)
{
    struct files *f = data->self;
    weir_npy_close(&f->x);
    weir_npy_close(&f->y);
    weir_npz_close(&f->npz);
}

const weir_data_kind weir_data_npy = {
    .name = "npy",
    .doc = N_("arrays saved by NumPy"),
    .options_size = sizeof(struct npy),
    .options = options,
    .open = open_npy,
    .batch = weir_table_batch,
    .close = close_npy,
};
