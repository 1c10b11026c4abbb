#define _GNU_SOURCE /* strtod_l */
#include "formats/csv.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { GUESS_ROWS = 10 };

static weir_status fail_at(const weir_csv *c, size_t line, size_t column, weir_error *err,
                           const char *what)
{
    return weir_fail(err, WEIR_IO, "%s:%zu:%zu: %s", c->name, line, column, what);
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static void skip_line_end(weir_csv *c)
{
    if (c->at == c->end) return;
    bool pair = *c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n';
    c->at += pair ? 2 : 1;
    c->line_start = c->at;
    c->line++;
}

/* Behind an opening quote, up to behind the closing one. */
static weir_status read_quoted(weir_csv *c, const weir_csv_cell *cell, weir_error *err)
{
    while (c->at < c->end) {
        const char *from = c->at;
        if (*from == '"') {
            c->at++;
            if (c->at == c->end || *c->at != '"') return WEIR_OK;
            c->at++;
            weir_text_add_bytes(&c->words, "\"", 1);
        } else if (is_line_end(*from)) {
            skip_line_end(c);
            weir_text_add_bytes(&c->words, from, (size_t)(c->at - from));
        } else {
            while (c->at < c->end && *c->at != '"' && !is_line_end(*c->at)) c->at++;
            weir_text_add_bytes(&c->words, from, (size_t)(c->at - from));
        }
    }
    return fail_at(c, cell->line, cell->column, err, _("the quote that opens here is not closed"));
}

/* One cell; c->at is then at a delimiter, a line end or the end. Its s is set by finish_row. */
static weir_status read_cell(weir_csv *c, weir_csv_cell *cell, weir_error *err)
{
    size_t start = c->words.length;
    *cell = (weir_csv_cell){.line = c->line, .column = (size_t)(c->at - c->line_start) + 1};
    if (c->at < c->end && *c->at == '"') {
        c->at++;
        WEIR_TRY(read_quoted(c, cell, err));
        if (c->at < c->end && *c->at != c->delimiter && !is_line_end(*c->at))
            return fail_at(c, c->line, (size_t)(c->at - c->line_start) + 1, err,
                           _("a delimiter or the line's end belongs behind the closing quote"));
    } else {
        const char *from = c->at;
        while (c->at < c->end && *c->at != c->delimiter && !is_line_end(*c->at)) c->at++;
        weir_text_add_bytes(&c->words, from, (size_t)(c->at - from));
    }
    cell->length = c->words.length - start;
    weir_text_add_bytes(&c->words, "", 1);
    return c->words.failed ? weir_fail_memory(err) : WEIR_OK;
}

/* c->words moves while it grows, so cells get their words when the row is complete. */
static void finish_row(weir_csv *c, size_t cells)
{
    const char *s = c->words.s;
    for (size_t i = 0; i < cells; i++) {
        c->row[i].s = s;
        s += c->row[i].length + 1;
    }
}

static weir_status fail_count(const weir_csv *c, size_t line, size_t cells, weir_error *err)
{
    return weir_fail(err, WEIR_IO, _("%s:%zu: has %zu cells, but the rows before it have %zu"),
                     c->name, line, cells, c->columns);
}

static weir_status read_row(weir_csv *c, weir_error *err)
{
    size_t cells = 0, line = c->line;
    c->words.length = 0;
    for (bool more = true; more; cells++) {
        weir_csv_cell beyond;
        WEIR_TRY(read_cell(c, cells < c->columns ? &c->row[cells] : &beyond, err));
        more = c->at < c->end && *c->at == c->delimiter;
        if (more) c->at++;
    }
    skip_line_end(c);
    if (cells != c->columns) return fail_count(c, line, cells, err);
    finish_row(c, cells);
    return WEIR_OK;
}

/* Past empty lines, where they mean nothing. */
static void skip_empty_lines(weir_csv *c)
{
    const char *at = c->at;
    while (at < c->end && is_line_end(*at)) at++;
    if (c->columns == 1 && at < c->end) return;
    while (c->at < at) skip_line_end(c);
}

weir_status weir_csv_next(weir_csv *c, bool *more, weir_error *err)
{
    *more = true;
    if (c->first_waits) {
        c->first_waits = false;
        return WEIR_OK;
    }
    skip_empty_lines(c);
    *more = c->at < c->end;
    return *more ? read_row(c, err) : WEIR_OK;
}

/* --- the first rows --------------------------------------------------------------------------- */

/* How often a character stands in the row at `at` outside quotes; *next is the row behind it. */
static size_t count_in_row(const char *at, const char *end, char delimiter, const char **next)
{
    size_t n = 0;
    bool quoted = false, starts = true; /* inside quotes; at a cell's first character */
    for (; at < end && (quoted || !is_line_end(*at)); at++) {
        bool delimits = !quoted && *at == delimiter, doubled = at + 1 < end && at[1] == '"';
        if (quoted && *at == '"' && doubled)
            at++;
        else if (*at == '"' && (quoted || starts))
            quoted = !quoted;
        n += delimits;
        starts = delimits;
    }
    while (at < end && is_line_end(*at)) at++;
    *next = at;
    return n;
}

static char guess_delimiter(const char *at, const char *end)
{
    for (const char *d = "\t;,"; *d; d++) {
        const char *row;
        size_t first = count_in_row(at, end, *d, &row), rows = 1;
        while (first && row < end && rows < GUESS_ROWS && count_in_row(row, end, *d, &row) == first)
            rows++;
        if (first && (row == end || rows == GUESS_ROWS)) return *d;
    }
    return ',';
}

static weir_status take_names(weir_csv *c, weir_error *err)
{
    const char **names = weir_arena_alloc(&c->arena, c->columns * sizeof *names);
    if (!names) return weir_fail_memory(err);
    for (size_t i = 0; i < c->columns; i++) {
        names[i] = weir_arena_strdup(&c->arena, c->cells[i].s);
        if (!names[i]) return weir_fail_memory(err);
    }
    c->names = names;
    return WEIR_OK;
}

static weir_status begin(weir_csv *c, const char *data, size_t size, weir_csv_style style,
                         weir_error *err)
{
    const char *next;
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) data += 3, size -= 3;
    c->at = c->line_start = data;
    c->end = data + size;
    c->line = 1;
    skip_empty_lines(c);
    if (c->at == c->end) return weir_fail(err, WEIR_IO, _("%s: has no rows"), c->name);
    c->delimiter = style.delimiter ? style.delimiter : guess_delimiter(c->at, c->end);
    c->columns = count_in_row(c->at, c->end, c->delimiter, &next) + 1;
    c->row = weir_arena_calloc(&c->arena, c->columns, sizeof *c->row);
    c->c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (!c->row || !c->c_locale) return weir_fail_memory(err);
    c->cells = c->row;
    WEIR_TRY(read_row(c, err));
    bool header = style.header == WEIR_HEADER_YES;
    if (style.header == WEIR_HEADER_GUESS) {
        header = true;
        for (size_t i = 0; i < c->columns; i++)
            header &= !weir_csv_is_number(c, i) || !c->cells[i].length;
    }
    c->first_waits = !header;
    return header ? take_names(c, err) : WEIR_OK;
}

weir_status weir_csv_read(const void *data, size_t size, const char *name, weir_csv_style style,
                          weir_csv *csv, weir_error *err)
{
    *csv = (weir_csv){.name = name};
    return begin(csv, data, size, style, err);
}

weir_status weir_csv_open(const char *path, weir_csv_style style, weir_csv *csv, weir_error *err)
{
    *csv = (weir_csv){0};
    csv->name = weir_arena_strdup(&csv->arena, path);
    if (!csv->name) return weir_fail_memory(err);
    WEIR_TRY(weir_file_open(path, &csv->file, err));
    return begin(csv, (const char *)csv->file.data, csv->file.size, style, err);
}

void weir_csv_close(weir_csv *csv)
{
    if (csv->c_locale) freelocale(csv->c_locale);
    weir_text_free(&csv->words);
    weir_file_close(&csv->file);
    weir_arena_free(&csv->arena);
    *csv = (weir_csv){0};
}

/* --- numbers ---------------------------------------------------------------------------------- */

static bool is_missing(const char *s)
{
    static const char *const words[] = {"", "na", "n/a", "null", "none", "?"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(s, words[i])) return true;
    return false;
}

/* nan, inf and infinity with any sign are for strtod, hexadecimal is not. */
static bool parse(const weir_csv *c, const char *s, double *x)
{
    char *end;
    s += strspn(s, " \t");
    *x = (double)NAN;
    if (is_missing(s)) return true;
    const char *digits = s + (*s == '-' || *s == '+');
    if (*digits == '\0' || (digits[0] == '0' && (digits[1] | 32) == 'x')) return false;
    *x = strtod_l(s, &end, c->c_locale);
    return end > s && end[strspn(end, " \t")] == '\0';
}

bool weir_csv_is_number(const weir_csv *c, size_t column)
{
    const weir_csv_cell *cell = &c->cells[column];
    double x;
    return strlen(cell->s) == cell->length && parse(c, cell->s, &x);
}

weir_status weir_csv_number(const weir_csv *c, size_t column, bool nonfinite, double *x,
                            weir_error *err)
{
    const weir_csv_cell *cell = &c->cells[column];
    bool number = strlen(cell->s) == cell->length && parse(c, cell->s, x);
    if (number && (isfinite(*x) || nonfinite)) return WEIR_OK;
    if (cell->length == 0)
        return fail_at(c, cell->line, cell->column, err,
                       _("this cell is empty; fill it in, or set allow_nonfinite: true"));
    const char *sentence = number ? _("%s:%zu:%zu: \"%.40s\" is not a finite number; mend it, or "
                                      "set allow_nonfinite: true")
                                  : _("%s:%zu:%zu: \"%.40s\" is not a number");
    return weir_fail(err, WEIR_IO, sentence, c->name, cell->line, cell->column, cell->s);
}
