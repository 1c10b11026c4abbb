/* Writing run.db: opening it, one prepared INSERT for each table, transactions. */
#include "store/store.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "store/tables.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WAIT_MILLISECONDS = 5000 };

struct weir_store {
    char *path;
    sqlite3 *db;
    sqlite3_stmt *fact, *insert[WEIR_TABLES];
};

static weir_status fail(const weir_store *s, weir_error *err)
{
    return weir_store_fail(s->path, s->db, _("write"), err);
}

static weir_status execute(weir_store *s, const char *sql, weir_error *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) ? fail(s, err) : WEIR_OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

static const char *sql_type(weir_column_type type)
{
    static const char *const names[] = {"INTEGER", "INTEGER", "REAL", "INTEGER", "TEXT", "TEXT"};
    return names[type];
}

/* CREATE TABLE loss(step INTEGER, loss REAL, .., PRIMARY KEY(step)) */
static void describe(const weir_store_table *t, weir_text *sql)
{
    weir_text_printf(sql, "CREATE TABLE %s(", t->name);
    for (size_t k = 0; t->key[k]; k++) weir_text_printf(sql, "%s INTEGER, ", t->key[k]);
    for (const weir_column *c = t->column; c->name; c++)
        weir_text_printf(sql, "%s %s, ", c->name, sql_type(c->type));
    weir_text_add(sql, "PRIMARY KEY(");
    for (size_t k = 0; t->key[k]; k++) weir_text_printf(sql, "%s%s", k ? ", " : "", t->key[k]);
    weir_text_add(sql, ")) WITHOUT ROWID;\n");
}

static weir_status make_tables(weir_store *s, weir_error *err)
{
    weir_text sql = {0};
    weir_text_printf(&sql,
                     "BEGIN IMMEDIATE; PRAGMA application_id = %d; PRAGMA user_version = %d;\n",
                     WEIR_STORE_ID, WEIR_STORE_VERSION);
    weir_text_add(&sql, "CREATE TABLE fact(name TEXT PRIMARY KEY, value) WITHOUT ROWID;\n");
    for (size_t i = 0; i < WEIR_TABLES; i++) describe(&weir_store_tables[i], &sql);
    weir_text_add(&sql, "COMMIT");
    weir_status status = sql.failed ? weir_fail_memory(err) : execute(s, sql.s, err);
    weir_text_free(&sql);
    return status;
}

static weir_status prepare(weir_store *s, const char *table, size_t width, sqlite3_stmt **out,
                           weir_error *err)
{
    weir_text sql = {0};
    weir_text_printf(&sql, "INSERT OR REPLACE INTO %s VALUES(?", table);
    while (--width) weir_text_add(&sql, ", ?");
    weir_text_add(&sql, ")");
    weir_status status = WEIR_OK;
    if (sql.failed)
        status = weir_fail_memory(err);
    else if (sqlite3_prepare_v2(s->db, sql.s, -1, out, NULL))
        status = fail(s, err);
    weir_text_free(&sql);
    return status;
}

static weir_status prepare_all(weir_store *s, weir_error *err)
{
    WEIR_TRY(prepare(s, "fact", 2, &s->fact, err));
    for (size_t i = 0; i < WEIR_TABLES; i++) {
        const weir_store_table *t = &weir_store_tables[i];
        size_t width = weir_table_keys(t);
        for (const weir_column *c = t->column; c->name; c++) width++;
        WEIR_TRY(prepare(s, t->name, width, &s->insert[i], err));
    }
    return WEIR_OK;
}

static weir_status open_all(weir_store *s, weir_error *err)
{
    int64_t tables;
    if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
        return weir_store_fail(s->path, s->db, _("open"), err);
    sqlite3_busy_timeout(s->db, WAIT_MILLISECONDS);
    WEIR_TRY(weir_store_number(s->path, s->db, "SELECT count(*) FROM sqlite_schema", &tables, err));
    if (tables) WEIR_TRY(weir_store_check(s->path, s->db, err));
    /* who reads does not wait for who writes, and a write is one fsync */
    WEIR_TRY(execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", err));
    if (!tables) WEIR_TRY(make_tables(s, err));
    return prepare_all(s, err);
}

weir_status weir_store_open(const char *folder, weir_store **store, weir_error *err)
{
    *store = NULL;
    weir_store *s = weir_calloc(1, sizeof *s);
    if (!s) return weir_fail_memory(err);
    s->path = weir_store_path(folder);
    weir_status status = s->path ? open_all(s, err) : weir_fail_memory(err);
    if (status)
        weir_store_close(s);
    else
        *store = s;
    return status;
}

/* The journal goes too, unless somebody is reading: what is left is one plain file. */
void weir_store_close(weir_store *s)
{
    if (!s) return;
    sqlite3_finalize(s->fact);
    for (size_t i = 0; i < WEIR_TABLES; i++) sqlite3_finalize(s->insert[i]);
    if (s->db) {
        sqlite3_busy_timeout(s->db, 0);
        sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
    sqlite3_close(s->db);
    weir_free(s->path);
    weir_free(s);
}

/* --- rows ------------------------------------------------------------------------------------- */

static int bind(sqlite3_stmt *s, int at, weir_column_type type, const void *field)
{
    const char *text = NULL;
    switch (type) {
    case WEIR_COLUMN_STEP: return sqlite3_bind_int64(s, at, (int64_t) * (const uint64_t *)field);
    case WEIR_COLUMN_SIZE:
        if (*(const size_t *)field == SIZE_MAX) return sqlite3_bind_null(s, at);
        return sqlite3_bind_int64(s, at, (int64_t) * (const size_t *)field);
    case WEIR_COLUMN_REAL: return sqlite3_bind_double(s, at, *(const double *)field);
    case WEIR_COLUMN_BOOL: return sqlite3_bind_int(s, at, *(const bool *)field);
    case WEIR_COLUMN_TEXT: text = *(const char *const *)field; break;
    case WEIR_COLUMN_PART: text = weir_part_words[*(const weir_part *)field]; break;
    }
    return text ? sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT) : sqlite3_bind_null(s, at);
}

/* The next binding takes everything anew, so nothing points into the record afterwards. */
static weir_status run(weir_store *s, sqlite3_stmt *insert, int bound, weir_error *err)
{
    bool ok = !bound && sqlite3_step(insert) == SQLITE_DONE;
    weir_status status = ok ? WEIR_OK : fail(s, err);
    sqlite3_reset(insert);
    return status;
}

static weir_status put(weir_store *s, weir_table_id id, const uint64_t *key, const void *row,
                       weir_error *err)
{
    const weir_store_table *t = &weir_store_tables[id];
    int at = 0, bound = SQLITE_OK;
    for (size_t k = 0; t->key[k] && !bound; k++)
        bound = sqlite3_bind_int64(s->insert[id], ++at, (int64_t)key[k]);
    for (const weir_column *c = t->column; c->name && !bound; c++)
        bound = bind(s->insert[id], ++at, c->type, (const char *)row + c->offset);
    return run(s, s->insert[id], bound, err);
}

/* PUT(LOSS, &point, point.step): a row, then its keys. */
#define PUT(table, row, ...) \
    WEIR_TRY(put(s, WEIR_TABLE_##table, (const uint64_t[]){__VA_ARGS__}, row, err))

static weir_status put_facts(weir_store *s, const weir_flow_record *r, weir_error *err)
{
    for (const weir_column *c = weir_fact_columns; c->name; c++) {
        int bound = sqlite3_bind_text(s->fact, 1, c->name, -1, SQLITE_STATIC);
        if (!bound) bound = bind(s->fact, 2, c->type, (const char *)r + c->offset);
        WEIR_TRY(run(s, s->fact, bound, err));
    }
    return WEIR_OK;
}

/* Every time anew: gates tell their names in the first step that is measured. */
static weir_status put_net(weir_store *s, const weir_flow_record *r, weir_error *err)
{
    for (size_t i = 0; i < r->nodes; i++) {
        PUT(NODE, &r->node[i], i);
        for (size_t k = 0; k < r->node[i].inputs; k++)
            PUT(INPUT, &(weir_input_row){r->node[i].input[k]}, i, k);
    }
    for (size_t i = 0; i < r->params; i++) PUT(PARAMETER, &r->param[i], i);
    for (size_t i = 0; i < r->lines; i++) {
        PUT(LINE, &r->line[i], i);
        for (size_t g = 0; g < r->line[i].gates; g++)
            PUT(GATE, &(weir_gate_row){r->line[i].gate[g]}, i, g);
    }
    return WEIR_OK;
}

static double number(const double *x, size_t i)
{
    return x ? x[i] : (double)NAN;
}

static weir_status put_line(weir_store *s, const weir_flow_record *r, const weir_sample *sample,
                            size_t i, weir_error *err)
{
    const weir_line_flow *f = &sample->line[i];
    for (size_t t = 0; t < r->line[i].T; t++) {
        weir_time_row row = {number(f->grad_h, t),          number(f->grad_c, t),
                             number(f->contribution_ih, t), number(f->contribution_hh, t),
                             number(f->share_ih, t),        number(f->share_hh, t)};
        PUT(TIME_FLOW, &row, sample->step, i, t);
    }
    for (size_t g = 0; g < r->line[i].gates; g++) {
        weir_gate_flow_row row = {f->gate_mean[g], f->gate_saturated[g]};
        PUT(GATE_FLOW, &row, sample->step, i, g);
    }
    if (!sample->lag) return WEIR_OK;
    const weir_lag_flow *lag = &sample->lag[i];
    PUT(LAG, lag, sample->step, i);
    for (size_t k = 0; k < lag->lags; k++) {
        weir_lag_row row = {number(lag->h, k), number(lag->c, k), number(lag->joint, k)};
        PUT(LAG_FLOW, &row, sample->step, i, k);
    }
    return WEIR_OK;
}

static weir_status put_sample(weir_store *s, const weir_flow_record *r, const weir_sample *sample,
                              weir_error *err)
{
    PUT(SAMPLE, sample, sample->step);
    for (size_t i = 0; i < r->nodes; i++) PUT(NODE_FLOW, &sample->node[i], sample->step, i);
    for (size_t i = 0; i < r->params; i++)
        PUT(PARAMETER_FLOW, &sample->param[i], sample->step, i);
    for (size_t i = 0; i < r->lines; i++) WEIR_TRY(put_line(s, r, sample, i, err));
    return WEIR_OK;
}

static weir_status put_all(weir_store *s, const weir_flow_record *r, const weir_store_mark *from,
                           weir_error *err)
{
    WEIR_TRY(put_facts(s, r, err));
    WEIR_TRY(put_net(s, r, err));
    for (size_t i = from->losses; i < r->losses; i++) PUT(LOSS, &r->loss[i], r->loss[i].step);
    for (size_t i = from->evals; i < r->evals; i++) PUT(EVAL, &r->eval[i], r->eval[i].step);
    for (size_t i = from->samples; i < r->samples; i++)
        WEIR_TRY(put_sample(s, r, &r->sample[i], err));
    return WEIR_OK;
}

/* --- transactions ----------------------------------------------------------------------------- */

/* Ends what execute("BEGIN") began: all of it, or nothing. */
static weir_status finish(weir_store *s, weir_status status, weir_error *err)
{
    if (!status) status = execute(s, "COMMIT", err);
    if (status) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

weir_status weir_store_write(weir_store *s, const weir_flow_record *r, weir_store_mark *mark,
                             weir_error *err)
{
    WEIR_TRY(execute(s, "BEGIN IMMEDIATE", err));
    WEIR_TRY(finish(s, put_all(s, r, mark, err), err));
    *mark = (weir_store_mark){r->losses, r->evals, r->samples};
    return WEIR_OK;
}

static weir_status drop(weir_store *s, uint64_t steps, weir_error *err)
{
    for (size_t i = 0; i < WEIR_TABLES; i++) {
        char sql[96];
        const weir_store_table *t = &weir_store_tables[i];
        if (strcmp(t->key[0], "step") != 0) continue;
        /* an evaluation belongs to the steps taken before it, the rest to the step itself */
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE step %s %llu", t->name,
                 i == WEIR_TABLE_EVAL ? ">" : ">=", (unsigned long long)steps);
        WEIR_TRY(execute(s, sql, err));
    }
    return WEIR_OK;
}

weir_status weir_store_drop_after(weir_store *s, uint64_t steps, weir_error *err)
{
    WEIR_TRY(execute(s, "BEGIN IMMEDIATE", err));
    return finish(s, drop(s, steps, err), err);
}
