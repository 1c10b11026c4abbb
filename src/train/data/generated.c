/* generated: little tables given by a formula, as they stand in questions people ask about nets
 * that do not learn. A generator is one line of `generators` below.
 *
 *   poly5              x = 0, 0.05 ..;  y = 0.05 (15.72807 x - 7.273893 x^2 + 1.4912 x^3
 *                                                 - 0.1384615 x^4 + 0.00474359 x^5)
 *   sine               x uniform in [-10,10);  y = sin x
 *   threshold          x whole, uniform in [15000, 25000);  label x < 20000
 *   quadratic_noise    x = 0, 0.1 ..;  y = 5 x^2 + g^3, g standard normal
 *   grid               x = (i, j) / side on the whole grid 1 .. side, side^2 = n rounded up;  y = x
 *   parity_first       a sequence of five digits 1 .. 9, [T,B,1];  label: the first is odd
 *   second_coordinate  x uniform in [-1,1)^30;  y = the second coordinate
 *   constant_vectors   128 ones, label 1, and 128 zeros, label 0, half of the rows each
 */
#include "base/intl.h"
#include "base/status.h"
#include "train/data/table.h"

struct generated {
    weir_table_options table;
    int generator, classes, normalize, normalize_target;
    size_t n;
    int64_t random_state;
};

static const weir_option options[] = {
    {"generator", WEIR_CHOICE, offsetof(struct generated, generator), NULL, 0, 0,
     "poly5|sine|threshold|quadratic_noise|grid|parity_first|second_coordinate|constant_vectors",
     N_("the formula")},
    {"n", WEIR_SIZE, offsetof(struct generated, n), "1000", 1, 1e8, NULL, N_("how many examples")},
    WEIR_OPTION_INT(struct generated, random_state, "-1",
                    N_("seed of the examples alone; -1: the run's seed")),
    WEIR_CLASSES_OPTION(struct generated, classes),
    WEIR_NORMALIZE_OPTION(struct generated, normalize, N_("scale each column of x")),
    WEIR_NORMALIZE_OPTION(struct generated, normalize_target, N_("scale each column of y")),
    WEIR_TABLE_OPTIONS(struct generated, "0"),
    {0}};

/* --- formulas: row i of n, x [F] and y [O] ---------------------------------------------------- */

static void poly5(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)rng, (void)n;
    double v = *x = 0.05 * (double)i;
    double p = 15.72807 + v * (-7.273893 + v * (1.4912 + v * (-0.1384615 + v * 0.00474359)));
    *y = 0.05 * v * p;
}

static void sine(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)i, (void)n;
    *x = 20 * weir_rng_uniform(rng) - 10;
    *y = sin(*x);
}

static void threshold(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)i, (void)n;
    *x = 15000 + (double)weir_rng_below(rng, 10000);
    *y = *x < 20000;
}

static void quadratic_noise(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)n;
    double g = weir_rng_normal(rng);
    *x = 0.1 * (double)i;
    *y = 5 * *x * *x + g * g * g;
}

static void grid(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)rng;
    size_t side = (size_t)ceil(sqrt((double)n));
    y[0] = x[0] = (double)(i / side + 1) / (double)side;
    y[1] = x[1] = (double)(i % side + 1) / (double)side;
}

enum { DIGITS = 5, COORDINATES = 30, ONES = 128 };

static void parity_first(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)i, (void)n;
    for (size_t k = 0; k < DIGITS; k++) x[k] = 1 + (double)weir_rng_below(rng, 9);
    *y = fmod(x[0], 2);
}

static void second_coordinate(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)i, (void)n;
    for (size_t k = 0; k < COORDINATES; k++) x[k] = 2 * weir_rng_uniform(rng) - 1;
    *y = x[1];
}

static void constant_vectors(weir_rng *rng, size_t i, size_t n, double *x, double *y)
{
    (void)rng;
    *y = i < n / 2;
    for (size_t k = 0; k < ONES; k++) x[k] = *y;
}

/* In the order of the option's choices. */
static const struct generator {
    size_t F, O;
    bool sequence; /* x is [F,1], a number a step */
    bool labels;   /* y is a class */
    void (*row)(weir_rng *rng, size_t i, size_t n, double *x, double *y);
} generators[] = {
    {1, 1, false, false, poly5},
    {1, 1, false, false, sine},
    {1, 1, false, true, threshold},
    {1, 1, false, false, quadratic_noise},
    {2, 2, false, false, grid},
    {DIGITS, 1, true, true, parity_first},
    {COORDINATES, 1, false, false, second_coordinate},
    {ONES, 1, false, true, constant_vectors},
};

/* --- the table -------------------------------------------------------------------------------- */

static weir_status open_generated(weir_data *data, weir_error *err)
{
    const struct generated *o = data->options;
    const struct generator *g = &generators[o->generator];
    size_t n = o->n, F = g->F, O = g->O;
    weir_table *t = data->self = weir_arena_calloc(&data->arena, 1, sizeof *t);
    double *x = weir_arena_calloc(&data->arena, n, F * sizeof *x);
    double *y = weir_arena_calloc(&data->arena, n, O * sizeof *y);
    if (!t || !x || !y) return weir_fail_memory(err);
    uint64_t seed = o->random_state < 0 ? data->seed : (uint64_t)o->random_state;
    weir_rng rng = weir_rng_make(seed, WEIR_FOR_DATA, 0, 0);
    for (size_t i = 0; i < n; i++) g->row(&rng, i, n, x + i * F, y + i * O);

    *t = weir_table_of(&o->table, data->kind->name, n,
                       weir_array_of(WEIR_F64, x, 2, (size_t[]){n, F}),
                       weir_array_of(WEIR_F64, y, 2, (size_t[]){n, O}));
    t->x = g->sequence ? weir_shape_of(2, F, (size_t)1) : weir_shape_of(1, F);
    t->x_steps = g->sequence;
    t->y = g->labels ? weir_shape_of(0) : weir_shape_of(1, O);
    t->labels = g->labels;
    t->classes = weir_data_wants_classes(data, o->classes, true);
    WEIR_TRY(weir_table_split(data, t, err));
    size_t each = g->sequence ? F : 1;
    WEIR_TRY(weir_table_normalize(data, t, o->normalize, x, each, F / each, err));
    if (!g->labels) WEIR_TRY(weir_table_normalize(data, t, o->normalize_target, y, 1, O, err));
    return weir_table_open(data, t, err);
}

const weir_data_kind weir_data_generated = {
    .name = "generated",
    .doc = N_("little tables given by a formula"),
    .options_size = sizeof(struct generated),
    .options = options,
    .open = open_generated,
    .batch = weir_table_batch,
};
