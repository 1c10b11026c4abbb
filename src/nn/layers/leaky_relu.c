/* leaky_relu: y = z where z > 0, else s z;  dz = dy where z > 0, else s dy.   s: negative_slope
 * Source: Maas et al. 2013; torch.nn.LeakyReLU (slope s at z = 0). */
#include "base/intl.h"
#include "nn/layers/activation.h"

struct leaky_relu {
    double negative_slope;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct leaky_relu, negative_slope, "0.01", -1e6, 1e6, N_("slope below 0")),
    {0}};

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct leaky_relu *o = node->options;
    (void)pass;
    size_t n = weir_count(out);
    const real *z = in[0]->f, s = (real)o->negative_slope;
    for (size_t i = 0; i < n; i++) out->f[i] = z[i] > R(0.0) ? z[i] : s * z[i];
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    const struct leaky_relu *o = node->options;
    const real below = (real)o->negative_slope;
    for (size_t i = 0; i < n; i++) s[i] = z[i] > R(0.0) ? R(1.0) : below;
}

static double steepest(const weir_node *node)
{
    const struct leaky_relu *o = node->options;
    return fmax(1, fabs(o->negative_slope));
}

static const char *const examples[] = {"{}", "{negative_slope: 0.2}", "{negative_slope: -1.5}",
                                       NULL};

const weir_layer_kind weir_layer_leaky_relu = {
    .name = "leaky_relu",
    .doc = N_("ReLU with a small slope below 0, so that no unit is dead"),
    .part = WEIR_ACTIVATION,
    .options_size = sizeof(struct leaky_relu),
    .options = options,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1,
    .steepest = steepest,
    .examples = examples,
};
