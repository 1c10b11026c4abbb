/* Rows of run.db, one table after the other. */
#include "store/reader.h"

#include "base/intl.h"
#include "base/status.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

weir_status weir_fail_reading(weir_reader *r)
{
    return weir_store_fail(r->path, r->db, _("read"), r->err);
}

weir_status weir_fail_damaged(weir_reader *r, const char *table)
{
    return weir_fail(r->err, WEIR_IO, _("%s: is damaged: the table %s contradicts the others"),
                     r->path, table);
}

static weir_status put_text(weir_reader *r, sqlite3_stmt *s, int at, const char **field)
{
    const char *text = (const char *)sqlite3_column_text(s, at);
    *field = text ? weir_record_text(r->record, text) : NULL;
    return text && !*field ? weir_fail_memory(r->err) : WEIR_OK;
}

/* A word of no part stays 0, plumbing. */
static weir_part part_of(const char *word)
{
    for (size_t i = 0; word && i < WEIR_PARTS; i++)
        if (!strcmp(weir_part_words[i], word)) return (weir_part)i;
    return WEIR_PLUMBING;
}

weir_status weir_fetch(weir_reader *r, sqlite3_stmt *s, int at, weir_column_type type, void *field)
{
    bool null = sqlite3_column_type(s, at) == SQLITE_NULL;
    int64_t whole = sqlite3_column_int64(s, at);
    switch (type) {
    case WEIR_COLUMN_STEP: *(uint64_t *)field = (uint64_t)whole; break;
    case WEIR_COLUMN_SIZE: *(size_t *)field = null || whole < 0 ? SIZE_MAX : (size_t)whole; break;
    case WEIR_COLUMN_REAL:
        *(double *)field = null ? (double)NAN : sqlite3_column_double(s, at);
        break;
    case WEIR_COLUMN_BOOL: *(bool *)field = whole != 0; break;
    case WEIR_COLUMN_TEXT: return put_text(r, s, at, field);
    case WEIR_COLUMN_PART:
        *(weir_part *)field = part_of((const char *)sqlite3_column_text(s, at));
        break;
    }
    return WEIR_OK;
}

weir_status weir_row_fields(weir_reader *r, const weir_row *row, void *out)
{
    int at = (int)weir_table_keys(row->table);
    for (const weir_column *c = row->table->column; c->name; c++)
        WEIR_TRY(weir_fetch(r, row->s, at++, c->type, (char *)out + c->offset));
    return WEIR_OK;
}

/* SELECT step, line, lag, h, c, joint FROM lag_flow ORDER BY 1, 2, 3 */
static weir_status prepare(weir_reader *r, const weir_store_table *t, sqlite3_stmt **out)
{
    weir_text sql = {0};
    size_t keys = weir_table_keys(t);
    weir_text_printf(&sql, "SELECT %s", t->key[0]);
    for (size_t k = 1; k < keys; k++) weir_text_printf(&sql, ", %s", t->key[k]);
    for (const weir_column *c = t->column; c->name; c++) weir_text_printf(&sql, ", %s", c->name);
    weir_text_printf(&sql, " FROM %s ORDER BY 1", t->name);
    for (size_t k = 1; k < keys; k++) weir_text_printf(&sql, ", %zu", k + 1);
    weir_status status = WEIR_OK;
    if (sql.failed)
        status = weir_fail_memory(r->err);
    else if (sqlite3_prepare_v2(r->db, sql.s, -1, out, NULL))
        status = weir_fail_reading(r);
    weir_text_free(&sql);
    return status;
}

weir_status weir_each_row(weir_reader *r, weir_table_id id, weir_take_row *take)
{
    weir_row row = {.table = &weir_store_tables[id]};
    size_t keys = weir_table_keys(row.table);
    int code = SQLITE_ROW;
    weir_status status = WEIR_OK;
    WEIR_TRY(prepare(r, row.table, &row.s));
    r->sample = 0;
    while (!status && (code = sqlite3_step(row.s)) == SQLITE_ROW) {
        for (size_t k = 0; k < keys; k++)
            row.key[k] = (uint64_t)sqlite3_column_int64(row.s, (int)k);
        status = take(r, &row);
    }
    if (!status && code != SQLITE_DONE) status = weir_fail_reading(r);
    sqlite3_finalize(row.s);
    return status;
}

weir_status weir_count_rows(weir_reader *r, weir_table_id id, size_t *n)
{
    char sql[160];
    int64_t rows;
    const weir_store_table *t = &weir_store_tables[id];
    snprintf(sql, sizeof sql,
             "SELECT CASE WHEN count(*) = 0 OR (min(%s) = 0 AND max(%s) = count(*) - 1) "
             "THEN count(*) ELSE -1 END FROM %s",
             t->key[0], t->key[0], t->name);
    WEIR_TRY(weir_store_number(r->path, r->db, sql, &rows, r->err));
    *n = (size_t)rows;
    return rows < 0 || rows > WEIR_MOST_ROWS ? weir_fail_damaged(r, t->name) : WEIR_OK;
}
