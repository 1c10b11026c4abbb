#include "nn/layers/conv.h"

#include "base/intl.h"
#include "base/status.h"
#include "base/threads.h"
#include "nn/layers/channels.h"
#include "tensor/gemm.h"
#include "tensor/vec.h"

/* --- options, shape, parameters -------------------------------------------------------------- */

enum { VALID, SAME };

weir_status weir_conv_infer(weir_conv *o, const weir_shape *x, weir_error *err)
{
    if (!o->in_channels && x->rank > 1) o->in_channels = x->dim[1];
    bool valid = o->padding.w == WEIR_WORD(VALID);
    o->same |= o->padding.w == WEIR_WORD(SAME);
    if (valid || o->same) o->padding = (weir_pair){0, 0};
    if (o->same && (o->stride.h != 1 || o->stride.w != 1))
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("padding: same is for stride 1; give padding as a number"));
    return WEIR_OK;
}

/* All windows over the whole input, and an odd place of padding behind it. */
static void pad_to_same(weir_axis *a)
{
    size_t all = a->dilation * (a->kernel - 1);
    a->before = all / 2;
    a->after = all - a->before;
}

static weir_status window_of(const weir_conv *o, const weir_shape *x, weir_window *window,
                             weir_error *err)
{
    *window = weir_window_of(o->kernel_size, o->stride, o->padding, o->dilation);
    if (o->same) {
        pad_to_same(&window->h);
        pad_to_same(&window->w);
    }
    return weir_window_fit(window, x->rank == 4 ? x->dim[2] : 1, x->dim[x->rank - 1], false, err);
}

weir_status weir_conv_shape(const weir_conv *o, const weir_shape *x, weir_shape *out,
                            weir_error *err)
{
    weir_window window;
    WEIR_TRY(weir_channels_check(WEIR_CHANNELS_FIRST, o->in_channels, x, "in_channels", err));
    if (o->in_channels % o->groups || o->out_channels % o->groups)
        return weir_fail(err, WEIR_USAGE,
                         _("groups is %zu; it must divide in_channels, %zu, and out_channels, %zu"),
                         o->groups, o->in_channels, o->out_channels);
    WEIR_TRY(window_of(o, x, &window, err));
    *out = *x;
    out->dim[1] = o->out_channels;
    if (x->rank == 4) out->dim[2] = window.h.out;
    out->dim[x->rank - 1] = window.w.out;
    return WEIR_OK;
}

weir_status weir_conv_build(weir_node *node, const weir_shape *const in[])
{
    const weir_conv *o = node->options;
    size_t O = o->out_channels, I = o->in_channels / o->groups;
    size_t kH = o->kernel_size.h, kW = o->kernel_size.w, taps = kH * kW;
    weir_shape shape = in[0]->rank == 4 ? weir_shape_of(4, O, I, kH, kW)
                                        : weir_shape_of(3, O, I, kW);
    WEIR_TRY(weir_declare(node, "weight", WEIR_WEIGHT, shape, I * taps, O * taps, 1));
    if (!o->bias) return WEIR_OK;
    return weir_declare(node, "bias", WEIR_BIAS, weir_shape_of(1, O), I * taps, O * taps, 1);
}

/* --- columns --------------------------------------------------------------------------------- */

/* The work is cut into units, one for each image and group, and units into strips of whole rows of
 * the output, as many as have columns of about STRIP numbers. At most PIECES ranges of units run
 * side by side, each with columns of its own. */
enum { STRIP = 1 << 16, PIECES = 16 };

/* For as many pieces, the gradients of weights that are added up at the end. */
enum { PARTS = 1 << 22 };

struct work {
    weir_window window;
    size_t B, G, I, O;  /* images, groups; channels of a group */
    size_t K;           /* numbers a window sees: I kH kW */
    size_t strip;       /* rows */
    size_t pieces;
    const real *x, *dy; /* [B, G I, H, W], [B, G O, oH, oW] */
    real *y, *dx;       /* the same */
    const real *W, *b;  /* [G O, K], [G O] or NULL */
    real *dW;           /* [G O, K] for each piece */
    real *columns;      /* [K, strip oW] for each piece */
};

static weir_status look_at(struct work *k, const weir_node *node, const weir_shape *x)
{
    const weir_conv *o = node->options;
    WEIR_TRY(window_of(o, x, &k->window, NULL));
    const weir_axis *h = &k->window.h, *w = &k->window.w;
    k->B = x->dim[0];
    k->G = o->groups;
    k->I = o->in_channels / k->G;
    k->O = o->out_channels / k->G;
    k->K = k->I * h->kernel * w->kernel;
    k->strip = STRIP / (k->K * w->out);
    if (k->strip < 1) k->strip = 1;
    if (k->strip > h->out) k->strip = h->out;
    k->pieces = k->B * k->G < PIECES ? k->B * k->G : PIECES;
    k->W = weir_param(node, 0)->value;
    k->b = o->bias ? weir_param(node, 1)->value : NULL;
    return WEIR_OK;
}

static size_t in_places(const struct work *k)
{
    return k->window.h.in * k->window.w.in;
}

static size_t out_places(const struct work *k)
{
    return k->window.h.out * k->window.w.out;
}

/* One piece's columns. */
static size_t columns_size(const struct work *k)
{
    return k->K * k->strip * k->window.w.out;
}

static real *columns_of(const struct work *k, size_t piece)
{
    return k->columns + piece * columns_size(k);
}

/* Rows [top, bottom) of the output, looking through one tap at one channel. */
struct view {
    size_t top, bottom, tap_h, tap_w;
    weir_span rows, places; /* where the tap sees the input */
};

static void gather_view(const weir_window *window, const struct view *v, const real *x /* [H,W] */,
                        real *column /* [rows, oW] */)
{
    const weir_axis *h = &window->h, *w = &window->w;
    for (size_t r = v->top; r < v->bottom; r++, column += w->out) {
        bool sees = r >= v->rows.first && r < v->rows.last && v->places.first < v->places.last;
        size_t first = sees ? v->places.first : 0, last = sees ? v->places.last : 0;
        weir_vec_zero(first, column);
        weir_vec_zero(w->out - last, column + last);
        if (!sees) continue;
        const real *from = x + weir_axis_place(h, r, v->tap_h) * w->in +
                           weir_axis_place(w, first, v->tap_w);
        if (w->stride == 1)
            weir_vec_copy(last - first, from, column + first);
        else
            for (size_t p = first; p < last; p++, from += w->stride) column[p] = *from;
    }
}

static void scatter_view(const weir_window *window, const struct view *v,
                         const real *column /* [rows, oW] */, real *x /* [H,W] */)
{
    const weir_axis *h = &window->h, *w = &window->w;
    if (v->places.first >= v->places.last) return;
    for (size_t r = v->top; r < v->bottom; r++, column += w->out) {
        if (r < v->rows.first || r >= v->rows.last) continue;
        real *to = x + weir_axis_place(h, r, v->tap_h) * w->in +
                   weir_axis_place(w, v->places.first, v->tap_w);
        for (size_t p = v->places.first; p < v->places.last; p++, to += w->stride)
            *to += column[p];
    }
}

/* columns [K, (bottom - top) oW] of x [I,H,W]; with dx instead the other way, dx += columns. */
static void convert(const struct work *k, size_t top, size_t bottom, const real *x, real *columns,
                    real *dx)
{
    const weir_window *window = &k->window;
    size_t n = (bottom - top) * window->w.out;
    struct view v = {.top = top, .bottom = bottom};
    for (size_t i = 0; i < k->I; i++)
        for (v.tap_h = 0; v.tap_h < window->h.kernel; v.tap_h++)
            for (v.tap_w = 0; v.tap_w < window->w.kernel; v.tap_w++, columns += n) {
                v.rows = weir_axis_places(&window->h, v.tap_h);
                v.places = weir_axis_places(&window->w, v.tap_w);
                if (dx)
                    scatter_view(window, &v, columns, dx + i * in_places(k));
                else
                    gather_view(window, &v, x + i * in_places(k), columns);
            }
}

/* Where image u / G has its group u % G, of C channels of P places. */
static size_t unit_at(size_t u, size_t C, size_t P)
{
    return u * C * P;
}

/* Calls step(k, piece, u, top, bottom) for every strip of the piece's units. */
static void for_strips(const struct work *k, size_t piece,
                       void (*step)(const struct work *k, size_t piece, size_t u, size_t top,
                                    size_t bottom))
{
    size_t units = k->B * k->G, oH = k->window.h.out;
    for (size_t u = piece * units / k->pieces; u < (piece + 1) * units / k->pieces; u++)
        for (size_t top = 0; top < oH; top += k->strip)
            step(k, piece, u, top, oH - top < k->strip ? oH : top + k->strip);
}

/* --- forward --------------------------------------------------------------------------------- */

static void forward_strip(const struct work *k, size_t piece, size_t u, size_t top, size_t bottom)
{
    size_t P = out_places(k), oW = k->window.w.out, n = (bottom - top) * oW, g = u % k->G;
    real *columns = columns_of(k, piece); /* [K, n] */
    real *y = k->y + unit_at(u, k->O, P) + top * oW;
    convert(k, top, bottom, k->x + unit_at(u, k->I, in_places(k)), columns, NULL);
    for (size_t o = 0; k->b && o < k->O; o++)
        for (size_t p = 0; p < n; p++) y[o * P + p] = k->b[g * k->O + o];
    weir_gemm(WEIR_N, WEIR_N, k->O, n, k->K, R(1.0), k->W + g * k->O * k->K, k->K, columns, n,
              k->b ? R(1.0) : R(0.0), y, P);
}

static void forward_piece(void *self, size_t piece)
{
    for_strips(self, piece, forward_strip);
}

weir_status weir_conv_forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                              weir_tensor *out)
{
    struct work k = {.x = in[0]->f, .y = out->f};
    WEIR_TRY(look_at(&k, node, &in[0]->shape));
    k.columns = weir_tape_reals(pass, k.pieces * columns_size(&k));
    if (!k.columns) return WEIR_MEMORY;
    weir_parallel(k.pieces, forward_piece, &k);
    return WEIR_OK;
}

/* --- backward -------------------------------------------------------------------------------- */

static void input_strip(const struct work *k, size_t piece, size_t u, size_t top, size_t bottom)
{
    size_t P = out_places(k), oW = k->window.w.out, n = (bottom - top) * oW, g = u % k->G;
    real *columns = columns_of(k, piece); /* [K, n] */
    real *dx = k->dx + unit_at(u, k->I, in_places(k));
    const real *dy = k->dy + unit_at(u, k->O, P) + top * oW;
    if (top == 0) weir_vec_zero(k->I * in_places(k), dx);
    weir_gemm(WEIR_T, WEIR_N, k->K, n, k->O, R(1.0), k->W + g * k->O * k->K, k->K, dy, P, R(0.0),
              columns, n);
    convert(k, top, bottom, NULL, columns, dx);
}

static void input_piece(void *self, size_t piece)
{
    for_strips(self, piece, input_strip);
}

static void weight_strip(const struct work *k, size_t piece, size_t u, size_t top, size_t bottom)
{
    size_t P = out_places(k), oW = k->window.w.out, n = (bottom - top) * oW, g = u % k->G;
    real *columns = columns_of(k, piece); /* [K, n] */
    real *dW = k->dW + (piece * k->G + g) * k->O * k->K;
    const real *dy = k->dy + unit_at(u, k->O, P) + top * oW;
    convert(k, top, bottom, k->x + unit_at(u, k->I, in_places(k)), columns, NULL);
    weir_gemm(WEIR_N, WEIR_T, k->O, k->K, n, R(1.0), dy, P, columns, n, R(1.0), dW, k->K);
}

static void weight_piece(void *self, size_t piece)
{
    const struct work *k = self;
    size_t weights = k->G * k->O * k->K;
    weir_vec_zero(weights, k->dW + piece * weights);
    for_strips(k, piece, weight_strip);
}

/* Each piece sums up for itself; the sums of the pieces are added one after the other. */
static weir_status add_weight_gradient(struct work k, weir_pass *pass, real *grad /* [G O, K] */)
{
    size_t weights = k.G * k.O * k.K, most = PARTS / weights;
    if (k.pieces > most) k.pieces = most > 0 ? most : 1;
    k.dW = weir_work_reals(pass, k.pieces * weights);
    if (!k.dW) return WEIR_MEMORY;
    weir_parallel(k.pieces, weight_piece, &k);
    for (size_t piece = 0; piece < k.pieces; piece++)
        weir_vec_add(weights, k.dW + piece * weights, grad);
    return WEIR_OK;
}

static void add_bias_gradient(const struct work *k, real *grad /* [G O] */)
{
    size_t P = out_places(k), channels = k->G * k->O;
    for (size_t o = 0; o < channels; o++) {
        double sum = 0;
        for (size_t b = 0; b < k->B; b++) sum += weir_vec_sum(P, k->dy + (b * channels + o) * P);
        grad[o] += (real)sum;
    }
}

weir_status weir_conv_backward(const weir_node *node, weir_pass *pass,
                               const weir_tensor *const in[], const weir_tensor *out,
                               const weir_tensor *dout, weir_tensor din[])
{
    struct work k = {.x = in[0]->f, .dy = dout->f, .dx = din[0].f};
    (void)out;
    WEIR_TRY(look_at(&k, node, &in[0]->shape));
    k.columns = weir_work_reals(pass, k.pieces * columns_size(&k));
    if (!k.columns) return WEIR_MEMORY;
    if (k.dx) weir_parallel(k.pieces, input_piece, &k);
    if (!pass->param_grads) return WEIR_OK;
    WEIR_TRY(add_weight_gradient(k, pass, weir_param(node, 0)->grad));
    if (k.b) add_bias_gradient(&k, weir_param(node, 1)->grad);
    return WEIR_OK;
}
