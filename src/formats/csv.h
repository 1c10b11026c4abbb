/* formats/csv.h - rows of cells, one row at a time, out of a mapped file (RFC 4180).
 *
 *   weir_csv csv;
 *   WEIR_TRY(weir_csv_open(path, (weir_csv_style){0}, &csv, err));
 *   while (!(status = weir_csv_next(&csv, &more, err)) && more)
 *       status = weir_csv_number(&csv, 3, false, &x, err);
 *   weir_csv_close(&csv);
 *
 * Quoted cells may hold delimiters, line ends and "" for a quote; lines end in LF, CRLF or CR.
 * Every cell knows its place. Empty lines are passed over, but for tables of one column, where
 * only the last ones are.
 */
#ifndef WEIR_FORMATS_CSV_H
#define WEIR_FORMATS_CSV_H

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"

#include <locale.h>

typedef enum weir_csv_header {
    WEIR_HEADER_GUESS, /* the first row names columns if none of its cells is a number */
    WEIR_HEADER_YES,
    WEIR_HEADER_NO
} weir_csv_header;

typedef struct weir_csv_style {
    char delimiter; /* 0: the one of tab ; and , that splits the first rows evenly, else , */
    weir_csv_header header;
} weir_csv_style;

typedef struct weir_csv_cell {
    const char *s; /* NUL-terminated, without quotes; until the next row is read */
    size_t length;
    size_t line, column; /* where it begins, from 1; columns count bytes */
} weir_csv_cell;

typedef struct weir_csv {
    const char *name; /* of the file */
    char delimiter;
    size_t columns;           /* in every row */
    const char *const *names; /* [columns], or NULL without a header */
    const weir_csv_cell *cells; /* [columns], the row read last */

    const char *at, *end, *line_start; /* inside the file */
    size_t line;                       /* of `at`, from 1 */
    weir_csv_cell *row;
    weir_text words;     /* the row's cells, one after another */
    bool first_waits;    /* the first row was read to look for a header, and is data */
    locale_t c_locale;   /* numbers are written with a point, whatever the user's language */
    weir_file file;
    weir_arena arena;
} weir_csv;

/* WEIR_IO when it cannot be read or has no row. Close with weir_csv_close, also after an error. */
weir_status weir_csv_open(const char *path, weir_csv_style style, weir_csv *csv, weir_error *err);

/* The same from memory that outlives *csv; `name` (which must, too) opens the sentences. */
weir_status weir_csv_read(const void *data, size_t size, const char *name, weir_csv_style style,
                          weir_csv *csv, weir_error *err);
void weir_csv_close(weir_csv *csv);

/* The next row into csv->cells; *more is false behind the last. WEIR_IO for a row of another length
 * or a quote that is not closed. */
weir_status weir_csv_next(weir_csv *csv, bool *more, weir_error *err);

/* A cell of the row as a number. WEIR_IO with file:line:column for a word, and for nan, inf, NA and
 * empty cells unless nonfinite (empty cells and NA are then NaN). */
weir_status weir_csv_number(const weir_csv *csv, size_t column, bool nonfinite, double *x,
                            weir_error *err);

/* Whether a cell is a number, or stands for a missing one. */
bool weir_csv_is_number(const weir_csv *csv, size_t column);

#endif
