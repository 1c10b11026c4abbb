/* Schedules at their corners. */
#include "tests/test.h"

#include "base/arena.h"
#include "train/schedule.h"

static weir_arena arena;

/* A schedule's rate with lr 2 in step `step` of 100. settings: "gamma", "0.5", NULL */
static double rate(const char *name, const char *const *settings, uint64_t step)
{
    weir_error err = {0};
    const weir_schedule_kind *kind = weir_schedule_find(name);
    assert_non_null(kind);
    void *options = weir_arena_calloc(&arena, 1, kind->options_size);
    assert_ok(weir_options_default(kind->options, options, &arena, &err), err);
    for (; *settings; settings += 2)
        assert_ok(weir_option_read(weir_option_find(kind->options, settings[0]), settings[1],
                                   settings[0], options, &arena, &err), err);
    double lr = weir_schedule_lr(kind, options, 2, step, 100);
    weir_arena_reset(&arena);
    return lr;
}
#define SET(...) ((const char *[]){__VA_ARGS__, NULL})

static void constant_stays(void **state)
{
    (void)state;
    assert_near(rate("constant", SET(NULL), 0), 2, 0);
    assert_near(rate("constant", SET(NULL), 99), 2, 0);
}

static void step_falls_after_step_size(void **state)
{
    (void)state;
    const char *const *s = SET("step_size", "30", "gamma", "0.5");
    assert_near(rate("step", s, 29), 2, 0);
    assert_near(rate("step", s, 30), 1, 0);
    assert_near(rate("step", s, 59), 1, 0);
    assert_near(rate("step", s, 60), 0.5, 0);
    assert_near(rate("step", s, 90), 0.25, 0);
    assert_near(rate("step", SET("step_size", "1"), 3), 2e-3, 1e-18); /* gamma is 0.1 */
}

static void exponential_is_a_power(void **state)
{
    (void)state;
    assert_near(rate("exponential", SET("gamma", "0.5"), 0), 2, 0);
    assert_near(rate("exponential", SET("gamma", "0.5"), 10), 2.0 / 1024, 0);
}

static void cosine_at_its_corners(void **state)
{
    (void)state;
    const double eps = 1e-15;
    const char *const *plain = SET(NULL), *const *low = SET("t_max", "40", "eta_min", "0.1");
    assert_near(rate("cosine", plain, 0), 2, eps);
    assert_near(rate("cosine", plain, 25), 1 + sqrt(0.5), eps);
    assert_near(rate("cosine", plain, 50), 1, eps);
    assert_near(rate("cosine", plain, 100), 0, eps);
    assert_near(rate("cosine", low, 0), 2, eps);
    assert_near(rate("cosine", low, 20), 1.1, eps); /* halfway between 2 and 0.2 */
    assert_near(rate("cosine", low, 40), 0.2, eps);
    assert_near(rate("cosine", low, 99), 0.2, eps); /* and stays */
}

/* The rise is a straight line from 0 in step -1 to the full rate in the first step after it. */
static void warmup_rises_straight(void **state)
{
    (void)state;
    const char *const *s = SET("warmup", "4");
    for (int k = 0; k < 4; k++)
        assert_near(rate("constant", s, (uint64_t)k), 2 * (k + 1) / 5.0, 1e-15);
    assert_near(rate("constant", s, 4), 2, 0);
    assert_near(rate("constant", SET("warmup", "1"), 0), 1, 0);
    assert_near(rate("constant", SET("warmup", "200"), 99), 2 * 100 / 201.0, 1e-15);
}

/* After the warm-up the schedule begins at its beginning and has the rest of the run. */
static void clocks_start_after_the_warmup(void **state)
{
    (void)state;
    assert_near(rate("cosine", SET("warmup", "20"), 20), 2, 1e-15);
    assert_near(rate("cosine", SET("warmup", "20"), 60), 1, 1e-15);
    assert_near(rate("cosine", SET("warmup", "20"), 100), 0, 1e-15);
    assert_near(rate("step", SET("warmup", "10", "step_size", "5", "gamma", "0.5"), 14), 2, 0);
    assert_near(rate("step", SET("warmup", "10", "step_size", "5", "gamma", "0.5"), 15), 1, 0);
    assert_near(rate("cosine", SET("warmup", "200"), 99), 2 * 100 / 201.0, 1e-15); /* no rest */
}

static void every_schedule_is_found(void **state)
{
    (void)state;
    for (size_t k = 0; weir_schedule_kinds[k]; k++) {
        const weir_schedule_kind *kind = weir_schedule_kinds[k];
        assert_ptr_equal(weir_schedule_find(kind->name), kind);
        assert_string_equal(kind->options[0].name, "warmup");
        assert_int_equal(kind->options[0].offset, 0);
    }
    assert_null(weir_schedule_find("no_such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_stays),
        cmocka_unit_test(step_falls_after_step_size),
        cmocka_unit_test(exponential_is_a_power),
        cmocka_unit_test(cosine_at_its_corners),
        cmocka_unit_test(warmup_rises_straight),
        cmocka_unit_test(clocks_start_after_the_warmup),
        cmocka_unit_test(every_schedule_is_found),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    weir_arena_free(&arena);
    return failed;
}
