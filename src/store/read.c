/* Reading run.db back into a record. */
#include "store/reader.h"
#include "store/store.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <string.h>
#include <unistd.h>

enum { WAIT_MILLISECONDS = 5000 };

/* --- the net ---------------------------------------------------------------------------------- */

static weir_status take_node(weir_reader *r, const weir_row *row)
{
    weir_record_node *n = &r->record->node[row->key[0]];
    WEIR_TRY(weir_row_fields(r, row, n));
    if (!n->name || !n->kind) return weir_fail_damaged(r, "node");
    return WEIR_OK;
}

/* In order: the node's list grows by one, and there are few. */
static weir_status take_input(weir_reader *r, const weir_row *row)
{
    weir_flow_record *record = r->record;
    weir_input_row input;
    if (row->key[0] >= record->nodes) return weir_fail_damaged(r, "node_input");
    weir_record_node *n = &record->node[row->key[0]];
    WEIR_TRY(weir_row_fields(r, row, &input));
    bool earlier = input.input == SIZE_MAX || input.input < row->key[0];
    if (row->key[1] != n->inputs || !earlier) return weir_fail_damaged(r, "node_input");
    size_t *grown = weir_record_alloc(record, n->inputs + 1, sizeof *grown);
    if (!grown) return weir_fail_memory(r->err);
    for (size_t i = 0; i < n->inputs; i++) grown[i] = n->input[i];
    grown[n->inputs++] = input.input;
    n->input = grown;
    return WEIR_OK;
}

static weir_status take_parameter(weir_reader *r, const weir_row *row)
{
    weir_record_param *p = &r->record->param[row->key[0]];
    WEIR_TRY(weir_row_fields(r, row, p));
    return p->name && p->node < r->record->nodes ? WEIR_OK : weir_fail_damaged(r, "parameter");
}

static weir_status take_line(weir_reader *r, const weir_row *row)
{
    weir_record_line *line = &r->record->line[row->key[0]];
    WEIR_TRY(weir_row_fields(r, row, line));
    bool sound = line->node < r->record->nodes && line->T <= WEIR_MOST_ROWS;
    return sound ? WEIR_OK : weir_fail_damaged(r, "line");
}

static weir_status take_gate(weir_reader *r, const weir_row *row)
{
    weir_gate_row gate;
    if (row->key[0] >= r->record->lines) return weir_fail_damaged(r, "gate");
    weir_record_line *line = &r->record->line[row->key[0]];
    WEIR_TRY(weir_row_fields(r, row, &gate));
    if (row->key[1] != line->gates || line->gates == WEIR_RECORD_GATES || !gate.name)
        return weir_fail_damaged(r, "gate");
    line->gate[line->gates++] = gate.name;
    return WEIR_OK;
}

static weir_status read_net(weir_reader *r)
{
    weir_flow_record *record = r->record;
    WEIR_TRY(weir_count_rows(r, WEIR_TABLE_NODE, &record->nodes));
    WEIR_TRY(weir_count_rows(r, WEIR_TABLE_PARAMETER, &record->params));
    WEIR_TRY(weir_count_rows(r, WEIR_TABLE_LINE, &record->lines));
    record->node = weir_record_alloc(record, record->nodes, sizeof *record->node);
    record->param = weir_record_alloc(record, record->params, sizeof *record->param);
    record->line = weir_record_alloc(record, record->lines, sizeof *record->line);
    if (!record->node || !record->param || !record->line) return weir_fail_memory(r->err);
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_NODE, take_node));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_INPUT, take_input));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_PARAMETER, take_parameter));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_LINE, take_line));
    return weir_each_row(r, WEIR_TABLE_GATE, take_gate);
}

/* --- facts and curves ------------------------------------------------------------------------- */

static weir_status take_fact(weir_reader *r, sqlite3_stmt *s)
{
    const char *name = (const char *)sqlite3_column_text(s, 0);
    for (const weir_column *c = weir_fact_columns; name && c->name; c++)
        if (!strcmp(c->name, name))
            return weir_fetch(r, s, 1, c->type, (char *)r->record + c->offset);
    return WEIR_OK; /* of a later version */
}

static weir_status read_facts(weir_reader *r)
{
    sqlite3_stmt *s;
    int code = SQLITE_ROW;
    weir_status status = WEIR_OK;
    if (sqlite3_prepare_v2(r->db, "SELECT name, value FROM fact", -1, &s, NULL))
        return weir_fail_reading(r);
    while (!status && (code = sqlite3_step(s)) == SQLITE_ROW) status = take_fact(r, s);
    if (!status && code != SQLITE_DONE) status = weir_fail_reading(r);
    sqlite3_finalize(s);
    weir_flow_record *record = r->record;
    const weir_nonfinite *n = &record->nonfinite;
    if (!record->source) record->source = "weir";
    if (record->window == SIZE_MAX) record->window = 0;
    bool sound = n->tensor && n->where && (n->node == SIZE_MAX || n->node < record->nodes);
    return status || sound || !n->found ? status : weir_fail_damaged(r, "fact");
}

static weir_status take_loss(weir_reader *r, const weir_row *row)
{
    weir_loss_point *p = weir_record_add_loss(r->record);
    if (!p) return weir_fail_memory(r->err);
    p->step = row->key[0];
    return weir_row_fields(r, row, p);
}

static weir_status take_eval(weir_reader *r, const weir_row *row)
{
    weir_eval_point *p = weir_record_add_eval(r->record);
    if (!p) return weir_fail_memory(r->err);
    p->step = row->key[0];
    return weir_row_fields(r, row, p);
}

/* --- the whole -------------------------------------------------------------------------------- */

static weir_status read_all(weir_reader *r)
{
    /* all of it from one moment, whoever writes meanwhile */
    if (sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL)) return weir_fail_reading(r);
    WEIR_TRY(read_net(r));
    WEIR_TRY(read_facts(r));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_LOSS, take_loss));
    WEIR_TRY(weir_each_row(r, WEIR_TABLE_EVAL, take_eval));
    return weir_read_samples(r);
}

static weir_status open_and_read(weir_reader *r)
{
    if (access(r->path, R_OK) != 0) return weir_fail_errno(r->err, r->path, _("open"));
    r->record = weir_record_new();
    if (!r->record) return weir_fail_memory(r->err);
    if (sqlite3_open_v2(r->path, &r->db, SQLITE_OPEN_READONLY, NULL)) return weir_fail_reading(r);
    sqlite3_busy_timeout(r->db, WAIT_MILLISECONDS);
    WEIR_TRY(weir_store_check(r->path, r->db, r->err));
    return read_all(r);
}

weir_status weir_store_read(const char *folder, weir_flow_record **record, weir_error *err)
{
    char *path = weir_store_path(folder);
    weir_reader r = {.path = path, .err = err};
    weir_status status = path ? open_and_read(&r) : weir_fail_memory(err);
    sqlite3_close(r.db);
    weir_free(path);
    if (status) weir_record_free(r.record);
    *record = status ? NULL : r.record;
    return status;
}
