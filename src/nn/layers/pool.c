#include "nn/layers/pool.h"

#include "base/intl.h"
#include "base/status.h"
#include "base/threads.h"
#include "nn/layers/channels.h"
#include "tensor/vec.h"

weir_status weir_pool_infer(void *options, const weir_shape *const in[], const weir_hints *hints,
                            weir_error *err)
{
    weir_pool *o = options;
    (void)in, (void)hints, (void)err;
    if (!o->stride.h) o->stride = o->kernel_size;
    if (!o->dilation.h) o->dilation = (weir_pair){1, 1};
    return WEIR_OK;
}

static weir_window window_of(const weir_pool *o)
{
    return weir_window_of(o->kernel_size, o->stride, o->padding, o->dilation);
}

static weir_status check_padding(size_t padding, size_t kernel, weir_error *err)
{
    if (padding <= kernel / 2) return WEIR_OK;
    return weir_fail(err, WEIR_USAGE,
                     _("padding is %zu, but at most half of kernel_size, %zu, is allowed"), padding,
                     kernel / 2);
}

/* With dilation the taps of a window can all step over a small input. */
static weir_status check_sight(const weir_axis *a, weir_error *err)
{
    for (size_t o = 0; a->dilation > a->in && o < a->out; o++) {
        weir_span taps = weir_axis_taps(a, o);
        if (taps.first == taps.last)
            return weir_fail(err, WEIR_USAGE,
                             _("dilation is %zu, so that a window sees none of the %zu places of "
                               "its input"), a->dilation, a->in);
    }
    return WEIR_OK;
}

weir_status weir_pool_shape(const void *options, const weir_shape *const in[], size_t inputs,
                            weir_shape *out, weir_error *err)
{
    const weir_pool *o = options;
    (void)inputs;
    WEIR_TRY(weir_images_check(in[0], err));
    WEIR_TRY(check_padding(o->padding.h, o->kernel_size.h, err));
    WEIR_TRY(check_padding(o->padding.w, o->kernel_size.w, err));
    weir_window window = window_of(o);
    WEIR_TRY(weir_window_fit(&window, in[0]->dim[2], in[0]->dim[3], o->ceil_mode, err));
    WEIR_TRY(check_sight(&window.h, err));
    WEIR_TRY(check_sight(&window.w, err));
    *out = weir_shape_of(4, in[0]->dim[0], in[0]->dim[1], window.h.out, window.w.out);
    return WEIR_OK;
}

weir_window weir_pool_window(const weir_pool *o, const weir_shape *x)
{
    weir_window window = window_of(o);
    weir_window_fit(&window, x->dim[2], x->dim[3], o->ceil_mode, NULL);
    return window;
}

/* --- planes ---------------------------------------------------------------------------------- */

enum { PIECE = 1 << 14 }; /* numbers, about */

struct planes {
    size_t count, each; /* planes, and how many make a piece */
    void (*task)(void *self, size_t plane);
    void *self;
};

static void run_piece(void *self, size_t piece)
{
    const struct planes *p = self;
    size_t first = piece * p->each;
    size_t last = p->count - first < p->each ? p->count : first + p->each;
    for (size_t plane = first; plane < last; plane++) p->task(p->self, plane);
}

void weir_for_planes(const weir_shape *x, void (*task)(void *self, size_t plane), void *self)
{
    struct planes p = {.count = x->dim[0] * x->dim[1], .task = task, .self = self};
    p.each = PIECE / (x->dim[2] * x->dim[3]) + 1;
    weir_parallel((p.count + p.each - 1) / p.each, run_piece, &p);
}

/* --- averages -------------------------------------------------------------------------------- */

struct average {
    const void *self;
    weir_region_of *region;
    size_t H, W, oH, oW;
    const real *x, *dy; /* [planes, H, W], [planes, oH, oW] */
    real *y, *dx;
};

static void average_plane(void *self, size_t plane)
{
    const struct average *a = self;
    const real *x = a->x + plane * a->H * a->W;
    real *y = a->y + plane * a->oH * a->oW;
    for (size_t h = 0; h < a->oH; h++)
        for (size_t w = 0; w < a->oW; w++) {
            weir_region r = a->region(a->self, h, w);
            double sum = 0;
            for (size_t i = r.top; i < r.bottom; i++)
                for (size_t j = r.left; j < r.right; j++) sum += (double)x[i * a->W + j];
            *y++ = (real)(sum / r.divisor);
        }
}

static void spread_plane(void *self, size_t plane)
{
    const struct average *a = self;
    const real *dy = a->dy + plane * a->oH * a->oW;
    real *dx = a->dx + plane * a->H * a->W;
    weir_vec_zero(a->H * a->W, dx);
    for (size_t h = 0; h < a->oH; h++)
        for (size_t w = 0; w < a->oW; w++) {
            weir_region r = a->region(a->self, h, w);
            real part = (real)((double)*dy++ / r.divisor);
            for (size_t i = r.top; i < r.bottom; i++)
                for (size_t j = r.left; j < r.right; j++) dx[i * a->W + j] += part;
        }
}

void weir_average(const void *self, weir_region_of *region, const weir_tensor *x, weir_tensor *y)
{
    struct average a = {.self = self, .region = region, .H = x->shape.dim[2], .W = x->shape.dim[3],
                        .oH = y->shape.dim[2], .oW = y->shape.dim[3], .x = x->f, .y = y->f};
    weir_for_planes(&x->shape, average_plane, &a);
}

void weir_average_backward(const void *self, weir_region_of *region, const weir_tensor *dy,
                           weir_tensor *dx)
{
    struct average a = {.self = self, .region = region, .H = dx->shape.dim[2],
                        .W = dx->shape.dim[3], .oH = dy->shape.dim[2], .oW = dy->shape.dim[3],
                        .dy = dy->f, .dx = dx->f};
    weir_for_planes(&dx->shape, spread_plane, &a);
}
