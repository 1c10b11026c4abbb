/* layernorm: every row gets mean 0 and variance 1, then a learned scale and shift for each place.
 *
 *   forward   m, v = mean and variance (over N) of the row,  i = 1 / sqrt(v + eps)
 *             h = (x - m) i,  y = w h + b
 *   backward  g = w dy,  dx = i (g - mean(g) - h mean(g h))
 *             dw += sum over rows of dy h,   db += sum over rows of dy
 *
 * A row is the last sizes of the input, as many as normalized_shape has (by default one). With
 * detach m and v are constants in backward: dx = i g; the control that tells whether it is the
 * normalisation's own gradient that matters. Source: Ba et al. 2016; torch.nn.LayerNorm.
 */
#include "base/intl.h"
#include "base/status.h"
#include "base/threads.h"
#include "nn/pass.h"
#include "tensor/vec.h"

struct layernorm {
    weir_reals normalized_shape;
    double eps;
    bool elementwise_affine, bias, detach;
};

static const weir_option options[] = {
    WEIR_OPTION_REALS(struct layernorm, normalized_shape, "",
                      N_("the sizes of a row; not given: the last size of its input")),
    WEIR_OPTION_REAL(struct layernorm, eps, "1e-5", 0, 1e6, N_("added to the variance")),
    WEIR_OPTION_BOOL(struct layernorm, elementwise_affine, "true", N_("learn a scale and a shift")),
    WEIR_OPTION_BOOL(struct layernorm, bias, "true", N_("false: the scale alone is learned")),
    WEIR_OPTION_BOOL(struct layernorm, detach, "false",
                     N_("mean and variance are constants in the backward pass")),
    {0}};

/* --- shape ----------------------------------------------------------------------------------- */

static size_t row_rank(const struct layernorm *o)
{
    return o->normalized_shape.count ? o->normalized_shape.count : 1;
}

/* The shape of a row of x, which has at least as many sizes. */
static weir_shape row_shape(const struct layernorm *o, const weir_shape *x)
{
    weir_shape row = {.dtype = WEIR_FLOAT, .rank = row_rank(o)};
    for (size_t i = 0; i < row.rank; i++) row.dim[i] = x->dim[x->rank - row.rank + i];
    return row;
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct layernorm *l = o;
    (void)inputs;
    if (in[0]->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input is ids: put an embedding before it"));
    if (in[0]->rank < row_rank(l))
        return weir_fail(err, WEIR_USAGE, _("normalized_shape has %zu sizes, its input only %zu"),
                         row_rank(l), in[0]->rank);
    weir_shape row = row_shape(l, in[0]);
    for (size_t i = 0; i < l->normalized_shape.count; i++)
        if (l->normalized_shape.v[i] != (double)row.dim[i])
            return weir_fail(err, WEIR_USAGE, _("normalized_shape says %g where its input has %zu"),
                             l->normalized_shape.v[i], row.dim[i]);
    *out = *in[0];
    return WEIR_OK;
}

static weir_status build(weir_node *node, const weir_shape *const in[])
{
    const struct layernorm *o = node->options;
    weir_shape row = row_shape(o, in[0]);
    if (o->elementwise_affine)
        WEIR_TRY(weir_declare(node, "weight", WEIR_NORM_WEIGHT, row, 1, 1, 1));
    if (o->elementwise_affine && o->bias)
        WEIR_TRY(weir_declare(node, "bias", WEIR_NORM_BIAS, row, 1, 1, 1));
    return WEIR_OK;
}

/* --- the rows, some at a time ---------------------------------------------------------------- */

enum { ROWS = 16, PANEL = 64 /* columns */ };

/* What forward leaves for backward, and what the threads share. */
struct norm {
    const struct layernorm *options;
    size_t rows, N;
    const real *w, *b;   /* [N] or NULL */
    double *mean, *istd; /* [rows] */
    const real *x, *dy;  /* [rows, N] */
    real *out;           /* [rows, N]: y, or dx */
    real *dw, *db;       /* [N] */
};

static void forward_row(const struct norm *k, size_t r)
{
    const real *x = k->x + r * k->N;
    real *y = k->out + r * k->N;
    double mean = weir_vec_sum(k->N, x) / (double)k->N, squares = 0;
    for (size_t j = 0; j < k->N; j++) squares += ((double)x[j] - mean) * ((double)x[j] - mean);
    double istd = 1 / sqrt(squares / (double)k->N + k->options->eps);
    for (size_t j = 0; j < k->N; j++) {
        double h = ((double)x[j] - mean) * istd;
        y[j] = (real)(h * (k->w ? (double)k->w[j] : 1) + (k->b ? (double)k->b[j] : 0));
    }
    k->mean[r] = mean;
    k->istd[r] = istd;
}

static void backward_row(const struct norm *k, size_t r)
{
    const real *x = k->x + r * k->N, *dy = k->dy + r * k->N;
    real *dx = k->out + r * k->N;
    double mean = k->mean[r], istd = k->istd[r], sum_g = 0, sum_gh = 0;
    for (size_t j = 0; j < k->N && !k->options->detach; j++) {
        double g = k->w ? (double)k->w[j] * (double)dy[j] : (double)dy[j];
        sum_g += g;
        sum_gh += g * (((double)x[j] - mean) * istd);
    }
    for (size_t j = 0; j < k->N; j++) {
        double g = k->w ? (double)k->w[j] * (double)dy[j] : (double)dy[j];
        double h = ((double)x[j] - mean) * istd;
        dx[j] = (real)(istd * (g - (sum_g + h * sum_gh) / (double)k->N));
    }
}

static void forward_rows(void *self, size_t index)
{
    const struct norm *k = self;
    for (size_t r = index * ROWS; r < k->rows && r < (index + 1) * ROWS; r++) forward_row(k, r);
}

static void backward_rows(void *self, size_t index)
{
    const struct norm *k = self;
    for (size_t r = index * ROWS; r < k->rows && r < (index + 1) * ROWS; r++) backward_row(k, r);
}

static void parameter_panel(void *self, size_t panel)
{
    const struct norm *k = self;
    size_t first = panel * PANEL, width = k->N - first < PANEL ? k->N - first : PANEL;
    double dw[PANEL] = {0}, db[PANEL] = {0};
    for (size_t r = 0; r < k->rows; r++) {
        const real *x = k->x + r * k->N + first, *dy = k->dy + r * k->N + first;
        for (size_t j = 0; j < width; j++) {
            dw[j] += (double)dy[j] * (((double)x[j] - k->mean[r]) * k->istd[r]);
            db[j] += (double)dy[j];
        }
    }
    for (size_t j = 0; j < width; j++) {
        k->dw[first + j] += (real)dw[j];
        if (k->db) k->db[first + j] += (real)db[j];
    }
}

/* --- forward and backward -------------------------------------------------------------------- */

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct layernorm *o = node->options;
    struct norm *k = weir_pass_save(pass, node, sizeof *k);
    if (!k) return WEIR_MEMORY;
    weir_shape row = row_shape(o, &out->shape);
    size_t N = weir_shape_count(&row), rows = weir_count(out) / N;
    *k = (struct norm){.options = o, .rows = rows, .N = N, .x = in[0]->f, .out = out->f,
                       .w = node->params > 0 ? weir_param(node, 0)->value : NULL,
                       .b = node->params > 1 ? weir_param(node, 1)->value : NULL,
                       .mean = weir_arena_alloc(&pass->arena, rows * sizeof(double)),
                       .istd = weir_arena_alloc(&pass->arena, rows * sizeof(double))};
    if (!k->mean || !k->istd) return WEIR_MEMORY;
    weir_parallel((rows + ROWS - 1) / ROWS, forward_rows, k);
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    struct norm k = *(const struct norm *)weir_pass_saved(pass, node);
    (void)in, (void)out;
    k.dy = dout->f;
    k.out = din[0].f;
    if (din[0].f) weir_parallel((k.rows + ROWS - 1) / ROWS, backward_rows, &k);
    if (!node->params || !pass->param_grads) return WEIR_OK;
    k.dw = weir_param(node, 0)->grad;
    k.db = node->params > 1 ? weir_param(node, 1)->grad : NULL;
    weir_parallel((k.N + PANEL - 1) / PANEL, parameter_panel, &k);
    return WEIR_OK;
}

static const char *const examples[] = {
    "{}", "{normalized_shape: [5], eps: 1e-3, elementwise_affine: false}",
    "{normalized_shape: [4, 5]}", "{bias: false}", "{detach: true}", NULL};

const weir_layer_kind weir_layer_layernorm = {
    .name = "layernorm",
    .doc = N_("mean 0 and variance 1 in every row, then a scale and a shift"),
    .part = WEIR_NORMALISER,
    .options_size = sizeof(struct layernorm),
    .options = options,
    .shape = shape,
    .build = build,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
