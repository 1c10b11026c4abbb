/* silu: y = z s(z),  dz = dy (s(z) + z s(z) s(-z)),   s(z) = 1 / (1 + e^-z).
 * Source: Elfwing et al. 2018; torch.nn.SiLU. Also called swish. */
#include "base/intl.h"
#include "nn/layers/activation.h"

/* Beyond it y is z or, in either number type, 0. */
#define FAR R(800.0)

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    size_t n = weir_count(out);
    const real *z = in[0]->f;
    for (size_t i = 0; i < n; i++) out->f[i] = z[i] < -FAR ? R(0.0) : z[i] * weir_sigmoid(z[i]);
    return WEIR_OK;
}

static real slope_at(real z)
{
    if (r_abs(z) > FAR) return z > R(0.0) ? R(1.0) : R(0.0);
    return weir_sigmoid(z) * (R(1.0) + z * weir_sigmoid(-z));
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    for (size_t i = 0; i < n; i++) s[i] = slope_at(z[i]);
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_silu = {
    .name = "silu",
    .doc = N_("z times its sigmoid: a smooth ReLU"),
    .part = WEIR_ACTIVATION,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1.0998393201288669, /* at z = 2.3994 */
    .examples = examples,
};
