/* log_softmax: every row becomes the logarithms of positive numbers that sum to 1.
 *
 *   forward   y_c = (z_c - m) - ln sum_k e^(z_k - m),  m = max z   (so that nothing overflows)
 *   backward  dz_c = dy_c - e^y_c sum_k dy_k
 *
 * Rows are everything but the last size. The loss cross_entropy does this by itself.
 * Source: torch.nn.LogSoftmax.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/pass.h"
#include "tensor/vec.h"

struct log_softmax {
    int64_t dim;
};

static const weir_option options[] = {
    WEIR_OPTION_INT(struct log_softmax, dim, "-1", N_("the dimension it runs over: the last, -1")),
    {0}};

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct log_softmax *s = o;
    (void)inputs;
    if (in[0]->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input is ids: put an embedding before it"));
    if (s->dim != -1 && s->dim != (int64_t)in[0]->rank - 1)
        return weir_fail(err, WEIR_USAGE, _("dim is %lld; it runs over the last dimension only"),
                         (long long)s->dim);
    *out = *in[0];
    return WEIR_OK;
}

static void row_forward(size_t C, const real *z, real *y)
{
    real most = z[0];
    for (size_t c = 1; c < C; c++)
        if (z[c] > most) most = z[c];
    double sum = 0;
    for (size_t c = 0; c < C; c++) sum += (double)r_exp(z[c] - most);
    double log_sum = log(sum);
    for (size_t c = 0; c < C; c++) y[c] = (real)((double)z[c] - (double)most - log_sum);
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    size_t rows = weir_shape_rows(&out->shape), C = weir_shape_features(&out->shape);
    for (size_t r = 0; r < rows; r++) row_forward(C, in[0]->f + r * C, out->f + r * C);
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    (void)node, (void)pass, (void)in;
    if (!din[0].f) return WEIR_OK;
    size_t rows = weir_shape_rows(&out->shape), C = weir_shape_features(&out->shape);
    for (size_t r = 0; r < rows; r++) {
        const real *y = out->f + r * C, *dy = dout->f + r * C;
        real *dz = din[0].f + r * C;
        double sum = weir_vec_sum(C, dy);
        for (size_t c = 0; c < C; c++) dz[c] = (real)((double)dy[c] - (double)r_exp(y[c]) * sum);
    }
    return WEIR_OK;
}

static const char *const examples[] = {"{}", "{dim: -1}", NULL};

const weir_layer_kind weir_layer_log_softmax = {
    .name = "log_softmax",
    .doc = N_("turns every row into the logarithms of shares that sum to 1"),
    .part = WEIR_PLUMBING,
    .options_size = sizeof(struct log_softmax),
    .options = options,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
