#include "show/paint.h"

#include "base/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const inks[] = {"", "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[32m",
                                   "\033[34m"};

static WEIR_PRINTF(3, 0) void paint(weir_canvas *c, weir_ink ink, const char *format, va_list args)
{
    bool coloured = c->colour && ink != WEIR_PLAIN;
    if (coloured) weir_text_add(c->out, inks[ink]);
    weir_text_vprintf(c->out, format, args);
    if (coloured) weir_text_add(c->out, "\033[0m");
}

void weir_paint(weir_canvas *c, weir_ink ink, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    paint(c, ink, format, args);
    va_end(args);
}

/* The code point at s; *length its bytes. */
static unsigned code_point(const unsigned char *s, size_t *length)
{
    if (s[0] < 0xc0) return *length = 1, s[0];
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    unsigned u = s[0] & (0xffu >> (n + 1));
    size_t i = 1;
    for (; i < n && (s[i] & 0xc0) == 0x80; i++) u = u << 6 | (s[i] & 0x3fu);
    *length = i;
    return u;
}

static bool is_wide(unsigned u)
{
    return (u >= 0x1100 && u <= 0x115f) || (u >= 0x2e80 && u <= 0xa4cf) ||
           (u >= 0xac00 && u <= 0xd7a3) || (u >= 0xf900 && u <= 0xfaff) ||
           (u >= 0xfe30 && u <= 0xfe6f) || (u >= 0xff00 && u <= 0xff60) ||
           (u >= 0xffe0 && u <= 0xffe6) || (u >= 0x20000 && u <= 0x3fffd);
}

static size_t width_of(unsigned u)
{
    return is_wide(u) ? 2 : 1;
}

static size_t columns_between(const char *s, const char *end)
{
    size_t columns = 0, length;
    for (; s < end; s += length) columns += width_of(code_point((const unsigned char *)s, &length));
    return columns;
}

size_t weir_text_columns(const char *s)
{
    return columns_between(s, s + strlen(s));
}

size_t weir_text_fit(const char *s, size_t columns)
{
    size_t used = 0, length;
    const char *p = s;
    for (; *p; p += length) {
        used += width_of(code_point((const unsigned char *)p, &length));
        if (used > columns) break;
    }
    return (size_t)(p - s);
}

static void add_spaces(weir_canvas *c, size_t from, size_t to)
{
    if (from < to) weir_text_printf(c->out, "%*s", (int)(to - from), "");
}

void weir_paint_cell(weir_canvas *c, weir_ink ink, size_t columns, const char *s)
{
    weir_paint(c, ink, "%s", s);
    add_spaces(c, weir_text_columns(s), columns);
}

void weir_paint_right(weir_canvas *c, weir_ink ink, size_t columns, const char *s)
{
    add_spaces(c, weir_text_columns(s), columns);
    weir_paint(c, ink, "%s", s);
}

void weir_paint_command(weir_canvas *c, const char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weir_text_printf(c->out, "  %s\n    ", why);
    paint(c, WEIR_BOLD, format, args);
    weir_text_add(c->out, "\n");
    va_end(args);
}

void weir_paint_heading(weir_canvas *c, const char *text)
{
    weir_text_add(c->out, "\n");
    weir_paint(c, WEIR_BOLD, "%s ", text);
    weir_text rule = {0};
    for (size_t i = weir_text_columns(text) + 1; i < c->width; i++)
        weir_text_add(&rule, c->utf8 ? "─" : "-");
    if (rule.s) weir_text_add(c->out, c->colour ? inks[WEIR_DIM] : "");
    if (rule.s) weir_text_add(c->out, rule.s);
    if (rule.s && c->colour) weir_text_add(c->out, "\033[0m");
    weir_text_add(c->out, "\n");
    weir_text_free(&rule);
}

static bool is_one_of(unsigned u, const char *set)
{
    size_t length;
    for (const unsigned char *p = (const unsigned char *)set; *p; p += length)
        if (code_point(p, &length) == u) return true;
    return false;
}

/* Whether a line may end between two characters that no space parts. */
static bool may_break(unsigned before, unsigned after)
{
    return (is_wide(before) || is_wide(after)) && !is_one_of(before, "（《「『【〔“‘([{\"") &&
           !is_one_of(after, "，。、；：！？）》」』】〕”’…%,.;:!?)]}\"");
}

/* The end of the word at s: the next space that no unit follows ("50 %"), or the next place where a
 * line may end. */
static const char *word_end(const char *s)
{
    size_t length;
    unsigned before = 0;
    const char *p = s;
    for (; *p && (*p != ' ' || p[1] == '%') && *p != '\n'; p += length) {
        unsigned u = code_point((const unsigned char *)p, &length);
        if (p > s && may_break(before, u)) break;
        before = u;
    }
    return p;
}

void weir_paint_wrapped_in(weir_canvas *c, weir_ink ink, size_t indent, size_t column,
                           const char *text)
{
    bool coloured = c->colour && ink != WEIR_PLAIN;
    if (coloured) weir_text_add(c->out, inks[ink]);
    weir_paint_wrapped(c, indent, column, text);
    if (coloured) weir_text_add(c->out, "\033[0m");
}

void weir_paint_wrapped(weir_canvas *c, size_t indent, size_t column, const char *text)
{
    bool first = true;
    while (*text) {
        bool space = *text == ' ';
        while (*text == ' ') text++;
        const char *end = word_end(text);
        size_t columns = columns_between(text, end);
        if (!first && column + space + columns > c->width) {
            weir_text_printf(c->out, "\n%*s", (int)indent, "");
            column = indent;
            space = false;
        }
        if (space && !first) {
            weir_text_add(c->out, " ");
            column++;
        }
        weir_text_add_bytes(c->out, text, (size_t)(end - text));
        column += columns;
        first = false;
        text = end;
        if (*text == '\n') text++;
    }
    weir_text_add(c->out, "\n");
}

void weir_paint_log_bar(weir_canvas *c, size_t cells, double value, double low, double high,
                        weir_ink ink)
{
    static const char *const eighth[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double share = value > 0 && high > low ? log(value / low) / log(high / low) : 0;
    share = fmin(fmax(share, 0), 1);
    size_t parts = (size_t)lround(share * (double)cells * 8);
    if (value > 0 && parts == 0) parts = 1; /* something is there */
    weir_text bar = {0};
    for (size_t i = 0; i < parts / 8; i++) weir_text_add(&bar, c->utf8 ? "█" : "#");
    if (parts % 8) weir_text_add(&bar, c->utf8 ? eighth[parts % 8] : parts % 8 >= 4 ? "=" : "-");
    if (bar.s) weir_paint(c, ink, "%s", bar.s);
    weir_text_free(&bar);
}

void weir_paint_spark(weir_canvas *c, size_t cells, const double *value, size_t n)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {"_", "_", ".", "-", "-", "=", "#", "#"};
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(value[i])) continue;
        low = fmin(low, value[i]);
        high = fmax(high, value[i]);
    }
    if (cells > n) cells = n;
    for (size_t i = 0; i < cells; i++) {
        double v = value[i * n / cells];
        if (!isfinite(v)) {
            weir_text_add(c->out, "!");
            continue;
        }
        size_t level = high > low ? (size_t)(7.999 * (v - low) / (high - low)) : 0;
        weir_text_add(c->out, c->utf8 ? blocks[level] : ascii[level]);
    }
}

const char *weir_number(double x, char buffer[32])
{
    if (isnan(x)) return "-";
    if (isinf(x)) return x > 0 ? "inf" : "-inf";
    double a = fabs(x);
    if (a == 0) x = 0; /* no "-0" */
    if (a != 0 && (a < 1e-3 || a >= 1e6))
        snprintf(buffer, 32, "%.1e", x);
    else if (a >= 1000 || x == floor(x))
        snprintf(buffer, 32, "%.0f", x);
    else
        snprintf(buffer, 32, "%.3g", x);
    return buffer;
}
