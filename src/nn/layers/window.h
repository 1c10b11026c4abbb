/* nn/layers/window.h - windows that move over the places of images: the geometry of convolution and
 * pooling. Height and width are alike, each an axis:
 *
 *   reach = dilation (kernel - 1) + 1                     places a window spans
 *   out   = floor((before + in + after - reach) / stride) + 1
 *
 * Output place o looks through its tap k at input place o stride + k dilation - before; what lies
 * outside the input is padding. With ceil_mode the quotient is rounded up, but a last window that
 * would begin behind the input and the padding before it is left out. Source: torch.nn.Conv2d,
 * torch.nn.MaxPool2d.
 */
#ifndef WEIR_NN_LAYERS_WINDOW_H
#define WEIR_NN_LAYERS_WINDOW_H

#include "nn/layer.h"

typedef struct weir_axis {
    size_t kernel, stride, dilation;
    size_t before, after; /* places of padding */
    size_t in, out;       /* set by weir_window_fit */
} weir_axis;

typedef struct weir_window {
    weir_axis h, w;
} weir_window;

/* The largest kernel_size, stride, padding and dilation: sums and products of them stay far below
 * what a size_t holds. */
#define WEIR_WINDOW_MOST 100000

/* The same padding on both sides; the sizes are set by weir_window_fit. */
weir_window weir_window_of(weir_pair kernel, weir_pair stride, weir_pair padding,
                           weir_pair dilation);

/* Sets the sizes for input of H x W; WEIR_USAGE where not a single window fits. */
weir_status weir_window_fit(weir_window *window, size_t H, size_t W, bool ceil_mode,
                            weir_error *err);

/* The output places [first, last) whose tap k looks at the input, and not at padding. */
typedef struct weir_span {
    size_t first, last;
} weir_span;
weir_span weir_axis_places(const weir_axis *axis, size_t k);

/* The taps [first, last) through which output place o looks at the input. */
weir_span weir_axis_taps(const weir_axis *axis, size_t o);

/* The input place that output place o sees through tap k; it must be one. */
static inline size_t weir_axis_place(const weir_axis *axis, size_t o, size_t k)
{
    return o * axis->stride + k * axis->dilation - axis->before;
}

#endif
