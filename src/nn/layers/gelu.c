/* gelu: y = z P(z), P the normal distribution function;  dz = dy (P(z) + z P'(z)).
 *
 *   none   P(z) = erfc(-z / sqrt 2) / 2,   P'(z) = e^(-z^2 / 2) / sqrt(2 pi)
 *   tanh   P(z) = (1 + tanh u) / 2 = 1 / (1 + e^-2u),   u = sqrt(2 / pi) (z + 0.044715 z^3)
 *
 * erfc, and the sigmoid in the place of the tanh, keep the digits of the small P far below 0.
 * Source: Hendrycks & Gimpel 2016; torch.nn.GELU.
 */
#include "base/intl.h"
#include "nn/layers/activation.h"

struct gelu {
    int approximate; /* none, tanh */
};

static const weir_option options[] = {
    WEIR_OPTION_CHOICE(struct gelu, approximate, "none", "none|tanh",
                       N_("exact, or by way of a tanh")),
    {0}};

#define ROOT_HALF R(0.70710678118654752440)          /* sqrt(1 / 2) */
#define DENSITY R(0.39894228040143267794)            /* 1 / sqrt(2 pi) */
#define TWICE_ROOT_2_OVER_PI R(1.59576912160573071176) /* 2 sqrt(2 / pi) */
#define CUBIC R(0.044715)

/* Beyond it P is 1 or, in either number type, 0. */
#define FAR R(40.0)

/* P, and P' if wanted. */
static real exact(real z, real *density)
{
    if (density) *density = DENSITY * r_exp(R(-0.5) * z * z);
    return R(0.5) * r_erfc(-ROOT_HALF * z);
}

static real by_tanh(real z, real *density)
{
    real twice_u = TWICE_ROOT_2_OVER_PI * z * (R(1.0) + CUBIC * z * z), P = weir_sigmoid(twice_u);
    if (density)
        *density = P * weir_sigmoid(-twice_u) * TWICE_ROOT_2_OVER_PI *
                   (R(1.0) + R(3.0) * CUBIC * z * z);
    return P;
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct gelu *o = node->options;
    (void)pass;
    size_t n = weir_count(out);
    real (*P)(real, real *) = o->approximate ? by_tanh : exact;
    for (size_t i = 0; i < n; i++) {
        real z = in[0]->f[i];
        out->f[i] = r_abs(z) > FAR ? r_max(z, R(0.0)) : z * P(z, NULL);
    }
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    const struct gelu *o = node->options;
    real (*P)(real, real *) = o->approximate ? by_tanh : exact;
    for (size_t i = 0; i < n; i++) {
        real density, below;
        if (r_abs(z[i]) > FAR) {
            s[i] = z[i] > R(0.0) ? R(1.0) : R(0.0);
            continue;
        }
        below = P(z[i], &density);
        s[i] = below + z[i] * density;
    }
}

static double steepest(const weir_node *node)
{
    const struct gelu *o = node->options;
    return o->approximate ? 1.1289930686587 : 1.1289041451851547; /* at z = 1.4185, sqrt 2 */
}

static const char *const examples[] = {"{}", "{approximate: tanh}", NULL};

const weir_layer_kind weir_layer_gelu = {
    .name = "gelu",
    .doc = N_("z times the normal distribution function: a smooth ReLU"),
    .part = WEIR_ACTIVATION,
    .options_size = sizeof(struct gelu),
    .options = options,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1.1289041451851547,
    .steepest = steepest,
    .examples = examples,
};
