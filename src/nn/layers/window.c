#include "nn/layers/window.h"

#include "base/intl.h"
#include "base/status.h"

weir_window weir_window_of(weir_pair kernel, weir_pair stride, weir_pair padding,
                           weir_pair dilation)
{
    return (weir_window){
        .h = {.kernel = kernel.h, .stride = stride.h, .dilation = dilation.h,
              .before = padding.h, .after = padding.h},
        .w = {.kernel = kernel.w, .stride = stride.w, .dilation = dilation.w,
              .before = padding.w, .after = padding.w}};
}

static weir_status fit(weir_axis *a, size_t in, bool ceil_mode, weir_error *err)
{
    size_t reach = a->dilation * (a->kernel - 1) + 1, has = a->before + in + a->after;
    size_t rounding = ceil_mode ? a->stride - 1 : 0;
    if (has + rounding < reach)
        return weir_fail(err, WEIR_USAGE,
                         _("kernel_size: a window of %zu places (dilation included) does not fit "
                           "into the %zu its input has (padding included)"), reach, has);
    a->in = in;
    a->out = (has + rounding - reach) / a->stride + 1;
    if (ceil_mode && (a->out - 1) * a->stride >= a->before + in) a->out--;
    return WEIR_OK;
}

weir_status weir_window_fit(weir_window *window, size_t H, size_t W, bool ceil_mode,
                            weir_error *err)
{
    WEIR_TRY(fit(&window->h, H, ceil_mode, err));
    return fit(&window->w, W, ceil_mode, err);
}

/* How many steps from `start` on lie below `end`. */
static size_t steps_below(size_t start, size_t end, size_t step)
{
    return start < end ? (end - start + step - 1) / step : 0;
}

weir_span weir_axis_places(const weir_axis *a, size_t k)
{
    size_t tap = k * a->dilation;
    size_t first = steps_below(tap, a->before, a->stride);
    size_t last = steps_below(tap, a->before + a->in, a->stride);
    if (last > a->out) last = a->out;
    return (weir_span){first < last ? first : last, last};
}

weir_span weir_axis_taps(const weir_axis *a, size_t o)
{
    size_t start = o * a->stride;
    size_t first = steps_below(start, a->before, a->dilation);
    size_t last = steps_below(start, a->before + a->in, a->dilation);
    if (last > a->kernel) last = a->kernel;
    return (weir_span){first < last ? first : last, last};
}
