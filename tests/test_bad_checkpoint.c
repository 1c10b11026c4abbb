/* Checkpoints that are cut off, damaged, forged or of another run: refused, and nothing changes. */
#include "tests/checkpoint_rig.h"

#include "formats/safetensors.h"

/* Is refused with this status and words, and the trainer is what it was. */
static void assert_refused(weir_trainer *t, const char *name, weir_status status, const char *says)
{
    weir_error err = {0};
    const char *path = path_of(name);
    save(t, "before.safetensors");
    weir_status got = weir_trainer_restore(t, path, &err);
    if (got != status || !strstr(err.text, says) || !strstr(err.text, name))
        fail_msg("status %d, \"%s\"; expected %d, %s and \"%s\"", got, err.text, status, name,
                 says);
    save(t, "after.safetensors");
    assert_same_file("before.safetensors", "after.safetensors");
}

static void other_runs_are_refused(void **state)
{
    (void)state;
    static const char *const changes[][3] = {
        {"model.1.lstm.hidden_size", "6", "hidden_size: 6"},
        {"model.2.dropout.p", "0.4", "p: 0.3"},
        {"train.optimizer.adam.lr", "0.01", "lr: 0.02"},
        {"train.clip_grad_norm", "2", "clip_grad_norm: 2"},
        {"train.schedule", "constant", "warmup: 4"},
        {"data.seq_len", "5", "seq_len: 7"},
        {"data.path", "other.txt", "other data"},
        {"init", "orthogonal", "orthogonal"}};
    write_text("text.txt", 0);
    write_text("other.txt", 5);
    weir_trainer *t = make(text_config, 3);
    steps(t, 6);
    save(t, "a.safetensors");
    weir_trainer_free(t);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        weir_error err = {0};
        weir_trainer_options o = {.seed = 3};
        weir_config *config = parse(text_config);
        assert_ok(weir_config_set(config, changes[i][0], changes[i][1], &err), err);
        assert_ok(weir_trainer_new(config, &o, &t, &err), err);
        steps(t, 2);
        assert_refused(t, "a.safetensors", WEIR_USAGE, changes[i][2]);
        weir_trainer_free(t);
        weir_config_free(config);
    }
    t = make(text_config, 4);
    assert_refused(t, "a.safetensors", WEIR_USAGE, "seed 3");
    weir_trainer_free(t);
    t = make(norm_config, 3);
    assert_refused(t, "a.safetensors", WEIR_USAGE, "another configuration");
    assert_refused(t, "nothing.safetensors", WEIR_IO, "No such file");
    weir_trainer_free(t);
}

/* The checkpoint's arrays and words, to be written again with changes. */
struct copy {
    weir_safetensors file;
    weir_named_array array[64];
    weir_words word[20];
};

static void open_copy(struct copy *c, const char *name)
{
    weir_error err = {0};
    assert_ok(weir_safetensors_open(path_of(name), &c->file, &err), err);
    assert_in_range(c->file.count, 1, 63);
    memcpy(c->array, c->file.arrays, c->file.count * sizeof *c->array);
    memcpy(c->word, c->file.words, c->file.words_count * sizeof *c->word);
}

static void write_copy(struct copy *c, size_t arrays, const char *name)
{
    weir_error err = {0};
    assert_ok(weir_safetensors_write(path_of(name), c->array, arrays, c->word, c->file.words_count,
                                     &err), err);
}

static void close_copy(struct copy *c)
{
    weir_safetensors_close(&c->file);
}

static weir_array *array_of(struct copy *c, const char *name)
{
    for (size_t i = 0; i < c->file.count; i++)
        if (!strcmp(c->array[i].name, name)) return &c->array[i].array;
    fail_msg("there is no array %s", name);
    return NULL;
}

/* Sound safetensors files that are no checkpoints of this net. */
static void forged_arrays(void **state)
{
    (void)state;
    static const char *const resized[] = {"model/0.weight", "optimizer/1", "state/1/h",
                                          "state/3/h"};
    static const char *const lost[] = {"model/4.bias", "optimizer/0"};
    struct copy c;
    write_text("text.txt", 0);
    weir_trainer *t = make(text_config, 3);
    steps(t, 4);
    save(t, "a.safetensors");
    for (size_t i = 0; i < sizeof resized / sizeof *resized; i++) {
        open_copy(&c, "a.safetensors");
        weir_array *a = array_of(&c, resized[i]);
        *a = weir_array_of(a->type, a->data, 1, (size_t[]){a->count - 1});
        write_copy(&c, c.file.count, "b.safetensors");
        assert_refused(t, "b.safetensors", WEIR_USAGE, strchr(resized[i], '/') + 1);
        close_copy(&c);
    }
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        open_copy(&c, "a.safetensors");
        weir_array *a = array_of(&c, lost[i]);
        *(weir_named_array *)((char *)a - offsetof(weir_named_array, array)) =
            c.array[c.file.count - 1];
        write_copy(&c, c.file.count - 1, "b.safetensors");
        assert_refused(t, "b.safetensors", WEIR_USAGE, "lacks");
        close_copy(&c);
    }
    open_copy(&c, "a.safetensors");
    c.array[c.file.count] = (weir_named_array){"model/9.weight", *array_of(&c, "model/0.weight")};
    write_copy(&c, c.file.count + 1, "b.safetensors");
    assert_refused(t, "b.safetensors", WEIR_USAGE, "9.weight");
    c.array[c.file.count].name = "stray";
    write_copy(&c, c.file.count + 1, "b.safetensors");
    assert_refused(t, "b.safetensors", WEIR_IO, "no checkpoint has");
    close_copy(&c);
    weir_trainer_free(t);
}

static void forged_words(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"format", "weir checkpoint 9", "not a checkpoint"}, {"step", "-1", "step"},
        {"step", "12x", "step"},       {"step", "", "step"},  {"seed", " 3", "seed"},
        {"best", "nan", "best"},       {"best", "low", "best"}, {"since", "1.5", "since"},
        {"best_step", "first", "best_step"}, {"config", "data: [", "a.safetensors"},
        {"data", "0123456789abcdef", "other data"}, {"real", "float16", "float16"}};
    struct copy c;
    weir_trainer *t = make(norm_config, 3);
    steps(t, 2);
    save(t, "a.safetensors");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool usage = !strcmp(cases[i][0], "config") || !strcmp(cases[i][0], "data") ||
                     !strcmp(cases[i][0], "real");
        open_copy(&c, "a.safetensors");
        for (size_t k = 0; k < c.file.words_count; k++)
            if (!strcmp(c.word[k].key, cases[i][0])) c.word[k].value = cases[i][1];
        write_copy(&c, c.file.count, "b_a.safetensors");
        assert_refused(t, "b_a.safetensors", usage ? WEIR_USAGE : WEIR_IO, cases[i][2]);
        close_copy(&c);
    }
    weir_error err = {0};
    assert_ok(weir_trainer_save_model(t, path_of("model.safetensors"), &err), err);
    assert_refused(t, "model.safetensors", WEIR_IO, "not a checkpoint");
    weir_trainer_free(t);
}

/* Cut off anywhere it is refused; with bytes changed anywhere it is refused or read, and either
 * the trainer is untouched or whole. */
static void torn_files(void **state)
{
    (void)state;
    weir_file file;
    weir_error err = {0};
    weir_trainer *t = make(norm_config, 3);
    steps(t, 3);
    save(t, "a.safetensors");
    assert_ok(weir_file_open(path_of("a.safetensors"), &file, &err), err);
    size_t size = file.size;
    unsigned char *whole = malloc(size);
    memcpy(whole, file.data, size);
    weir_file_close(&file);
    for (size_t n = 0; n < size; n += n < 64 || n > size - 64 ? 7 : size / 60) {
        write_file("cut.safetensors", whole, n);
        assert_refused(t, "cut.safetensors", WEIR_IO, "");
    }
    for (size_t i = 0; i < size; i += 1 + size / 300) {
        unsigned char was = whole[i];
        whole[i] ^= (unsigned char)(1u << i % 8);
        write_file("bent.safetensors", whole, size);
        whole[i] = was;
        weir_error e = {0};
        uint64_t step = t->step;
        weir_status got = weir_trainer_restore(t, path_of("bent.safetensors"), &e);
        assert_true((got == WEIR_OK) == (e.text[0] == '\0'));
        if (got) assert_int_equal(t->step, step);
    }
    restore(t, "a.safetensors");
    weir_trainer *fresh = make(norm_config, 3);
    steps(fresh, 3);
    same_state(t, fresh);
    weir_trainer_free(fresh);
    weir_trainer_free(t);
    free(whole);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_runs_are_refused),
        cmocka_unit_test(forged_arrays),
        cmocka_unit_test(forged_words),
        cmocka_unit_test(torn_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
