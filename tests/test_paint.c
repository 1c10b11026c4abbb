/* Drawing with characters: columns, cells and lines, where a CJK character takes two columns. */
#include "tests/test.h"

#include "base/memory.h"
#include "show/paint.h"

static void columns_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {{"", 0},       {"loss", 4},   {"损失", 4}, {"lr 学习率", 9}, {"é→█", 3},
                 {"，。（", 6}, {"ＡＢ", 4},   {"한글", 4}, {"\xf0\xa0\x80\x80", 2},
                 {"\xe6\x8d", 1}}; /* the last is cut off */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(weir_text_columns(cases[i].text), cases[i].columns);
}

static void whole_characters_fit(void **state)
{
    (void)state;
    assert_int_equal(weir_text_fit("loss", 3), 3);
    assert_int_equal(weir_text_fit("loss", 9), 4);
    assert_int_equal(weir_text_fit("损失", 4), 6);
    assert_int_equal(weir_text_fit("损失", 3), 3); /* half a character is none */
    assert_int_equal(weir_text_fit("损失", 1), 0);
    assert_int_equal(weir_text_fit("", 1), 0);
}

static void cells_stand_below_each_other(void **state)
{
    (void)state;
    weir_text out = {0};
    weir_canvas c = {.out = &out, .utf8 = true, .width = 20};
    weir_paint_cell(&c, WEIR_PLAIN, 6, "损失");
    weir_paint_right(&c, WEIR_PLAIN, 6, "均值");
    weir_text_add(&out, "\n");
    weir_paint_cell(&c, WEIR_PLAIN, 6, "loss");
    weir_paint_right(&c, WEIR_PLAIN, 6, "mean");
    weir_paint_right(&c, WEIR_PLAIN, 2, "more");
    assert_string_equal(out.s, "损失    均值\nloss    meanmore");
    weir_text_free(&out);
}

static void headings_reach_the_edge(void **state)
{
    (void)state;
    weir_text out = {0};
    weir_canvas c = {.out = &out, .width = 10};
    weir_paint_heading(&c, "处方");
    weir_paint_heading(&c, "Loss");
    assert_string_equal(out.s, "\n处方 -----\n\nLoss -----\n");
    weir_text_free(&out);
}

static void lines_break(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"one two three", "one two\n  three\n"},
        {"one  two", "one two\n"},
        {"unbreakable words", "unbreakable\n  words\n"},
        {"梯度消失了", "梯度消失了\n"},                /* ten columns fit */
        {"梯度在此消失", "梯度在此消\n  失\n"},        /* anywhere between ideographs */
        {"梯度消失，了", "梯度消失，\n  了\n"},
        {"梯度消失了。", "梯度消失\n  了。\n"},        /* no line begins with a full stop */
        {"梯度在此（是）", "梯度在此\n  （是）\n"},    /* and none ends with a bracket */
        {"用 sigmoid 时", "用 sigmoid\n  时\n"},
        {"层sigmoid饱和", "层sigmoid\n  饱和\n"},      /* a word is not torn */
        {"减少了约99 %", "减少了约\n  99 %\n"}, /* nor a number from its unit */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        weir_text out = {0};
        weir_canvas c = {.out = &out, .utf8 = true, .width = 10};
        weir_paint_wrapped(&c, 2, 0, cases[i][0]);
        assert_string_equal(out.s, cases[i][1]);
        weir_text_free(&out);
    }
}

/* No line is wider than the canvas, and nothing is lost. */
static void lines_keep_the_width(void **state)
{
    (void)state;
    const char *text = "反向传播时，每一层都使梯度乘以 0.14：其中 sigmoid 的斜率占 0.24，权重占 0.58。";
    for (size_t width = 20; width < 90; width++) {
        weir_text out = {0};
        weir_canvas c = {.out = &out, .utf8 = true, .width = width};
        weir_paint_wrapped(&c, 4, 0, text);
        const char *t = text;
        for (char *line = strtok(out.s, "\n"); line; line = strtok(NULL, "\n")) {
            assert_true(weir_text_columns(line) <= width);
            for (const char *p = line; *p; p++) {
                if (*p == ' ') continue;
                while (*t == ' ') t++;
                assert_int_equal(*p, *t++);
            }
        }
        assert_int_equal(*t, 0);
        weir_text_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_counted),    cmocka_unit_test(whole_characters_fit),
        cmocka_unit_test(cells_stand_below_each_other), cmocka_unit_test(headings_reach_the_edge),
        cmocka_unit_test(lines_break),            cmocka_unit_test(lines_keep_the_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
