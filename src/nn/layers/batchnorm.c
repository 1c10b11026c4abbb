/* The tensor is seen as [rows, columns]: `inner` columns side by side are one channel (one column
 * alone where the channels are last). Sums run down each column in double, then over a channel's
 * columns, so their order does not depend on the threads, which share the columns out in panels. */
#include "nn/layers/batchnorm.h"

#include "base/status.h"
#include "base/threads.h"

enum { PANEL = 64 }; /* columns */

/* What forward leaves for backward. */
struct norm {
    size_t rows, columns, inner, C;
    size_t n;               /* numbers in a channel's mean */
    bool batch;             /* mean and variance are the batch's */
    const int32_t *lengths; /* [B] of a padded [T,B,F] input, or NULL */
    size_t B;
    double *mean, *variance, *istd; /* [columns]; istd = 1 / sqrt(variance + eps) */
};

static bool row_counts(const struct norm *k, size_t r)
{
    return !k->lengths || r / k->B < (size_t)k->lengths[r % k->B];
}

/* One walk over all rows. Each step takes what it needs of these. */
struct walk {
    const struct norm *norm;
    void (*row)(const struct walk *w, size_t r, size_t first, size_t last);
    const real *x, *dy;               /* [rows, columns] */
    real *out;                        /* [rows, columns] */
    double *sum, *sum2;               /* [columns], set to 0 first */
    const double *scale, *shift;      /* [columns] */
    const double *mean_dy, *mean_dyh; /* [columns] */
};

static void walk_panel(void *self, size_t panel)
{
    const struct walk *w = self;
    size_t first = panel * PANEL, columns = w->norm->columns;
    size_t last = columns - first < PANEL ? columns : first + PANEL;
    for (size_t j = first; j < last; j++) {
        if (w->sum) w->sum[j] = 0;
        if (w->sum2) w->sum2[j] = 0;
    }
    for (size_t r = 0; r < w->norm->rows; r++) w->row(w, r, first, last);
}

static void walk(struct walk w)
{
    weir_parallel((w.norm->columns + PANEL - 1) / PANEL, walk_panel, &w);
}

/* Every column gets the sum over its channel's columns, divided by n. */
static void channel_means(const struct norm *k, double *column)
{
    for (size_t c = 0; c < k->C; c++) {
        double sum = 0, *own = column + c * k->inner;
        for (size_t j = 0; j < k->inner; j++) sum += own[j];
        for (size_t j = 0; j < k->inner; j++) own[j] = sum / (double)k->n;
    }
}

/* --- parameters ------------------------------------------------------------------------------ */

weir_status weir_batchnorm_build(weir_node *node, const weir_shape *const in[])
{
    const weir_batchnorm *o = node->options;
    (void)in;
    size_t C = o->num_features;
    if (o->affine) {
        weir_shape shape = weir_shape_of(1, C);
        WEIR_TRY(weir_declare(node, "weight", WEIR_NORM_WEIGHT, shape, 1, 1, 1));
        WEIR_TRY(weir_declare(node, "bias", WEIR_NORM_BIAS, shape, 1, 1, 1));
    }
    if (!o->track_running_stats) return WEIR_OK;
    WEIR_TRY(weir_declare_buffer(node, "running_mean", C, R(0.0), false));
    WEIR_TRY(weir_declare_buffer(node, "running_var", C, R(1.0), false));
    return weir_declare_buffer(node, "num_batches_tracked", 1, R(0.0), true);
}

/* Mean and variance as they were tracked. */
static void recall(const weir_node *node, const struct norm *k)
{
    const real *mean = weir_node_buffer(node, 0)->value;     /* [C] */
    const real *variance = weir_node_buffer(node, 1)->value; /* [C] */
    for (size_t j = 0; j < k->columns; j++) {
        k->mean[j] = (double)mean[j / k->inner];
        k->variance[j] = (double)variance[j / k->inner];
    }
}

/* A channel of one number alone has no variance over n - 1; running_var then stays. */
static void track(const weir_node *node, const struct norm *k)
{
    const weir_batchnorm *o = node->options;
    real *mean = weir_node_buffer(node, 0)->value;     /* [C] */
    real *variance = weir_node_buffer(node, 1)->value; /* [C] */
    double m = o->momentum, unbiased = (double)k->n / ((double)k->n - 1);
    for (size_t c = 0; c < k->C; c++) {
        size_t j = c * k->inner;
        mean[c] = (real)((1 - m) * (double)mean[c] + m * k->mean[j]);
        if (k->n > 1)
            variance[c] = (real)((1 - m) * (double)variance[c] + m * unbiased * k->variance[j]);
    }
    weir_node_buffer(node, 2)->value[0] += R(1.0);
}

/* --- forward --------------------------------------------------------------------------------- */

static void sum_row(const struct walk *w, size_t r, size_t first, size_t last)
{
    if (!row_counts(w->norm, r)) return;
    const real *x = w->x + r * w->norm->columns;
    for (size_t j = first; j < last; j++) w->sum[j] += (double)x[j];
}

static void square_row(const struct walk *w, size_t r, size_t first, size_t last)
{
    if (!row_counts(w->norm, r)) return;
    const real *x = w->x + r * w->norm->columns;
    for (size_t j = first; j < last; j++) {
        double d = (double)x[j] - w->norm->mean[j];
        w->sum[j] += d * d;
    }
}

static void normalise_row(const struct walk *w, size_t r, size_t first, size_t last)
{
    const real *x = w->x + r * w->norm->columns;
    real *y = w->out + r * w->norm->columns;
    for (size_t j = first; j < last; j++)
        y[j] = (real)(((double)x[j] - w->norm->mean[j]) * w->scale[j] + w->shift[j]);
}

static void measure(const struct norm *k, const real *x)
{
    walk((struct walk){.norm = k, .row = sum_row, .x = x, .sum = k->mean});
    channel_means(k, k->mean);
    walk((struct walk){.norm = k, .row = square_row, .x = x, .sum = k->variance});
    channel_means(k, k->variance);
}

static void look_at(struct norm *k, const weir_node *node, const weir_pass *pass,
                    const weir_shape *x)
{
    const weir_batchnorm *o = node->options;
    weir_channels c = weir_channels_of(o->channels, x);
    k->C = c.count;
    k->inner = c.inner;
    k->columns = c.count * c.inner;
    k->rows = weir_shape_count(x) / k->columns;
    k->batch = (pass->train && !o->frozen) || !o->track_running_stats;
    if (x->rank == 3 && o->channels == WEIR_CHANNELS_LAST) k->lengths = pass->lengths;
    if (k->lengths) k->B = x->dim[1];
    size_t counted = 0;
    for (size_t r = 0; r < k->rows; r++) counted += row_counts(k, r);
    k->n = counted ? counted * k->inner : 1;
}

static double *columns_of(weir_arena *arena, const struct norm *k)
{
    return weir_arena_alloc(arena, k->columns * sizeof(double));
}

/* w istd, for every column. */
static void fill_scale(const weir_node *node, const struct norm *k, double *scale)
{
    const weir_batchnorm *o = node->options;
    const real *weight = o->affine ? weir_param(node, 0)->value : NULL; /* [C] */
    for (size_t j = 0; j < k->columns; j++)
        scale[j] = weight ? (double)weight[j / k->inner] * k->istd[j] : k->istd[j];
}

weir_status weir_batchnorm_forward(const weir_node *node, weir_pass *pass,
                                   const weir_tensor *const in[], weir_tensor *out)
{
    const weir_batchnorm *o = node->options;
    struct norm *k = weir_pass_save(pass, node, sizeof *k);
    if (!k) return WEIR_MEMORY;
    look_at(k, node, pass, &out->shape);
    k->mean = columns_of(&pass->arena, k);
    k->variance = columns_of(&pass->arena, k);
    k->istd = columns_of(&pass->arena, k);
    double *scale = columns_of(&pass->arena, k), *shift = columns_of(&pass->arena, k);
    if (!k->mean || !k->variance || !k->istd || !scale || !shift) return WEIR_MEMORY;

    if (k->batch)
        measure(k, in[0]->f);
    else
        recall(node, k);
    if (pass->train && o->track_running_stats && !o->frozen) track(node, k);
    const real *bias = o->affine ? weir_param(node, 1)->value : NULL; /* [C] */
    for (size_t j = 0; j < k->columns; j++) {
        k->istd[j] = 1 / sqrt(k->variance[j] + o->eps);
        shift[j] = bias ? (double)bias[j / k->inner] : 0;
    }
    fill_scale(node, k, scale);
    walk((struct walk){.norm = k, .row = normalise_row, .x = in[0]->f, .out = out->f,
                       .scale = scale, .shift = shift});
    return WEIR_OK;
}

/* --- backward -------------------------------------------------------------------------------- */

static void gradient_sums_row(const struct walk *w, size_t r, size_t first, size_t last)
{
    const struct norm *k = w->norm;
    const real *x = w->x + r * k->columns, *dy = w->dy + r * k->columns;
    for (size_t j = first; j < last; j++) {
        w->sum[j] += (double)dy[j];
        w->sum2[j] += (double)dy[j] * (((double)x[j] - k->mean[j]) * k->istd[j]);
    }
}

/* dx; without means (they are constants, or this row had no part in them) w istd dy. */
static void input_gradient_row(const struct walk *w, size_t r, size_t first, size_t last)
{
    const struct norm *k = w->norm;
    const real *x = w->x + r * k->columns, *dy = w->dy + r * k->columns;
    real *dx = w->out + r * k->columns;
    bool means = w->mean_dy && row_counts(k, r);
    for (size_t j = first; j < last; j++) {
        double d = (double)dy[j];
        if (means)
            d -= w->mean_dy[j] + ((double)x[j] - k->mean[j]) * k->istd[j] * w->mean_dyh[j];
        dx[j] = (real)(w->scale[j] * d);
    }
}

/* From the means over n to the sums. */
static void add_parameter_gradients(const weir_node *node, const struct norm *k,
                                    const double *mean_dy, const double *mean_dyh)
{
    real *dw = weir_param(node, 0)->grad, *db = weir_param(node, 1)->grad; /* [C] */
    for (size_t c = 0; c < k->C; c++) {
        dw[c] += (real)(mean_dyh[c * k->inner] * (double)k->n);
        db[c] += (real)(mean_dy[c * k->inner] * (double)k->n);
    }
}

weir_status weir_batchnorm_backward(const weir_node *node, weir_pass *pass,
                                    const weir_tensor *const in[], const weir_tensor *out,
                                    const weir_tensor *dout, weir_tensor din[])
{
    const weir_batchnorm *o = node->options;
    const struct norm *k = weir_pass_saved(pass, node);
    (void)out;
    double *mean_dy = columns_of(&pass->work, k), *mean_dyh = columns_of(&pass->work, k);
    double *scale = columns_of(&pass->work, k);
    if (!mean_dy || !mean_dyh || !scale) return WEIR_MEMORY;

    walk((struct walk){.norm = k, .row = gradient_sums_row, .x = in[0]->f, .dy = dout->f,
                       .sum = mean_dy, .sum2 = mean_dyh});
    channel_means(k, mean_dy);
    channel_means(k, mean_dyh);
    if (o->affine && pass->param_grads) add_parameter_gradients(node, k, mean_dy, mean_dyh);
    if (!din[0].f) return WEIR_OK;
    fill_scale(node, k, scale);
    bool constant = !k->batch || o->detach;
    walk((struct walk){.norm = k, .row = input_gradient_row, .x = in[0]->f, .dy = dout->f,
                       .out = din[0].f, .scale = scale, .mean_dy = constant ? NULL : mean_dy,
                       .mean_dyh = mean_dyh});
    return WEIR_OK;
}
