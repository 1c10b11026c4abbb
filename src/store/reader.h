/* store/reader.h - reading run.db back, row by row. The file may come from anywhere, so whoever
 * takes a row checks its keys. For this room only. */
#ifndef WEIR_STORE_READER_H
#define WEIR_STORE_READER_H

#include "store/tables.h"

enum { WEIR_MOST_ROWS = 100000000 }; /* of anything: more than that is no run */

typedef struct weir_reader {
    const char *path;
    sqlite3 *db;
    weir_flow_record *record; /* to be filled */
    size_t sample;            /* the one that the newest row belongs to */
    weir_error *err;
} weir_reader;

typedef struct weir_row {
    const weir_store_table *table;
    sqlite3_stmt *s;
    uint64_t key[WEIR_MAX_KEYS];
} weir_row;

/* Puts a row's fields into the struct it was taken from. */
weir_status weir_row_fields(weir_reader *r, const weir_row *row, void *out);

/* One value of a row into one field. */
weir_status weir_fetch(weir_reader *r, sqlite3_stmt *s, int at, weir_column_type type, void *field);

/* Every row of a table, in the order of its keys. */
typedef weir_status weir_take_row(weir_reader *r, const weir_row *row);
weir_status weir_each_row(weir_reader *r, weir_table_id id, weir_take_row *take);

/* How many rows a table has, whose first key must be 0 .. n-1. */
weir_status weir_count_rows(weir_reader *r, weir_table_id id, size_t *n);

/* WEIR_IO: SQLite said no; the tables do not fit each other. */
weir_status weir_fail_reading(weir_reader *r);
weir_status weir_fail_damaged(weir_reader *r, const char *table);

/* The samples and all that hangs on them, after the net is known (samples.c). */
weir_status weir_read_samples(weir_reader *r);

#endif
