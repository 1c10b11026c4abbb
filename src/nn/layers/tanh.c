/* tanh: y = tanh z,  dz = dy (1 - y^2), at most 1.
 *
 * 1 - y^2 loses its digits where y is close to 1, just where the gradient vanishes; the slope is
 * taken from z instead: 4 q (1 - q) with q = sigmoid(-2|z|). Source: torch.nn.Tanh. */
#include "base/intl.h"
#include "nn/layers/activation.h"
#include "tensor/vec.h"

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    weir_vec_tanh(weir_count(out), in[0]->f, out->f);
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    for (size_t i = 0; i < n; i++) s[i] = R(-2.0) * r_abs(z[i]);
    weir_vec_sigmoid(n, s, s);
    for (size_t i = 0; i < n; i++) s[i] = R(4.0) * s[i] * (R(1.0) - s[i]);
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_tanh = {
    .name = "tanh",
    .doc = N_("squashes to -1..1, its slope is at most 1"),
    .part = WEIR_ACTIVATION,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1,
    .examples = examples,
};
