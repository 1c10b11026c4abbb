/* Runs in folders, and text out of them: what a C program does through weir/run.h and
 * weir/text.h. */
#include "tests/files.h"

#include "base/status.h"
#include "formats/symbols.h"
#include "train/trainer.h"
#include "weir/run.h"
#include "weir/text.h"

static const char windows[] = "data: {kind: text, path: text.txt, seq_len: 9, batch_size: 4}\n"
                              "model:\n"
                              "  - embedding: {embedding_dim: 6}\n"
                              "  - lstm: {hidden_size: 12}\n"
                              "  - dropout: {p: 0.1}\n"
                              "  - linear: {}\n"
                              "train: {loss: cross_entropy, optimizer: {adam: {lr: 0.02}}, "
                              "steps: 30}\n";

static const char context[] = "data: {kind: text, path: text.txt, context: 3, batch_size: 8}\n"
                              "model:\n"
                              "  - embedding: {embedding_dim: 6}\n"
                              "  - flatten\n"
                              "  - linear: {out_features: 16}\n"
                              "  - batchnorm1d\n"
                              "  - tanh\n"
                              "  - linear: {}\n"
                              "train: {loss: cross_entropy, optimizer: {adam: {lr: 0.02}}, "
                              "steps: 200}\n";

static void write_texts(void)
{
    char text[900];
    for (unsigned i = 0; i < sizeof text; i++) text[i] = "the cat sat. \n"[i % 14];
    write_file("text.txt", text, sizeof text);
    unsigned n = 0;
    for (unsigned i = 0; n + 4 < sizeof text; i++)
        n += (unsigned)snprintf(text + n, 5, "%s",
                                (const char *[]){"\xe5\xa0\xb0", "a", "\xc3\xa4",
                                                 "\xf0\x9f\x8c\x8a", "\n"}[(i * i + i / 5) % 5]);
    write_file("wide.txt", text, n);
}

static weir_config *parse(const char *text)
{
    weir_config *config;
    weir_error err = {0};
    assert_ok(weir_config_parse(text, path_of("net.yaml"), &config, &err), err);
    return config;
}

static void set(weir_config *config, const char *key, const char *value)
{
    weir_error err = {0};
    assert_ok(weir_config_set(config, key, value, &err), err);
}

static weir_run *begin(const char *text, const char *name, uint64_t seed)
{
    weir_run *run;
    weir_error err = {0};
    weir_config *config = parse(text);
    weir_run_options o = {.folder = path_of(name), .seed = seed};
    assert_ok(weir_run_new(config, &o, &run, &err), err);
    weir_config_free(config);
    return run;
}

static weir_run *go_on(const char *name)
{
    weir_run *run;
    weir_error err = {0};
    weir_run_options o = {.folder = path_of(name)};
    assert_ok(weir_run_resume(NULL, &o, &run, &err), err);
    return run;
}

static void train(weir_run *run)
{
    weir_error err = {0};
    assert_ok(weir_run_train(run, NULL, NULL, &err), err);
}

static void same_file(const char *a, const char *b)
{
    weir_file x, y;
    weir_error err = {0};
    assert_ok(weir_file_open(path_of(a), &x, &err), err);
    assert_ok(weir_file_open(path_of(b), &y, &err), err);
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
    weir_file_close(&x);
    weir_file_close(&y);
}

static weir_flow_record *load(const char *name)
{
    weir_flow_record *record;
    weir_error err = {0};
    assert_ok(weir_record_load(path_of(name), &record, &err), err);
    return record;
}

/* --- training in folders ---------------------------------------------------------------------- */

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
    same_file("whole/model.safetensors", "part/model.safetensors");
    same_file("whole/checkpoint.safetensors", "part/checkpoint.safetensors");
    same_file("whole/config.yaml", "part/config.yaml");
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
    same_file("whole/model.safetensors", "killed/model.safetensors"); /* of the test before */
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

/* --- text ------------------------------------------------------------------------------------- */

static weir_generator *open_generator(const char *name)
{
    weir_generator *g;
    weir_error err = {0};
    assert_ok(weir_generator_open(path_of(name), &g, &err), err);
    return g;
}

/* What a run says behind a prompt, n symbols of it; good until the next call but one. */
static const char *say(const char *name, const char *prompt, size_t n, weir_sampling how)
{
    static char texts[2][4096];
    static size_t turn;
    char *text = texts[turn++ % 2], piece[WEIR_PIECE];
    weir_generator *g = open_generator(name);
    weir_error err = {0};
    *text = '\0';
    assert_ok(weir_generator_read(g, prompt, &err), err);
    while (n--) {
        assert_ok(weir_generator_next(g, &how, piece, &err), err);
        strcat(text, piece);
    }
    weir_generator_free(g);
    return text;
}

static void train_text(const char *text, const char *name, const char *steps)
{
    weir_run *run;
    weir_error err = {0};
    weir_config *config = parse(text);
    set(config, "train.steps", steps);
    weir_run_options o = {.folder = path_of(name)};
    assert_ok(weir_run_new(config, &o, &run, &err), err);
    train(run);
    weir_run_free(run);
    weir_config_free(config);
}

/* A text that repeats itself is learned by heart, and goes on without the file it stood in. */
static void what_was_learned_is_said(void **state)
{
    (void)state;
    weir_sampling likeliest = {.temperature = 0};
    write_texts();
    train_text(windows, "heart", "400");
    train_text(context, "window", "400");
    assert_int_equal(unlink(path_of("text.txt")), 0);
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "window" : "heart";
        assert_string_equal(say(name, "the c", 22, likeliest), "at sat. \nthe cat sat. ");
        assert_string_equal(say(name, "sat. ", 4, likeliest), "\nthe");
    }
    assert_string_equal(say("heart", "", 8, likeliest), "the cat "); /* as behind a line break */
    assert_int_equal(unlink(path_of("heart/model.safetensors")), 0);
    assert_string_equal(say("heart", "the c", 5, likeliest), "at sa"); /* from the checkpoint */
}

static void sampling(void **state)
{
    (void)state;
    weir_sampling how = weir_sampling_init(), other = how, first = how, cold = how;
    write_texts();
    train_text(windows, "sampled", "20");
    other.seed = 2;
    first.top_k = 1;
    cold.temperature = 0;
    assert_string_equal(say("sampled", "the", 60, how), say("sampled", "the", 60, how));
    assert_string_not_equal(say("sampled", "the", 60, how), say("sampled", "the", 60, other));
    assert_string_equal(say("sampled", "the", 60, first), say("sampled", "the", 60, cold));
    other.top_k = 1000; /* more than there are is all of them */
    how.seed = 2;
    assert_string_equal(say("sampled", "the", 60, how), say("sampled", "the", 60, other));
}

/* Symbol by symbol the net says what it says of a whole window at once. */
static void steps_are_a_window(void **state)
{
    (void)state;
    static const char ids_of[] = "\n .acehst"; /* the vocabulary, in order */
    weir_sampling likeliest = {.temperature = 0};
    write_texts();
    train_text(windows, "steps", "60");
    weir_run *run = go_on("steps");
    weir_trainer *t = weir_run_trainer(run);
    const char *prompts[] = {"tac eht s", "\n\n\n\n\n\n\n\n\n", "hhh...cat"};
    for (size_t p = 0; p < 3; p++) {
        weir_error err = {0};
        const real *y;
        real x[9];
        size_t count, best = 0;
        for (size_t i = 0; i < 9; i++) x[i] = (real)(strchr(ids_of, prompts[p][i]) - ids_of);
        assert_ok(weir_trainer_predict(t, x, 1, &y, &count, &err), err);
        assert_int_equal(count, 9 * 9);
        for (size_t i = 0; i < 9; i++)
            if (y[8 * 9 + i] > y[8 * 9 + best]) best = i;
        const char *said = say("steps", prompts[p], 1, likeliest);
        assert_int_equal(said[0], ids_of[best]);
    }
    weir_run_free(run);
}

static bool is_utf8(const char *text)
{
    uint32_t code;
    size_t left = strlen(text), n;
    for (; left; left -= n, text += n) {
        n = weir_utf8_decode((const unsigned char *)text, left, &code);
        if (!n) return false;
    }
    return true;
}

/* A net of bytes that has learned nothing says anything; whole characters come out all the same.
 */
static void bytes_come_out_as_utf8(void **state)
{
    (void)state;
    weir_sampling wild = {.temperature = 50};
    write_texts();
    weir_config *config = parse(windows);
    set(config, "data.path", "wide.txt");
    set(config, "data.unit", "byte");
    char *text = weir_config_text(config);
    train_text(text, "bytes", "0");
    for (wild.seed = 1; wild.seed < 20; wild.seed++) {
        const char *said = say("bytes", wild.seed % 2 ? "" : "\xe5\xa0\xb0", 200, wild);
        assert_true(is_utf8(said));
        assert_non_null(strstr(said, "\xef\xbf\xbd"));
        for (size_t n = 1; n < 8; n++) assert_true(is_utf8(say("bytes", "a", n, wild)));
    }
    train_text(text, "learned", "150");
    const char *said = say("learned", "a", 300, (weir_sampling){1, 0, 1});
    assert_true(is_utf8(said));
    assert_non_null(strstr(said, "\xe5\xa0\xb0")); /* three bytes in a row */
    weir_free(text);
    weir_config_free(config);
}

static void assert_not_read(const char *name, const char *prompt, const char *says)
{
    weir_error err = {0};
    weir_generator *g = open_generator(name);
    assert_int_equal(weir_generator_read(g, prompt, &err), WEIR_USAGE);
    if (!strstr(err.text, says)) fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    weir_generator_free(g);
}

static void strangers_in_a_prompt(void **state)
{
    (void)state;
    write_texts();
    weir_config *config = parse(windows);
    set(config, "data.path", "wide.txt");
    char *text = weir_config_text(config);
    train_text(text, "wide", "0");
    weir_sampling how = weir_sampling_init();
    assert_true(is_utf8(say("wide", "\xe5\xa0\xb0\xc3\xa4", 30, how)));
    assert_not_read("wide", "a\xc3\xb6z\xc3\xb6", "\"\xc3\xb6\" (U+00F6), \"z\" (U+007A)");
    assert_not_read("wide", "aa\xff", "byte 2 is 0xff");
    set(config, "data.unit", "byte");
    weir_free(text);
    text = weir_config_text(config);
    train_text(text, "wide_bytes", "0");
    assert_not_read("wide_bytes", "a\xe4\xb8\xad", "\xe4\xb8\xad\" (U+4E2D)");
    weir_free(text);
    weir_config_free(config);
}

static void assert_no_generator(const char *name, weir_status status, const char *says)
{
    weir_generator *g;
    weir_error err = {0};
    weir_status got = weir_generator_open(path_of(name), &g, &err);
    assert_null(g);
    if (got != status || !strstr(err.text, says))
        fail_msg("status %d, \"%s\"; expected %d and \"%s\"", got, err.text, status, says);
}

static void nets_without_text(void **state)
{
    (void)state;
    static const char circles[] = "data: {kind: circles, n: 64}\nmodel: [linear: {}]\n"
                                  "train: {loss: cross_entropy, steps: 1}\n";
    write_texts();
    assert_no_generator("nothing", WEIR_IO, "nothing: cannot find the run");
    train_text(circles, "circles", "1");
    assert_no_generator("circles", WEIR_USAGE, "no text model");
    weir_config *config = parse(windows);
    set(config, "model.1.lstm.bidirectional", "true");
    char *text = weir_config_text(config);
    train_text(text, "both", "1");
    assert_no_generator("both", WEIR_USAGE, "bidirectional");
    train_text(windows, "bent", "1");
    set(config, "model.1.lstm.bidirectional", "false");
    set(config, "model.1.lstm.hidden_size", "13");
    weir_free(text);
    text = weir_config_text(config);
    write_words("bent/config.yaml", text);
    assert_no_generator("bent", WEIR_USAGE, "1.weight_ih_l0");
    write_words("bent/model.safetensors", "short");
    assert_no_generator("bent", WEIR_IO, "bent/model.safetensors");
    weir_free(text);
    weir_config_free(config);
}

static void output_that_is_not_finite(void **state)
{
    (void)state;
    char piece[WEIR_PIECE];
    weir_error err = {0}, usage = {0};
    write_texts();
    weir_run *run = begin(windows, "nan", 1);
    weir_parameter_view bias = weir_trainer_parameter(weir_run_trainer(run), 6);
    assert_string_equal(bias.name, "3.bias");
    bias.value[2] = (real)NAN;
    assert_ok(weir_run_save(run, &err), err);
    weir_run_free(run);
    weir_generator *g = open_generator("nan");
    assert_int_equal(weir_generator_next(g, NULL, piece, &err), WEIR_DIVERGED);
    assert_int_equal(weir_generator_next(g, &(weir_sampling){.temperature = -1}, piece, &usage),
                     WEIR_USAGE);
    weir_generator_free(g);
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

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupted_run_ends_the_same),
        cmocka_unit_test(rows_after_the_checkpoint_are_dropped),
        cmocka_unit_test(copied_and_prolonged),
        cmocka_unit_test(default_folders),
        cmocka_unit_test(folders_that_will_not_do),
        cmocka_unit_test(nothing_is_left_behind),
        cmocka_unit_test(divergence_is_told),
        cmocka_unit_test(what_was_learned_is_said),
        cmocka_unit_test(sampling),
        cmocka_unit_test(steps_are_a_window),
        cmocka_unit_test(bytes_come_out_as_utf8),
        cmocka_unit_test(strangers_in_a_prompt),
        cmocka_unit_test(nets_without_text),
        cmocka_unit_test(output_that_is_not_finite),
        cmocka_unit_test(memory_runs_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
