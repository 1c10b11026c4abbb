/* store/tables.h - what stands in run.db: one declaration makes, writes and reads each table.
 *
 * A table's first columns are keys (a step, indices); the others are fields of the struct that its
 * rows are taken from and put back into. For this room only.
 */
#ifndef WEIR_STORE_TABLES_H
#define WEIR_STORE_TABLES_H

#include "record/record.h"

#include <sqlite3.h>

typedef enum weir_column_type {
    WEIR_COLUMN_STEP, /* uint64_t */
    WEIR_COLUMN_SIZE, /* size_t; SIZE_MAX is NULL */
    WEIR_COLUMN_REAL, /* double; NaN is NULL */
    WEIR_COLUMN_BOOL, /* bool, as 0 and 1 */
    WEIR_COLUMN_TEXT, /* const char *, may be NULL */
    WEIR_COLUMN_PART  /* weir_part, as a word */
} weir_column_type;

typedef struct weir_column {
    const char *name;
    weir_column_type type;
    size_t offset; /* in the row's struct */
} weir_column;

enum { WEIR_MAX_KEYS = 3 };

typedef struct weir_store_table {
    const char *name;
    const char *key[WEIR_MAX_KEYS + 1]; /* NULL-terminated; the first is "step" where rows are
                                         * dropped by it */
    const weir_column *column;          /* ends with {0} */
} weir_store_table;

typedef enum weir_table_id {
    WEIR_TABLE_NODE,
    WEIR_TABLE_INPUT,
    WEIR_TABLE_PARAMETER,
    WEIR_TABLE_LINE,
    WEIR_TABLE_GATE,
    WEIR_TABLE_LOSS,
    WEIR_TABLE_EVAL,
    WEIR_TABLE_SAMPLE,
    WEIR_TABLE_NODE_FLOW,
    WEIR_TABLE_PARAMETER_FLOW,
    WEIR_TABLE_TIME_FLOW,
    WEIR_TABLE_GATE_FLOW,
    WEIR_TABLE_LAG,
    WEIR_TABLE_LAG_FLOW,
    WEIR_TABLES
} weir_table_id;

extern const weir_store_table weir_store_tables[]; /* [WEIR_TABLES] */

enum { WEIR_PARTS = 5 };
extern const char *const weir_part_words[]; /* [WEIR_PARTS] */

/* The fields of weir_flow_record that are rows of fact(name, value). */
extern const weir_column weir_fact_columns[];

/* Rows whose numbers lie in arrays of the record. */
typedef struct weir_input_row {
    size_t input;
} weir_input_row;
typedef struct weir_gate_row {
    const char *name;
} weir_gate_row;
typedef struct weir_time_row {
    double grad_h, grad_c, contribution_ih, contribution_hh, share_ih, share_hh;
} weir_time_row;
typedef struct weir_gate_flow_row {
    double mean, saturated;
} weir_gate_flow_row;
typedef struct weir_lag_row {
    double h, c, joint;
} weir_lag_row;

size_t weir_table_keys(const weir_store_table *table);

/* "run.db" of a folder, free with weir_free; NULL when there is no memory. */
char *weir_store_path(const char *folder);

/* WEIR_IO with SQLite's own words: "PATH: cannot VERB: database disk image is malformed". */
weir_status weir_store_fail(const char *path, sqlite3 *db, const char *verb, weir_error *err);

/* What PRAGMA application_id and user_version say of a database of Weir's. */
enum { WEIR_STORE_ID = 0x57656972, WEIR_STORE_VERSION = 2 };

/* The number that a PRAGMA (or any query of one number) gives. */
weir_status weir_store_number(const char *path, sqlite3 *db, const char *query, int64_t *number,
                              weir_error *err);

/* WEIR_IO for a database that is none of Weir's, or of a later version than this one, or cut
 * off. */
weir_status weir_store_check(const char *path, sqlite3 *db, weir_error *err);

#endif
