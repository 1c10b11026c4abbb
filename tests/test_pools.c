/* Pooling against windows and regions written out place by place; which number is the largest;
 * bits on any number of threads; and what does not fit. */
#include "tests/one_layer.h"

/* What one place of the output looks at, along one axis: every step-th place from `first`, `count`
 * of them; `padded` is how many of its places are input or padding. */
struct look {
    size_t first, step, count, padded;
};

struct pool_case {
    const char *kind, *options;
    struct look (*look)(size_t in, size_t o, size_t axis);
    size_t out[2]; /* of a plane of 7 x 5 */
    enum { LARGEST, MEAN_PADDED, MEAN_SEEN, SUM_BY_3 } what;
};

static struct look window(size_t in, size_t o, size_t kernel, size_t stride, size_t padding,
                          size_t dilation)
{
    struct look l = {.step = dilation};
    for (size_t k = 0; k < kernel; k++) {
        size_t at = o * stride + k * dilation;
        bool inside = at >= padding && at < padding + in;
        if (inside && !l.count) l.first = at - padding;
        l.count += inside;
        l.padded += at < in + 2 * padding;
    }
    return l;
}

static struct look two(size_t in, size_t o, size_t axis)
{
    (void)axis;
    return window(in, o, 2, 2, 0, 1);
}

static struct look three_by_two(size_t in, size_t o, size_t axis)
{
    return axis == 0 ? window(in, o, 3, 2, 1, 1) : window(in, o, 2, 1, 1, 1);
}

static struct look dilated(size_t in, size_t o, size_t axis)
{
    return axis == 0 ? window(in, o, 2, 1, 0, 3) : window(in, o, 2, 3, 1, 2);
}

static struct look three_ceil(size_t in, size_t o, size_t axis)
{
    (void)axis;
    return window(in, o, 3, 3, 1, 1);
}

/* The regions of 3 x 4. */
static struct look region(size_t in, size_t o, size_t axis)
{
    double O = axis == 0 ? 3 : 4;
    size_t first = (size_t)floor((double)o * (double)in / O);
    size_t last = (size_t)ceil((double)(o + 1) * (double)in / O);
    return (struct look){first, 1, last - first, last - first};
}

enum { H = 7, W = 5, PLANES = 6 };

/* One place of the output and its share of dx [H,W]. */
static double pool_place(const struct pool_case *c, const real *x, struct look h, struct look w,
                         double dy, double *dx)
{
    size_t largest = h.first * W + w.first;
    double sum = 0, n = c->what == MEAN_PADDED ? (double)(h.padded * w.padded)
                        : c->what == MEAN_SEEN ? (double)(h.count * w.count) : 3;
    for (size_t i = 0; i < h.count; i++)
        for (size_t j = 0; j < w.count; j++) {
            size_t at = (h.first + i * h.step) * W + w.first + j * w.step;
            sum += (double)x[at];
            if (x[at] > x[largest]) largest = at;
            if (c->what != LARGEST) dx[at] += dy / n;
        }
    if (c->what == LARGEST) dx[largest] += dy;
    return c->what == LARGEST ? (double)x[largest] : sum / n;
}

static void check_pool(const struct pool_case *c)
{
    one_layer n;
    one_layer_must_open(&n, c->kind, c->options, weir_shape_of(4, (size_t)2, (size_t)PLANES / 2,
                                                               (size_t)H, (size_t)W));
    assert_int_equal(n.node->shape.dim[2], c->out[0]);
    assert_int_equal(n.node->shape.dim[3], c->out[1]);
    double *expected = weir_arena_calloc(&n.arena, PLANES * H * W, sizeof *expected);
    assert_non_null(expected);
    const real *y = one_layer_forward(&n), *dx = one_layer_backward(&n);
    for (size_t p = 0, at = 0; p < PLANES; p++)
        for (size_t h = 0; h < c->out[0]; h++)
            for (size_t w = 0; w < c->out[1]; w++, at++)
                assert_near(y[at], pool_place(c, n.x.f + p * H * W, c->look(H, h, 0),
                                              c->look(W, w, 1), (double)n.dy.f[at],
                                              expected + p * H * W),
                            c->what == LARGEST ? 0 : 4 * (double)REAL_EPS);
    for (size_t i = 0; i < PLANES * H * W; i++) /* up to 9 windows see a place; |dy| is below 5 */
        assert_near(dx[i], expected[i], 9 * 9 * 5 * (double)REAL_EPS);
    one_layer_close(&n);
}

static void pools_are_what_they_say(void **state)
{
    (void)state;
    static const struct pool_case cases[] = {
        {"max_pool2d", "{kernel_size: 2}", two, {3, 2}, LARGEST},
        {"max_pool2d", "{kernel_size: 2, ceil_mode: true}", two, {4, 3}, LARGEST},
        {"max_pool2d", "{kernel_size: [3, 2], stride: [2, 1], padding: 1}", three_by_two, {4, 6},
         LARGEST},
        {"max_pool2d", "{kernel_size: 2, stride: [1, 3], padding: [0, 1], dilation: [3, 2]}",
         dilated, {4, 2}, LARGEST},
        {"max_pool2d", "{kernel_size: 3, padding: 1, ceil_mode: true}", three_ceil, {3, 2},
         LARGEST},
        {"avg_pool2d", "{kernel_size: 2}", two, {3, 2}, MEAN_SEEN},
        {"avg_pool2d", "{kernel_size: 2, ceil_mode: true}", two, {4, 3}, MEAN_PADDED},
        {"avg_pool2d", "{kernel_size: [3, 2], stride: [2, 1], padding: 1}", three_by_two, {4, 6},
         MEAN_PADDED},
        {"avg_pool2d", "{kernel_size: [3, 2], stride: [2, 1], padding: 1, count_include_pad: "
         "false}", three_by_two, {4, 6}, MEAN_SEEN},
        {"avg_pool2d", "{kernel_size: 3, padding: 1, ceil_mode: true}", three_ceil, {3, 2},
         MEAN_PADDED},
        {"avg_pool2d", "{kernel_size: [3, 2], stride: [2, 1], padding: 1, divisor_override: 3}",
         three_by_two, {4, 6}, SUM_BY_3},
        {"adaptive_avg_pool2d", "{output_size: [3, 4]}", region, {3, 4}, MEAN_SEEN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_pool(&cases[i]);
}

/* --- which number is the largest ------------------------------------------------------------- */

/* The gradient goes to the first of several that are equal, and to a NaN before all numbers. */
static void largest_of_equals(void **state)
{
    (void)state;
    static const struct {
        real x[6]; /* 2 x 3: one window */
        size_t largest;
    } cases[] = {
        {{R(1.0), R(2.0), R(0.0), R(2.0), R(2.0), R(1.0)}, 1},
        {{R(-1.0), R(-1.0), R(-1.0), R(-1.0), R(-1.0), R(-1.0)}, 0},
        {{R(0.0), R(-0.0), R(-3.0), R(0.0), R(-2.0), R(0.0)}, 0},
        {{R(1.0), (real)NAN, R(9.0), (real)INFINITY, R(2.0), R(1.0)}, 1},
        {{-(real)INFINITY, -(real)INFINITY, -(real)INFINITY, R(-9.0), -(real)INFINITY, R(-9.0)},
         3},
    };
    one_layer n;
    one_layer_must_open(&n, "max_pool2d", "{kernel_size: [2, 3]}",
                        weir_shape_of(4, (size_t)1, (size_t)1, (size_t)2, (size_t)3));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        weir_vec_copy(6, cases[i].x, n.x.f);
        const real *y = one_layer_forward(&n), *dx = one_layer_backward(&n);
        assert_memory_equal(y, &cases[i].x[cases[i].largest], sizeof *y);
        for (size_t k = 0; k < 6; k++)
            assert_near(dx[k], k == cases[i].largest ? n.dy.f[0] : R(0.0), 0);
    }
    one_layer_close(&n);
}

/* Padding is not a number: where all are below 0, the largest is. */
static void padding_is_never_the_largest(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "max_pool2d", "{kernel_size: 3, stride: 1, padding: 1}",
                        weir_shape_of(4, (size_t)1, (size_t)1, (size_t)2, (size_t)2));
    for (size_t k = 0; k < 4; k++) n.x.f[k] = -R(1.0) - (real)k;
    const real *y = one_layer_forward(&n);
    for (size_t k = 0; k < 4; k++) assert_near(y[k], -1, 0);
    one_layer_close(&n);
}

/* --- threads, and what does not fit ---------------------------------------------------------- */

static void pool_bits_are_the_same_on_all_threads(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"max_pool2d", "{kernel_size: 3, stride: 2, padding: 1}"},
        {"avg_pool2d", "{kernel_size: 3, stride: 2, padding: 1}"},
        {"adaptive_avg_pool2d", "{output_size: 7}"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        one_layer n;
        one_layer_must_open(&n, cases[i][0], cases[i][1],
                            weir_shape_of(4, (size_t)5, (size_t)9, (size_t)40, (size_t)41));
        real *y = NULL, *dx = NULL;
        for (int threads = 1; threads <= 4; threads *= 2) {
            weir_set_threads(threads);
            const real *y_now = one_layer_forward(&n), *dx_now = one_layer_backward(&n);
            if (!y) y = one_layer_copy(&n, weir_count(&n.dy), y_now);
            if (!dx) dx = one_layer_copy(&n, weir_count(&n.x), dx_now);
            assert_same_bits(n.label, "y on more threads", weir_count(&n.dy), y, y_now);
            assert_same_bits(n.label, "dx on more threads", weir_count(&n.x), dx, dx_now);
        }
        weir_set_threads(0);
        one_layer_close(&n);
    }
}

static void misfits_are_refused(void **state)
{
    (void)state;
    const weir_shape rows = weir_shape_of(2, (size_t)4, (size_t)5);
    const weir_shape images = weir_shape_of(4, (size_t)2, (size_t)3, (size_t)3, (size_t)6);
    const struct {
        const char *kind, *options;
        const weir_shape *x;
        const char *says;
    } bad[] = {
        {"max_pool2d", "{kernel_size: 2}", &rows, "[B,C,H,W]"},
        {"avg_pool2d", "{kernel_size: 2}", &rows, "[B,C,H,W]"},
        {"adaptive_avg_pool2d", "{output_size: 2}", &rows, "[B,C,H,W]"},
        {"max_pool2d", "{kernel_size: 4}", &images, "4 places"},
        {"avg_pool2d", "{kernel_size: [2, 9], padding: 1}", &images, "9 places"},
        {"max_pool2d", "{kernel_size: [2, 3], padding: [0, 2]}", &images, "at most half"},
        {"avg_pool2d", "{kernel_size: 1, padding: 1}", &images, "at most half"},
        {"max_pool2d", "{kernel_size: 2, padding: 1, dilation: 4}", &images, "sees none"},
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
        cmocka_unit_test(pools_are_what_they_say),
        cmocka_unit_test(largest_of_equals),
        cmocka_unit_test(padding_is_never_the_largest),
        cmocka_unit_test(pool_bits_are_the_same_on_all_threads),
        cmocka_unit_test(misfits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
