/* Runs in folders: what a C program does through weir/run.h. */
#include "tests/run_rig.h"

#include "base/status.h"
#include "weir/text.h"

/* --- training ------------------------------------------------------------------------------- */

static weir_flow_record *load(const char *name)
{
    weir_flow_record *record;
    weir_error err = {0};
    assert_ok(weir_record_load(path_of(name), &record, &err), err);
    return record;
}

/* Wishes: to stop after some step. */
struct patience {
    uint64_t stop_at, seen;
};

static weir_wish stop_at(void *self, const weir_train_event *event)
{
    struct patience *p = self;
    p->seen++;
    return event->step == p->stop_at ? WEIR_STOP : WEIR_CONTINUE;
}

static void interrupted_run_ends_the_same(void **state)
{
    (void)state;
    write_texts();
    weir_run *whole = begin(windows, "whole", 5);
    train(whole);
    weir_run_free(whole);
    weir_run *part = begin(windows, "part", 5);
    weir_error err = {0};
    struct patience p = {.stop_at = 17};
    assert_int_equal(weir_run_train(part, stop_at, &p, &err), WEIR_STOPPED);
    assert_int_equal(p.seen, 17);
    weir_run_free(part);
    part = go_on("part"); /* with the seed that stands in its config.yaml now */
    assert_int_equal(weir_trainer_steps(weir_run_trainer(part)), 17);
    assert_int_equal(weir_trainer_seed(weir_run_trainer(part)), 5);
    train(part);
    weir_run_free(part);
    assert_same_file("whole/model.safetensors", "part/model.safetensors");
    assert_same_file("whole/checkpoint.safetensors", "part/checkpoint.safetensors");
    assert_same_file("whole/config.yaml", "part/config.yaml");
    weir_flow_record *a = load("whole"), *b = load("part");
    assert_true(a->losses == 30 && b->losses == 30 && a->evals == b->evals);
    for (size_t i = 0; i < 30; i++) {
        assert_int_equal(b->loss[i].step, i);
        assert_memory_equal(&a->loss[i], &b->loss[i], sizeof *a->loss);
    }
    for (size_t i = 0; i < a->evals; i++)
        assert_true(a->eval[i].step == b->eval[i].step && a->eval[i].loss == b->eval[i].loss);
    assert_int_equal(a->samples, b->samples);
    weir_record_free(a);
    weir_record_free(b);
}

/* A process that was killed leaves its last checkpoint, and rows written since, which are
 * dropped. */
static void rows_after_the_checkpoint_are_dropped(void **state)
{
    (void)state;
    weir_file kept;
    weir_error err = {0};
    struct patience p = {.stop_at = 10};
    write_texts();
    weir_run *run = begin(windows, "killed", 5);
    assert_int_equal(weir_run_train(run, stop_at, &p, &err), WEIR_STOPPED);
    assert_ok(weir_file_open(path_of("killed/checkpoint.safetensors"), &kept, &err), err);
    p.stop_at = 16;
    assert_int_equal(weir_run_train(run, stop_at, &p, &err), WEIR_STOPPED);
    weir_run_free(run);
    write_file("killed/checkpoint.safetensors", kept.data, kept.size); /* as if 16 had not come */
    weir_file_close(&kept);
    weir_flow_record *record = load("killed");
    assert_int_equal(record->losses, 16);
    weir_record_free(record);
    run = go_on("killed");
    weir_flow_record *dropped = load("killed");
    assert_int_equal(dropped->losses, 10);
    for (size_t i = 0; i < dropped->samples; i++) assert_true(dropped->sample[i].step < 10);
    for (size_t i = 0; i < dropped->evals; i++) assert_true(dropped->eval[i].step <= 10);
    weir_record_free(dropped);
    train(run);
    weir_run_free(run);
    /* those of the test before */
    assert_same_file("whole/model.safetensors", "killed/model.safetensors");
    record = load("killed");
    assert_int_equal(record->losses, 30);
    weir_record_free(record);
}

static weir_wish save_at_4(void *self, const weir_train_event *event)
{
    (void)self;
    return event->step == 4 ? WEIR_SAVE : event->step == 5 ? WEIR_STOP : WEIR_CONTINUE;
}

static uint64_t checkpoint_step(const char *name)
{
    weir_run *run = go_on(name);
    uint64_t step = weir_trainer_steps(weir_run_trainer(run));
    weir_run_free(run);
    return step;
}

/* Longer than planned, and with the folder copied elsewhere in between. */
static void copied_and_prolonged(void **state)
{
    (void)state;
    char command[600];
    weir_run *run;
    weir_error err = {0};
    write_texts();
    run = begin(windows, "first", 5);
    assert_int_equal(weir_run_train(run, save_at_4, NULL, &err), WEIR_STOPPED);
    weir_run_free(run);
    snprintf(command, sizeof command, "mv %s/first %s/moved", folder, folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(checkpoint_step("moved"), 5);
    weir_config *config;
    weir_run_options o = {.folder = path_of("moved")};
    assert_ok(weir_config_load(path_of("moved/config.yaml"), &config, &err), err);
    set(config, "train.steps", "44");
    assert_ok(weir_run_resume(config, &o, &run, &err), err);
    train(run);
    assert_int_equal(weir_trainer_steps(weir_run_trainer(run)), 44);
    weir_run_free(run);
    weir_config_free(config);
    assert_int_equal(checkpoint_step("moved"), 44);
}

/* --- folders ---------------------------------------------------------------------------------- */

static void assert_no_run(const char *text, const char *name, weir_status status, const char *says)
{
    weir_run *run;
    weir_error err = {0};
    weir_config *config = parse(text);
    weir_run_options o = {.folder = path_of(name)};
    weir_status got = weir_run_new(config, &o, &run, &err);
    assert_null(run);
    if (got != status || !strstr(err.text, says))
        fail_msg("status %d, \"%s\"; expected %d and \"%s\"", got, err.text, status, says);
    weir_config_free(config);
}

static void assert_not_resumed(const char *name, weir_status status, const char *says)
{
    weir_run *run;
    weir_error err = {0};
    weir_run_options o = {.folder = path_of(name)};
    weir_status got = weir_run_resume(NULL, &o, &run, &err);
    assert_null(run);
    if (got != status || !strstr(err.text, says))
        fail_msg("status %d, \"%s\"; expected %d and \"%s\"", got, err.text, status, says);
}

static void default_folders(void **state)
{
    (void)state;
    char before[4096];
    write_texts();
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    static const char *const names[] = {"runs/net-1", "runs/net-1-2", "runs/net-1-3"};
    for (size_t i = 0; i < 3; i++) {
        weir_run *run;
        weir_error err = {0};
        weir_config *config = parse(windows);
        assert_ok(weir_run_new(config, NULL, &run, &err), err);
        assert_string_equal(weir_run_folder(run), names[i]);
        weir_run_free(run);
        weir_config_free(config);
    }
    assert_int_equal(chdir(before), 0);
}

static void folders_that_will_not_do(void **state)
{
    (void)state;
    write_texts();
    weir_run *run = begin(windows, "taken", 1);
    assert_no_run(windows, "taken", WEIR_IO, "another process");
    weir_run_free(run);
    assert_no_run(windows, "taken", WEIR_USAGE, "holds a run already");
    assert_no_run(windows, "text.txt/run", WEIR_IO, "text.txt");
    assert_no_run("model: [linear: {}]\n", "never", WEIR_USAGE, "\"data\" is needed");
    assert_int_equal(access(path_of("never"), F_OK), -1);
    assert_int_equal(mkdir(path_of("mine"), 0777), 0); /* somebody's model is not overwritten */
    write_file("mine/model.safetensors", "mine", 4);
    assert_no_run(windows, "mine", WEIR_USAGE, "holds a run already");
    assert_int_equal(mkdir(path_of("empty"), 0777), 0);
    run = begin(windows, "empty", 1); /* a folder that is there and empty is taken as it is */
    weir_run_free(run);
    assert_not_resumed("empty", WEIR_IO, "checkpoint.safetensors"); /* it never got so far */
    assert_not_resumed("nowhere", WEIR_IO, "nowhere: cannot find the run");
    run = begin(windows, "busy", 1);
    train(run);
    assert_not_resumed("busy", WEIR_IO, "another process");
    weir_run_free(run);
    run = go_on("busy");
    weir_run_free(run);
}

/* What cannot be begun leaves no folder: here its database cannot be made. */
static void nothing_is_left_behind(void **state)
{
    (void)state;
    write_texts();
    assert_int_equal(mkdir(path_of("half"), 0777), 0);
    assert_int_equal(mkdir(path_of("half/run.db-wal"), 0777), 0); /* SQLite wants a file there */
    assert_no_run(windows, "half", WEIR_IO, "half/run.db");
    assert_int_equal(access(path_of("half/config.yaml"), F_OK), -1);
    assert_int_equal(access(path_of("half/run.db"), F_OK), -1);
}

static void divergence_is_told(void **state)
{
    (void)state;
    weir_run *run;
    weir_error err = {0};
    weir_config *config = parse("data: {kind: inline, x: [[1], [2]], y: [[1], [3]]}\n"
                                "model: [linear: {}]\n"
                                "train: {loss: mse, optimizer: {sgd: {lr: 1e10}}, steps: 90}\n");
    weir_run_options o = {.folder = path_of("boom")};
    assert_ok(weir_run_new(config, &o, &run, &err), err);
    assert_int_equal(weir_run_train(run, NULL, NULL, &err), WEIR_DIVERGED);
    assert_non_null(strstr(err.text, "diverged in step"));
    assert_non_null(strstr(err.text, weir_run_record(run)->nonfinite.where));
    weir_run_free(run);
    weir_config_free(config);
    weir_flow_record *record = load("boom");
    assert_true(record->diverged && record->nonfinite.found && record->losses > 0);
    weir_record_free(record);
    assert_int_equal(access(path_of("boom/model.safetensors"), F_OK), -1);
}

/* --- no memory -------------------------------------------------------------------------------- */

static size_t allocations_left;

static void *scarce(void *p, size_t size)
{
    if (size == 0) {
        free(p);
        return NULL;
    }
    return allocations_left ? allocations_left--, realloc(p, size) : NULL;
}

static weir_status try_new(weir_error *err)
{
    weir_run *run;
    weir_config *config;
    weir_run_options o = {.folder = path_of("scarce")};
    WEIR_TRY(weir_config_parse(windows, path_of("net.yaml"), &config, err));
    weir_status status = weir_run_new(config, &o, &run, err);
    weir_run_free(run);
    weir_config_free(config);
    return status;
}

static weir_status try_save(weir_error *err)
{
    weir_run *run;
    weir_run_options o = {.folder = path_of("ready")};
    WEIR_TRY(weir_run_resume(NULL, &o, &run, err));
    weir_status status = weir_run_save(run, err);
    weir_run_free(run);
    return status;
}

static weir_status try_generate(weir_error *err)
{
    weir_generator *g;
    char piece[WEIR_PIECE];
    WEIR_TRY(weir_generator_open(path_of("ready"), &g, err));
    weir_status status = weir_generator_read(g, "the", err);
    if (!status) status = weir_generator_next(g, NULL, piece, err);
    weir_generator_free(g);
    return status;
}

/* Whichever allocation fails: a sentence, no crash, no leak (the sanitizer looks), nothing half
 * made. */
static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    static weir_status (*const tries[])(weir_error *err) = {try_new, try_save, try_generate};
    write_texts();
    train_text(windows, "ready", "3");
    for (size_t k = 0; k < 3; k++) {
        weir_status status = WEIR_MEMORY;
        for (size_t n = 0; status; n++) {
            weir_error err = {0};
            assert_in_range(n, 0, 5000);
            allocations_left = n;
            weir_set_allocator(scarce);
            status = tries[k](&err);
            weir_set_allocator(NULL);
            assert_true((status == WEIR_OK) == (err.text[0] == '\0'));
            if (status && k == 0) assert_int_equal(access(path_of("scarce"), F_OK), -1);
        }
    }
    assert_int_equal(checkpoint_step("ready"), 3);
}

/* A data file whose name is also another value of `data:`. */
static void a_file_called_text(void **state)
{
    (void)state;
    write_texts();
    write_file("text", "the cat sat on the mat, and that was that. the end.", 51);
    weir_run *run = begin("data: {kind: text, path: text, seq_len: 4, batch_size: 2}\n"
                          "model: [embedding: {embedding_dim: 3}, linear: {}]\n"
                          "train: {loss: cross_entropy, steps: 3}\n", "called", 1);
    train(run);
    weir_run_free(run);
    run = go_on("called");
    assert_int_equal(weir_trainer_steps(weir_run_trainer(run)), 3);
    weir_run_free(run);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupted_run_ends_the_same),
        cmocka_unit_test(rows_after_the_checkpoint_are_dropped),
        cmocka_unit_test(copied_and_prolonged),
        cmocka_unit_test(a_file_called_text),
        cmocka_unit_test(default_folders),
        cmocka_unit_test(folders_that_will_not_do),
        cmocka_unit_test(nothing_is_left_behind),
        cmocka_unit_test(divergence_is_told),
        cmocka_unit_test(memory_runs_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
