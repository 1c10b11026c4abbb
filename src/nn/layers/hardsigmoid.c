/* hardsigmoid: y = (z + 3) / 6 between -3 and 3, 0 below, 1 above;  dz = dy / 6 between, else 0.
 * NaN stays NaN. Source: Howard et al. 2019; torch.nn.Hardsigmoid (slope 0 at -3 and 3). */
#include "base/intl.h"
#include "nn/layers/activation.h"

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    size_t n = weir_count(out);
    const real *z = in[0]->f;
    for (size_t i = 0; i < n; i++)
        out->f[i] = z[i] <= R(-3.0)  ? R(0.0)
                    : z[i] >= R(3.0) ? R(1.0)
                                     : (z[i] + R(3.0)) / R(6.0);
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    for (size_t i = 0; i < n; i++)
        s[i] = z[i] > R(-3.0) && z[i] < R(3.0) ? R(1.0) / R(6.0) : R(0.0);
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_hardsigmoid = {
    .name = "hardsigmoid",
    .doc = N_("a sigmoid of three straight pieces"),
    .part = WEIR_ACTIVATION,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1.0 / 6.0,
    .examples = examples,
};
