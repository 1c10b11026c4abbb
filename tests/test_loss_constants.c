/* The best constant output for each loss: what a net without inputs would learn. */
#include "tests/one_loss.h"

static double value_at(one_loss *l, const double *c)
{
    size_t C = weir_shape_features(&l->y.shape);
    for (size_t i = 0; i < weir_count(&l->y); i++) l->y.f[i] = (real)c[i % C];
    return one_loss_value(l);
}

/* Every loss is convex in its output, and smooth or (mae) a sum over features: where no step along
 * an axis helps, none does. c is rounded; that costs far less than a step of 0.05. */
static void check_constant(one_loss *l)
{
    double c[3], sign = l->options->scale < 0 ? -1 : 1;
    l->kind->constant(l->options, &l->in, 3, c);
    double best = sign * value_at(l, c);
    for (size_t j = 0; j < 3; j++)
        for (double step = -0.05; step < 0.06; step += 0.1) {
            c[j] += step;
            if (!(sign * value_at(l, c) > best))
                fail_msg("%s: feature %zu is better at %g", l->kind->name, j, c[j]);
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
    one_loss l;
    one_loss_open(&l, "cross_entropy", "{}", weir_shape_of(2, (size_t)7, (size_t)3));
    for (size_t r = 0; r < 7; r++) l.target.i[r] = 1;
    l.kind->constant(l.options, &l.in, 3, c);
    assert_true(isfinite(c[0]) && isfinite(c[1]) && isfinite(c[2]));
    assert_near(value_at(&l, c), 0, 3e-6);
    one_loss_close(&l);
    one_loss_open(&l, "bce_with_logits", "{}", weir_shape_of(2, (size_t)7, (size_t)3));
    for (size_t i = 0; i < 21; i++) l.target.f[i] = (real)(i % 3 == 1);
    l.kind->constant(l.options, &l.in, 3, c);
    assert_true(isfinite(c[0]) && isfinite(c[1]) && isfinite(c[2]));
    assert_near(value_at(&l, c), 0, 3e-6);
    one_loss_close(&l);
}

/* The lower of the two middle numbers, negative ones and equal ones too. */
static void constant_of_mae_is_the_median(void **state)
{
    (void)state;
    static const double targets[][4] = {{3, -1, 2, 7}, {-5, -2, -2, -9}, {0, 0, -0.0, 1e-30},
                                        {1e30, -1e30, 4, 4}};
    static const double medians[] = {2, -5, 0, 4};
    one_loss l;
    one_loss_open(&l, "mae", "{}", weir_shape_of(2, (size_t)4, (size_t)1));
    for (size_t k = 0; k < 4; k++) {
        double c;
        for (size_t i = 0; i < 4; i++) l.target.f[i] = (real)targets[k][i];
        l.kind->constant(l.options, &l.in, 1, &c);
        assert_near(c, medians[k], 0);
    }
    one_loss_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_is_a_minimum),
        cmocka_unit_test(constant_of_what_never_occurs),
        cmocka_unit_test(constant_of_mae_is_the_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
