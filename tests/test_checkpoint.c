/* Checkpoints: a run that was interrupted goes on bit for bit; nothing is left half-written. */
#include "tests/checkpoint_rig.h"

#include "formats/safetensors.h"

static const char drawn_config[] =
    "data: {kind: adding, seq_len: 6, batch_size: 4}\n"
    "model:\n"
    "  - rnn: {hidden_size: 5, bidirectional: true, output: last}\n"
    "  - linear: {}\n"
    "train: {loss: mse, optimizer: {OPTIMIZER: {}}, steps: 40}\n";

/* --- going on --------------------------------------------------------------------------------- */

/* Interrupted after `first` of `all` steps and resumed elsewhere: on another number of threads,
 * and watched or not. */
static void resume(const char *text, size_t first, size_t all, bool watched)
{
    weir_set_threads(1);
    weir_trainer *whole = make(text, 3), *part = make(text, 3);
    if (watched) assert_int_equal(weir_trainer_watch(whole, 0, NULL, NULL), WEIR_OK);
    steps(whole, all);
    steps(part, first);
    save(part, "a.safetensors");
    weir_trainer_free(part);
    weir_set_threads(2);
    weir_trainer *rest = make(text, 3);
    restore(rest, "a.safetensors");
    assert_int_equal(weir_trainer_steps(rest), first);
    if (watched) assert_int_equal(weir_trainer_watch(rest, 9, NULL, NULL), WEIR_OK);
    steps(rest, all - first);
    if (watched) rest->validation = whole->validation; /* the first part was not watched */
    same_state(whole, rest);
    weir_trainer_free(whole);
    weir_trainer_free(rest);
    weir_set_threads(0);
}

static void resumed_is_uninterrupted(void **state)
{
    (void)state;
    write_text("text.txt", 0);
    for (size_t first = 0; first <= 40; first += first < 4 ? 1 : 9) { /* an epoch has 25 windows */
        resume(text_config, first, 40, false);
        resume(norm_config, first, 40, false);
    }
    resume(text_config, 13, 20, true);
    resume(norm_config, 13, 20, true);
}

/* All optimizers, with whatever state they keep. */
static void every_optimizer_goes_on(void **state)
{
    (void)state;
    for (size_t i = 0; weir_optimizer_kinds[i]; i++) {
        char text[sizeof drawn_config + 40];
        const char *word = strstr(drawn_config, "OPTIMIZER");
        snprintf(text, sizeof text, "%.*s%s%s", (int)(word - drawn_config), drawn_config,
                 weir_optimizer_kinds[i]->name, word + strlen("OPTIMIZER"));
        resume(text, 5, 11, false);
    }
}

/* Without one of its parts a checkpoint would not do: each of them is needed. */
static void every_part_matters(void **state)
{
    (void)state;
    write_text("text.txt", 0);
    for (int part = 0; part < 5; part++) {
        weir_trainer *whole = make(text_config, 3), *rest = make(text_config, 3);
        steps(whole, 12);
        save(whole, "a.safetensors");
        restore(rest, "a.safetensors");
        size_t lstm = 1 * WEIR_MAX_STATES;
        if (part == 0) rest->model->values[7] += R(0.001);
        if (part == 1) rest->slot[1][3] += R(0.001);
        if (part == 2) rest->carry.state[lstm][0] += R(0.001);
        if (part == 3) rest->step++;
        if (part == 4) rest->seed++;
        steps(whole, 3);
        steps(rest, 3);
        assert_memory_not_equal(whole->model->values, rest->model->values,
                                whole->model->weights * sizeof(real));
        weir_trainer_free(whole);
        weir_trainer_free(rest);
    }
}

/* A trainer that has gone elsewhere comes back. */
static void restored_into_a_used_trainer(void **state)
{
    (void)state;
    write_text("text.txt", 0);
    weir_trainer *a = make(text_config, 3), *b = make(text_config, 3);
    save(a, "start.safetensors");
    steps(a, 9);
    restore(a, "start.safetensors");
    steps(a, 14);
    steps(b, 14);
    same_state(a, b);
    weir_trainer_free(a);
    weir_trainer_free(b);
}

/* What may change on the way. */
static void longer_and_elsewhere(void **state)
{
    (void)state;
    write_text("text.txt", 0);
    write_text("moved.txt", 0);
    weir_trainer *t = make(text_config, 3);
    steps(t, 6);
    save(t, "a.safetensors");
    weir_trainer_free(t);
    static const char *const changes[][2] = {{"train.steps", "90"},   {"train.epochs", "2"},
                                             {"train.eval_every", "3"}, {"doctor.steps", "9"},
                                             {"train.patience", "4"}, {"train.seed", "7"},
                                             {"data.path", "moved.txt"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        weir_error err = {0};
        weir_config *config = parse(text_config);
        weir_trainer_options o = {.seed = 3};
        assert_ok(weir_config_set(config, changes[i][0], changes[i][1], &err), err);
        assert_ok(weir_trainer_new(config, &o, &t, &err), err);
        assert_ok(weir_trainer_restore(t, path_of("a.safetensors"), &err), err);
        assert_int_equal(weir_trainer_steps(t), 6);
        weir_trainer_free(t);
        weir_config_free(config);
    }
}

/* --- saving ----------------------------------------------------------------------------------- */

static void nothing_half_written(void **state)
{
    (void)state;
    weir_trainer *t = make(norm_config, 3);
    weir_error err = {0};
    assert_int_equal(weir_trainer_save(t, path_of("none/a.safetensors"), &err), WEIR_IO);
    assert_non_null(strstr(err.text, "none/a.safetensors"));
    assert_ok(weir_make_folder(path_of("folder.safetensors"), &err), (weir_error){0});
    weir_error e = {0};
    assert_int_equal(weir_trainer_save(t, path_of("folder.safetensors"), &e), WEIR_IO);
    assert_int_equal(access(path_of("folder.safetensors.tmp"), F_OK), -1);
    weir_trainer_free(t);
}

static void model_in_pytorchs_words(void **state)
{
    (void)state;
    static const char *const names[] = {"0.weight", "0.bias", "1.weight", "1.bias", "2.weight",
                                        "4.weight", "4.bias", "1.running_mean", "1.running_var",
                                        "1.num_batches_tracked"};
    weir_number type = sizeof(real) == 4 ? WEIR_F32 : WEIR_F64;
    weir_trainer *t = make(norm_config, 3);
    weir_safetensors s;
    weir_error err = {0};
    steps(t, 5);
    assert_ok(weir_trainer_save_model(t, path_of("m.safetensors"), &err), err);
    assert_ok(weir_safetensors_open(path_of("m.safetensors"), &s, &err), err);
    assert_int_equal(s.count, sizeof names / sizeof *names);
    for (size_t i = 0; i < s.count; i++) {
        const weir_array *a = weir_safetensors_find(&s, names[i]);
        if (!a) fail_msg("there is no %s", names[i]);
        assert_int_equal(a->type, i == 9 ? WEIR_I64 : type);
    }
    const weir_array *seen = weir_safetensors_find(&s, "1.num_batches_tracked");
    assert_true(seen->rank == 0 && weir_array_int(seen, 0) == 5);
    weir_parameter_view w = weir_trainer_parameter(t, 0);
    const weir_array *weight = weir_safetensors_find(&s, "0.weight");
    assert_true(weight->rank == 2 && weight->dim[0] == 6 && weight->dim[1] == 2);
    assert_memory_equal(weight->data, w.value, w.count * sizeof(real));
    assert_string_equal(weir_safetensors_word(&s, "format"), "pt");
    weir_safetensors_close(&s);
    weir_trainer_free(t);
}

/* --- early stop and predictions --------------------------------------------------------------- */

/* With a learning rate of 0 validation never gets better after the first time. */
static void patience_ends_a_run(void **state)
{
    (void)state;
    static const char text[] =
        "data: {kind: circles, n: 64, batch_size: 8}\n"
        "model: [linear: {}]\n"
        "train: {loss: cross_entropy, optimizer: {sgd: {lr: 0}}, steps: 100, eval_every: 2, "
        "patience: 3}\n";
    for (int watched = 0; watched < 2; watched++) {
        weir_trainer *t = make(text, 1);
        if (watched) assert_int_equal(weir_trainer_watch(t, 0, NULL, NULL), WEIR_OK);
        weir_train_event event;
        weir_error err = {0};
        while (!weir_trainer_done(t)) {
            assert_ok(weir_trainer_step(t, &event, &err), err);
            assert_int_equal(event.eval != NULL, event.step % 2 == 0);
            if (event.step == 6) save(t, "p.safetensors");
        }
        assert_int_equal(weir_trainer_steps(t), 8); /* best at 2, no better at 4, 6, 8 */
        weir_validation v = weir_trainer_validation(t);
        assert_true(v.stopped && v.best_step == 2 && v.since == 3);
        restore(t, "p.safetensors");
        assert_int_equal(weir_trainer_validation(t).since, 2);
        assert_false(weir_trainer_done(t));
        weir_trainer_free(t);
    }
}

static void predictions(void **state)
{
    (void)state;
    static const char text[] = "data: {kind: inline, x: [[0, 0], [1, 2]], y: [[1], [2]]}\n"
                               "model: [linear: {}, dropout: {p: 0.9}]\n"
                               "train: {loss: mse, steps: 1}\n";
    const real x[] = {R(1.0), R(0.0), R(0.0), R(1.0), R(3.0), R(-2.0)}, *y;
    size_t count;
    weir_error err = {0};
    weir_trainer *t = make(text, 1);
    const real *w = weir_trainer_parameter(t, 0).value, *b = weir_trainer_parameter(t, 1).value;
    assert_ok(weir_trainer_predict(t, x, 3, &y, &count, &err), err);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) /* three products: within a few roundings */
        assert_near(y[i], x[2 * i] * w[0] + x[2 * i + 1] * w[1] + b[0], 16 * REAL_EPS);
    assert_int_equal(weir_trainer_predict(t, x, 0, &y, &count, &err), WEIR_USAGE);
    weir_trainer_free(t);

    write_text("text.txt", 0);
    t = make(text_config, 1); /* reads ids [7,B], its vocabulary has 11 */
    real ids[14] = {0};
    weir_error e = {0};
    ids[13] = R(10.0);
    assert_ok(weir_trainer_predict(t, ids, 2, &y, &count, &e), e);
    assert_int_equal(count, 7 * 2 * 11);
    static const double bad[] = {11, -1, 0.5, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weir_error no = {0};
        ids[13] = (real)bad[i];
        assert_int_equal(weir_trainer_predict(t, ids, 2, &y, &count, &no), WEIR_USAGE);
        assert_non_null(strstr(no.text, "x[13]"));
    }
    weir_trainer_free(t);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resumed_is_uninterrupted),
        cmocka_unit_test(every_optimizer_goes_on),
        cmocka_unit_test(every_part_matters),
        cmocka_unit_test(restored_into_a_used_trainer),
        cmocka_unit_test(longer_and_elsewhere),
        cmocka_unit_test(nothing_half_written),
        cmocka_unit_test(model_in_pytorchs_words),
        cmocka_unit_test(patience_ends_a_run),
        cmocka_unit_test(predictions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
