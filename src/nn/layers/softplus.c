/* softplus: y = ln(1 + e^(b z)) / b,  dz = dy / (1 + e^(-b z));  b: beta
 *           y = z, dz = dy where b z > threshold. Source: torch.nn.Softplus. */
#include "base/intl.h"
#include "nn/layers/activation.h"

struct softplus {
    double beta, threshold;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct softplus, beta, "1", 1e-6, 1e6, N_("the larger, the nearer to ReLU")),
    WEIR_OPTION_REAL(struct softplus, threshold, "20", -1e6, 1e6,
                     N_("where beta z is above it, y = z")),
    {0}};

/* ln(1 + e^x), without overflow and with all digits where it is small. */
static real log_1_exp(real x)
{
    return (x > R(0.0) ? x : R(0.0)) + r_log1p(r_exp(-r_abs(x)));
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct softplus *o = node->options;
    (void)pass;
    size_t n = weir_count(out);
    const real *z = in[0]->f, b = (real)o->beta, most = (real)o->threshold;
    for (size_t i = 0; i < n; i++) out->f[i] = b * z[i] > most ? z[i] : log_1_exp(b * z[i]) / b;
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    const struct softplus *o = node->options;
    const real b = (real)o->beta, most = (real)o->threshold;
    for (size_t i = 0; i < n; i++) s[i] = b * z[i] > most ? R(1.0) : weir_sigmoid(b * z[i]);
}

static const char *const examples[] = {"{}", "{beta: 2, threshold: 3}", NULL};

const weir_layer_kind weir_layer_softplus = {
    .name = "softplus",
    .doc = N_("ln(1 + e^z): a smooth ReLU, always above 0"),
    .part = WEIR_ACTIVATION,
    .options_size = sizeof(struct softplus),
    .options = options,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = weir_activation_backward,
    .slope = slope,
    .largest_slope = 1,
    .examples = examples,
};
