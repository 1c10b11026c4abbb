/* The run store: a record there and back, rows dropped, and databases that are locked, foreign,
 * damaged or cut off. */
#include "tests/files.h"
#include "tests/record_rig.h"

#include "store/store.h"

#include <sqlite3.h>

/* --- there and back --------------------------------------------------------------------------- */

/* A folder of its own, good until the next call. */
static const char *make_folder(const char *name)
{
    static char path[256];
    weir_error err = {0};
    snprintf(path, sizeof path, "%s", path_of(name));
    assert_ok(weir_make_folder(path, &err), err);
    return path;
}

static weir_store *open_store(const char *at)
{
    weir_store *store;
    weir_error err = {0};
    assert_ok(weir_store_open(at, &store, &err), err);
    return store;
}

static void write_record(const char *at, const weir_flow_record *r, weir_store_mark mark)
{
    weir_error err = {0};
    weir_store *store = open_store(at);
    assert_ok(weir_store_write(store, r, &mark, &err), err);
    assert_true(mark.losses == r->losses && mark.evals == r->evals && mark.samples == r->samples);
    weir_store_close(store);
}

static weir_flow_record *read_record(const char *at)
{
    weir_flow_record *r;
    weir_error err = {0};
    assert_ok(weir_store_read(at, &r, &err), err);
    return r;
}

static void record_there_and_back(void **state)
{
    (void)state;
    const char *at = make_folder("whole");
    weir_flow_record *r = make_record();
    write_record(at, r, (weir_store_mark){0});
    weir_flow_record *back = read_record(at);
    same_record(r, back);
    weir_record_free(back);
    weir_record_free(r);

    at = make_folder("empty"); /* a record of nothing is one too */
    r = weir_record_new();
    write_record(at, r, (weir_store_mark){0});
    back = read_record(at);
    same_record(r, back);
    assert_int_equal(back->nodes + back->losses + back->samples, 0);
    weir_record_free(back);
    weir_record_free(r);
}

/* In pieces, with the database opened anew in between, and read while it is open. */
static void record_in_pieces(void **state)
{
    (void)state;
    const char *at = make_folder("pieces");
    weir_flow_record *r = make_record();
    weir_store_mark mark = {0};
    weir_error err = {0};
    weir_store *store = open_store(at);
    assert_ok(weir_store_write(store, r, &mark, &err), err);
    add_points(r, LOSSES, LOSSES + 3);
    assert_ok(weir_store_write(store, r, &mark, &err), err);
    weir_flow_record *back = read_record(at);
    same_record(r, back);
    weir_record_free(back);
    weir_store_close(store);
    add_points(r, LOSSES + 3, LOSSES + 9);
    write_record(at, r, mark);
    back = read_record(at);
    same_record(r, back);
    weir_record_free(back);
    weir_record_free(r);
}

/* After k steps: losses and samples of steps 0 .. k-1 stay, and evaluations of up to k steps. */
static void rows_after_a_step_are_dropped(void **state)
{
    (void)state;
    weir_error err = {0};
    for (uint64_t k = 0; k <= LOSSES; k++) {
        char name[16];
        snprintf(name, sizeof name, "drop%d", (int)k);
        const char *at = make_folder(name);
        weir_flow_record *r = make_record();
        write_record(at, r, (weir_store_mark){0});
        weir_store *store = open_store(at);
        assert_ok(weir_store_drop_after(store, k, &err), err);
        weir_store_close(store);
        weir_flow_record *back = read_record(at);
        assert_int_equal(back->losses, k);
        assert_int_equal(back->evals, k / 3);
        assert_int_equal(back->samples, (k + 3) / 4);
        r->losses = back->losses, r->evals = back->evals, r->samples = back->samples;
        same_record(r, back);
        weir_record_free(back);
        weir_record_free(r);
    }
}

/* Any SQLite can ask: the names of tables and columns are a promise. */
static void a_person_can_ask(void **state)
{
    (void)state;
    static const char *const questions[] = {
        "SELECT count(*) = 12 FROM loss WHERE clip < 1",
        "SELECT value = 11 FROM fact WHERE name = 'nonfinite_step'",
        "SELECT group_concat(name) = 'input,forget' FROM gate WHERE line = 0",
        "SELECT joint > 0 FROM lag_flow WHERE step = 8 AND line = 0 AND lag = 3",
        "SELECT input IS NULL FROM node_input WHERE node = 0",
        "SELECT sum(f.mean) > 0 FROM node_flow f JOIN node n USING (node) WHERE n.kind = 'lstm'",
        "SELECT count(*) = 3 FROM time_flow WHERE line = 0 AND time = 4",
        "SELECT count(*) = 4 FROM eval WHERE accuracy IS NULL"};
    const char *at = make_folder("asked");
    weir_flow_record *r = make_record();
    write_record(at, r, (weir_store_mark){0});
    weir_record_free(r);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path_of("asked/run.db"), &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        sqlite3_stmt *s;
        if (sqlite3_prepare_v2(db, questions[i], -1, &s, NULL)) fail_msg("%s", sqlite3_errmsg(db));
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        if (sqlite3_column_int(s, 0) != 1) fail_msg("not so: %s", questions[i]);
        sqlite3_finalize(s);
    }
    sqlite3_close(db);
}

/* --- what can go wrong ------------------------------------------------------------------------ */

static void assert_unreadable(const char *at, const char *says)
{
    weir_flow_record *r;
    weir_error err = {0};
    assert_int_equal(weir_store_read(at, &r, &err), WEIR_IO);
    assert_null(r);
    if (!strstr(err.text, "run.db") || !strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void assert_unwritable(const char *at, const char *says)
{
    weir_store *store;
    weir_error err = {0};
    assert_int_equal(weir_store_open(at, &store, &err), WEIR_IO);
    assert_null(store);
    if (!strstr(err.text, "run.db") || !strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL)) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void missing_and_foreign(void **state)
{
    (void)state;
    assert_unreadable(path_of("nowhere"), "No such file");
    assert_unwritable(path_of("nowhere"), "unable to open");
    const char *at = make_folder("noise");
    write_words("noise/run.db", "This is no database, however long one looks at its many bytes.");
    assert_unreadable(at, "not a database");
    assert_unwritable(at, "not a database");
    at = make_folder("foreign");
    execute(path_of("foreign/run.db"), "CREATE TABLE recipes(name); PRAGMA application_id = 5");
    assert_unreadable(at, "not of a run of weir");
    assert_unwritable(at, "not of a run of weir");
    at = make_folder("later");
    weir_store_close(open_store(at));
    execute(path_of("later/run.db"), "PRAGMA user_version = 99");
    assert_unreadable(at, "another version");
    assert_unwritable(at, "another version");
}

/* Tables that contradict each other are refused and never read beyond their ends. */
static void contradictions(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"DELETE FROM node WHERE node = 1", "node"},
        {"UPDATE node SET node = 1000000 WHERE node = 3", "node"},
        {"UPDATE node SET name = NULL", "node"},
        {"INSERT INTO node_input VALUES(1, 7, 0)", "node_input"},
        {"UPDATE node_input SET input = 3 WHERE node = 1", "node_input"},
        {"UPDATE parameter SET node = 4", "parameter"},
        {"UPDATE line SET node = -1", "line"},
        {"UPDATE line SET times = 4000000000000000000", "line"},
        {"UPDATE line SET times = 2", "time_flow"},
        {"INSERT INTO gate VALUES(0, 3, 'x')", "gate"},
        {"INSERT INTO gate VALUES(9, 0, 'x')", "gate"},
        {"UPDATE fact SET value = 77 WHERE name = 'nonfinite_node'", "fact"},
        {"UPDATE fact SET value = NULL WHERE name = 'nonfinite_where'", "fact"},
        {"DELETE FROM sample WHERE step = 4", "node_flow"},
        {"INSERT INTO parameter_flow VALUES(0, 2, 1, 1, 1)", "parameter_flow"},
        {"INSERT INTO gate_flow VALUES(0, 1, 0, 1, 1)", "gate_flow"},
        {"UPDATE lag SET lags = -1", "lag"},
        {"DELETE FROM lag WHERE line = 1", "lag"},
        {"UPDATE lag SET lags = 1", "lag_flow"},
        {"DROP TABLE lag_flow", "no such table"},
        {"ALTER TABLE loss DROP COLUMN clip", "no such column"}};
    weir_flow_record *r = make_record();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[24], file[40];
        snprintf(name, sizeof name, "damaged%zu", i);
        snprintf(file, sizeof file, "%s/run.db", name);
        const char *at = make_folder(name);
        write_record(at, r, (weir_store_mark){0});
        execute(path_of(file), cases[i][0]);
        assert_unreadable(at, cases[i][1]);
    }
    weir_record_free(r);
}

/* Cut off or overwritten anywhere: an error or a record, never a crash. */
static void torn_databases(void **state)
{
    (void)state;
    weir_file file;
    weir_error err = {0};
    const char *at = make_folder("torn");
    weir_flow_record *r = make_record(), *back;
    write_record(at, r, (weir_store_mark){0});
    weir_record_free(r);
    assert_ok(weir_file_open(path_of("torn/run.db"), &file, &err), err);
    size_t size = file.size, refused = 0, tries = 0;
    unsigned char *whole = malloc(size), *copy = malloc(size);
    memcpy(whole, file.data, size);
    weir_file_close(&file);
    for (size_t n = 1; n < size; n += size / 40) {
        write_file("torn/run.db", whole, n);
        assert_unreadable(at, "");
    }
    for (size_t i = 0; i < size; i += 1 + size / 150, tries++) {
        weir_error e = {0};
        memcpy(copy, whole, size);
        for (size_t k = i; k < i + 8 && k < size; k++) copy[k] ^= 0x5a;
        write_file("torn/run.db", copy, size);
        weir_status status = weir_store_read(at, &back, &e);
        assert_true(status == WEIR_OK || (status == WEIR_IO && e.text[0] && !back));
        refused += status != WEIR_OK;
        weir_record_free(back);
    }
    assert_true(refused > tries / 20);
    free(whole);
    free(copy);
}

static void locked_for_writing(void **state)
{
    (void)state;
    const char *at = make_folder("locked");
    weir_flow_record *r = make_record();
    write_record(at, r, (weir_store_mark){0});
    sqlite3 *other;
    assert_int_equal(sqlite3_open(path_of("locked/run.db"), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_unwritable(at, "locked"); /* after five seconds of patience */
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    write_record(at, r, (weir_store_mark){0});
    weir_record_free(r);
}

/* A write that fails in the middle leaves neither rows nor a moved mark. */
static void failed_write_changes_nothing(void **state)
{
    (void)state;
    const char *at = make_folder("half");
    weir_flow_record *r = make_record();
    write_record(at, r, (weir_store_mark){0});
    execute(path_of("half/run.db"),
            "CREATE TRIGGER full BEFORE INSERT ON eval WHEN new.step > 12 "
            "BEGIN SELECT raise(ABORT, 'disk full, say'); END");
    weir_store_mark mark = {r->losses, r->evals, r->samples}, before = mark;
    add_points(r, LOSSES, LOSSES + 9);
    weir_store *store = open_store(at);
    weir_error err = {0};
    assert_int_equal(weir_store_write(store, r, &mark, &err), WEIR_IO);
    assert_non_null(strstr(err.text, "disk full, say"));
    assert_memory_equal(&mark, &before, sizeof mark);
    weir_flow_record *back = read_record(at);
    assert_true(back->losses == LOSSES && back->steps == LOSSES);
    weir_record_free(back);
    execute(path_of("half/run.db"), "DROP TRIGGER full");
    weir_error none = {0};
    assert_ok(weir_store_write(store, r, &mark, &none), none); /* and again, when there is room */
    weir_store_close(store);
    back = read_record(at);
    same_record(r, back);
    weir_record_free(back);
    weir_record_free(r);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_there_and_back),
        cmocka_unit_test(record_in_pieces),
        cmocka_unit_test(rows_after_a_step_are_dropped),
        cmocka_unit_test(a_person_can_ask),
        cmocka_unit_test(missing_and_foreign),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(torn_databases),
        cmocka_unit_test(locked_for_writing),
        cmocka_unit_test(failed_write_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
