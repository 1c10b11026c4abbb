/* linear: y = x W^T + b.
 *
 *   forward   y[r,o]  = sum_i x[r,i] W[o,i] + b[o]
 *   backward  dx[r,i] = sum_o dy[r,o] W[o,i]
 *             dW[o,i] += sum_r dy[r,o] x[r,i],   db[o] += sum_r dy[r,o]
 *
 * Rows r are everything but the last size. Source: torch.nn.Linear.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/pass.h"
#include "tensor/gemm.h"
#include "tensor/vec.h"

struct linear {
    size_t in_features, out_features;
    bool bias;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct linear, in_features, "0", 0, N_("inputs; 0: as its input has")),
    WEIR_OPTION_SIZE(struct linear, out_features, "0", 0, N_("outputs; 0: as the data needs")),
    WEIR_OPTION_BOOL(struct linear, bias, "true", N_("add a learned bias")),
    {0}};

static weir_status infer(void *o, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err)
{
    struct linear *l = o;
    if (!l->in_features) l->in_features = weir_shape_features(in[0]);
    if (!l->out_features) l->out_features = hints->outputs;
    if (!l->out_features)
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("out_features is needed: the data do not say it"));
    return WEIR_OK;
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct linear *l = o;
    (void)inputs;
    if (in[0]->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input is ids: put an embedding before it"));
    if (in[0]->rank < 1 || weir_shape_features(in[0]) != l->in_features)
        return weir_fail(err, WEIR_USAGE, _("in_features is %zu, but its input has %zu features"),
                         l->in_features, weir_shape_features(in[0]));
    *out = *in[0];
    out->dim[out->rank - 1] = l->out_features;
    return WEIR_OK;
}

static weir_status build(weir_node *node, const weir_shape *const in[])
{
    const struct linear *l = node->options;
    (void)in;
    size_t I = l->in_features, O = l->out_features;
    WEIR_TRY(weir_declare(node, "weight", WEIR_WEIGHT, weir_shape_of(2, O, I), I, O, 1));
    if (l->bias) WEIR_TRY(weir_declare(node, "bias", WEIR_BIAS, weir_shape_of(1, O), I, O, 1));
    return WEIR_OK;
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct linear *l = node->options;
    (void)pass;
    size_t rows = weir_shape_rows(&out->shape), I = l->in_features, O = l->out_features;
    const real *W = weir_param(node, 0)->value; /* [O, I] */
    if (l->bias) {
        const real *b = weir_param(node, 1)->value; /* [O] */
        for (size_t r = 0; r < rows; r++) weir_vec_copy(O, b, out->f + r * O);
    }
    weir_gemm(WEIR_N, WEIR_T, rows, O, I, R(1.0), in[0]->f, I, W, I, l->bias ? R(1.0) : R(0.0),
              out->f, O);
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    const struct linear *l = node->options;
    size_t rows = weir_shape_rows(&out->shape), I = l->in_features, O = l->out_features;
    const weir_parameter *W = weir_param(node, 0); /* [O, I] */
    if (din[0].f)
        weir_gemm(WEIR_N, WEIR_N, rows, I, O, R(1.0), dout->f, O, W->value, I, R(0.0), din[0].f, I);
    if (!pass->param_grads) return WEIR_OK;
    weir_gemm(WEIR_T, WEIR_N, O, I, rows, R(1.0), dout->f, O, in[0]->f, I, R(1.0), W->grad, I);
    if (l->bias) weir_vec_add_columns(rows, O, dout->f, weir_param(node, 1)->grad);
    return WEIR_OK;
}

static const char *const examples[] = {"{out_features: 3}", "{out_features: 2, bias: false}", NULL};

const weir_layer_kind weir_layer_linear = {
    .name = "linear",
    .doc = N_("weights and a bias: y = x W^T + b"),
    .part = WEIR_WEIGHTED,
    .options_size = sizeof(struct linear),
    .options = options,
    .infer = infer,
    .shape = shape,
    .build = build,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
