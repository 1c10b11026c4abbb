/* What every optimizer of the registry does alike. */
#include "tests/rig.h"

static void fill(struct rig *r, double turn)
{
    for (size_t i = 0; i < MOST; i++) {
        r->w[i] = (real)sin(1 + 3 * (double)i);
        r->g[i] = (real)(turn * cos(2 + 5 * (double)i));
    }
}

static void maximize_descends_the_other_way(void **state)
{
    (void)state;
    for (size_t k = 0; weir_optimizer_kinds[k]; k++) {
        struct rig up, down;
        OPEN(&up, weir_optimizer_kinds[k]->name, "maximize", "true", "weight_decay", "0.1");
        OPEN(&down, weir_optimizer_kinds[k]->name, "weight_decay", "0.1");
        fill(&up, 1);
        fill(&down, -1);
        for (uint64_t step = 1; step <= 3; step++) {
            walk_part(&up, step, 0, MOST);
            walk_part(&down, step, 0, MOST);
        }
        assert_memory_equal(up.w, down.w, sizeof up.w);
        close_rig(&up);
        close_rig(&down);
    }
}

/* The decay is a gradient of wd w (for all but adamw, whose decay is apart). */
static void decay_enters_through_the_gradient(void **state)
{
    (void)state;
    for (size_t k = 0; weir_optimizer_kinds[k]; k++) {
        const char *name = weir_optimizer_kinds[k]->name;
        if (!strcmp(name, "adamw")) continue;
        struct rig decay, plain;
        OPEN(&decay, name, "weight_decay", "0.5");
        OPEN(&plain, name, "weight_decay", "0");
        fill(&decay, 1);
        fill(&plain, 1);
        for (uint64_t step = 1; step <= 3; step++) {
            for (size_t i = 0; i < MOST; i++) plain.g[i] = decay.g[i] + R(0.5) * plain.w[i];
            walk_part(&decay, step, 0, MOST);
            walk_part(&plain, step, 0, MOST);
            for (size_t i = 0; i < MOST; i++)
                assert_near(decay.w[i], plain.w[i], 64 * (double)REAL_EPS);
        }
        close_rig(&decay);
        close_rig(&plain);
    }
}

/* Cutting the numbers differently changes no bit: vector body and scalar rest agree. */
static void cuts_change_no_bit(void **state)
{
    (void)state;
    static const size_t cut[] = {0, 1, 4, 9, 22, 37, 61, MOST};
    for (size_t k = 0; weir_optimizer_kinds[k]; k++) {
        struct rig whole, parts;
        OPEN(&whole, weir_optimizer_kinds[k]->name, "weight_decay", "0.1");
        OPEN(&parts, weir_optimizer_kinds[k]->name, "weight_decay", "0.1");
        fill(&whole, 1);
        fill(&parts, 1);
        for (uint64_t step = 1; step <= 4; step++) {
            walk_part(&whole, step, 0, MOST);
            for (size_t c = 0; c + 1 < sizeof cut / sizeof *cut; c++)
                walk_part(&parts, step, cut[c], cut[c + 1]);
        }
        assert_memory_equal(whole.w, parts.w, sizeof whole.w);
        assert_memory_equal(whole.state, parts.state, sizeof whole.state);
        close_rig(&whole);
        close_rig(&parts);
    }
}

/* NaN is a finding: no optimizer hides one, and it stays where it came in. */
static void nan_is_not_hidden(void **state)
{
    (void)state;
    for (size_t k = 0; weir_optimizer_kinds[k]; k++) {
        const weir_optimizer_kind *kind = weir_optimizer_kinds[k];
        struct rig r;
        bool amsgrad = weir_option_find(kind->options, "amsgrad");
        OPEN(&r, kind->name, amsgrad ? "amsgrad" : "lr", amsgrad ? "true" : "0.1");
        walk(&r, 1, 1, 1, 1);
        walk(&r, 1, 1, (double)NAN, 1);
        walk(&r, 1, 1, 1, 1);
        assert_true(isfinite(r.w[0]) && isnan(r.w[1]) && isfinite(r.w[2]));
        close_rig(&r);
    }
}

static void defaults_are_pytorch_s(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double lr, decay;
        size_t slots;
    } expected[] = {{"sgd", 1e-3, 0, 0},   {"rmsprop", 1e-2, 0, 1}, {"adam", 1e-3, 0, 2},
                    {"adamw", 1e-3, 1e-2, 2}, {"adamax", 2e-3, 0, 2}, {"adagrad", 1e-2, 0, 1},
                    {"adadelta", 1, 0, 2}};
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        struct rig r;
        OPEN(&r, expected[k].name);
        const weir_optimizer_common *common = r.options;
        assert_near(common->lr, expected[k].lr, 0);
        assert_near(common->weight_decay, expected[k].decay, 0);
        assert_false(common->maximize);
        assert_int_equal(r.kind->slots(r.options), expected[k].slots);
        close_rig(&r);
    }
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const char *const bad[][5] = {{"sgd", "nesterov", "true"},
                                         {"sgd", "nesterov", "true", "dampening", "0.1"},
                                         {"adam", "betas", "[0.9]"},
                                         {"adamw", "betas", "[0.9, 1]"},
                                         {"adamax", "betas", "[-0.1, 0.9]"}};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        weir_error err = {0};
        struct rig r;
        OPEN(&r, bad[k][0]);
        set(&r, bad[k][1], bad[k][2]);
        if (bad[k][3]) {
            set(&r, bad[k][3], bad[k][4]);
            set(&r, "momentum", "0.9");
        }
        assert_int_equal(r.kind->check(r.options, &err), WEIR_USAGE);
        assert_true(err.text[0]);
        close_rig(&r);
    }
    assert_null(weir_optimizer_find("no_such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maximize_descends_the_other_way),
        cmocka_unit_test(decay_enters_through_the_gradient),
        cmocka_unit_test(cuts_change_no_bit),
        cmocka_unit_test(nan_is_not_hidden),
        cmocka_unit_test(defaults_are_pytorch_s),
        cmocka_unit_test(contradictions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
