/* relu: y = max(0, z),  dz = dy where z > 0, else 0. NaN stays NaN.
 * Source: Nair & Hinton 2010; torch.nn.ReLU (slope 0 at z = 0). */
#include "base/intl.h"
#include "nn/layers/activation.h"

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    size_t n = weir_count(out);
    for (size_t i = 0; i < n; i++) out->f[i] = in[0]->f[i] <= R(0.0) ? R(0.0) : in[0]->f[i];
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    for (size_t i = 0; i < n; i++) s[i] = z[i] > R(0.0) ? R(1.0) : R(0.0);
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_relu = {
    .name = "relu",
    .doc = N_("max(0, z): slope 1 where z > 0; a unit that is never positive is dead"),
    .part = WEIR_ACTIVATION,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1,
    .examples = examples,
};
