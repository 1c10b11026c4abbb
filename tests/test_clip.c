/* Clipping: exact norms, exact factors, and what must not be touched. */
#include "tests/test.h"

#include "train/clip.h"

enum { N = 4 };
static const double gradient[N] = {3, -4, 12, 0}; /* norms: 19, 13, 12 */

static void set(real *g, double factor)
{
    for (size_t i = 0; i < N; i++) g[i] = (real)(factor * gradient[i]);
}

static void norms_are_exact(void **state)
{
    (void)state;
    static const struct {
        double type, norm;
    } known[] = {{1, 19}, {2, 13}, {(double)INFINITY, 12}};
    for (size_t k = 0; k < 3; k++) {
        for (double max_norm = 0.5; max_norm < 100; max_norm *= 4) {
            real g[N];
            double factor, expected = fmin(1, max_norm / (known[k].norm + 1e-6));
            set(g, 1);
            assert_near(weir_clip_grad_norm(N, g, max_norm, known[k].type, &factor),
                        known[k].norm, 0);
            assert_near(factor, expected, 1e-16);
            for (size_t i = 0; i < N; i++)
                assert_near(g[i], gradient[i] * expected, 12 * (double)REAL_EPS);
        }
    }
}

/* (3^4 + 4^4 + 12^4)^(1/4) */
static void any_p_norm(void **state)
{
    (void)state;
    real g[N];
    set(g, 1);
    assert_near(weir_clip_grad_norm(N, g, 1e9, 4, NULL), pow(81 + 256 + 20736, 0.25), 1e-13);
}

static void below_the_limit_no_bit_changes(void **state)
{
    (void)state;
    real g[N], before[N];
    double factor;
    set(g, 0.1);
    memcpy(before, g, sizeof g);
    weir_clip_grad_norm(N, g, 1.31, 2, &factor);
    assert_near(factor, 1, 0);
    assert_memory_equal(g, before, sizeof g);
    assert_int_equal(weir_clip_grad_value(N, g, 1.21), 0);
    assert_memory_equal(g, before, sizeof g);
}

static void nothing_and_zeros(void **state)
{
    (void)state;
    real g[N] = {0};
    double factor;
    assert_near(weir_clip_grad_norm(0, g, 1, 2, &factor), 0, 0);
    assert_near(weir_clip_grad_norm(N, g, 1, 2, &factor), 0, 0);
    assert_near(factor, 1, 0);
    assert_near(weir_clip_grad_norm(N, g, 1, 3, &factor), 0, 0);
    assert_near(weir_clip_grad_norm(N, g, 0, 2, &factor), 0, 0);
    assert_near(g[0], 0, 0);
}

static void what_is_not_finite_is_told_not_touched(void **state)
{
    (void)state;
    static const double types[] = {1, 2, 3, (double)INFINITY};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        real g[N], before[N];
        double factor;
        set(g, 1);
        g[1] = (real)NAN;
        memcpy(before, g, sizeof g);
        assert_true(isnan(weir_clip_grad_norm(N, g, 1, types[k], &factor)));
        assert_memory_equal(g, before, sizeof g);
        assert_near(factor, 1, 0);
        g[1] = before[1] = -(real)INFINITY;
        double norm = weir_clip_grad_norm(N, g, 1, types[k], &factor);
        assert_true(isinf(norm) && norm > 0);
        assert_memory_equal(g, before, sizeof g);
    }
}

/* The norm of finite gradients is finite, even where the squares are not. */
static void the_largest_numbers_have_a_norm(void **state)
{
    (void)state;
    const double big = (double)REAL_MAX / 16;
    real g[N];
    double factor;
    for (size_t i = 0; i < N; i++) g[i] = (real)big;
    assert_near(weir_clip_grad_norm(N, g, 1, 2, &factor) / big, 2, 1e-15);
    for (size_t i = 0; i < N; i++) assert_near(g[i], 0.5, 4 * (double)REAL_EPS);
}

static void values_are_cut(void **state)
{
    (void)state;
    real g[N];
    set(g, 1);
    g[3] = (real)NAN;
    assert_int_equal(weir_clip_grad_value(N, g, 3.5), 2);
    assert_near(g[0], 3, 0);
    assert_near(g[1], -3.5, 0);
    assert_near(g[2], 3.5, 0);
    assert_true(isnan(g[3]));
    g[0] = -(real)INFINITY;
    assert_int_equal(weir_clip_grad_value(N, g, 3.5), 1);
    assert_near(g[0], -3.5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_are_exact),
        cmocka_unit_test(any_p_norm),
        cmocka_unit_test(below_the_limit_no_bit_changes),
        cmocka_unit_test(nothing_and_zeros),
        cmocka_unit_test(what_is_not_finite_is_told_not_touched),
        cmocka_unit_test(the_largest_numbers_have_a_norm),
        cmocka_unit_test(values_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
