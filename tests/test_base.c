/* The ground floor: arenas, options, random numbers, words. */
#include "tests/test.h"

#include "base/arena.h"
#include "base/option.h"
#include "base/rng.h"
#include "base/text.h"

/* Salmon et al. 2011, known-answer vectors of Random123 for philox4x32-10: all-zero key and
 * counter. */
static void philox_known_answer(void **state)
{
    (void)state;
    weir_rng rng = {0};
    uint32_t expected[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    for (int i = 3; i >= 0; i--) assert_int_equal(weir_rng_u32(&rng), expected[i]);
}

static void normal_has_mean_0_variance_1(void **state)
{
    (void)state;
    enum { N = 200000 };
    weir_rng rng = weir_rng_make(1, WEIR_FOR_INIT, 2, 3);
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        double x = weir_rng_normal(&rng);
        sum += x;
        squares += x * x;
    }
    assert_near(sum / (double)N, 0, 5 / sqrt((double)N));              /* 5 standard errors */
    assert_near(squares / (double)N, 1, 5 * sqrt(2.0 / (double)N));
}

static void arena_settles_on_one_block(void **state)
{
    (void)state;
    weir_arena arena = {0};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            unsigned char *p = weir_arena_alloc(&arena, 1000);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 64, 0);
            memset(p, i, 1000);
        }
        size_t total = arena.total;
        weir_arena_reset(&arena);
        if (round) assert_int_equal(arena.total, total);
    }
    weir_arena_free(&arena);
}

static void closest_word(void **state)
{
    (void)state;
    static const char *const names[] = {"hidden_size", "num_layers", "bias", NULL};
    assert_string_equal(weir_closest("hiden_size", names), "hidden_size");
    assert_string_equal(weir_closest("hidden", names), "hidden_size");
    assert_string_equal(weir_closest("lsmt", (const char *const[]){"lstm", "gru", NULL}), "lstm");
    assert_null(weir_closest("foo", (const char *const[]){"zeros", "ones", "off", NULL}));
    assert_null(weir_closest("zebra", names));
    assert_null(weir_closest("", names)); /* the beginning of all words */
    assert_null(weir_closest("z", (const char *const[]){"a", "b", NULL}));
}

struct sample {
    size_t n;
    double x;
    bool b;
    int c;
    weir_reals r;
    weir_pair p, q;
    size_t w;
};

static void options_read_and_refuse(void **state)
{
    (void)state;
    static const weir_option table[] = {
        WEIR_OPTION_SIZE(struct sample, n, "3", 1, ""),
        WEIR_OPTION_REAL(struct sample, x, "", 0, 1, ""),
        WEIR_OPTION_BOOL(struct sample, b, "true", ""),
        WEIR_OPTION_CHOICE(struct sample, c, "relu", "tanh|relu", ""),
        WEIR_OPTION_REALS(struct sample, r, "[0.9, 0.999]", ""),
        WEIR_OPTION_PAIR(struct sample, p, "3", 1, 99, ""),
        {"q", WEIR_PAIR, offsetof(struct sample, q), "", 0, 99, "valid|same", ""},
        {"w", WEIR_SIZE, offsetof(struct sample, w), "same", 0, 99, "valid|same", ""},
        {0}};
    weir_arena arena = {0};
    struct sample s = {0};
    weir_error err = {0};
    assert_ok(weir_options_default(table, &s, &arena, &err), err);
    assert_int_equal(s.n, 3);
    assert_true(isnan(s.x) && s.b);
    assert_int_equal(s.c, 1);
    assert_int_equal(s.r.count, 2);
    assert_near(s.r.v[1], 0.999, 0);
    assert_true(s.p.h == 3 && s.p.w == 3 && s.q.h == 0 && s.q.w == 0);
    assert_int_equal(s.w, WEIR_WORD(1));
    static const char *const bad[][2] = {{"n", "0"}, {"n", "2.5"}, {"x", "two"}, {"x", "1.5"},
                                         {"b", "maybe"}, {"c", "sigmoid"}, {"r", "[a]"},
                                         {"p", "0"}, {"p", "[1, 100]"}, {"p", "[0, 1]"},
                                         {"p", "same"}, {"p", "[1, 2"}, {"p", "[1]"}, {"p", "[]"},
                                         {"p", "[1, 2, 3]"}, {"p", "[1, 2] 3"}, {"p", "[1 2]"},
                                         {"p", "[1, 2.5]"}, {"p", ""}, {"p", "1, 2"},
                                         {"q", "full"}, {"q", "[same, 1]"}, {"w", "some"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weir_error e = {0};
        const weir_option *o = weir_option_find(table, bad[i][0]);
        assert_int_equal(weir_option_read(o, bad[i][1], "net.yaml:1:2", &s, &arena, &e),
                         WEIR_USAGE);
        assert_non_null(strstr(e.text, "net.yaml:1:2"));
        assert_non_null(strstr(e.text, bad[i][0]));
    }
    weir_arena_free(&arena);
}

/* A number for both, two numbers, or a word. */
static void pairs_are_read(void **state)
{
    (void)state;
    static const weir_option option = {"q", WEIR_PAIR, offsetof(struct sample, q), "", 0, 99,
                                       "valid|same", ""};
    static const struct {
        const char *value;
        weir_pair pair;
    } good[] = {{"7", {7, 7}}, {"[3, 5]", {3, 5}}, {"[ 3,5 ]", {3, 5}}, {"[0, 99]", {0, 99}},
                {"valid", {WEIR_WORD(0), WEIR_WORD(0)}}, {"same", {WEIR_WORD(1), WEIR_WORD(1)}}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct sample s = {0};
        weir_error err = {0};
        assert_ok(weir_option_read(&option, good[i].value, "here", &s, NULL, &err), err);
        assert_true(s.q.h == good[i].pair.h && s.q.w == good[i].pair.w);
    }
    weir_error err = {0};
    struct sample s;
    assert_int_equal(weir_option_read(&option, "x", "here", &s, NULL, &err), WEIR_USAGE);
    assert_string_equal(err.text, "here: q must be a whole number, or two as in [3, 5], or one of "
                                  "valid|same, not \"x\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answer),
        cmocka_unit_test(normal_has_mean_0_variance_1),
        cmocka_unit_test(arena_settles_on_one_block),
        cmocka_unit_test(closest_word),
        cmocka_unit_test(options_read_and_refuse),
        cmocka_unit_test(pairs_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
