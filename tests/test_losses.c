/* Losses: gradients against differences, known values, far logits, what does not count, and the best
 * constant. Loops over the registry where it can. */
#include "tests/test.h"

#include "base/rng.h"
#include "config/config.h"
#include "nn/loss.h"

/* --- a loss and what it compares ---------------------------------------------------------------- */

typedef struct bench {
    weir_arena arena;
    weir_config *config;
    const weir_loss_kind *kind;
    weir_loss_common *options; /* every loss's options begin with these */
    weir_tensor y, target;
    weir_loss_input in;
    real *dy, *parts;
} bench;

static void bench_open(bench *b, const char *kind, const char *options, weir_shape y)
{
    weir_error err = {0};
    *b = (bench){.kind = weir_loss_find(kind)};
    assert_non_null(b->kind);
    b->options = weir_arena_calloc(&b->arena, 1, b->kind->options_size);
    assert_non_null(b->options);
    assert_ok(weir_config_parse(options, kind, &b->config, &err), err);
    assert_ok(weir_config_options(b->config, b->config->root, b->kind->options, NULL, b->options,
                                  &b->arena, &err), err);
    weir_shape target = y;
    if (b->kind->classes) {
        target.dtype = WEIR_INT32;
        target.rank--;
    }
    assert_ok(b->kind->check(b->options, &y, &target, &err), err);
    b->y = weir_tensor_alloc(&b->arena, &y);
    b->target = weir_tensor_alloc(&b->arena, &target);
    b->dy = weir_tensor_alloc(&b->arena, &y).f;
    b->parts = weir_tensor_alloc(&b->arena, &y).f;
    b->in = (weir_loss_input){.y = &b->y, .target = &b->target};
}

static void bench_close(bench *b)
{
    weir_config_free(b->config);
    weir_arena_free(&b->arena);
}

/* Targets: all classes in turn, or numbers from 0 to 1 that differ from each other. */
static void bench_fill(bench *b)
{
    weir_rng rng = weir_rng_make(5, WEIR_FOR_DATA, 0, 0);
    size_t C = weir_shape_features(&b->y.shape);
    for (size_t i = 0; i < weir_count(&b->y); i++)
        b->y.f[i] = (real)(2 * weir_rng_uniform(&rng) + 1.125); /* above all targets: |y - t| > 0 */
    for (size_t i = 0; i < weir_count(&b->target); i++)
        if (b->kind->classes)
            b->target.i[i] = (int32_t)(i % C);
        else
            b->target.f[i] = (real)weir_rng_uniform(&rng);
}

static double value(bench *b)
{
    weir_loss_result result;
    b->kind->apply(b->options, &b->in, &result, NULL, NULL);
    return result.value;
}

/* --- gradients ---------------------------------------------------------------------------------- */

static const char *const options_to_try[] = {
    "{}",
    "{scale: -3}",
    "{reduction: sum}",
    "{reduction: none, scale: 0.5}",
    "cross_entropy {label_smoothing: 0.1}",
    "cross_entropy {weight: [0.5, 2, 1]}",
    "cross_entropy {label_smoothing: 0.2, weight: [0.5, 2, 1], ignore_index: 1}",
    "bce_with_logits {pos_weight: 2.5}",
    "bce_with_logits {pos_weight: [0.5, 2, 1], reduction: sum}",
    NULL};

/* Those without a name are for every loss. */
static const char *options_for(const weir_loss_kind *kind, const char *line)
{
    size_t n = strlen(kind->name);
    if (*line == '{') return line;
    return strncmp(line, kind->name, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

/* y moves by h, a power of two. The third derivatives here are those of ln(1 + e^y) times at most 2.5, so
 * below 1, and the difference errs by h^2 / 6. Of the value one row changes: its exponentials are good
 * to some eps, the sums to those of a double; both over h. */
#if REAL_BITS == 64
static const double h = 0x1p-17;
#else
static const double h = 0x1p-7;
#endif

static void check_gradient(bench *b)
{
    weir_loss_result result;
    b->kind->apply(b->options, &b->in, &result, b->dy, NULL);
    double share = b->options->reduction == WEIR_MEAN ? 1 / result.weight : 1;
    double allowed = fabs(b->options->scale) * share * (h * h / 6 + 10 * (double)REAL_EPS / h) +
                     4 * DBL_EPSILON * fabs(result.value) / h;
    for (size_t i = 0; i < weir_count(&b->y); i++) {
        real kept = b->y.f[i];
        b->y.f[i] = kept + (real)h;
        double above = value(b);
        b->y.f[i] = kept - (real)h;
        double slope = (above - value(b)) / (2 * h);
        b->y.f[i] = kept;
        assert_near(b->dy[i], slope, allowed + (double)REAL_EPS * fabs(slope));
    }
}

static void for_every_loss(void (*check)(bench *b))
{
    for (const weir_loss_kind *const *kind = weir_loss_kinds; *kind; kind++)
        for (const char *const *line = options_to_try; *line; line++) {
            bench b;
            const char *options = options_for(*kind, *line);
            if (!options) continue;
            bench_open(&b, (*kind)->name, options, weir_shape_of(2, (size_t)7, (size_t)3));
            bench_fill(&b);
            check(&b);
            bench_close(&b);
            static const int32_t lengths[] = {3, 2};
            bench_open(&b, (*kind)->name, options, weir_shape_of(3, (size_t)4, (size_t)2, (size_t)3));
            bench_fill(&b);
            b.in.lengths = lengths;
            check(&b);
            bench_close(&b);
        }
}

static void gradients_agree_with_differences(void **state)
{
    (void)state;
    for_every_loss(check_gradient);
}

/* --- reductions --------------------------------------------------------------------------------- */

/* Sum, mean and parts tell of one and the same thing. */
static void check_reductions(bench *b)
{
    weir_loss_result sum, mean, none;
    double total = 0, scale = b->options->scale;
    size_t parts = b->kind->classes ? weir_count(&b->target) : weir_count(&b->y);
    b->options->reduction = WEIR_SUM;
    b->kind->apply(b->options, &b->in, &sum, NULL, NULL);
    b->options->reduction = WEIR_MEAN;
    b->kind->apply(b->options, &b->in, &mean, NULL, NULL);
    b->options->reduction = WEIR_NONE;
    b->kind->apply(b->options, &b->in, &none, NULL, b->parts);
    for (size_t i = 0; i < parts; i++) total += (double)b->parts[i];
    assert_near(none.value, sum.value, 0);
    assert_near(mean.value, sum.value / sum.weight, 4e-16 * fabs(sum.value));
    /* each part is rounded once; the two sums in double, once per part */
    assert_near(total, sum.value,
                ((double)REAL_EPS + (double)parts * DBL_EPSILON) * fabs(sum.value));
    b->options->scale = 1;
    assert_near(scale * value(b), sum.value, 1e-15 * fabs(sum.value));
    assert_int_equal(none.counted, mean.counted);
    if (!b->kind->guesses) assert_int_equal(none.correct, 0);
}

static void reductions_agree(void **state)
{
    (void)state;
    for_every_loss(check_reductions);
}

/* --- known values ------------------------------------------------------------------------------- */

static void known_values(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *options;
        double y[2], target[2], value;
    } known[] = {
        {"mse", "{}", {1, 5}, {3, 4}, 2.5},
        {"mse", "{reduction: sum, scale: 2}", {1, 5}, {3, 4}, 10},
        {"mae", "{}", {1, 5}, {3, 4}, 1.5},
        {"bce_with_logits", "{}", {0, 0}, {0, 1}, 0.69314718055994530942},
        {"bce_with_logits", "{pos_weight: 3}", {0, 0}, {0, 1}, 2 * 0.69314718055994530942},
        {"bce_with_logits", "{pos_weight: [1, 5], reduction: sum}", {0, 0}, {1, 1},
         6 * 0.69314718055994530942},
        {"bce_with_logits", "{}", {0, 0}, {0.25, 0.5}, 0.69314718055994530942},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        bench b;
        bench_open(&b, known[k].kind, known[k].options, weir_shape_of(2, (size_t)1, (size_t)2));
        for (size_t i = 0; i < 2; i++) {
            b.y.f[i] = (real)known[k].y[i];
            b.target.f[i] = (real)known[k].target[i];
        }
        assert_near(value(&b), known[k].value, 1e-15);
        bench_close(&b);
    }
}

/* Equal logits: ln C whatever the target; weights and smoothing change who pays, not how much. */
static void cross_entropy_of_equal_logits(void **state)
{
    (void)state;
    static const char *const options[] = {"{}", "{label_smoothing: 0.3}", "{weight: [1, 4, 2, 3]}"};
    for (size_t k = 0; k < 3; k++) {
        bench b;
        bench_open(&b, "cross_entropy", options[k], weir_shape_of(2, (size_t)3, (size_t)4));
        for (size_t i = 0; i < 12; i++) b.y.f[i] = R(-7.5);
        for (size_t r = 0; r < 3; r++) b.target.i[r] = (int32_t)r;
        assert_near(value(&b), 2 * 0.69314718055994530942, 1e-15);
        bench_close(&b);
    }
}

/* --- far logits --------------------------------------------------------------------------------- */

/* A right guess of 2 classes at distance d costs ln(1 + e^-d), a wrong one d more; the gradient is
 * e^-d / (1 + e^-d), to all digits on both sides. */
static void far_logits_keep_their_digits(void **state)
{
    (void)state;
    static const double distance[] = {1, 30, 40, 80, 700, 1e4, 1e30};
    for (size_t k = 0; k < sizeof distance / sizeof *distance; k++) {
        double d = distance[k], e = exp(-d), small = log1p(e), slope = e / (1 + e);
        double allowed = 4 * (double)REAL_EPS * (1 + fmin(d, 100)); /* e^-d, from a d that is rounded */
        double least = (double)REAL_MIN * (double)REAL_EPS;
        bench b;
        weir_loss_result result;
        bench_open(&b, "cross_entropy", "{}", weir_shape_of(2, (size_t)1, (size_t)2));
        for (int target = 0; target < 2; target++) {
            b.y.f[0] = (real)d;
            b.y.f[1] = R(0.0);
            b.target.i[0] = target;
            b.kind->apply(b.options, &b.in, &result, b.dy, NULL);
            double expected = small + (target ? d : 0), part = target ? 1 - slope : -slope;
            assert_near(result.value, expected, allowed * expected + least);
            assert_near(b.dy[0], part, allowed * fabs(part) + least);
            assert_near(b.dy[1], -part, allowed * fabs(part) + least);
            assert_int_equal(result.correct, !target);
        }
        bench_close(&b);
        bench_open(&b, "bce_with_logits", "{}", weir_shape_of(2, (size_t)1, (size_t)1));
        for (int target = 0; target < 2; target++)
            for (int sign = -1; sign < 2; sign += 2) {
                b.y.f[0] = (real)(sign * d);
                b.target.f[0] = (real)target;
                b.kind->apply(b.options, &b.in, &result, b.dy, NULL);
                bool right = (sign > 0) == (target > 0);
                double part = sign * (right ? -slope : 1 - slope);
                double expected = small + (right ? 0 : d);
                assert_near(result.value, expected, allowed * expected + least);
                assert_near(b.dy[0], part, allowed * fabs(part) + least);
                assert_int_equal(result.correct, right);
            }
        bench_close(&b);
    }
}

/* --- what does not count ------------------------------------------------------------------------ */

/* Beyond a sequence's length anything may stand, NaN too. */
static void padding_does_not_count(void **state)
{
    (void)state;
    static const int32_t lengths[] = {1, 3};
    for (const weir_loss_kind *const *kind = weir_loss_kinds; *kind; kind++) {
        bench b;
        weir_loss_result result;
        bench_open(&b, (*kind)->name, "{}", weir_shape_of(3, (size_t)3, (size_t)2, (size_t)3));
        bench_fill(&b);
        b.in.lengths = lengths;
        double before = value(&b);
        for (size_t r = 0; r < 6; r++)
            for (size_t j = 0; j < 3 && r / 2 >= (size_t)lengths[r % 2]; j++)
                b.y.f[r * 3 + j] = (real)NAN;
        b.kind->apply(b.options, &b.in, &result, b.dy, b.parts);
        assert_near(result.value, before, 0);
        assert_int_equal(result.counted, 4);
        for (size_t i = 0; i < 18; i++) {
            bool counts = i / 6 < (size_t)lengths[i / 3 % 2];
            if ((b.dy[i] != R(0.0)) != counts) fail_msg("%s: dy[%zu]", (*kind)->name, i);
        }
        bench_close(&b);
    }
}

/* A batch in which nothing counts is no loss and no gradient, and not 0 / 0. */
static void nothing_counts(void **state)
{
    (void)state;
    static const int32_t lengths[] = {0, 0};
    for (const weir_loss_kind *const *kind = weir_loss_kinds; *kind; kind++) {
        bench b;
        weir_loss_result result;
        double c[3];
        bench_open(&b, (*kind)->name, "{}", weir_shape_of(3, (size_t)3, (size_t)2, (size_t)3));
        bench_fill(&b);
        b.in.lengths = lengths;
        b.kind->apply(b.options, &b.in, &result, b.dy, b.parts);
        assert_near(result.value, 0, 0);
        assert_int_equal(result.counted, 0);
        for (size_t i = 0; i < 18; i++) assert_near(b.dy[i], 0, 0);
        b.kind->constant(b.options, &b.in, 3, c);
        for (size_t j = 0; j < 3; j++) assert_near(c[j], 0, 0);
        bench_close(&b);
    }
}

static void ignored_classes_do_not_count(void **state)
{
    (void)state;
    bench b;
    weir_loss_result result;
    bench_open(&b, "cross_entropy", "{ignore_index: 2}", weir_shape_of(2, (size_t)6, (size_t)3));
    bench_fill(&b); /* classes 0 1 2 0 1 2 */
    b.kind->apply(b.options, &b.in, &result, b.dy, b.parts);
    assert_int_equal(result.counted, 4);
    assert_near(result.weight, 4, 0);
    for (size_t r = 0; r < 6; r++) {
        assert_int_equal(b.parts[r] == R(0.0), r % 3 == 2);
        for (size_t j = 0; j < 3; j++) assert_int_equal(b.dy[r * 3 + j] == R(0.0), r % 3 == 2);
    }
    bench_close(&b);
}

/* A row of several features is guessed right when all of them are. */
static void bce_guesses_whole_rows(void **state)
{
    (void)state;
    static const double y[] = {1, -1, 1, 1, -1, 1, -2, 3}, target[] = {1, 0, 1, 0, 0, 1, 0.4, 0.9};
    bench b;
    weir_loss_result result;
    bench_open(&b, "bce_with_logits", "{}", weir_shape_of(2, (size_t)4, (size_t)2));
    for (size_t i = 0; i < 8; i++) {
        b.y.f[i] = (real)y[i];
        b.target.f[i] = (real)target[i];
    }
    b.kind->apply(b.options, &b.in, &result, NULL, NULL);
    assert_int_equal(result.counted, 4);
    assert_int_equal(result.correct, 3);
    assert_near(result.weight, 8, 0);
    bench_close(&b);
}

/* --- the best constant -------------------------------------------------------------------------- */

static double value_at(bench *b, const double *c)
{
    size_t C = weir_shape_features(&b->y.shape);
    for (size_t i = 0; i < weir_count(&b->y); i++) b->y.f[i] = (real)c[i % C];
    return value(b);
}

/* Every loss is convex in its output: a point that every step along an axis makes worse is the best. The
 * loss at the constant is above the true minimum by no more than c's rounding squared, far below what
 * a step of 0.05 costs. */
static void check_constant(bench *b)
{
    double c[3], sign = b->options->scale < 0 ? -1 : 1;
    b->kind->constant(b->options, &b->in, 3, c);
    double best = sign * value_at(b, c);
    for (size_t j = 0; j < 3; j++)
        for (double step = -0.05; step < 0.06; step += 0.1) {
            c[j] += step;
            if (!(sign * value_at(b, c) > best))
                fail_msg("%s: feature %zu is better at %g", b->kind->name, j, c[j]);
            c[j] -= step;
        }
}

static void constant_is_a_minimum(void **state)
{
    (void)state;
    for_every_loss(check_constant);
}

/* What never occurs wants minus infinity. The constant stays finite, at a cost of millionths. */
static void constant_of_what_never_occurs(void **state)
{
    (void)state;
    double c[3];
    bench b;
    bench_open(&b, "cross_entropy", "{}", weir_shape_of(2, (size_t)7, (size_t)3));
    for (size_t r = 0; r < 7; r++) b.target.i[r] = 1;
    b.kind->constant(b.options, &b.in, 3, c);
    assert_true(isfinite(c[0]) && isfinite(c[1]) && isfinite(c[2]));
    assert_near(value_at(&b, c), 0, 3e-6);
    bench_close(&b);
    bench_open(&b, "bce_with_logits", "{}", weir_shape_of(2, (size_t)7, (size_t)3));
    for (size_t i = 0; i < 21; i++) b.target.f[i] = (real)(i % 3 == 1);
    b.kind->constant(b.options, &b.in, 3, c);
    assert_true(isfinite(c[0]) && isfinite(c[1]) && isfinite(c[2]));
    assert_near(value_at(&b, c), 0, 3e-6);
    bench_close(&b);
}

/* The lower of the two middle numbers, negative ones and equal ones too. */
static void constant_of_mae_is_the_median(void **state)
{
    (void)state;
    static const double targets[][4] = {{3, -1, 2, 7}, {-5, -2, -2, -9}, {0, 0, -0.0, 1e-30},
                                        {1e30, -1e30, 4, 4}};
    static const double medians[] = {2, -5, 0, 4};
    bench b;
    bench_open(&b, "mae", "{}", weir_shape_of(2, (size_t)4, (size_t)1));
    for (size_t k = 0; k < 4; k++) {
        double c;
        for (size_t i = 0; i < 4; i++) b.target.f[i] = (real)targets[k][i];
        b.kind->constant(b.options, &b.in, 1, &c);
        assert_near(c, medians[k], 0);
    }
    bench_close(&b);
}

/* --- what does not fit -------------------------------------------------------------------------- */

static void misfits_are_refused(void **state)
{
    (void)state;
    weir_shape y = weir_shape_of(2, (size_t)4, (size_t)3), other = weir_shape_of(2, (size_t)4, (size_t)2);
    weir_shape classes = weir_shape_of(1, (size_t)4), fewer = weir_shape_of(1, (size_t)3);
    classes.dtype = fewer.dtype = WEIR_INT32;
    const struct {
        const char *kind, *options;
        const weir_shape *target;
    } bad[] = {{"mse", "{}", &other},
               {"mae", "{}", &classes},
               {"bce_with_logits", "{}", &classes},
               {"bce_with_logits", "{pos_weight: [1, 2]}", &y},
               {"cross_entropy", "{}", &y},
               {"cross_entropy", "{}", &fewer},
               {"cross_entropy", "{weight: [1, 2]}", &classes}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const weir_loss_kind *kind = weir_loss_find(bad[i].kind);
        weir_error err = {0};
        weir_arena arena = {0};
        weir_config *config;
        void *options = weir_arena_calloc(&arena, 1, kind->options_size);
        assert_ok(weir_config_parse(bad[i].options, "bad", &config, &err), err);
        assert_ok(weir_config_options(config, config->root, kind->options, NULL, options, &arena,
                                      &err), err);
        assert_int_equal(kind->check(options, &y, bad[i].target, &err), WEIR_USAGE);
        assert_true(strlen(err.text) > 10);
        weir_config_free(config);
        weir_arena_free(&arena);
    }
    assert_null(weir_loss_find("no such loss"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(reductions_agree),
        cmocka_unit_test(known_values),
        cmocka_unit_test(cross_entropy_of_equal_logits),
        cmocka_unit_test(far_logits_keep_their_digits),
        cmocka_unit_test(padding_does_not_count),
        cmocka_unit_test(nothing_counts),
        cmocka_unit_test(ignored_classes_do_not_count),
        cmocka_unit_test(bce_guesses_whole_rows),
        cmocka_unit_test(constant_is_a_minimum),
        cmocka_unit_test(constant_of_what_never_occurs),
        cmocka_unit_test(constant_of_mae_is_the_median),
        cmocka_unit_test(misfits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
