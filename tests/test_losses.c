/* Losses: gradients against differences, known values, far logits, what does not count. */
#include "tests/one_loss.h"

/* --- gradients ------------------------------------------------------------------------------- */

/* y moves by h, a power of two. The third derivatives here are those of ln(1 + e^y) times at most
 * 2.5, so below 1, and the difference errs by h^2 / 6. Of the value one row changes: its
 * exponentials are good to some eps, the sums to those of a double; both over h. */
#if REAL_BITS == 64
static const double h = 0x1p-17;
#else
static const double h = 0x1p-7;
#endif

static void check_gradient(one_loss *l)
{
    weir_loss_result result;
    l->kind->apply(l->options, &l->in, &result, l->dy, NULL);
    double share = l->options->reduction == WEIR_MEAN ? 1 / result.weight : 1;
    double allowed = fabs(l->options->scale) * share * (h * h / 6 + 10 * (double)REAL_EPS / h) +
                     4 * DBL_EPSILON * fabs(result.value) / h;
    for (size_t i = 0; i < weir_count(&l->y); i++) {
        real kept = l->y.f[i];
        l->y.f[i] = kept + (real)h;
        double above = one_loss_value(l);
        l->y.f[i] = kept - (real)h;
        double slope = (above - one_loss_value(l)) / (2 * h);
        l->y.f[i] = kept;
        assert_near(l->dy[i], slope, allowed + (double)REAL_EPS * fabs(slope));
    }
}

static void gradients_agree_with_differences(void **state)
{
    (void)state;
    for_every_loss(check_gradient);
}

/* --- reductions ------------------------------------------------------------------------------ */

/* Sum, mean and parts tell of one and the same thing. */
static void check_reductions(one_loss *l)
{
    weir_loss_result sum, mean, none;
    double total = 0, scale = l->options->scale;
    size_t parts = l->kind->classes ? weir_count(&l->target) : weir_count(&l->y);
    l->options->reduction = WEIR_SUM;
    l->kind->apply(l->options, &l->in, &sum, NULL, NULL);
    l->options->reduction = WEIR_MEAN;
    l->kind->apply(l->options, &l->in, &mean, NULL, NULL);
    l->options->reduction = WEIR_NONE;
    l->kind->apply(l->options, &l->in, &none, NULL, l->parts);
    for (size_t i = 0; i < parts; i++) total += (double)l->parts[i];
    assert_near(none.value, sum.value, 0);
    assert_near(mean.value, sum.value / sum.weight, 4e-16 * fabs(sum.value));
    /* each part is rounded once; the two sums in double, once per part */
    assert_near(total, sum.value,
                ((double)REAL_EPS + (double)parts * DBL_EPSILON) * fabs(sum.value));
    l->options->scale = 1;
    assert_near(scale * one_loss_value(l), sum.value, 1e-15 * fabs(sum.value));
    assert_int_equal(none.counted, mean.counted);
    if (!l->kind->guesses) assert_int_equal(none.correct, 0);
}

static void reductions_agree(void **state)
{
    (void)state;
    for_every_loss(check_reductions);
}

/* --- known values ---------------------------------------------------------------------------- */

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
        one_loss l;
        one_loss_open(&l, known[k].kind, known[k].options, weir_shape_of(2, (size_t)1, (size_t)2));
        for (size_t i = 0; i < 2; i++) {
            l.y.f[i] = (real)known[k].y[i];
            l.target.f[i] = (real)known[k].target[i];
        }
        assert_near(one_loss_value(&l), known[k].value, 1e-15);
        one_loss_close(&l);
    }
}

/* Equal logits: ln C whatever the target; weights and smoothing change who pays, not how much. */
static void cross_entropy_of_equal_logits(void **state)
{
    (void)state;
    static const char *const options[] = {"{}", "{label_smoothing: 0.3}", "{weight: [1, 4, 2, 3]}"};
    for (size_t k = 0; k < 3; k++) {
        one_loss l;
        one_loss_open(&l, "cross_entropy", options[k], weir_shape_of(2, (size_t)3, (size_t)4));
        for (size_t i = 0; i < 12; i++) l.y.f[i] = R(-7.5);
        for (size_t r = 0; r < 3; r++) l.target.i[r] = (int32_t)r;
        assert_near(one_loss_value(&l), 2 * 0.69314718055994530942, 1e-15);
        one_loss_close(&l);
    }
}

/* --- far logits ------------------------------------------------------------------------------ */

/* A right guess of 2 classes at distance d costs ln(1 + e^-d), a wrong one d more; the gradient is
 * e^-d / (1 + e^-d), to all digits on both sides. */
static void far_logits_keep_their_digits(void **state)
{
    (void)state;
    static const double distance[] = {1, 30, 40, 80, 700, 1e4, 1e30};
    for (size_t k = 0; k < sizeof distance / sizeof *distance; k++) {
        double d = distance[k], e = exp(-d), small = log1p(e), slope = e / (1 + e);
        double allowed = 4 * (double)REAL_EPS * (1 + fmin(d, 100)); /* e^-d, from a rounded d */
        double least = (double)REAL_MIN * (double)REAL_EPS;
        one_loss l;
        weir_loss_result result;
        one_loss_open(&l, "cross_entropy", "{}", weir_shape_of(2, (size_t)1, (size_t)2));
        for (int target = 0; target < 2; target++) {
            l.y.f[0] = (real)d;
            l.y.f[1] = R(0.0);
            l.target.i[0] = target;
            l.kind->apply(l.options, &l.in, &result, l.dy, NULL);
            double expected = small + (target ? d : 0), part = target ? 1 - slope : -slope;
            assert_near(result.value, expected, allowed * expected + least);
            assert_near(l.dy[0], part, allowed * fabs(part) + least);
            assert_near(l.dy[1], -part, allowed * fabs(part) + least);
            assert_int_equal(result.correct, !target);
        }
        one_loss_close(&l);
        one_loss_open(&l, "bce_with_logits", "{}", weir_shape_of(2, (size_t)1, (size_t)1));
        for (int target = 0; target < 2; target++)
            for (int sign = -1; sign < 2; sign += 2) {
                l.y.f[0] = (real)(sign * d);
                l.target.f[0] = (real)target;
                l.kind->apply(l.options, &l.in, &result, l.dy, NULL);
                bool right = (sign > 0) == (target > 0);
                double part = sign * (right ? -slope : 1 - slope);
                double expected = small + (right ? 0 : d);
                assert_near(result.value, expected, allowed * expected + least);
                assert_near(l.dy[0], part, allowed * fabs(part) + least);
                assert_int_equal(result.correct, right);
            }
        one_loss_close(&l);
    }
}

/* --- what does not count --------------------------------------------------------------------- */

/* Beyond a sequence's length anything may stand, NaN too. */
static void padding_does_not_count(void **state)
{
    (void)state;
    static const int32_t lengths[] = {1, 3};
    for (const weir_loss_kind *const *kind = weir_loss_kinds; *kind; kind++) {
        one_loss l;
        weir_loss_result result;
        one_loss_open(&l, (*kind)->name, "{}", weir_shape_of(3, (size_t)3, (size_t)2, (size_t)3));
        one_loss_fill(&l);
        l.in.lengths = lengths;
        double before = one_loss_value(&l);
        for (size_t r = 0; r < 6; r++)
            for (size_t j = 0; j < 3 && r / 2 >= (size_t)lengths[r % 2]; j++)
                l.y.f[r * 3 + j] = (real)NAN;
        l.kind->apply(l.options, &l.in, &result, l.dy, l.parts);
        assert_near(result.value, before, 0);
        assert_int_equal(result.counted, 4);
        for (size_t i = 0; i < 18; i++) {
            bool counts = i / 6 < (size_t)lengths[i / 3 % 2];
            if ((l.dy[i] != R(0.0)) != counts) fail_msg("%s: dy[%zu]", (*kind)->name, i);
        }
        one_loss_close(&l);
    }
}

/* A batch in which nothing counts is no loss and no gradient, and not 0 / 0. */
static void nothing_counts(void **state)
{
    (void)state;
    static const int32_t lengths[] = {0, 0};
    for (const weir_loss_kind *const *kind = weir_loss_kinds; *kind; kind++) {
        one_loss l;
        weir_loss_result result;
        double c[3];
        one_loss_open(&l, (*kind)->name, "{}", weir_shape_of(3, (size_t)3, (size_t)2, (size_t)3));
        one_loss_fill(&l);
        l.in.lengths = lengths;
        l.kind->apply(l.options, &l.in, &result, l.dy, l.parts);
        assert_near(result.value, 0, 0);
        assert_int_equal(result.counted, 0);
        for (size_t i = 0; i < 18; i++) assert_near(l.dy[i], 0, 0);
        l.kind->constant(l.options, &l.in, 3, c);
        for (size_t j = 0; j < 3; j++) assert_near(c[j], 0, 0);
        one_loss_close(&l);
    }
}

static void ignored_classes_do_not_count(void **state)
{
    (void)state;
    one_loss l;
    weir_loss_result result;
    one_loss_open(&l, "cross_entropy", "{ignore_index: 2}", weir_shape_of(2, (size_t)6, (size_t)3));
    one_loss_fill(&l); /* classes 0 1 2 0 1 2 */
    l.kind->apply(l.options, &l.in, &result, l.dy, l.parts);
    assert_int_equal(result.counted, 4);
    assert_near(result.weight, 4, 0);
    for (size_t r = 0; r < 6; r++) {
        assert_int_equal(l.parts[r] == R(0.0), r % 3 == 2);
        for (size_t j = 0; j < 3; j++) assert_int_equal(l.dy[r * 3 + j] == R(0.0), r % 3 == 2);
    }
    one_loss_close(&l);
}

/* A row of several features is guessed right when all of them are. */
static void bce_guesses_whole_rows(void **state)
{
    (void)state;
    static const double y[] = {1, -1, 1, 1, -1, 1, -2, 3}, target[] = {1, 0, 1, 0, 0, 1, 0.4, 0.9};
    one_loss l;
    weir_loss_result result;
    one_loss_open(&l, "bce_with_logits", "{}", weir_shape_of(2, (size_t)4, (size_t)2));
    for (size_t i = 0; i < 8; i++) {
        l.y.f[i] = (real)y[i];
        l.target.f[i] = (real)target[i];
    }
    l.kind->apply(l.options, &l.in, &result, NULL, NULL);
    assert_int_equal(result.counted, 4);
    assert_int_equal(result.correct, 3);
    assert_near(result.weight, 8, 0);
    one_loss_close(&l);
}

/* --- what does not fit ----------------------------------------------------------------------- */

static void misfits_are_refused(void **state)
{
    (void)state;
    weir_shape y = weir_shape_of(2, (size_t)4, (size_t)3);
    weir_shape other = weir_shape_of(2, (size_t)4, (size_t)2);
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
        cmocka_unit_test(misfits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
