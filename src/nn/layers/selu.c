/* selu: y = l z where z > 0, else l a (e^z - 1);  dz = dy l where z > 0, else dy l a e^z.
 *
 * l and a make mean 0 and variance 1 a fixed point of a layer with LeCun weights.
 * Source: Klambauer et al. 2017, eq. 14; torch.nn.SELU. */
#include "base/intl.h"
#include "nn/layers/activation.h"

#define SCALE 1.0507009873554804934193349852946
#define ALPHA 1.6732632423543772848170429916717

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    size_t n = weir_count(out);
    const real *z = in[0]->f, above = (real)SCALE, below = (real)(SCALE * ALPHA);
    for (size_t i = 0; i < n; i++)
        out->f[i] = z[i] > R(0.0) ? above * z[i] : below * r_expm1(z[i]);
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    (void)node;
    const real above = (real)SCALE, below = (real)(SCALE * ALPHA);
    for (size_t i = 0; i < n; i++) s[i] = z[i] > R(0.0) ? above : below * r_exp(z[i]);
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_selu = {
    .name = "selu",
    .doc = N_("scaled ELU: holds mean 0 and variance 1 from layer to layer"),
    .part = WEIR_ACTIVATION,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = SCALE * ALPHA, /* just below 0 */
    .examples = examples,
};
