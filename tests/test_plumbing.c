/* Layers without weights: dropout's masks, softmax's rows, shortcuts that carry nothing back; and
 * the row of an embedding that is not trained. */
#include "tests/one_layer.h"

/* --- dropout --------------------------------------------------------------------------------- */

enum { N = 100000 };

static void dropout_drops_a_share(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "dropout", "{p: 0.3}", weir_shape_of(2, (size_t)N / 5, (size_t)5));
    n.pass->train = true;
    const real *y = one_layer_forward(&n);
    real kept = (real)(1 / 0.7);
    size_t dropped = 0;
    for (size_t i = 0; i < N; i++) {
        if (y[i] != R(0.0)) assert_near(y[i], kept * n.x.f[i], 0);
        dropped += y[i] == R(0.0);
    }
    double error = sqrt(0.3 * 0.7 / (double)N); /* the standard one */
    assert_near((double)dropped / (double)N, 0.3, 5 * error);

    n.pass->step = 1;
    const real *other = one_layer_forward(&n);
    size_t both = 0; /* masks of two steps are independent: 0.3 * 0.3 */
    real *first = one_layer_copy(&n, N, other);
    n.pass->step = 2;
    other = one_layer_forward(&n);
    for (size_t i = 0; i < N; i++) both += first[i] == R(0.0) && other[i] == R(0.0);
    assert_near((double)both / (double)N, 0.09, 5 * sqrt(0.09 * 0.91 / (double)N));
    n.pass->step = 1;
    assert_same_bits(n.label, "a repeated step's mask", N, first, one_layer_forward(&n));
    one_layer_close(&n);
}

/* Neighbours are dropped independently, also where the work is cut. */
static void dropout_of_neighbours(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "dropout", "{p: 0.5}", weir_shape_of(2, (size_t)N / 5, (size_t)5));
    n.pass->train = true;
    const real *y = one_layer_forward(&n);
    for (size_t gap = 1; gap <= 1 << 14; gap *= 2) {
        size_t equal = 0;
        for (size_t i = 0; i + gap < N; i++) equal += (y[i] == R(0.0)) == (y[i + gap] == R(0.0));
        assert_near((double)equal / (double)(N - gap), 0.5, 5 * 0.5 / sqrt((double)(N - gap)));
    }
    one_layer_close(&n);
}

static void dropout_at_its_ends(void **state)
{
    (void)state;
    static const char *const options[] = {"{p: 0}", "{p: 1}", "{p: 0.5}"};
    for (size_t i = 0; i < 3; i++) {
        one_layer n;
        one_layer_must_open(&n, "dropout", options[i], weir_shape_of(2, (size_t)40, (size_t)5));
        n.pass->train = i < 2; /* the last one evaluates */
        const real *y = one_layer_forward(&n), *dx = one_layer_backward(&n);
        for (size_t j = 0; j < 200; j++) {
            assert_near(y[j], i == 1 ? R(0.0) : n.x.f[j], 0);
            assert_near(dx[j], i == 1 ? R(0.0) : n.dy.f[j], 0);
        }
        one_layer_close(&n);
    }
}

/* --- softmax and its logarithm --------------------------------------------------------------- */

static void softmax_rows(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "softmax", "{}", weir_shape_of(2, (size_t)4, (size_t)5));
    for (size_t j = 0; j < 5; j++) n.x.f[j] = R(1e4) * (real)j; /* large ones overflow nothing */
    const real *y = one_layer_forward(&n);
    for (size_t j = 0; j < 5; j++) assert_near(y[j], j == 4, 0);
    for (size_t r = 1; r < 4; r++) {
        long double sum = 0;
        for (size_t j = 0; j < 5; j++) sum += expl((long double)n.x.f[r * 5 + j]);
        for (size_t j = 0; j < 5; j++) {
            double expected = (double)(expl((long double)n.x.f[r * 5 + j]) / sum);
            /* z - most is rounded, up to 5.5, and e^ carries that on; then three roundings more */
            assert_near(y[r * 5 + j], expected, 9 * (double)REAL_EPS * expected);
        }
    }
    one_layer_close(&n);
    weir_shape rows = weir_shape_of(2, (size_t)4, (size_t)5);
    weir_error err = {0};
    assert_false(one_layer_open(&n, weir_layer_find("softmax"), "{dim: 0}", &rows, &err));
    assert_non_null(strstr(err.text, "dim is 0"));
}

/* Far-off shares, which softmax can only call 0, have their logarithms. */
static void log_softmax_rows(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "log_softmax", "{}", weir_shape_of(2, (size_t)4, (size_t)5));
    for (size_t j = 0; j < 5; j++) n.x.f[j] = R(1e4) * (real)j;
    const real *y = one_layer_forward(&n), *dx = one_layer_backward(&n);
    for (size_t j = 0; j < 5; j++) assert_near(y[j], 1e4 * ((double)j - 4), 0);
    for (size_t r = 1; r < 4; r++) {
        long double sum = 0, dy = 0;
        for (size_t j = 0; j < 5; j++) {
            sum += expl((long double)n.x.f[r * 5 + j]);
            dy += (long double)n.dy.f[r * 5 + j];
        }
        for (size_t j = 0; j < 5; j++) {
            double z = (double)n.x.f[r * 5 + j], expected = z - (double)logl(sum);
            double d = (double)n.dy.f[r * 5 + j] - exp(expected) * (double)dy;
            /* |z - most| and |expected| are below 8, |dy| below 12: relative errors of the sum, and
             * then of y, are absolute ones of the logarithm, and relative ones of e^y */
            assert_near(y[r * 5 + j], expected, 16 * (double)REAL_EPS);
            assert_near(dx[r * 5 + j], d, 16 * 12 * (double)REAL_EPS);
        }
    }
    one_layer_close(&n);
}

/* One number alone is 1 whatever it is, and carries nothing back. */
static void softmax_of_one_number(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "softmax", "{}", weir_shape_of(2, (size_t)6, (size_t)1));
    const real *y = one_layer_forward(&n), *dx = one_layer_backward(&n);
    for (size_t r = 0; r < 6; r++) {
        assert_near(y[r], 1, 0);
        assert_near(dx[r], 0, 0);
    }
    one_layer_close(&n);
}

/* --- shapes ---------------------------------------------------------------------------------- */

static void flatten_merges_what_it_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        size_t rank, dim[4];
    } to[] = {{"{}", 2, {2, 60}},
              {"{start_dim: 0}", 1, {120}},
              {"{start_dim: 2}", 3, {2, 3, 20}},
              {"{start_dim: 1, end_dim: 2}", 3, {2, 12, 5}},
              {"{start_dim: 0, end_dim: -2}", 2, {24, 5}},
              {"{start_dim: 3}", 4, {2, 3, 4, 5}}};
    weir_shape x = weir_shape_of(4, (size_t)2, (size_t)3, (size_t)4, (size_t)5);
    one_layer n;
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        one_layer_must_open(&n, "flatten", to[i].options, x);
        assert_int_equal(n.node->shape.rank, to[i].rank);
        for (size_t d = 0; d < to[i].rank; d++)
            assert_int_equal(n.node->shape.dim[d], to[i].dim[d]);
        assert_same_bits(n.label, "y", 120, n.x.f, one_layer_forward(&n));
        one_layer_close(&n);
    }
    static const char *const bad[] = {"{start_dim: 4}", "{end_dim: 4}",
                                      "{start_dim: 2, end_dim: 1}"};
    for (size_t i = 0; i < 3; i++) {
        weir_error err = {0};
        assert_false(one_layer_open(&n, weir_layer_find("flatten"), bad[i], &x, &err));
        assert_int_equal(err.status, WEIR_USAGE);
    }
}

/* --- gradients that stop --------------------------------------------------------------------- */

/* y = linear(x) + x. Detached, x gets what comes through the linear layer alone. */
static void detached_shortcut_carries_nothing_back(void **state)
{
    (void)state;
    weir_shape shape = weir_shape_of(2, (size_t)4, (size_t)5);
    one_layer plain, detached;
    one_layer_must_open(&plain, "add", "{}", shape);
    one_layer_must_open(&detached, "add", "{detach: true}", shape);
    assert_same_bits("add", "detached y", 20, one_layer_forward(&plain),
                     one_layer_forward(&detached));
    const real *dx = one_layer_backward(&plain), *dx_detached = one_layer_backward(&detached);
    for (size_t i = 0; i < 20; i++) /* one rounding of the sum */
        assert_near(dx[i] - dx_detached[i], plain.dy.f[i],
                    (double)REAL_EPS * (fabs((double)dx[i]) + fabs((double)plain.dy.f[i])));
    assert_same_bits("add", "detached dW", plain.model->weights, plain.model->grads,
                     detached.model->grads);
    one_layer_close(&plain);
    one_layer_close(&detached);
}

static void padding_row_is_not_trained(void **state)
{
    (void)state;
    weir_shape ids = weir_shape_of(2, (size_t)2, (size_t)3);
    ids.dtype = WEIR_INT32;
    one_layer n;
    one_layer_must_open(&n, "embedding", "{embedding_dim: 4, padding_idx: 1}", ids);
    for (int32_t i = 0; i < 6; i++) n.x.i[i] = i % 3; /* 0, 1, 2, twice */
    one_layer_forward(&n);
    one_layer_backward(&n);
    for (size_t j = 0; j < 4; j++) {
        const real *dW = n.model->grads, *dy = n.dy.f;
        assert_near(dW[0 * 4 + j], dy[0 * 4 + j] + dy[3 * 4 + j], 0);
        assert_near(dW[1 * 4 + j], 0, 0);
        assert_near(dW[2 * 4 + j], dy[2 * 4 + j] + dy[5 * 4 + j], 0);
        assert_near(dW[3 * 4 + j], 0, 0); /* this id does not occur */
    }
    weir_error err = {0};
    assert_ok(weir_model_init(n.model, NULL, 3, &err), err);
    for (size_t j = 0; j < 4; j++) assert_near(n.model->values[4 + j], 0, 0);
    one_layer_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropout_drops_a_share),
        cmocka_unit_test(dropout_of_neighbours),
        cmocka_unit_test(dropout_at_its_ends),
        cmocka_unit_test(softmax_rows),
        cmocka_unit_test(log_softmax_rows),
        cmocka_unit_test(softmax_of_one_number),
        cmocka_unit_test(flatten_merges_what_it_is_told),
        cmocka_unit_test(detached_shortcut_carries_nothing_back),
        cmocka_unit_test(padding_row_is_not_trained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
