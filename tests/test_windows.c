/* Windows and convolution: their geometry counted window by window, their numbers against sums
 * written out loop by loop, their bits on any number of threads, and what does not fit. */
#include "tests/one_layer.h"

#include "nn/layers/window.h"

#define SHAPE(...) {WEIR_FLOAT, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), {__VA_ARGS__}}

/* --- geometry -------------------------------------------------------------------------------- */

/* One axis against windows that are laid out one by one. A window belongs to the output where it
 * lies inside the padded input; with ceil_mode also where it juts out by less than a stride, unless
 * it begins behind the input. */
static void check_axis(weir_axis a, size_t in, bool ceil_mode)
{
    size_t reach = a.dilation * (a.kernel - 1) + 1, has = a.before + in + a.after, count = 0;
    size_t free = ceil_mode ? a.stride - 1 : 0;
    while (count * a.stride + reach <= has + free &&
           (!ceil_mode || count * a.stride < a.before + in))
        count++;
    weir_window window = {.h = a, .w = a};
    weir_error err = {0};
    if (weir_window_fit(&window, in, in, ceil_mode, &err)) {
        assert_int_equal(count, 0);
        assert_non_null(strstr(err.text, "kernel_size"));
        return;
    }
    assert_int_equal(window.h.out, count);
    assert_int_equal(window.w.out, count);
    for (size_t o = 0; o < count; o++)
        for (size_t k = 0; k < a.kernel; k++) {
            size_t at = o * a.stride + k * a.dilation;
            bool sees = at >= a.before && at < a.before + in;
            weir_span taps = weir_axis_taps(&window.h, o), places = weir_axis_places(&window.h, k);
            assert_int_equal(k >= taps.first && k < taps.last, sees);
            assert_int_equal(o >= places.first && o < places.last, sees);
            if (sees) assert_int_equal(weir_axis_place(&window.h, o, k), at - a.before);
        }
}

static void windows_are_counted(void **state)
{
    (void)state;
    for (size_t n = 0; n < 9 * 4 * 4 * 3 * 4 * 4; n++) {
        size_t in = 1 + n % 9, after = n / (9 * 4 * 4 * 3 * 4);
        weir_axis a = {.kernel = 1 + n / 9 % 4, .stride = 1 + n / 36 % 4,
                       .dilation = 1 + n / 144 % 3, .before = n / 432 % 4, .after = after};
        check_axis(a, in, false);
        if (after <= a.kernel / 2) check_axis(a, in, true); /* as pooling has it */
    }
}

/* --- convolution ----------------------------------------------------------------------------- */

struct conv_case {
    const char *kind, *options;
    weir_shape x;
    size_t O, G;                   /* output channels, groups */
    size_t kernel[2], stride[2], before[2], dilation[2];
    size_t out[2];
};

/* Sums written out, and the sums of their terms' sizes, by which rounding is bounded. */
struct sums {
    double *y, *dx, *dW, *db, *y_size, *dx_size, *dW_size, *db_size;
};

static double *zeros(one_layer *n, size_t count)
{
    double *x = weir_arena_calloc(&n->arena, count, sizeof *x);
    assert_non_null(x);
    return x;
}

/* The place of the input that output place o sees through tap k; false for padding. */
static bool sees(const struct conv_case *c, size_t axis, size_t in, size_t o, size_t k, size_t *at)
{
    *at = o * c->stride[axis] + k * c->dilation[axis] - c->before[axis];
    return *at < in; /* in front of the input it has wrapped around */
}

static void add_term(double *sum, double *size, double a, double b)
{
    *sum += a * b;
    *size += fabs(a * b);
}

/* One tap of one window. */
static void add_tap(const one_layer *n, struct sums *s, size_t y, size_t x, size_t w)
{
    double W = (double)n->model->values[w], dy = (double)n->dy.f[y], in = (double)n->x.f[x];
    add_term(&s->y[y], &s->y_size[y], W, in);
    add_term(&s->dx[x], &s->dx_size[x], W, dy);
    add_term(&s->dW[w], &s->dW_size[w], dy, in);
}

/* Image b, output channel o: all places, all channels of its group, all taps. */
static void sum_channel(const one_layer *n, const struct conv_case *c, struct sums *s, size_t b,
                        size_t o)
{
    const weir_shape *x = &n->x.shape;
    size_t C = x->dim[1], H = x->rank == 4 ? x->dim[2] : 1, W = x->dim[x->rank - 1];
    size_t I = C / c->G, first = o / (c->O / c->G) * I, k[2], h, w;
    for (size_t p = 0; p < c->out[0] * c->out[1]; p++)
        for (size_t i = 0; i < I; i++)
            for (k[0] = 0; k[0] < c->kernel[0]; k[0]++)
                for (k[1] = 0; k[1] < c->kernel[1]; k[1]++)
                    if (sees(c, 0, H, p / c->out[1], k[0], &h) &&
                        sees(c, 1, W, p % c->out[1], k[1], &w))
                        add_tap(n, s, (b * c->O + o) * c->out[0] * c->out[1] + p,
                                ((b * C + first + i) * H + h) * W + w,
                                ((o * I + i) * c->kernel[0] + k[0]) * c->kernel[1] + k[1]);
}

static void sum_all(one_layer *n, const struct conv_case *c, struct sums *s)
{
    size_t y = weir_count(&n->dy), x = weir_count(&n->x), w = n->model->params[0].count;
    bool bias = n->model->params_count > 1;
    *s = (struct sums){zeros(n, y), zeros(n, x), zeros(n, w), zeros(n, c->O),
                       zeros(n, y), zeros(n, x), zeros(n, w), zeros(n, c->O)};
    for (size_t b = 0; b < n->x.shape.dim[0]; b++)
        for (size_t o = 0; o < c->O; o++) {
            sum_channel(n, c, s, b, o);
            for (size_t p = 0; p < c->out[0] * c->out[1]; p++) {
                size_t at = (b * c->O + o) * c->out[0] * c->out[1] + p;
                if (bias) add_term(&s->y[at], &s->y_size[at], (double)n->model->values[w + o], 1);
                add_term(&s->db[o], &s->db_size[o], (double)n->dy.f[at], 1);
            }
        }
}

/* n terms added in any order err by at most n roundings of the sum of their sizes. */
static void assert_sums(const char *label, const char *what, size_t count, const real *got,
                        const double *sum, const double *size, size_t terms)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - sum[i]) <= (double)(terms + 2) * (double)REAL_EPS * size[i]))
            fail_msg("%s: %s %zu is %.9g, not %.9g", label, what, i, (double)got[i], sum[i]);
}

static void check_conv(const struct conv_case *c)
{
    one_layer n;
    struct sums s;
    one_layer_must_open(&n, c->kind, c->options, c->x);
    const weir_shape *out = &n.node->shape;
    assert_int_equal(out->dim[1], c->O);
    if (out->rank == 4) assert_int_equal(out->dim[2], c->out[0]);
    assert_int_equal(out->dim[out->rank - 1], c->out[1]);
    sum_all(&n, c, &s);
    size_t taps = c->kernel[0] * c->kernel[1], seen = c->x.dim[1] / c->G * taps;
    size_t windows = c->x.dim[0] * c->out[0] * c->out[1], w = n.model->params[0].count;
    assert_int_equal(n.model->params[0].fan_in, seen);
    assert_int_equal(n.model->params[0].fan_out, c->O * taps);
    assert_int_equal(w, c->O * seen);
    assert_sums(n.label, "y", weir_count(&n.dy), one_layer_forward(&n), s.y, s.y_size, seen + 1);
    assert_sums(n.label, "dx", weir_count(&n.x), one_layer_backward(&n), s.dx, s.dx_size,
                c->O * taps);
    assert_sums(n.label, "dW", w, n.model->grads, s.dW, s.dW_size, windows);
    if (n.model->params_count > 1)
        assert_sums(n.label, "db", c->O, n.model->grads + w, s.db, s.db_size, windows);
    one_layer_close(&n);
}

static void convolutions_are_the_sums(void **state)
{
    (void)state;
    static const struct conv_case cases[] = {
        {"conv2d", "{out_channels: 3, kernel_size: 3}", SHAPE(2, 4, 5, 6), 3, 1,
         {3, 3}, {1, 1}, {0, 0}, {1, 1}, {3, 4}},
        {"conv2d", "{out_channels: 3, kernel_size: 1, bias: false}", SHAPE(2, 4, 5, 6), 3, 1,
         {1, 1}, {1, 1}, {0, 0}, {1, 1}, {5, 6}},
        {"conv2d", "{in_channels: 4, out_channels: 6, kernel_size: [3, 2], stride: [2, 3], "
         "padding: [2, 1], groups: 2}", SHAPE(3, 4, 6, 8), 6, 2,
         {3, 2}, {2, 3}, {2, 1}, {1, 1}, {4, 3}},
        {"conv2d", "{out_channels: 8, kernel_size: 3, padding: 1, groups: 4}", SHAPE(2, 4, 7, 3), 8,
         4, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {7, 3}},
        {"conv2d", "{out_channels: 2, kernel_size: [2, 3], dilation: [3, 2], stride: [1, 2], "
         "padding: valid}", SHAPE(2, 3, 6, 9), 2, 1, {2, 3}, {1, 2}, {0, 0}, {3, 2}, {3, 3}},
        {"conv2d", "{out_channels: 2, kernel_size: [4, 2], dilation: [1, 3], padding: same}",
         SHAPE(2, 3, 6, 5), 2, 1, {4, 2}, {1, 1}, {1, 1}, {1, 3}, {6, 5}},
        {"conv2d", "{out_channels: 2, kernel_size: 2, padding: 3}", SHAPE(1, 2, 1, 2), 2, 1,
         {2, 2}, {1, 1}, {3, 3}, {1, 1}, {6, 7}}, /* windows that see nothing but padding */
        {"conv2d", "{out_channels: 2, kernel_size: 5, padding: 2}", SHAPE(2, 64, 6, 33), 2, 1,
         {5, 5}, {1, 1}, {2, 2}, {1, 1}, {6, 33}}, /* wider than a strip of columns */
        {"conv2d", "{out_channels: 3, kernel_size: 3, stride: 2}", SHAPE(40, 2, 5, 5), 3, 1,
         {3, 3}, {2, 2}, {0, 0}, {1, 1}, {2, 2}}, /* more images than pieces */
        {"conv1d", "{out_channels: 3, kernel_size: 3}", SHAPE(2, 4, 8), 3, 1,
         {1, 3}, {1, 1}, {0, 0}, {1, 1}, {1, 6}},
        {"conv1d", "{out_channels: 6, kernel_size: 4, stride: 3, padding: 2, dilation: 2, "
         "groups: 2}", SHAPE(3, 4, 11), 6, 2, {1, 4}, {1, 3}, {0, 2}, {1, 2}, {1, 3}},
        {"conv1d", "{out_channels: 2, kernel_size: 4, padding: same, bias: false}",
         SHAPE(2, 3, 7), 2, 1, {1, 4}, {1, 1}, {0, 1}, {1, 1}, {1, 7}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_conv(&cases[i]);
}

/* --- threads --------------------------------------------------------------------------------- */

/* Strips, pieces and parts are cut by size, also where weights are so many that fewer parts of
 * their gradient are summed up side by side. */
static void convolution_bits_are_the_same_on_all_threads(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        weir_shape x;
    } cases[] = {
        {"{out_channels: 24, kernel_size: 5, padding: 2}", SHAPE(6, 48, 9, 40)},
        {"{out_channels: 256, kernel_size: 5}", SHAPE(17, 64, 6, 6)},
        {"{out_channels: 64, kernel_size: 3, groups: 32}", SHAPE(3, 64, 9, 9)},
        {"{out_channels: 32, kernel_size: 3, padding: 1}", SHAPE(1, 32, 64, 64)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        one_layer n;
        one_layer_must_open(&n, "conv2d", cases[i].options, cases[i].x);
        real *y = NULL, *dx = NULL, *grads = NULL;
        for (int threads = 1; threads <= 4; threads *= 2) {
            weir_set_threads(threads);
            const real *y_now = one_layer_forward(&n), *dx_now = one_layer_backward(&n);
            if (!y) y = one_layer_copy(&n, weir_count(&n.dy), y_now);
            if (!dx) dx = one_layer_copy(&n, weir_count(&n.x), dx_now);
            if (!grads) grads = one_layer_copy(&n, n.model->weights, n.model->grads);
            assert_same_bits(n.label, "y on more threads", weir_count(&n.dy), y, y_now);
            assert_same_bits(n.label, "dx on more threads", weir_count(&n.x), dx, dx_now);
            assert_same_bits(n.label, "dW on more threads", n.model->weights, grads,
                             n.model->grads);
        }
        weir_set_threads(0);
        one_layer_close(&n);
    }
}

/* --- what does not fit ----------------------------------------------------------------------- */

static void misfits_are_refused(void **state)
{
    (void)state;
    static const weir_shape rows = SHAPE(4, 5), sequence = SHAPE(3, 4, 6),
                            images = SHAPE(2, 4, 5, 6);
    static const struct {
        const char *kind, *options;
        const weir_shape *x;
        const char *says;
    } bad[] = {
        {"conv2d", "{out_channels: 2, kernel_size: 3}", &rows, "2 dimensions"},
        {"conv2d", "{out_channels: 2, kernel_size: 3}", &sequence, "[B,C,H,W]"},
        {"conv1d", "{out_channels: 2, kernel_size: 3}", &images, "[B,C,L]"},
        {"conv2d", "{in_channels: 3, out_channels: 2, kernel_size: 3}", &images,
         "in_channels is 3, but its input has 4"},
        {"conv2d", "{out_channels: 2, kernel_size: [3, 7]}", &images, "7 places"},
        {"conv2d", "{out_channels: 2, kernel_size: 3, dilation: 3}", &images, "7 places"},
        {"conv1d", "{out_channels: 2, kernel_size: 9, padding: 1}", &sequence, "9 places"},
        {"conv2d", "{out_channels: 3, kernel_size: 3, groups: 2}", &images, "groups is 2"},
        {"conv2d", "{out_channels: 3, kernel_size: 3, groups: 3}", &images, "in_channels, 4"},
        {"conv2d", "{out_channels: 3, kernel_size: 3, stride: [1, 2], padding: same}", &images,
         "stride 1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        one_layer n;
        weir_error err = {0};
        assert_false(one_layer_open(&n, weir_layer_find(bad[i].kind), bad[i].options, bad[i].x,
                                    &err));
        if (!strstr(err.text, bad[i].says)) fail_msg("\"%s\" lacks \"%s\"", err.text, bad[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_counted),
        cmocka_unit_test(convolutions_are_the_sums),
        cmocka_unit_test(convolution_bits_are_the_same_on_all_threads),
        cmocka_unit_test(misfits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
