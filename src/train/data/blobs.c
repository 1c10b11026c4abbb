/* blobs: a normal cloud of points around each centre; the class is the centre.
 *
 *   data: { kind: blobs, n: 300, centers: 3 }               random ones in [-10,10]^features
 *   data: { kind: blobs, n: 300, centers: [[0, 0], [3, 1]] }
 *
 * Source: make_blobs of scikit-learn.
 */
#include "base/intl.h"
#include "base/status.h"
#include "train/data/grid.h"
#include "train/data/points.h"

enum { MOST = 100000, BOX = 10 };

struct blobs {
    weir_table_options table;
    weir_points_options points;
    size_t features;
};

static const weir_option options[] = {
    WEIR_POINTS_OPTIONS(struct blobs, "1000", "0.3"),
    WEIR_NOISE_OPTION(struct blobs, "std", "1", N_("deviation of each cloud")),
    {"features", WEIR_SIZE, offsetof(struct blobs, features), "2", 1, MOST, NULL,
     N_("coordinates of random centres")},
    {0}};

static const weir_key keys[] = {
    {"centers", N_("a whole number, or a list of points"),
     N_("how many clouds at random places, default 3, or where they are: [[0, 0], [3, 1]]")},
    {0}};

/* How many random centres: 3, or as `centers: 5` says. */
static weir_status read_count(const weir_data *data, const weir_yaml *node, size_t *count,
                              weir_error *err)
{
    double x = 3;
    if (node && (weir_real_read(node->text, &x) || !(x >= 1 && x <= (double)MOST) || x != floor(x)))
        return weir_config_fail(data->config, node, err, "%s",
                                _("centers is how many there are, or a list of their coordinates, "
                                  "as in [[0, 0], [3, 1]]"));
    *count = (size_t)x;
    return WEIR_OK;
}

/* Random centres come from a stream of their own. */
static weir_status draw_centers(weir_data *data, size_t count, weir_array *centers, weir_error *err)
{
    const struct blobs *o = data->options;
    uint64_t seed = o->points.random_state < 0 ? data->seed : (uint64_t)o->points.random_state;
    weir_rng rng = weir_rng_make(seed, WEIR_FOR_DATA, 1, 0);
    double *c = weir_arena_calloc(&data->arena, count, o->features * sizeof *c);
    if (!c) return weir_fail_memory(err);
    for (size_t i = 0; i < count * o->features; i++)
        c[i] = (double)BOX * (2 * weir_rng_uniform(&rng) - 1);
    *centers = weir_array_of(WEIR_F64, c, 2, (size_t[]){count, o->features});
    return WEIR_OK;
}

static weir_status find_centers(weir_data *data, weir_array *centers, weir_error *err)
{
    const weir_yaml *node = weir_yaml_find(data->map, "centers");
    size_t count = 0;
    if (node && node->type == WEIR_YAML_LIST) {
        WEIR_TRY(weir_grid_read(data, node, false, centers, err));
        if (centers->rank == 2) return WEIR_OK;
        return weir_config_fail(data->config, node, err, "%s",
                                _("centers are lists of coordinates, as in [[0, 0], [3, 1]]"));
    }
    WEIR_TRY(read_count(data, node, &count, err));
    return draw_centers(data, count, centers, err);
}

static weir_status open_blobs(weir_data *data, weir_error *err)
{
    const struct blobs *o = data->options;
    weir_array centers;
    WEIR_TRY(find_centers(data, &centers, err));
    size_t C = centers.dim[0], F = centers.dim[1];
    weir_points *p = weir_points_new(data, &o->points, F);
    if (!p) return weir_fail_memory(err);
    for (size_t i = 0; i < p->n; i++) {
        size_t c = p->place[i] % C;
        p->label[i] = (int32_t)c;
        for (size_t f = 0; f < F; f++) p->x[i * F + f] = weir_array_number(&centers, c * F + f);
    }
    p->classes = C;
    return weir_points_open(data, p, &o->table, err);
}

const weir_data_kind weir_data_blobs = {
    .name = "blobs",
    .doc = N_("a cloud of points around each centre"),
    .options_size = sizeof(struct blobs),
    .options = options,
    .keys = keys,
    .open = open_blobs,
    .batch = weir_table_batch,
};
