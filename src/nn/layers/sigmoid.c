/* sigmoid: y = 1 / (1 + e^-z),  dz = dy y (1 - y), at most 1/4.
 *
 * 1 - y loses its digits where y is close to 1, so the slope is taken at -|z|, where it is the
 * same. Source: torch.nn.Sigmoid. */
#include "base/intl.h"
#include "nn/layers/activation.h"
#include "tensor/vec.h"

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    weir_vec_sigmoid(weir_count(out), in[0]->f, out->f);
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    for (size_t i = 0; i < n; i++) s[i] = -r_abs(z[i]);
    weir_vec_sigmoid(n, s, s);
    for (size_t i = 0; i < n; i++) s[i] *= R(1.0) - s[i];
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_sigmoid = {
    .name = "sigmoid",
    .doc = N_("1 / (1 + e^-z): squashes to 0..1, its slope is at most 1/4"),
    .part = WEIR_ACTIVATION,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 0.25,
    .examples = examples,
};
