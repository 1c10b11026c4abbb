/* Configurations: reading, paths, writing, differences. */
#include "tests/test.h"

#include "base/memory.h"
#include "config/config.h"

static weir_config *parse(const char *text)
{
    weir_config *config;
    weir_error err = {0};
    assert_ok(weir_config_parse(text, "test.yaml", &config, &err), err);
    return config;
}

static const char sample[] = "data: {kind: text, path: a b.txt}\n"
                             "model:\n"
                             "  - relu\n"
                             "  - linear: {name: fc, out_features: 3}\n"
                             "train: {loss: {mse: {scale: 2}}, steps: 10}\n";

static void what_is_written_reads_the_same(void **state)
{
    (void)state;
    weir_config *a = parse(sample);
    char *first = weir_config_text(a);
    weir_config *b = parse(first);
    char *second = weir_config_text(b);
    assert_string_equal(first, second);
    char *diff = weir_config_diff(a, b);
    assert_string_equal(diff, "");
    weir_free(first), weir_free(second), weir_free(diff);
    weir_config_free(a), weir_config_free(b);
}

static void paths_find_and_set(void **state)
{
    (void)state;
    weir_error err = {0};
    weir_config *c = parse(sample);
    assert_string_equal(weir_config_get(c, "train.steps"), "10");
    assert_string_equal(weir_config_get(c, "model.1.linear.out_features"), "3");
    assert_string_equal(weir_config_get(c, "model.fc.linear.out_features"), "3");
    assert_string_equal(weir_config_get(c, "model.0"), "relu");
    assert_null(weir_config_get(c, "model.7"));
    assert_ok(weir_config_set(c, "train.optimizer", "{sgd: {lr: 0.5}}", &err), err);
    assert_string_equal(weir_config_get(c, "train.optimizer.sgd.lr"), "0.5");
    assert_ok(weir_config_set(c, "train.loss.mse.scale", "1e-6", &err), err);
    assert_string_equal(weir_config_get(c, "train.loss.mse.scale"), "1e-6");
    assert_ok(weir_config_set(c, "model.fc.linear.bias", "false", &err), err);
    assert_string_equal(weir_config_get(c, "model.1.linear.bias"), "false");
    assert_int_equal(weir_config_set(c, "model.9.linear.bias", "false", &err), WEIR_USAGE);
    weir_config_free(c);
}

static void a_difference_shows_what_changed(void **state)
{
    (void)state;
    weir_error err = {0};
    weir_config *a = parse(sample), *b = weir_config_copy(a);
    assert_ok(weir_config_set(b, "train.steps", "20", &err), err);
    char *diff = weir_config_diff(a, b);
    assert_non_null(strstr(diff, "\n+ "));
    assert_non_null(strstr(diff, "20"));
    assert_null(strstr(diff, "relu"));
    weir_free(diff);
    weir_config_free(a), weir_config_free(b);
}

static void quoting_survives(void **state)
{
    (void)state;
    static const char *const words[] = {
        "a: b", "- x",  "#no", "it's", "say \"hi\"",  "",     " lead",
        "1e-3", "-0.5", "a,b", "{x}",  "line\nbreak", "null", "\xe4\xb8\xad\xe6\x96\x87"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        weir_error err = {0};
        weir_config *c = parse("a: 1\n"), *again;
        weir_yaml *node = weir_yaml_find(c->root, "a");
        node->text = words[i];
        char *text = weir_config_text(c);
        assert_ok(weir_config_parse(text, "again", &again, &err), err);
        assert_string_equal(weir_config_get(again, "a"), words[i]);
        weir_free(text);
        weir_config_free(c), weir_config_free(again);
    }
}

static void bad_yaml_has_a_place(void **state)
{
    (void)state;
    static const char *const bad[] = {"a: [1, 2\n", "a: 1\na: 2\n", "- x\n", "a: &x 1\nb: *x\n", "",
                                      "a: 1\n---\nb: 2\n", "a: \"open\n", "a:\n\t- 1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weir_config *c;
        weir_error err = {0};
        assert_int_equal(weir_config_parse(bad[i], "bad.yaml", &c, &err), WEIR_USAGE);
        assert_null(c);
        assert_non_null(strstr(err.text, "bad.yaml"));
    }
}

/* Lists reach their options as they are written, in a block or on one line. */
static void pairs_come_from_lists(void **state)
{
    (void)state;
    struct sizes {
        weir_pair a, b, c;
    } sizes = {0};
    static const weir_option table[] = {WEIR_OPTION_PAIR(struct sizes, a, "2", 1, 9, ""),
                                        WEIR_OPTION_PAIR(struct sizes, b, "2", 1, 9, ""),
                                        WEIR_OPTION_PAIR(struct sizes, c, "2", 1, 9, ""),
                                        {0}};
    weir_arena arena = {0};
    weir_error err = {0};
    weir_config *c = parse("a: [3, 5]\nb:\n  - 4\n  - 1\n");
    assert_ok(weir_config_options(c, c->root, table, NULL, &sizes, &arena, &err), err);
    assert_true(sizes.a.h == 3 && sizes.a.w == 5 && sizes.b.h == 4 && sizes.b.w == 1);
    assert_true(sizes.c.h == 2 && sizes.c.w == 2);
    weir_config_free(c);
    c = parse("b: 1\na: [3, 10]\n");
    assert_int_equal(weir_config_options(c, c->root, table, NULL, &sizes, &arena, &err),
                     WEIR_USAGE);
    assert_string_equal(err.text, "test.yaml:2:1: a must be between 1 and 9, not 10");
    weir_config_free(c);
    weir_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_the_same),
        cmocka_unit_test(paths_find_and_set),
        cmocka_unit_test(a_difference_shows_what_changed),
        cmocka_unit_test(quoting_survives),
        cmocka_unit_test(bad_yaml_has_a_place),
        cmocka_unit_test(pairs_come_from_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
