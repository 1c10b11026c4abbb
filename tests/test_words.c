/* Files of words: rows and cells of csv, and the characters of a text. */
#include "tests/files.h"

#include "base/memory.h"
#include "base/text.h"
#include "formats/csv.h"
#include "formats/symbols.h"

#include <locale.h>

/* --- csv -------------------------------------------------------------------------------------- */

/* All rows as "a|b/c|d": cells between |, rows between /; or the sentence of the error. */
static char *rows_of(const char *words, weir_csv_style style)
{
    weir_csv csv;
    weir_error err = {0};
    weir_text out = {0};
    bool more = true;
    weir_status status = weir_csv_read(words, strlen(words), "a.csv", style, &csv, &err);
    for (size_t i = 0; !status && csv.names && i < csv.columns; i++)
        weir_text_printf(&out, "<%s>", csv.names[i]);
    while (!status && !(status = weir_csv_next(&csv, &more, &err)) && more) {
        if (out.length) weir_text_add(&out, "/");
        for (size_t i = 0; i < csv.columns; i++)
            weir_text_printf(&out, i ? "|%s" : "%s", csv.cells[i].s);
    }
    if (status) {
        assert_int_equal(status, WEIR_IO);
        weir_text_free(&out);
        weir_text_add(&out, err.text);
    }
    weir_csv_close(&csv);
    return weir_text_take(&out);
}

static void csv_rows_and_cells(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1,2\n3,4\n", "1|2/3|4"},
        {"1,2\n3,4", "1|2/3|4"}, /* no line end at the end */
        {"1,2\r\n3,4\r\n", "1|2/3|4"},
        {"1,2\r3,4\r", "1|2/3|4"},
        {"\xef\xbb\xbf" "1,2\n", "1|2"}, /* a byte order mark */
        {"\n\n1,2\n\n3,4\n\n", "1|2/3|4"},
        {"1,\"a,b\"\n2,\"c\"\"d\"\n", "1|a,b/2|c\"d"},
        {"1,\"two\nlines\"\n2,x\n", "1|two\nlines/2|x"},
        {"1,a\"b\n2,\"\"\n", "1|a\"b/2|"}, /* a quote inside a cell is a quote */
        {"1,\n,2\n", "1|/|2"},
        {"a,b\n1,2\n", "<a><b>/1|2"},
        {"\"a, b\",c\n1,2\n", "<a, b><c>/1|2"},
        {"5.1,setosa\n4.9,virginica\n", "5.1|setosa/4.9|virginica"}, /* no header */
        {"1;2\n3;4\n", "1|2/3|4"},
        {"1\t2,5\n3\t4,5\n", "1|2,5/3|4,5"},
        {"7\n8\n9", "7/8/9"},
        {"1,2\n3\n", "a.csv:2: has 1 cells, but the rows before it have 2"},
        {"1,2\n3,4,5\n", "a.csv:2: has 3 cells, but the rows before it have 2"},
        {"1,2\n3,\"4\n5,6\n", "a.csv:2:3: the quote that opens here is not closed"},
        {"1,2\n3,\"4\"5\n", "a.csv:2:6: a delimiter or the line's end belongs behind the closing "
                            "quote"},
        {"", "a.csv: has no rows"},
        {"\n\n", "a.csv: has no rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = rows_of(cases[i][0], (weir_csv_style){0});
        assert_string_equal(got, cases[i][1]);
        weir_free(got);
    }
}

static void csv_style_is_obeyed(void **state)
{
    (void)state;
    weir_csv_style bars = {.delimiter = '|', .header = WEIR_HEADER_YES};
    char *got = rows_of("1|2\n3|4\n", bars);
    assert_string_equal(got, "<1><2>/3|4");
    weir_free(got);
    got = rows_of("a,b\n1,2\n", (weir_csv_style){.header = WEIR_HEADER_NO});
    assert_string_equal(got, "a|b/1|2");
    weir_free(got);
}

/* The first cell of the second row of one column, as a number. */
static weir_status number_of(const char *word, bool nonfinite, double *x, weir_error *err)
{
    char words[256];
    weir_csv csv;
    bool more;
    snprintf(words, sizeof words, "0,0\n1,%s\n", word);
    assert_ok(weir_csv_read(words, strlen(words), "a.csv", (weir_csv_style){.delimiter = ','}, &csv,
                            err), *err);
    assert_ok(weir_csv_next(&csv, &more, err), *err);
    assert_ok(weir_csv_next(&csv, &more, err), *err);
    weir_status status = weir_csv_number(&csv, 1, nonfinite, x, err);
    weir_csv_close(&csv);
    return status;
}

static void csv_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        double x;
    } good[] = {{"1", 1}, {"-2.5", -2.5}, {"+.5", 0.5}, {"1e-3", 0.001}, {" 7 ", 7}, {"\"8\"", 8},
                {"0.1000000000000000055511151231257827", 0.1}};
    static const char *const words[] = {"abc", "1.2.3", "0x10", "1 2", "-", "2016-7-1", "1e", "e5"};
    static const char *const odd[] = {"nan", "NaN", "inf", "-inf", "1e999", "NA", "?", "null"};
    double x;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        weir_error err = {0};
        assert_ok(number_of(good[i].word, false, &x, &err), err);
        assert_near(x, good[i].x, 0);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        weir_error err = {0};
        assert_int_equal(number_of(words[i], true, &x, &err), WEIR_IO);
        assert_non_null(strstr(err.text, "a.csv:2:3: "));
        assert_non_null(strstr(err.text, "is not a number"));
    }
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        weir_error err = {0}, none = {0};
        assert_int_equal(number_of(odd[i], false, &x, &err), WEIR_IO);
        assert_non_null(strstr(err.text, "a.csv:2:3: "));
        assert_ok(number_of(odd[i], true, &x, &none), none);
        assert_true(isnan(x) || isinf(x));
    }
    weir_error err = {0};
    assert_int_equal(number_of("", false, &x, &err), WEIR_IO);
    assert_non_null(strstr(err.text, "a.csv:2:3: this cell is empty"));
}

/* A host program may have set a language with decimal commas; not every machine has one. */
static void csv_numbers_have_points_everywhere(void **state)
{
    (void)state;
    double x;
    weir_error err = {0};
    setlocale(LC_NUMERIC, "de_DE.UTF-8");
    assert_ok(number_of("2.5", false, &x, &err), err);
    setlocale(LC_NUMERIC, "C");
    assert_near(x, 2.5, 0);
}

static void csv_bears_garbage(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (size_t round = 0; round < 3000; round++) {
        enum { MOST = 40 };
        size_t n = round % MOST;
        char *bytes = weir_malloc(n + 1);
        for (size_t i = 0; i < n; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = ",;\t\"\n\r1a.-\0\xff"[(random >> 16) % 12];
        }
        weir_csv csv;
        weir_error err = {0};
        bool more = true;
        double x;
        weir_status status = weir_csv_read(bytes, n, "a.csv", (weir_csv_style){0}, &csv, &err);
        while (!status && !(status = weir_csv_next(&csv, &more, &err)) && more)
            for (size_t i = 0; i < csv.columns; i++) weir_csv_number(&csv, i, true, &x, NULL);
        weir_csv_close(&csv);
        weir_free(bytes);
    }
}

/* --- symbols ---------------------------------------------------------------------------------- */

static void utf8_there_and_back(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        char text[4];
        uint32_t back;
        bool surrogate = c >= 0xd800 && c < 0xe000;
        size_t n = weir_utf8_encode(c, text);
        size_t m = weir_utf8_decode((const unsigned char *)text, n, &back);
        assert_int_equal(m, surrogate ? 0 : n);
        if (!surrogate) assert_int_equal(back, c);
        for (size_t k = 0; k < n; k++) /* cut off */
            assert_int_equal(weir_utf8_decode((const unsigned char *)text, k, &back), 0);
    }
    static const char *const bad[] = {
        "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xc3\x28"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t c;
        assert_int_equal(weir_utf8_decode((const unsigned char *)bad[i], strlen(bad[i]), &c), 0);
    }
}

/* Every stretch of the ids, at any place and stride, is the text. */
static void assert_spells(const weir_symbols *s, const char *const *expected, size_t count)
{
    assert_int_equal(s->count, count);
    int32_t ids[600];
    for (size_t first = 0; first < count; first += 37)
        for (size_t stride = 1; stride < 4; stride++) {
            size_t n = count - first < 200 ? count - first : 200;
            weir_symbols_ids(s, first, n, stride, ids);
            for (size_t i = 0; i < n; i++) {
                int32_t id = ids[i * stride];
                assert_true(id >= 0 && (size_t)id < s->vocabulary);
                assert_string_equal(s->symbols[id], expected[first + i]);
            }
        }
}

static void symbols_of_mixed_lengths(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "\xc3\xa9", "\xe5\xa0\xb0", "\xf0\x9f\x8c\x8a",
                                          "\n"};
    enum { N = 1000 };
    const char *expected[N];
    weir_text text = {0};
    for (size_t i = 0; i < N; i++) {
        expected[i] = letters[i * i % 7 % 5];
        weir_text_add(&text, expected[i]);
    }
    weir_symbols s;
    weir_error err = {0};
    assert_ok(weir_symbols_read(text.s, text.length, "a.txt", WEIR_CHARACTERS, &s, &err), err);
    assert_false(s.converted);
    assert_spells(&s, expected, N);
    for (size_t i = 1; i < s.vocabulary; i++) /* by code point, which for UTF-8 is by bytes */
        assert_true(strcmp(s.symbols[i - 1], s.symbols[i]) < 0);
    weir_symbols_close(&s);
    weir_text_free(&text);
}

/* From U+10000 on, GB18030's four bytes count up evenly from 0x90 0x30 0x81 0x30, in digits of
 * 10, 126 and 10. */
static size_t gb18030_of(uint32_t code, unsigned char *out)
{
    uint32_t linear = code - 0x10000;
    out[3] = (unsigned char)(0x30 + linear % 10);
    out[2] = (unsigned char)(0x81 + linear / 10 % 126);
    out[1] = (unsigned char)(0x30 + linear / 1260 % 10);
    out[0] = (unsigned char)(0x90 + linear / 12600);
    return 4;
}

/* A vocabulary of thousands: the same text in UTF-8 and in GB18030 gives the same ids. It begins
 * with a dike, U+5824, which has two bytes in GB18030. */
static void symbols_of_gb18030(void **state)
{
    (void)state;
    enum { N = 20000, DIFFERENT = 6000 };
    unsigned char *gb = weir_malloc(4 * N + 4);
    char *utf8 = weir_malloc(4 * N + 4);
    size_t a = 2, b = 3;
    memcpy(gb, "\xb5\xcc", a);
    memcpy(utf8, "\xe5\xa0\xa4", b);
    for (size_t i = 0; i < N; i++) {
        uint32_t code = 0x20000 + (uint32_t)(i * 7919 % DIFFERENT);
        a += gb18030_of(code, gb + a);
        b += weir_utf8_encode(code, utf8 + b);
    }
    weir_symbols g, u;
    weir_error err = {0};
    assert_ok(weir_symbols_read(gb, a, "gb.txt", WEIR_CHARACTERS, &g, &err), err);
    assert_ok(weir_symbols_read(utf8, b, "u.txt", WEIR_CHARACTERS, &u, &err), err);
    assert_true(g.converted && !u.converted);
    assert_int_equal(g.count, N + 1);
    assert_int_equal(g.vocabulary, DIFFERENT + 1);
    assert_int_equal(u.vocabulary, g.vocabulary);
    int32_t *ids = weir_malloc(2 * (N + 1) * sizeof *ids);
    weir_symbols_ids(&g, 0, N + 1, 1, ids);
    weir_symbols_ids(&u, 0, N + 1, 1, ids + N + 1);
    assert_memory_equal(ids, ids + N + 1, (N + 1) * sizeof *ids);
    assert_string_equal(g.symbols[ids[0]], "\xe5\xa0\xa4");
    weir_free(ids);
    weir_symbols_close(&g);
    weir_symbols_close(&u);
    weir_free(gb);
    weir_free(utf8);
}

static void symbols_of_bytes(void **state)
{
    (void)state;
    weir_symbols s;
    weir_error err = {0};
    int32_t ids[5];
    assert_ok(weir_symbols_read("\xff\0a\xff", 4, "a", WEIR_BYTES, &s, &err), err);
    assert_int_equal(s.vocabulary, 3);
    weir_symbols_ids(&s, 0, 4, 1, ids);
    assert_true(ids[0] == 2 && ids[1] == 0 && ids[2] == 1 && ids[3] == 2);
    assert_string_equal(s.symbols[2], "\xff");
    weir_symbols_close(&s);
}

static void symbols_refuse(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {{"ab\xff" "cd", 5, "byte 2 (0xff)"},
                 {"", 0, "is empty"},
                 {"\xef\xbb\xbf", 3, "is empty"},
                 {"good \x84\x31", 7, "byte 5"}}; /* half a character of GB18030 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        weir_symbols s;
        weir_error err = {0};
        assert_int_equal(weir_symbols_read(cases[i].bytes, cases[i].size, "a.txt", WEIR_CHARACTERS,
                                           &s, &err), WEIR_IO);
        if (!strstr(err.text, cases[i].says)) fail_msg("%s", err.text);
        weir_symbols_close(&s);
    }
    weir_symbols s;
    weir_error err = {0};
    assert_ok(weir_symbols_read("\xef\xbb\xbfhi", 5, "a.txt", WEIR_CHARACTERS, &s, &err), err);
    assert_int_equal(s.count, 2); /* the byte order mark is none of the text */
    weir_symbols_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_rows_and_cells),
        cmocka_unit_test(csv_style_is_obeyed),
        cmocka_unit_test(csv_numbers),
        cmocka_unit_test(csv_numbers_have_points_everywhere),
        cmocka_unit_test(csv_bears_garbage),
        cmocka_unit_test(utf8_there_and_back),
        cmocka_unit_test(symbols_of_mixed_lengths),
        cmocka_unit_test(symbols_of_gb18030),
        cmocka_unit_test(symbols_of_bytes),
        cmocka_unit_test(symbols_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
