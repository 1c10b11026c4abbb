/* nn/layers/pool.h - what pooling layers share. Each plane [H,W] of images [B,C,H,W], one channel
 * of one image, is pooled by itself.
 *
 *   average   y[p] = (sum of x over the region of p) / d_p
 *             dx[q] = sum over the regions p that hold q of dy[p] / d_p
 */
#ifndef WEIR_NN_LAYERS_POOL_H
#define WEIR_NN_LAYERS_POOL_H

#include "nn/layers/window.h"
#include "nn/pass.h"

/* Options of max_pool2d and avg_pool2d; each takes those that it has. */
typedef struct weir_pool {
    weir_pair kernel_size, stride, padding, dilation;
    bool ceil_mode, count_include_pad;
    size_t divisor_override;
} weir_pool;

#define WEIR_POOL_WINDOW_OPTIONS                                                                  \
    WEIR_OPTION_PAIR(weir_pool, kernel_size, NULL, 1, WEIR_WINDOW_MOST,                           \
                     N_("places that a window looks at")),                                        \
    WEIR_OPTION_PAIR(weir_pool, stride, "", 1, WEIR_WINDOW_MOST,                                  \
                     N_("from one window to the next; not given: kernel_size, side by side")),    \
    WEIR_OPTION_PAIR(weir_pool, padding, "0", 0, WEIR_WINDOW_MOST,                                \
                     N_("places on either side that a window may reach over the edge"))
#define WEIR_POOL_CEIL_OPTION                                                                     \
    WEIR_OPTION_BOOL(weir_pool, ceil_mode, "false",                                               \
                     N_("a last window may reach over the edge, so that every place is seen"))

/* The hooks of both. Options that a kind does not have are filled by infer. */
weir_status weir_pool_infer(void *options, const weir_shape *const in[], const weir_hints *hints,
                            weir_error *err);
weir_status weir_pool_shape(const void *options, const weir_shape *const in[], size_t inputs,
                            weir_shape *out, weir_error *err);
/* The window over images x, which shape() has let pass. */
weir_window weir_pool_window(const weir_pool *pool, const weir_shape *x);

/* Calls task(self, plane) for the planes 0 .. count-1 of images x, some at a time side by side. */
void weir_for_planes(const weir_shape *x, void (*task)(void *self, size_t plane), void *self);

/* What one place of the output looks at, rows [top, bottom) and columns [left, right) of a plane,
 * and what the sum is divided by. */
typedef struct weir_region {
    size_t top, bottom, left, right;
    double divisor;
} weir_region;

/* Averages over the regions that region(self, h, w) says for place h, w of the output. */
typedef weir_region weir_region_of(const void *self, size_t h, size_t w);
void weir_average(const void *self, weir_region_of *region, const weir_tensor *x, weir_tensor *y);
/* Writes dx. */
void weir_average_backward(const void *self, weir_region_of *region, const weir_tensor *dy,
                           weir_tensor *dx);

#endif
