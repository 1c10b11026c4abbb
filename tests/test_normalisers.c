/* Batch norm and layer norm: statistics, running statistics, padded steps, layouts, the control. */
#include "tests/one_layer.h"

/* Sums of a few dozen doubles, then one rounding to the number type and one of a scale. */
static double roundings(double size)
{
    return (4 * (double)REAL_EPS + 1e-14) * size;
}

/* Mean and variance (over n) of x[first], x[first + step], .. */
static void moments(size_t n, const real *first, size_t step, double *mean, double *variance)
{
    long double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += (long double)first[i * step];
    *mean = (double)(sum / n);
    for (size_t i = 0; i < n; i++) {
        long double d = (long double)first[i * step] - sum / n;
        squares += d * d;
    }
    *variance = (double)(squares / n);
}

static real *buffer(one_layer *n, const char *local)
{
    char name[64];
    snprintf(name, sizeof name, "0.%s", local);
    for (size_t i = 0; i < n->model->buffers_count; i++)
        if (!strcmp(n->model->buffers[i].name, name)) return n->model->buffers[i].value;
    fail_msg("there is no buffer %s", name);
    return NULL;
}

/* --- batch norm ------------------------------------------------------------------------------ */

enum { B = 6, F = 5 };

/* y [B,F] is x with these statistics, scaled and shifted. */
static void check_rows(one_layer *n, const double mean[F], const double variance[F], double eps)
{
    const real *y = one_layer_forward(n), *w = n->model->values, *b = w + F;
    for (size_t i = 0; i < (size_t)B * F; i++) {
        size_t c = i % F;
        double h = ((double)n->x.f[i] - mean[c]) / sqrt(variance[c] + eps);
        double expected = h * (double)w[c] + (double)b[c];
        assert_near(y[i], expected, roundings(fabs(h * (double)w[c]) + fabs((double)b[c])));
    }
}

static void batchnorm_uses_and_tracks_the_batch(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "batchnorm1d", "{eps: 1e-3, momentum: 0.3}",
                        weir_shape_of(2, (size_t)B, (size_t)F));
    real *mean = buffer(&n, "running_mean"), *variance = buffer(&n, "running_var");
    double batch_mean[F], batch_variance[F], tracked_mean[F], tracked_variance[F];
    for (size_t c = 0; c < F; c++) {
        assert_near(mean[c], 0, 0);
        assert_near(variance[c], 1, 0);
        moments(B, n.x.f + c, F, &batch_mean[c], &batch_variance[c]);
    }
    n.pass->train = true;
    check_rows(&n, batch_mean, batch_variance, 1e-3);
    for (size_t c = 0; c < F; c++) { /* 0 and 1 moved by 0.3 towards the batch's, over n - 1 */
        assert_near(mean[c], 0.3 * batch_mean[c], roundings(1));
        assert_near(variance[c], 0.7 + 0.3 * batch_variance[c] * (double)B / (double)(B - 1),
                    roundings(2));
        tracked_mean[c] = (double)mean[c];
        tracked_variance[c] = (double)variance[c];
    }
    assert_near(buffer(&n, "num_batches_tracked")[0], 1, 0);
    n.pass->train = false;
    check_rows(&n, tracked_mean, tracked_variance, 1e-3);
    for (size_t c = 0; c < F; c++) assert_near(mean[c], tracked_mean[c], 0);
    assert_near(buffer(&n, "num_batches_tracked")[0], 1, 0);
    one_layer_close(&n);
}

static void batchnorm_declares_pytorchs_buffers(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "batchnorm1d", "{}", weir_shape_of(2, (size_t)B, (size_t)F));
    assert_int_equal(n.model->buffers_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(n.model->buffers[i].whole,
                         &n.model->buffers[i].value[0] == buffer(&n, "num_batches_tracked"));
    one_layer_close(&n);
    one_layer_must_open(&n, "batchnorm1d", "{track_running_stats: false}",
                        weir_shape_of(2, (size_t)B, (size_t)F));
    assert_int_equal(n.model->buffers_count, 0);
    double mean[F], variance[F];
    for (size_t c = 0; c < F; c++) moments(B, n.x.f + c, F, &mean[c], &variance[c]);
    check_rows(&n, mean, variance, 1e-5); /* not training, and still the batch's */
    one_layer_close(&n);
}

/* A far-off mean costs no digits: x - mean is taken in double. */
static void batchnorm_of_large_numbers(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "batchnorm1d", "{}", weir_shape_of(2, (size_t)B, (size_t)F));
    double mean[F], variance[F];
    for (size_t i = 0; i < (size_t)B * F; i++) n.x.f[i] = R(1e4) + n.x.f[i] / R(64.0);
    for (size_t c = 0; c < F; c++) moments(B, n.x.f + c, F, &mean[c], &variance[c]);
    n.pass->train = true;
    const real *y = one_layer_forward(&n), *w = n.model->values, *b = w + F;
    for (size_t i = 0; i < (size_t)B * F; i++) {
        double h = ((double)n.x.f[i] - mean[i % F]) / sqrt(variance[i % F] + 1e-5);
        double size = fabs(h * (double)w[i % F]) + fabs((double)b[i % F]);
        /* the mean, 1e4, has an error of 1e4 eps in double; the deviations are 1/64 */
        assert_near(y[i], h * (double)w[i % F] + (double)b[i % F], roundings(size) + 1e-9);
    }
    one_layer_close(&n);
}

/* Rows [T*B,F], a sequence [T,B,F] and PyTorch's [B,C,L] are the same numbers in another order. */
static void batchnorm_layouts_agree(void **state)
{
    (void)state;
    enum { L = 4, N = 3 };
    one_layer rows, sequence, first;
    one_layer_must_open(&rows, "batchnorm1d", "{}", weir_shape_of(2, (size_t)N * L, (size_t)F));
    one_layer_must_open(&sequence, "batchnorm1d", "{}",
                        weir_shape_of(3, (size_t)N, (size_t)L, (size_t)F));
    one_layer_must_open(&first, "batchnorm1d", "{num_features: 5}",
                        weir_shape_of(3, (size_t)N, (size_t)F, (size_t)L));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < L; j++)
            for (size_t c = 0; c < F; c++) {
                first.x.f[(i * F + c) * L + j] = rows.x.f[(i * L + j) * F + c];
                first.dy.f[(i * F + c) * L + j] = rows.dy.f[(i * L + j) * F + c];
            }
    rows.pass->train = sequence.pass->train = first.pass->train = true;
    const real *y = one_layer_forward(&rows), *y_first = one_layer_forward(&first);
    assert_same_bits("batchnorm1d", "y of a sequence", N * L * F, y, one_layer_forward(&sequence));
    const real *dx = one_layer_backward(&rows), *dx_first = one_layer_backward(&first);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < L; j++)
            for (size_t c = 0; c < F; c++) {
                size_t at = (i * L + j) * F + c, at_first = (i * F + c) * L + j;
                assert_near(y[at], y_first[at_first], roundings(4));
                assert_near(dx[at], dx_first[at_first], roundings(4));
            }
    for (size_t i = 0; i < rows.model->weights; i++)
        assert_near(rows.model->grads[i], first.model->grads[i], roundings(20));
    one_layer_close(&rows);
    one_layer_close(&sequence);
    one_layer_close(&first);
}

/* Steps beyond a sequence's length: what stands there changes nothing elsewhere, and the others
 * come out as if they had been alone. */
static void batchnorm_leaves_padding_out(void **state)
{
    (void)state;
    enum { T = 4 };
    static const int32_t lengths[] = {4, 2};
    one_layer padded, alone;
    one_layer_must_open(&padded, "batchnorm1d", "{}",
                        weir_shape_of(3, (size_t)T, (size_t)2, (size_t)F));
    one_layer_must_open(&alone, "batchnorm1d", "{}", weir_shape_of(2, (size_t)6, (size_t)F));
    padded.pass->lengths = lengths;
    padded.pass->train = alone.pass->train = true;
    size_t place[6], rows = 0;
    for (size_t r = 0; r < (size_t)T * 2; r++) {
        bool counts = r / 2 < (size_t)lengths[r % 2];
        for (size_t c = 0; c < F; c++) {
            if (counts) alone.x.f[rows * F + c] = padded.x.f[r * F + c];
            if (counts) alone.dy.f[rows * F + c] = padded.dy.f[r * F + c];
            if (!counts) padded.x.f[r * F + c] = R(1e3);
            if (!counts) padded.dy.f[r * F + c] = R(0.0);
        }
        if (counts) place[rows++] = r;
    }
    const real *y = one_layer_forward(&padded), *y_alone = one_layer_forward(&alone);
    const real *dx = one_layer_backward(&padded), *dx_alone = one_layer_backward(&alone);
    for (size_t i = 0; i < 6; i++) {
        assert_same_bits("padded", "y", F, y + place[i] * F, y_alone + i * F);
        assert_same_bits("padded", "dx", F, dx + place[i] * F, dx_alone + i * F);
    }
    assert_same_bits("padded", "dW", 2 * F, padded.model->grads, alone.model->grads);
    assert_same_bits("padded", "running_var", F, buffer(&padded, "running_var"),
                     buffer(&alone, "running_var"));
    one_layer_close(&padded);
    one_layer_close(&alone);
}

/* One row has no variance: its output is the shift, and the running variance stays. */
static void batchnorm_of_one_row(void **state)
{
    (void)state;
    one_layer n;
    one_layer_must_open(&n, "batchnorm1d", "{}", weir_shape_of(2, (size_t)1, (size_t)F));
    n.pass->train = true;
    assert_same_bits(n.label, "y", F, one_layer_forward(&n), n.model->values + F);
    for (size_t c = 0; c < F; c++) assert_near(buffer(&n, "running_var")[c], 1, 0);
    one_layer_close(&n);
}

/* The same forward; backward as if the statistics were numbers that somebody wrote down, which is
 * what evaluation with just these as running statistics does. */
static void check_detached_batchnorm(const char *kind, weir_shape shape)
{
    one_layer plain, detached;
    size_t count = weir_shape_count(&shape);
    one_layer_must_open(&plain, kind, "{momentum: 1}", shape);
    one_layer_must_open(&detached, kind, "{detach: true, momentum: 1}", shape);
    plain.pass->train = detached.pass->train = true;
    assert_same_bits(kind, "detached y", count, one_layer_forward(&plain),
                     one_layer_forward(&detached));
    real *dx = one_layer_copy(&plain, count, one_layer_backward(&plain));
    const real *dx_detached = one_layer_backward(&detached);
    assert_memory_not_equal(dx, dx_detached, count * sizeof *dx);
    assert_same_bits(kind, "detached dW", plain.model->weights, plain.model->grads,
                     detached.model->grads);

    double n = (double)count / (double)F; /* running_var is over n - 1; the batch's was over n */
    weir_vec_scale(F, (real)((n - 1) / n), buffer(&plain, "running_var"));
    plain.pass->train = false;
    one_layer_forward(&plain);
    const real *dx_frozen = one_layer_backward(&plain);
    for (size_t i = 0; i < count; i++)
        assert_near(dx_detached[i], dx_frozen[i], roundings(2 * fabs((double)dx_frozen[i])));
    one_layer_close(&plain);
    one_layer_close(&detached);
}

static void detached_batchnorm_is_frozen_backward(void **state)
{
    (void)state;
    check_detached_batchnorm("batchnorm1d", weir_shape_of(2, (size_t)B, (size_t)F));
    check_detached_batchnorm("batchnorm2d",
                             weir_shape_of(4, (size_t)2, (size_t)F, (size_t)3, (size_t)2));
}

/* While training, frozen is evaluation: the running statistics, and they stay. */
static void frozen_batchnorm_does_not_look_at_the_batch(void **state)
{
    (void)state;
    one_layer n;
    double mean[F], variance[F];
    one_layer_must_open(&n, "batchnorm1d", "{frozen: true}",
                        weir_shape_of(2, (size_t)B, (size_t)F));
    n.pass->train = true;
    for (size_t c = 0; c < F; c++) {
        buffer(&n, "running_mean")[c] = (real)(mean[c] = 0.25 * (double)c);
        buffer(&n, "running_var")[c] = (real)(variance[c] = 0.5 + (double)c);
    }
    check_rows(&n, mean, variance, 1e-5);
    for (size_t c = 0; c < F; c++) {
        assert_near(buffer(&n, "running_mean")[c], mean[c], 0);
        assert_near(buffer(&n, "running_var")[c], variance[c], 0);
    }
    assert_near(buffer(&n, "num_batches_tracked")[0], 0, 0);
    one_layer_close(&n);
}

/* --- layer norm ------------------------------------------------------------------------------ */

/* Rows of N numbers against the equations; with detach dx = w dy / std. */
static void check_layernorm(const char *options, weir_shape shape, size_t N, double eps)
{
    one_layer n;
    one_layer_must_open(&n, "layernorm", options, shape);
    const real *y = one_layer_forward(&n), *dx = one_layer_backward(&n);
    const real *w = n.model->params_count > 0 ? n.model->params[0].value : NULL;
    const real *b = n.model->params_count > 1 ? n.model->params[1].value : NULL;
    for (size_t i = 0; i < weir_count(&n.x); i++) {
        double mean, variance, scale = w ? (double)w[i % N] : 1, shift = b ? (double)b[i % N] : 0;
        moments(N, n.x.f + i / N * N, 1, &mean, &variance);
        double h = ((double)n.x.f[i] - mean) / sqrt(variance + eps);
        assert_near(y[i], h * scale + shift, roundings(fabs(h * scale) + fabs(shift)));
        double frozen = scale * (double)n.dy.f[i] / sqrt(variance + eps);
        if (strstr(options, "detach"))
            assert_near(dx[i], frozen, roundings(fabs(frozen)));
    }
    one_layer_close(&n);
}

static void layernorm_rows(void **state)
{
    (void)state;
    weir_shape shape = weir_shape_of(3, (size_t)3, (size_t)4, (size_t)5);
    check_layernorm("{}", shape, 5, 1e-5);
    check_layernorm("{bias: false, eps: 0.1}", shape, 5, 0.1);
    check_layernorm("{elementwise_affine: false}", shape, 5, 1e-5);
    check_layernorm("{normalized_shape: [4, 5]}", shape, 20, 1e-5);
    check_layernorm("{normalized_shape: [3, 4, 5]}", shape, 60, 1e-5);
    check_layernorm("{detach: true}", shape, 5, 1e-5);
    check_layernorm("{detach: true, normalized_shape: [4, 5]}", shape, 20, 1e-5);
}

/* --- what does not fit ----------------------------------------------------------------------- */

static void misfits_are_refused(void **state)
{
    (void)state;
    weir_shape rows = weir_shape_of(2, (size_t)B, (size_t)F);
    weir_shape square = weir_shape_of(3, (size_t)3, (size_t)5, (size_t)5);
    weir_shape images = weir_shape_of(4, (size_t)2, (size_t)5, (size_t)3, (size_t)3);
    const struct {
        const char *kind, *options;
        const weir_shape *x;
        const char *says;
    } bad[] = {
        {"batchnorm1d", "{num_features: 4}", &rows, "num_features is 4"},
        {"batchnorm1d", "{num_features: 5}", &square, "channels: first"},
        {"batchnorm1d", "{}", &images, "4 dimensions"},
        {"batchnorm2d", "{}", &rows, "2 dimensions"},
        {"batchnorm2d", "{num_features: 4}", &images, "num_features is 4"},
        {"layernorm", "{normalized_shape: [4]}", &rows, "says 4"},
        {"layernorm", "{normalized_shape: [2, 6, 5]}", &rows, "3 sizes"},
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
        cmocka_unit_test(batchnorm_uses_and_tracks_the_batch),
        cmocka_unit_test(batchnorm_declares_pytorchs_buffers),
        cmocka_unit_test(batchnorm_of_large_numbers),
        cmocka_unit_test(batchnorm_layouts_agree),
        cmocka_unit_test(batchnorm_leaves_padding_out),
        cmocka_unit_test(batchnorm_of_one_row),
        cmocka_unit_test(detached_batchnorm_is_frozen_backward),
        cmocka_unit_test(frozen_batchnorm_does_not_look_at_the_batch),
        cmocka_unit_test(layernorm_rows),
        cmocka_unit_test(misfits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
