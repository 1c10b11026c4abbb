/* exp: y = e^z,  dz = dy e^z. Its slope has no largest value: what is large grows.
 * Source: torch.exp. */
#include "base/intl.h"
#include "nn/layers/activation.h"

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    for (size_t i = 0; i < n; i++) s[i] = r_exp(z[i]);
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)pass;
    slope(node, weir_count(out), in[0]->f, out->f); /* e^z is its own derivative */
    return WEIR_OK;
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_exp = {
    .name = "exp",
    .doc = N_("e^z: its slope has no bound"),
    .part = WEIR_ACTIVATION,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = INFINITY,
    .examples = examples,
};
