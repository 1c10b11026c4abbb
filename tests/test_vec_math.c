/* tensor/vec.h's tanh and sigmoid: how exact they are; a number's place does not matter. */
#include "tests/test.h"

#include "tensor/vec.h"

#include <string.h>

typedef long double wide;
typedef void function(size_t n, const real *x, real *y);

static wide true_tanh(wide z)
{
    return tanhl(z);
}

static wide true_sigmoid(wide z)
{
    return z >= 0 ? 1 / (1 + expl(-z)) : expl(z) / (1 + expl(z));
}

static const struct {
    const char *name;
    function *f;
    wide (*truth)(wide z);
} known[] = {{"tanh", weir_vec_tanh, true_tanh}, {"sigmoid", weir_vec_sigmoid, true_sigmoid}};
enum { KNOWN = sizeof known / sizeof *known, BLOCK = 1000 };

/* The distance from |y| to the next number above it in the number type, subnormals included. */
static wide spacing(wide y)
{
    int e;
    frexpl(y, &e);
    return fmaxl(ldexpl((wide)REAL_EPS, e - 1), (wide)REAL_MIN * (wide)REAL_EPS);
}

/* --- how exact ------------------------------------------------------------------------------- */

/* The next BLOCK numbers of a walk from 1e-8 to 130, each a 100000th above the one before, with
 * alternating signs: false at the end. */
static bool next_block(double *at, real *x)
{
    for (size_t i = 0; i < BLOCK; i++, *at *= 1.00001) x[i] = (real)(i % 2 ? -*at : *at);
    return *at < 130;
}

/* float: the largest error measured was 1.4 spacings; double: the C library's, about two roundings
 * of its own and two of ours. */
static void is_exact_to_one_and_a_half_places(void **state)
{
    (void)state;
    const wide most = REAL_BITS == 32 ? 1.5L : 3;
    for (size_t k = 0; k < KNOWN; k++) {
        real x[BLOCK], y[BLOCK];
        for (double at = 1e-8; next_block(&at, x);) {
            known[k].f(BLOCK, x, y);
            for (size_t i = 0; i < BLOCK; i++) {
                wide expected = known[k].truth((wide)x[i]);
                if (!(fabsl((wide)y[i] - expected) <= most * spacing(expected)))
                    fail_msg("%s(%.9g) is %.17g, not %.17Lg", known[k].name, (double)x[i],
                             (double)y[i], expected);
            }
        }
    }
}

static void ends_are_exact(void **state)
{
    (void)state;
    const real inf = (real)INFINITY;
    const real x[] = {0, R(-0.0), inf, -inf, REAL_MAX, -REAL_MAX, REAL_MIN, (real)NAN};
    real t[8], s[8];
    weir_vec_tanh(8, x, t);
    weir_vec_sigmoid(8, x, s);
    const real tanhs[] = {0, 0, 1, -1, 1, -1, REAL_MIN}, half = R(0.5);
    const real sigmoids[] = {half, half, 1, 0, 1, 0, half};
    for (size_t i = 0; i < 7; i++) {
        assert_near(t[i], tanhs[i], 0);
        assert_near(s[i], sigmoids[i], 0);
    }
    assert_true(signbit(t[1]));
    assert_true(isnan(t[7]) && isnan(s[7]));
}

/* --- a number's place ------------------------------------------------------------------------ */

/* Alone, in a vector, in the rest behind the vectors, in place: always the same bits. */
static void place_does_not_matter(void **state)
{
    (void)state;
    enum { N = 200, LONGEST = 40 };
    real x[N], alone[N], y[N];
    for (size_t i = 0; i < N; i++) x[i] = (real)(0.1 * ((double)i - N / 2) * (i % 7 ? 0.2 : 3));
    for (size_t k = 0; k < KNOWN; k++) {
        for (size_t i = 0; i < N; i++) known[k].f(1, &x[i], &alone[i]);
        for (size_t n = 1; n <= LONGEST; n++)
            for (size_t from = 0; from + n <= N; from++) {
                memcpy(y, x + from, n * sizeof *y);
                known[k].f(n, y, y);
                assert_memory_equal(y, alone + from, n * sizeof *y);
            }
    }
}

/* The 2-norm of numbers whose squares are no numbers any more (float64), or are (float32). */
static void norms_stay_in_range(void **state)
{
    (void)state;
    static const double sizes[] = {1, sizeof(real) == 8 ? 1e200 : 1e30,
                                   sizeof(real) == 8 ? 1e-200 : 1e-30};
    for (size_t i = 0; i < 3; i++) {
        real x[4] = {(real)(3 * sizes[i]), (real)(-4 * sizes[i]), 0, (real)(12 * sizes[i])};
        assert_near(weir_vec_norm2(4, x) / sizes[i], 13, 13 * 4 * REAL_EPS);
    }
    real nothing[2] = {0, 0}, bad[2] = {1, (real)NAN}, endless[2] = {1, (real)INFINITY};
    assert_true(weir_vec_norm2(2, nothing) == 0 && weir_vec_norm2(0, nothing) == 0);
    assert_true(isnan(weir_vec_norm2(2, bad)) && isinf(weir_vec_norm2(2, endless)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_stay_in_range),
        cmocka_unit_test(is_exact_to_one_and_a_half_places),
        cmocka_unit_test(ends_are_exact),
        cmocka_unit_test(place_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
