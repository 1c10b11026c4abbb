/* The trainer: same seed same bits, on any number of threads; nothing allocated after the first
 * step; the lag profile and the depth gain against closed forms; bad configurations. */
#include "tests/test.h"

#include "train/trainer.h"

#include <stdio.h>
#include <stdlib.h>

static const char lstm_config[] = "data: {kind: adding, seq_len: 12, batch_size: 8}\n"
                                  "model:\n"
                                  "  - lstm: {hidden_size: 6, num_layers: 2, output: last}\n"
                                  "  - dropout: {p: 0.2}\n"
                                  "  - linear: {out_features: 1}\n"
                                  "train: {loss: mse, optimizer: {adam: {lr: 0.01}}, "
                                  "clip_grad_norm: 1, penalties: {l2: 1e-4}, steps: 40}\n";

static const char wide_config[] =
    "data: {kind: circles, n: 512, batch_size: 256}\n"
    "model:\n"
    "  - linear: {out_features: 300}\n"
    "  - batchnorm1d\n"
    "  - tanh\n"
    "  - linear: {out_features: 300}\n"
    "  - relu\n"
    "  - linear: {}\n"
    "train: {loss: cross_entropy, optimizer: {sgd: {lr: 0.1, momentum: 0.9}}, steps: 20}\n";

static weir_trainer *make(const char *text)
{
    weir_config *config;
    weir_trainer *trainer;
    weir_error err = {0};
    assert_ok(weir_config_parse(text, "test.yaml", &config, &err), err);
    assert_ok(weir_trainer_new(config, NULL, &trainer, &err), err);
    weir_config_free(config);
    return trainer;
}

static void steps(weir_trainer *t, size_t n)
{
    weir_train_event event;
    weir_error err = {0};
    for (size_t i = 0; i < n; i++) {
        assert_ok(weir_trainer_step(t, &event, &err), err);
        assert_true(event.finite);
    }
}

static void same_bits(const char *text, int threads_a, int threads_b, bool watch_b)
{
    weir_set_threads(threads_a);
    weir_trainer *a = make(text);
    steps(a, 20);
    weir_set_threads(threads_b);
    weir_trainer *b = make(text);
    if (watch_b) assert_int_equal(weir_trainer_watch(b, 5, NULL, NULL), WEIR_OK);
    steps(b, 20);
    weir_set_threads(0);
    assert_memory_equal(a->model->values, b->model->values, a->model->weights * sizeof(real));
    weir_trainer_free(a);
    weir_trainer_free(b);
}

static void same_seed_same_bits(void **state)
{
    (void)state;
    const char *configs[] = {lstm_config, wide_config};
    for (size_t i = 0; i < 2; i++) {
        same_bits(configs[i], 1, 1, false);
        same_bits(configs[i], 1, 2, false);
        same_bits(configs[i], 1, 4, false);
        same_bits(configs[i], 2, 2, true); /* watching changes nothing */
    }
}

static size_t allocations;

static void *counting(void *p, size_t size)
{
    if (size == 0) {
        free(p);
        return NULL;
    }
    allocations++;
    return realloc(p, size);
}

static void nothing_allocated_after_the_first_step(void **state)
{
    (void)state;
    const char *configs[] = {lstm_config, wide_config};
    for (size_t i = 0; i < 2; i++) {
        weir_trainer *t = make(configs[i]);
        steps(t, 1);
        weir_set_allocator(counting);
        allocations = 0;
        steps(t, 10);
        weir_set_allocator(NULL);
        assert_int_equal(allocations, 0);
        weir_trainer_free(t);
    }
}

/* An orthogonal linear net keeps lengths: the depth gain is 1; halved weights halve it. */
static void depth_gain_of_linear_nets(void **state)
{
    (void)state;
    for (int half = 0; half < 2; half++) {
        char text[2000];
        int n = snprintf(
            text, sizeof text,
            "data: {kind: circles, n: 64, batch_size: 8}\nmodel:\n"
            "  - linear: {out_features: 16, init: {weight: xavier_uniform, bias: zeros}}\n");
        for (int i = 0; i < 8; i++)
            n += snprintf(text + n, sizeof text - (size_t)n,
                          "  - linear: {out_features: 16, init: {weight: {orthogonal: {gain: %s}}, "
                          "bias: zeros}}\n", half ? "0.5" : "1");
        snprintf(text + n, sizeof text - (size_t)n,
                 "  - linear: {}\ntrain: {loss: cross_entropy, steps: 1}\n");
        weir_trainer *t = make(text);
        const weir_flow_record *r;
        assert_int_equal(weir_trainer_watch(t, 1, &r, NULL), WEIR_OK);
        steps(t, 1);
        /* nodes 0 to 8 have 16 features; between them the factor is exact */
        for (size_t i = 0; i < 8; i++)
            assert_near(r->sample[0].node[i].grad_rms / r->sample[0].node[i + 1].grad_rms,
                        half ? 0.5 : 1, sizeof(real) == 8 ? 1e-12 : 1e-5);
        weir_trainer_free(t);
    }
}

/* Every one gets file:line:column, the word, and a suggestion where there is one. */
static void bad_configurations(void **state)
{
    (void)state;
    static const char *const bad[][3] = {
        {"data: {kind: adding}\nmodle: []\n", "test.yaml:2:1", "did you mean \"model\""},
        {"data: {kind: adding}\nmodel:\n  - lineer: {}\ntrain: {loss: mse}\n", "test.yaml:3:5",
         "did you mean \"linear\""},
        {"data: {kind: adding}\nmodel:\n  - linear: {out_feature: 3}\ntrain: {loss: mse}\n",
         "test.yaml:3:14", "did you mean \"out_features\""},
        {"data: {kind: adding}\nmodel:\n  - rnn: {hidden_size: many}\ntrain: {loss: mse}\n",
         "test.yaml:3:11", "whole number"},
        {"data: {kind: adding}\nmodel:\n  - rnn: {}\ntrain: {loss: mse}\n", "test.yaml:3:5",
         "hidden_size is needed"},
        {"data: {kind: adding}\nmodel:\n  - rnn: {hidden_size: 3, output: last}\n  - linear: {}\n"
         "train: {loss: mse, optimizer: {adma: {lr: 1}}}\n",
         "test.yaml:5:", "did you mean \"adam\""},
        {"data: {kind: circles}\nmodel:\n  - rnn: {hidden_size: 3}\ntrain: {loss: cross_entropy}\n",
         "test.yaml:3:5", "sequence"},
        {"data: {kind: adding}\nmodel:\n  - linear: {from: nobody}\ntrain: {loss: mse}\n",
         "test.yaml:3:5", "nobody"},
        {"data: {kind: adding}\nmodel:\n  - rnn: {hidden_size: 3}\n  - linear: {out_features: 1}\n"
         "train: {loss: mse}\n",
         "test.yaml:5:", "targets"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weir_config *config;
        weir_trainer *trainer;
        weir_error err = {0};
        assert_ok(weir_config_parse(bad[i][0], "test.yaml", &config, &err), err);
        assert_int_equal(weir_trainer_new(config, NULL, &trainer, &err), WEIR_USAGE);
        assert_null(trainer);
        if (!strstr(err.text, bad[i][1]) || !strstr(err.text, bad[i][2]))
            fail_msg("case %zu: \"%s\" lacks \"%s\" or \"%s\"", i, err.text, bad[i][1], bad[i][2]);
        weir_config_free(config);
    }
}

/* The copy task tells a clock when it is silent: beyond that it takes ln 8 for each of the ten
 * answers (Arjovsky, Shah & Bengio 2016, section 5.1). */
static void a_clock_is_no_memory(void **state)
{
    (void)state;
    weir_trainer *t = make("data: {kind: copy, delay: 20, n_validation: 4000}\n"
                           "model: [rnn: {hidden_size: 2}, linear: {}]\n"
                           "train: {loss: cross_entropy, steps: 1, eval_batches: 100}\n");
    assert_near(weir_trainer_constant_loss(t), 10 * log(8) / 40, 1e-3);
    weir_trainer_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_is_no_memory),
        cmocka_unit_test(same_seed_same_bits),
        cmocka_unit_test(nothing_allocated_after_the_first_step),
        cmocka_unit_test(depth_gain_of_linear_nets),
        cmocka_unit_test(bad_configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
