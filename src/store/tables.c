/* The tables of run.db, and what writing and reading share. */
#include "store/tables.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>
#include <sys/stat.h>

#define STEP(S, f, name) {name, WEIR_COLUMN_STEP, offsetof(S, f)}
#define SIZE(S, f, name) {name, WEIR_COLUMN_SIZE, offsetof(S, f)}
#define REAL(S, f, name) {name, WEIR_COLUMN_REAL, offsetof(S, f)}
#define BOOL(S, f, name) {name, WEIR_COLUMN_BOOL, offsetof(S, f)}
#define TEXT(S, f, name) {name, WEIR_COLUMN_TEXT, offsetof(S, f)}
#define PART(S, f, name) {name, WEIR_COLUMN_PART, offsetof(S, f)}

#define R weir_flow_record
const weir_column weir_fact_columns[] = {
    TEXT(R, source, "source"),
    STEP(R, seed, "seed"),
    STEP(R, steps, "steps"),
    REAL(R, constant_loss, "constant_loss"),
    REAL(R, constant_train_loss, "constant_train_loss"),
    BOOL(R, same_targets, "same_targets"),
    REAL(R, clip_max_norm, "clip_max_norm"),
    SIZE(R, window, "window"),
    BOOL(R, loss_at_every_step, "loss_at_every_step"),
    BOOL(R, diverged, "diverged"),
    BOOL(R, nonfinite.found, "nonfinite_found"),
    STEP(R, nonfinite.step, "nonfinite_step"),
    TEXT(R, nonfinite.tensor, "nonfinite_tensor"),
    TEXT(R, nonfinite.where, "nonfinite_where"),
    SIZE(R, nonfinite.node, "nonfinite_node"),
    SIZE(R, nonfinite.time, "nonfinite_time"),
    {0}};
#undef R

static const weir_column node[] = {
    TEXT(weir_record_node, name, "name"),
    TEXT(weir_record_node, kind, "kind"),
    PART(weir_record_node, part, "part"),
    SIZE(weir_record_node, features, "features"),
    SIZE(weir_record_node, parameters, "parameters"),
    SIZE(weir_record_node, fan_in, "fan_in"),
    REAL(weir_record_node, largest_slope, "largest_slope"),
    {0}};
static const weir_column node_input[] = {SIZE(weir_input_row, input, "input"), {0}};
static const weir_column parameter[] = {
    TEXT(weir_record_param, name, "name"),
    SIZE(weir_record_param, node, "node"),
    SIZE(weir_record_param, count, "count"),
    BOOL(weir_record_param, weight, "weight"),
    {0}};
static const weir_column line[] = {
    SIZE(weir_record_line, node, "node"),
    SIZE(weir_record_line, layer, "layer"),
    SIZE(weir_record_line, direction, "direction"),
    SIZE(weir_record_line, T, "times"),
    SIZE(weir_record_line, hidden, "hidden"),
    BOOL(weir_record_line, bounded, "bounded"),
    {0}};
static const weir_column gate[] = {TEXT(weir_gate_row, name, "name"), {0}};

static const weir_column loss[] = {
    REAL(weir_loss_point, loss, "loss"),
    REAL(weir_loss_point, penalty, "penalty"),
    REAL(weir_loss_point, mean, "mean"),
    REAL(weir_loss_point, grad_norm, "grad_norm"),
    REAL(weir_loss_point, lr, "lr"),
    REAL(weir_loss_point, clip, "clip"),
    {0}};
static const weir_column eval[] = {
    REAL(weir_eval_point, loss, "loss"),
    REAL(weir_eval_point, error, "error"),
    REAL(weir_eval_point, gain, "gain"),
    REAL(weir_eval_point, accuracy, "accuracy"),
    {0}};
static const weir_column sample[] = {REAL(weir_sample, loss, "loss"), {0}};

static const weir_column node_flow[] = {
    REAL(weir_node_flow, mean, "mean"),
    REAL(weir_node_flow, variance, "variance"),
    REAL(weir_node_flow, grad_norm, "grad_norm"),
    REAL(weir_node_flow, grad_rms, "grad_rms"),
    REAL(weir_node_flow, saturated, "saturated"),
    REAL(weir_node_flow, dead, "dead"),
    {0}};
static const weir_column parameter_flow[] = {
    REAL(weir_param_flow, grad_norm, "grad_norm"),
    REAL(weir_param_flow, value_norm, "value_norm"),
    REAL(weir_param_flow, delta_norm, "delta_norm"),
    {0}};
static const weir_column time_flow[] = {
    REAL(weir_time_row, grad_h, "grad_h"),
    REAL(weir_time_row, grad_c, "grad_c"),
    REAL(weir_time_row, contribution_ih, "contribution_ih"),
    REAL(weir_time_row, contribution_hh, "contribution_hh"),
    REAL(weir_time_row, share_ih, "share_ih"),
    REAL(weir_time_row, share_hh, "share_hh"),
    {0}};
static const weir_column gate_flow[] = {
    REAL(weir_gate_flow_row, mean, "mean"),
    REAL(weir_gate_flow_row, saturated, "saturated"),
    {0}};
static const weir_column lag[] = {
    SIZE(weir_lag_flow, lags, "lags"),
    SIZE(weir_lag_flow, horizon, "horizon"),
    SIZE(weir_lag_flow, reach, "reach"),
    REAL(weir_lag_flow, half_life, "half_life"),
    REAL(weir_lag_flow, gain, "gain"),
    {0}};
static const weir_column lag_flow[] = {
    REAL(weir_lag_row, h, "h"),
    REAL(weir_lag_row, c, "c"),
    REAL(weir_lag_row, joint, "joint"),
    {0}};

/* A measure that gets a new field here gets a new column above. */
_Static_assert(sizeof(weir_node_flow) == 6 * sizeof(double), "node_flow lacks a column");
_Static_assert(sizeof(weir_param_flow) == 3 * sizeof(double), "parameter_flow lacks a column");
_Static_assert(sizeof(weir_loss_point) == 7 * sizeof(double), "loss lacks a column");
_Static_assert(sizeof(weir_eval_point) == 5 * sizeof(double), "eval lacks a column");

const weir_store_table weir_store_tables[WEIR_TABLES] = {
    [WEIR_TABLE_NODE] = {"node", {"node"}, node},
    [WEIR_TABLE_INPUT] = {"node_input", {"node", "place"}, node_input},
    [WEIR_TABLE_PARAMETER] = {"parameter", {"parameter"}, parameter},
    [WEIR_TABLE_LINE] = {"line", {"line"}, line},
    [WEIR_TABLE_GATE] = {"gate", {"line", "gate"}, gate},
    [WEIR_TABLE_LOSS] = {"loss", {"step"}, loss},
    [WEIR_TABLE_EVAL] = {"eval", {"step"}, eval},
    [WEIR_TABLE_SAMPLE] = {"sample", {"step"}, sample},
    [WEIR_TABLE_NODE_FLOW] = {"node_flow", {"step", "node"}, node_flow},
    [WEIR_TABLE_PARAMETER_FLOW] = {"parameter_flow", {"step", "parameter"}, parameter_flow},
    [WEIR_TABLE_TIME_FLOW] = {"time_flow", {"step", "line", "time"}, time_flow},
    [WEIR_TABLE_GATE_FLOW] = {"gate_flow", {"step", "line", "gate"}, gate_flow},
    [WEIR_TABLE_LAG] = {"lag", {"step", "line"}, lag},
    [WEIR_TABLE_LAG_FLOW] = {"lag_flow", {"step", "line", "lag"}, lag_flow},
};

const char *const weir_part_words[WEIR_PARTS] = {"plumbing", "weighted", "activation",
                                                 "normaliser", "recurrent"};

size_t weir_table_keys(const weir_store_table *table)
{
    size_t n = 0;
    while (table->key[n]) n++;
    return n;
}

char *weir_store_path(const char *folder)
{
    weir_text path = {0};
    weir_text_printf(&path, "%s/run.db", folder);
    return weir_text_take(&path);
}

weir_status weir_store_fail(const char *path, sqlite3 *db, const char *verb, weir_error *err)
{
    int code = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
    if (code == SQLITE_NOMEM) return weir_fail_memory(err);
    int system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN ? sqlite3_system_errno(db) : 0;
    return weir_fail(err, WEIR_IO, _("%s: cannot %s: %s%s%s"), path, verb, sqlite3_errmsg(db),
                     system ? ": " : "", system ? strerror(system) : "");
}

weir_status weir_store_number(const char *path, sqlite3 *db, const char *query, int64_t *number,
                              weir_error *err)
{
    sqlite3_stmt *s;
    *number = 0;
    if (sqlite3_prepare_v2(db, query, -1, &s, NULL))
        return weir_store_fail(path, db, _("read"), err);
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW) *number = sqlite3_column_int64(s, 0);
    bool failed = code != SQLITE_ROW && code != SQLITE_DONE;
    weir_status status = failed ? weir_store_fail(path, db, _("read"), err) : WEIR_OK;
    sqlite3_finalize(s);
    return status;
}

/* SQLite reads the missing end of a last page as zeros, and an empty file as an empty database; a
 * whole database ends with a page. */
static weir_status check_end(const char *path, sqlite3 *db, weir_error *err)
{
    struct stat st;
    int64_t page;
    WEIR_TRY(weir_store_number(path, db, "PRAGMA page_size", &page, err));
    if (stat(path, &st) != 0) return weir_fail_errno(err, path, _("read"));
    if (st.st_size == 0) return weir_fail(err, WEIR_IO, _("%s: is empty"), path);
    if (page > 0 && st.st_size % page == 0) return WEIR_OK;
    return weir_fail(err, WEIR_IO, _("%s: is cut off: a database ends with a whole page"), path);
}

weir_status weir_store_check(const char *path, sqlite3 *db, weir_error *err)
{
    int64_t id, version;
    WEIR_TRY(weir_store_number(path, db, "PRAGMA application_id", &id, err));
    WEIR_TRY(weir_store_number(path, db, "PRAGMA user_version", &version, err));
    WEIR_TRY(check_end(path, db, err));
    if (id != WEIR_STORE_ID)
        return weir_fail(err, WEIR_IO, _("%s: is a database, but not of a run of weir"), path);
    if (version != WEIR_STORE_VERSION)
        return weir_fail(err, WEIR_IO,
                         _("%s: was written by another version of weir (tables %lld, here %d)"),
                         path, (long long)version, WEIR_STORE_VERSION);
    return WEIR_OK;
}
