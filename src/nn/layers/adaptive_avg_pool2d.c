/* adaptive_avg_pool2d: means over as many regions of images [B,C,H,W] as are wanted, whatever the
 * images' size; output_size 1 is the mean of each channel.
 *
 *   region i of O along H   from floor(i H / O) to ceil((i + 1) H / O)
 *
 * Regions overlap where O does not divide H. The equations stand in pool.h.
 * Source: torch.nn.AdaptiveAvgPool2d.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/channels.h"
#include "nn/layers/pool.h"

struct adaptive {
    weir_pair output_size;
};

static const weir_option options[] = {
    WEIR_OPTION_PAIR(struct adaptive, output_size, NULL, 1, WEIR_WINDOW_MOST,
                     N_("places of the output; 1: one mean for each channel")),
    {0}};

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct adaptive *a = o;
    (void)inputs;
    WEIR_TRY(weir_images_check(in[0], err));
    *out = *in[0];
    out->dim[2] = a->output_size.h;
    out->dim[3] = a->output_size.w;
    return WEIR_OK;
}

struct regions {
    weir_pair in, out;
};

static struct regions regions_of(const weir_shape *x, const weir_shape *y)
{
    return (struct regions){{x->dim[2], x->dim[3]}, {y->dim[2], y->dim[3]}};
}

static weir_region region(const void *self, size_t h, size_t w)
{
    const struct regions *k = self;
    weir_region r = {.top = h * k->in.h / k->out.h, .left = w * k->in.w / k->out.w};
    r.bottom = ((h + 1) * k->in.h + k->out.h - 1) / k->out.h;
    r.right = ((w + 1) * k->in.w + k->out.w - 1) / k->out.w;
    r.divisor = (double)((r.bottom - r.top) * (r.right - r.left));
    return r;
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    struct regions k = regions_of(&in[0]->shape, &out->shape);
    (void)node, (void)pass;
    weir_average(&k, region, in[0], out);
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    struct regions k = regions_of(&in[0]->shape, &out->shape);
    (void)node, (void)pass;
    if (din[0].f) weir_average_backward(&k, region, dout, &din[0]);
    return WEIR_OK;
}

static const char *const examples[] = {"{output_size: 1}", "{output_size: [2, 3]}", NULL};

const weir_layer_kind weir_layer_adaptive_avg_pool2d = {
    .name = "adaptive_avg_pool2d",
    .doc = N_("means over a given number of regions of images"),
    .part = WEIR_PLUMBING,
    .channels_first = true,
    .options_size = sizeof(struct adaptive),
    .options = options,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
