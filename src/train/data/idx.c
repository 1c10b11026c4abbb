/* idx: pictures and their labels, as MNIST comes, packed (.gz) or not.
 *
 *   as: image   x [B,1,H,W]
 *   as: flat    x [B,H W]
 *   as: rows    x [H,B,W], one row of the picture a step
 *   as: pixels  x [H W,B,1], one pixel a step (sequential MNIST; Le, Jaitly & Hinton, "A simple
 *               way to initialize recurrent networks of rectified linear units", 2015)
 *
 * target [B] classes. Bytes are scaled to [0,1]. Files that are not packed stay mapped.
 */
#include "base/intl.h"
#include "base/status.h"
#include "formats/idx.h"
#include "train/data/table.h"

enum as { IMAGE, FLAT, ROWS, PIXELS };

struct idx {
    weir_table_options table;
    const char *images, *labels, *validation_images, *validation_labels;
    int as, classes;
    bool scale, allow_nonfinite;
    size_t limit, validation_limit;
};

static const weir_option options[] = {
    WEIR_OPTION_STRING(struct idx, images, NULL, N_("the pictures: [N,H,W] or [N,C,H,W]")),
    WEIR_OPTION_STRING(struct idx, labels, NULL, N_("their labels: [N]")),
    WEIR_OPTION_STRING(struct idx, validation_images, "",
                       N_("pictures for validation; without them a share of the others")),
    WEIR_OPTION_STRING(struct idx, validation_labels, "", N_("their labels")),
    WEIR_OPTION_CHOICE(struct idx, as, "image", "image|flat|rows|pixels",
                       N_("the form of a picture: [C,H,W], [F], or a sequence of rows or pixels")),
    WEIR_OPTION_BOOL(struct idx, scale, "true", N_("divide bytes by 255")),
    WEIR_OPTION_SIZE(struct idx, limit, "0", 0, N_("take only the first n pictures; 0: all")),
    WEIR_OPTION_SIZE(struct idx, validation_limit, "0", 0,
                     N_("the same for the validation pictures")),
    WEIR_CLASSES_OPTION(struct idx, classes),
    WEIR_NONFINITE_OPTION(struct idx, allow_nonfinite),
    WEIR_TABLE_OPTIONS(struct idx, "0.1"),
    {0}};

struct files {
    weir_table table;
    weir_idx images[2], labels[2];
};

/* The first `limit` examples of an array. */
static weir_array first_of(weir_array a, size_t limit)
{
    size_t bytes;
    if (limit && limit < a.dim[0]) a.dim[0] = limit;
    weir_array_measure(&a, &bytes);
    return a;
}

static weir_status open_pair(weir_data *data, weir_split split, const char *images,
                             const char *labels, size_t limit, weir_error *err)
{
    struct files *f = data->self;
    static const char *const keys[][2] = {
        [WEIR_TRAIN] = {"images", "labels"},
        [WEIR_VALID] = {"validation_images", "validation_labels"}};
    const char *image_path = weir_data_path(data, keys[split][0], images);
    const char *label_path = weir_data_path(data, keys[split][1], labels);
    if (!image_path || !label_path) return weir_fail_memory(err);
    WEIR_TRY(weir_idx_open(image_path, &f->images[split], err));
    WEIR_TRY(weir_idx_open(label_path, &f->labels[split], err));
    const weir_array *x = &f->images[split].array, *y = &f->labels[split].array;
    if (x->rank < 2 || x->rank > 4 || x->count == 0)
        return weir_fail(err, WEIR_IO, _("%s: pictures [N,H,W] or [N,C,H,W] are needed"),
                         image_path);
    if (y->rank != 1 || y->dim[0] != x->dim[0])
        return weir_fail(err, WEIR_IO, _("%s: %zu labels are needed, one for each picture"),
                         label_path, x->dim[0]);
    f->table.part[split] = (weir_table_part){.x = first_of(*x, limit), .y = first_of(*y, limit),
                                             .x_name = image_path, .y_name = label_path};
    f->table.part[split].count = f->table.part[split].y.dim[0];
    return WEIR_OK;
}

/* The shape of one picture. */
static weir_shape picture(const weir_array *x, int as)
{
    size_t W = x->dim[x->rank - 1], each = x->count / x->dim[0];
    weir_shape s = weir_table_row(x);
    switch ((enum as)as) {
    case IMAGE: return x->rank == 3 ? weir_shape_of(3, (size_t)1, s.dim[0], W) : s;
    case FLAT: return weir_shape_of(1, each);
    case ROWS: return weir_shape_of(2, each / W, W);
    case PIXELS: return weir_shape_of(2, each, (size_t)1);
    }
    return s;
}

static weir_status open_validation(weir_data *data, weir_error *err)
{
    const struct idx *o = data->options;
    weir_table *t = data->self;
    weir_table_part *train = &t->part[WEIR_TRAIN], *valid = &t->part[WEIR_VALID];
    if (!o->validation_images != !o->validation_labels)
        return weir_config_fail(data->config, data->map, err, "%s",
                                _("validation_images and validation_labels go together"));
    if (!o->validation_images) {
        *valid = *train;
        return weir_table_split(data, t, err);
    }
    WEIR_TRY(open_pair(data, WEIR_VALID, o->validation_images, o->validation_labels,
                       o->validation_limit, err));
    weir_shape other = picture(&valid->x, o->as);
    if (weir_shape_equal(&other, &t->x)) return WEIR_OK;
    return weir_config_fail(data->config, weir_data_key(data, "validation_images"), err, "%s",
                            _("these pictures have another size than those for training"));
}

static weir_status open_idx(weir_data *data, weir_error *err)
{
    const struct idx *o = data->options;
    struct files *f = data->self = weir_arena_calloc(&data->arena, 1, sizeof *f);
    if (!f) return weir_fail_memory(err);
    WEIR_TRY(open_pair(data, WEIR_TRAIN, o->images, o->labels, o->limit, err));
    weir_table *t = &f->table;
    weir_table_part opened = t->part[WEIR_TRAIN], *train = &t->part[WEIR_TRAIN];
    *t = weir_table_of(&o->table, o->images, opened.count, opened.x, opened.y);
    *train = opened;
    t->x = picture(&train->x, o->as);
    t->x_steps = o->as == ROWS || o->as == PIXELS;
    t->x_scale = o->scale && train->x.type == WEIR_U8 ? 1.0 / 255 : 1;
    t->labels = true;
    t->classes = weir_data_wants_classes(data, o->classes, true);
    t->allow_nonfinite = o->allow_nonfinite;
    WEIR_TRY(open_validation(data, err));
    return weir_table_open(data, t, err);
}

static void close_idx(weir_data *data)
{
    struct files *f = data->self;
    for (size_t s = 0; s < 2; s++) {
        weir_idx_close(&f->images[s]);
        weir_idx_close(&f->labels[s]);
    }
}

const weir_data_kind weir_data_idx = {
    .name = "idx",
    .doc = N_("pictures with labels, as MNIST comes"),
    .options_size = sizeof(struct idx),
    .options = options,
    .open = open_idx,
    .batch = weir_table_batch,
    .close = close_idx,
};
