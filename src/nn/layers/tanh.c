/* tanh: y = tanh z,  dz = dy (1 - y^2), at most 1.
 * Source: torch.nn.Tanh. */
#include "base/intl.h"
#include "nn/layers/activation.h"

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    size_t n = weir_count(out);
    for (size_t i = 0; i < n; i++) out->f[i] = r_tanh(in[0]->f[i]);
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    for (size_t i = 0; i < n; i++) {
        real y = r_tanh(z[i]);
        s[i] = (R(1.0) - y) * (R(1.0) + y);
    }
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
