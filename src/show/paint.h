/* show/paint.h - drawing with characters: colours where a terminal has them, blocks where it knows
 * UTF-8, plain ASCII elsewhere. */
#ifndef WEIR_SHOW_PAINT_H
#define WEIR_SHOW_PAINT_H

#include "base/text.h"

typedef struct weir_canvas {
    weir_text *out;
    bool colour, utf8;
    size_t width; /* columns; 80 where nobody knows */
} weir_canvas;

typedef enum weir_ink { WEIR_PLAIN, WEIR_BOLD, WEIR_DIM, WEIR_RED, WEIR_YELLOW, WEIR_GREEN,
                        WEIR_BLUE } weir_ink;

void weir_paint(weir_canvas *c, weir_ink ink, const char *format, ...) WEIR_PRINTF(3, 4);

/* A heading with a rule to the right edge. */
void weir_paint_heading(weir_canvas *c, const char *text);

/* What to type, and what for:
 *
 *     train it to the end:
 *       weir train net.yaml */
void weir_paint_command(weir_canvas *c, const char *why, const char *format, ...) WEIR_PRINTF(3, 4);

/* Words broken at the right edge, every line indented; the first line continues where `column` is.
 * CJK text breaks between any two characters, but a line begins with no comma and ends with no
 * opening bracket. */
void weir_paint_wrapped(weir_canvas *c, size_t indent, size_t column, const char *text);
void weir_paint_wrapped_in(weir_canvas *c, weir_ink ink, size_t indent, size_t column,
                           const char *text);

/* A bar of up to `cells` columns for a value on a log scale from low (empty) to high (full);
 * eighths of a cell where there is UTF-8. NaN and values of 0 draw nothing. */
void weir_paint_log_bar(weir_canvas *c, size_t cells, double value, double low, double high,
                        weir_ink ink);

/* One character per value, low to high: a sparkline of `cells` columns. */
void weir_paint_spark(weir_canvas *c, size_t cells, const double *value, size_t n);

/* How many columns a UTF-8 string takes: CJK characters two. */
size_t weir_text_columns(const char *s);

/* How many bytes of it fit into so many columns: whole characters. */
size_t weir_text_fit(const char *s, size_t columns);

/* The string, then spaces up to `columns`; and the other way round, for numbers. */
void weir_paint_cell(weir_canvas *c, weir_ink ink, size_t columns, const char *s);
void weir_paint_right(weir_canvas *c, weir_ink ink, size_t columns, const char *s);

/* A number in at most eight columns: 0.00012 as 1.2e-4, 123456 as 123456. */
const char *weir_number(double x, char buffer[32]);

#endif
