/* avg_pool2d: the mean of each window that moves over images [B,C,H,W].
 *
 * The sum of what a window sees is divided by its places. Those in the padding count too (they are
 * zeros), unless count_include_pad is false; those beyond the padding, where ceil_mode lets a
 * window reach, never do. divisor_override takes the place of all this. The equations stand in
 * pool.h. Source: torch.nn.AvgPool2d.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/pool.h"

static const weir_option options[] = {
    WEIR_POOL_WINDOW_OPTIONS,
    WEIR_POOL_CEIL_OPTION,
    WEIR_OPTION_BOOL(weir_pool, count_include_pad, "true",
                     N_("the mean counts the zeros of the padding")),
    WEIR_OPTION_SIZE(weir_pool, divisor_override, "", 1,
                     N_("divide by this instead of by the number of places")),
    {0}};

struct mean {
    const weir_pool *pool;
    weir_window window;
};

/* How many places of window o are input or padding. */
static size_t counted(const weir_axis *a, size_t o)
{
    size_t start = o * a->stride, left = a->before + a->in + a->after - start;
    return left < a->kernel ? left : a->kernel;
}

static weir_region region(const void *self, size_t oh, size_t ow)
{
    const struct mean *k = self;
    const weir_axis *h = &k->window.h, *w = &k->window.w;
    weir_span rows = weir_axis_taps(h, oh), places = weir_axis_taps(w, ow);
    weir_region r = {.top = weir_axis_place(h, oh, rows.first),
                     .left = weir_axis_place(w, ow, places.first)};
    r.bottom = r.top + (rows.last - rows.first);
    r.right = r.left + (places.last - places.first);
    if (k->pool->divisor_override)
        r.divisor = (double)k->pool->divisor_override;
    else if (k->pool->count_include_pad)
        r.divisor = (double)(counted(h, oh) * counted(w, ow));
    else
        r.divisor = (double)((r.bottom - r.top) * (r.right - r.left));
    return r;
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    struct mean k = {node->options, weir_pool_window(node->options, &in[0]->shape)};
    (void)pass;
    weir_average(&k, region, in[0], out);
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    struct mean k = {node->options, weir_pool_window(node->options, &in[0]->shape)};
    (void)pass, (void)out;
    if (din[0].f) weir_average_backward(&k, region, dout, &din[0]);
    return WEIR_OK;
}

static const char *const examples[] = {
    "{kernel_size: 2}", "{kernel_size: [3, 2], stride: 1, padding: 1, count_include_pad: false}",
    "{kernel_size: 2, stride: [1, 2], padding: 1, ceil_mode: true}",
    "{kernel_size: 2, divisor_override: 3}", NULL};

const weir_layer_kind weir_layer_avg_pool2d = {
    .name = "avg_pool2d",
    .doc = N_("the mean of each window over images"),
    .part = WEIR_PLUMBING,
    .channels_first = true,
    .options_size = sizeof(weir_pool),
    .options = options,
    .infer = weir_pool_infer,
    .shape = weir_pool_shape,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
