/* max_pool2d: the largest number in each window that moves over images [B,C,H,W].
 *
 *   forward   y[p] = x[m(p)],  m(p) the place of the largest number that window p sees
 *   backward  dx[q] = sum over the windows p with m(p) = q of dy[p]
 *
 * Of several that are equal the first counts, row by row. A NaN is larger than any number, so that
 * it is not hidden. Padding is never the largest. Source: torch.nn.MaxPool2d.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/pool.h"
#include "tensor/vec.h"

static const weir_option options[] = {
    WEIR_POOL_WINDOW_OPTIONS,
    WEIR_OPTION_PAIR(weir_pool, dilation, "1", 1, WEIR_WINDOW_MOST,
                     N_("from one place in a window to the next")),
    WEIR_POOL_CEIL_OPTION,
    {0}};

/* What forward leaves for backward, and takes along itself. */
struct max {
    weir_window window;
    uint32_t *largest; /* [B,C,oH,oW] m(p) in its plane */
    const real *x, *dy;
    real *y, *dx;
};

static size_t in_plane(const struct max *k)
{
    return k->window.h.in * k->window.w.in;
}

static size_t out_plane(const struct max *k)
{
    return k->window.h.out * k->window.w.out;
}

static uint32_t find_largest(const weir_window *window, const real *x /* [H,W] */, size_t oh,
                             size_t ow)
{
    const weir_axis *h = &window->h, *w = &window->w;
    weir_span rows = weir_axis_taps(h, oh), places = weir_axis_taps(w, ow);
    size_t largest = weir_axis_place(h, oh, rows.first) * w->in +
                     weir_axis_place(w, ow, places.first);
    for (size_t i = rows.first; i < rows.last; i++)
        for (size_t j = places.first; j < places.last; j++) {
            size_t at = weir_axis_place(h, oh, i) * w->in + weir_axis_place(w, ow, j);
            if (x[at] > x[largest] || isnan(x[at])) largest = at;
        }
    return (uint32_t)largest;
}

static void forward_plane(void *self, size_t plane)
{
    const struct max *k = self;
    const real *x = k->x + plane * in_plane(k);
    uint32_t *largest = k->largest + plane * out_plane(k);
    real *y = k->y + plane * out_plane(k);
    for (size_t oh = 0, p = 0; oh < k->window.h.out; oh++)
        for (size_t ow = 0; ow < k->window.w.out; ow++, p++) {
            largest[p] = find_largest(&k->window, x, oh, ow);
            y[p] = x[largest[p]];
        }
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    struct max *k = weir_pass_save(pass, node, sizeof *k);
    if (!k) return WEIR_MEMORY;
    k->window = weir_pool_window(node->options, &in[0]->shape);
    k->largest = weir_arena_alloc(&pass->arena, weir_count(out) * sizeof *k->largest);
    if (!k->largest || in_plane(k) > UINT32_MAX) return WEIR_MEMORY;
    k->x = in[0]->f;
    k->y = out->f;
    weir_for_planes(&in[0]->shape, forward_plane, k);
    return WEIR_OK;
}

static void backward_plane(void *self, size_t plane)
{
    const struct max *k = self;
    const uint32_t *largest = k->largest + plane * out_plane(k);
    const real *dy = k->dy + plane * out_plane(k);
    real *dx = k->dx + plane * in_plane(k);
    weir_vec_zero(in_plane(k), dx);
    for (size_t p = 0; p < out_plane(k); p++) dx[largest[p]] += dy[p];
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    struct max k = *(const struct max *)weir_pass_saved(pass, node);
    (void)out;
    if (!din[0].f) return WEIR_OK;
    k.dy = dout->f;
    k.dx = din[0].f;
    weir_for_planes(&in[0]->shape, backward_plane, &k);
    return WEIR_OK;
}

static const char *const examples[] = {
    "{kernel_size: 2}", "{kernel_size: [3, 2], stride: 1, padding: [1, 0]}",
    "{kernel_size: 2, stride: 2, dilation: [1, 2], ceil_mode: true}", NULL};

const weir_layer_kind weir_layer_max_pool2d = {
    .name = "max_pool2d",
    .doc = N_("the largest number in each window over images"),
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
