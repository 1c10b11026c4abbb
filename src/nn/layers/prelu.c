/* prelu: y = z where z > 0, else a_c z, with slopes a that are learned: one for all, or one for
 * each channel c.
 *
 *   backward  dz = dy where z > 0, else a_c dy
 *             da_c += sum dy z over the z of channel c that are not above 0
 *
 * The slopes start at 0.25 (init: pytorch). A sequence [T,B,F] has its channels last, [B,C,..]
 * behind the batch; channels.h tells which is meant. Source: He et al. 2015; torch.nn.PReLU.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/activation.h"
#include "nn/layers/channels.h"
#include "tensor/vec.h"

struct prelu {
    size_t num_parameters;
    int channels;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct prelu, num_parameters, "1", 1,
                     N_("learned slopes: 1, or as many as there are channels")),
    WEIR_OPTION_CHOICE(struct prelu, channels, "auto", WEIR_CHANNELS, WEIR_CHANNELS_DOC),
    {0}};

static weir_status infer(void *o, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err)
{
    struct prelu *p = o;
    (void)hints;
    if (p->num_parameters == 1) return WEIR_OK;
    return weir_channels_infer(&p->channels, &p->num_parameters, in[0], err);
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct prelu *p = o;
    WEIR_TRY(weir_activation_shape(o, in, inputs, out, err));
    if (p->num_parameters == 1) return WEIR_OK;
    return weir_channels_check(p->channels, p->num_parameters, in[0], "num_parameters", err);
}

static weir_status build(weir_node *node, const weir_shape *const in[])
{
    const struct prelu *p = node->options;
    (void)in;
    size_t C = p->num_parameters;
    return weir_declare(node, "weight", WEIR_SLOPE, weir_shape_of(1, C), 1, 1, 1);
}

/* Numbers side by side that share a slope: a row's features do not, a channel's positions do. */
static weir_channels slopes(const weir_node *node, size_t n)
{
    const struct prelu *p = node->options;
    if (p->num_parameters == 1) return (weir_channels){1, n};
    return weir_channels_of(p->channels, &node->shape);
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)pass;
    const real *a = weir_param(node, 0)->value, *z = in[0]->f; /* a [C] */
    size_t n = weir_count(out);
    weir_channels c = slopes(node, n);
    for (size_t i = 0, k = 0; i < n; i += c.inner, k = k + 1 < c.count ? k + 1 : 0)
        for (size_t j = i; j < i + c.inner; j++) out->f[j] = z[j] > R(0.0) ? z[j] : a[k] * z[j];
    return WEIR_OK;
}

static void slope(const weir_node *node, size_t n, const real *z, real *s)
{
    const real *a = weir_param(node, 0)->value;
    weir_channels c = slopes(node, n);
    for (size_t i = 0, k = 0; i < n; i += c.inner, k = k + 1 < c.count ? k + 1 : 0)
        for (size_t j = i; j < i + c.inner; j++) s[j] = z[j] > R(0.0) ? R(1.0) : a[k];
}

static double steepest(const weir_node *node)
{
    const weir_parameter *a = weir_param(node, 0);
    return fmax(1, weir_vec_norm_inf(a->count, a->value));
}

/* da [C] in double: a channel's sum runs over all rows. */
static void add_slope_gradient(weir_channels c, size_t n, const real *z, const real *dy,
                               double *sum, real *da)
{
    for (size_t k = 0; k < c.count; k++) sum[k] = 0;
    for (size_t i = 0, k = 0; i < n; i += c.inner, k = k + 1 < c.count ? k + 1 : 0)
        for (size_t j = i; j < i + c.inner; j++)
            if (!(z[j] > R(0.0))) sum[k] += (double)dy[j] * (double)z[j];
    for (size_t k = 0; k < c.count; k++) da[k] += (real)sum[k];
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    size_t n = weir_count(dout);
    weir_channels c = slopes(node, n);
    WEIR_TRY(weir_activation_backward(node, pass, in, out, dout, din));
    if (!pass->param_grads) return WEIR_OK;
    double *sum = weir_arena_alloc(&pass->work, c.count * sizeof *sum);
    if (!sum) return WEIR_MEMORY;
    add_slope_gradient(c, n, in[0]->f, dout->f, sum, weir_param(node, 0)->grad);
    return WEIR_OK;
}

static const char *const examples[] = {"{}", "{num_parameters: 5}",
                                       "{num_parameters: 5, channels: first}",
                                       "{num_parameters: 5, channels: last}", NULL};

const weir_layer_kind weir_layer_prelu = {
    .name = "prelu",
    .doc = N_("ReLU with a learned slope below 0"),
    .part = WEIR_ACTIVATION,
    .options_size = sizeof(struct prelu),
    .options = options,
    .infer = infer,
    .shape = shape,
    .build = build,
    .forward = forward,
    .backward = backward,
    .slope = slope,
    .largest_slope = 1,
    .steepest = steepest,
    .examples = examples,
};
