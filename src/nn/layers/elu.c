/* elu: y = z where z > 0, else a (e^z - 1);  dz = dy where z > 0, else dy a e^z.   a: alpha
 * Source: Clevert et al. 2016; torch.nn.ELU (slope a at z = 0). */
#include "base/intl.h"
#include "nn/layers/activation.h"

struct elu {
    double alpha;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct elu, alpha, "1", -1e6, 1e6, N_("y tends to -alpha far below 0")),
    {0}};

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct elu *o = node->options;
    (void)pass;
    size_t n = weir_count(out);
    const real *z = in[0]->f, a = (real)o->alpha;
    for (size_t i = 0; i < n; i++) out->f[i] = z[i] > R(0.0) ? z[i] : a * r_expm1(z[i]);
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    const struct elu *o = node->options;
    const real a = (real)o->alpha;
    for (size_t i = 0; i < n; i++) s[i] = z[i] > R(0.0) ? R(1.0) : a * r_exp(z[i]);
}

static double steepest(const weir_node *node)
{
    const struct elu *o = node->options;
    return fmax(1, fabs(o->alpha));
}

static const char *const examples[] = {"{}", "{alpha: 0.5}", "{alpha: 1.5}", NULL};

const weir_layer_kind weir_layer_elu = {
    .name = "elu",
    .doc = N_("z above 0, below it bends down to -alpha: centred nearer 0 than ReLU"),
    .part = WEIR_ACTIVATION,
    .options_size = sizeof(struct elu),
    .options = options,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1,
    .steepest = steepest,
    .examples = examples,
};
