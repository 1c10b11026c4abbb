/* tests/checkpoint_rig.h - nets that draw on everything a checkpoint holds. */
#ifndef WEIR_TESTS_CHECKPOINT_RIG_H
#define WEIR_TESTS_CHECKPOINT_RIG_H

#include "tests/files.h"

#include "train/trainer.h"

static const char text_config[] =
    "data: {kind: text, path: text.txt, seq_len: 7, batch_size: 3}\n"
    "model:\n"
    "  - embedding: {embedding_dim: 4}\n"
    "  - lstm: {hidden_size: 5, num_layers: 2}\n"
    "  - dropout: {p: 0.3}\n"
    "  - gru: {hidden_size: 4}\n"
    "  - linear: {}\n"
    "train: {loss: cross_entropy, optimizer: {adam: {lr: 0.02}}, clip_grad_norm: 1,\n"
    "        eval_every: 5, schedule: {cosine: {warmup: 4}}, steps: 40}\n";

static const char norm_config[] =
    "data: {kind: circles, n: 100, batch_size: 16}\n"
    "model:\n"
    "  - linear: {out_features: 6}\n"
    "  - batchnorm1d: {}\n"
    "  - prelu\n"
    "  - dropout: {p: 0.2}\n"
    "  - linear: {}\n"
    "train: {loss: cross_entropy, optimizer: {sgd: {lr: 0.1, momentum: 0.9}},\n"
    "        penalties: {l2: 1e-3}, steps: 40}\n";

static inline void write_text(const char *name, unsigned twist)
{
    char text[600];
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = "abcde fgh.\n"[(i * i + i / 7 + twist) % 11];
    write_file(name, text, sizeof text);
}

static inline weir_config *parse(const char *text)
{
    weir_config *config;
    weir_error err = {0};
    assert_ok(weir_config_parse(text, path_of("net.yaml"), &config, &err), err);
    return config;
}

static inline weir_trainer *make(const char *text, uint64_t seed)
{
    weir_trainer *trainer;
    weir_error err = {0};
    weir_config *config = parse(text);
    weir_trainer_options o = weir_trainer_options_init();
    o.seed = seed;
    assert_ok(weir_trainer_new(config, &o, &trainer, &err), err);
    weir_config_free(config);
    return trainer;
}

static inline void steps(weir_trainer *t, size_t n)
{
    weir_train_event event;
    weir_error err = {0};
    while (n--) assert_ok(weir_trainer_step(t, &event, &err), err);
}

static inline void save(weir_trainer *t, const char *name)
{
    weir_error err = {0};
    assert_ok(weir_trainer_save(t, path_of(name), &err), err);
}

static inline void restore(weir_trainer *t, const char *name)
{
    weir_error err = {0};
    assert_ok(weir_trainer_restore(t, path_of(name), &err), err);
}

/* Everything that later bits depend on. */
static inline void same_state(const weir_trainer *a, const weir_trainer *b)
{
    size_t all = a->model->weights * sizeof(real);
    assert_memory_equal(a->model->values, b->model->values, all);
    for (size_t s = 0; s < a->slots; s++) assert_memory_equal(a->slot[s], b->slot[s], all);
    for (size_t i = 0; i < a->model->buffers_count; i++) {
        const weir_buffer *x = &a->model->buffers[i], *y = &b->model->buffers[i];
        assert_memory_equal(x->value, y->value, x->count * sizeof(real));
    }
    for (size_t k = 0; k < a->model->count * WEIR_MAX_STATES; k++) {
        assert_int_equal(a->carry.size[k], b->carry.size[k]);
        if (a->carry.size[k])
            assert_memory_equal(a->carry.state[k], b->carry.state[k],
                                a->carry.size[k] * sizeof(real));
    }
    const weir_validation *v = &a->validation, *w = &b->validation;
    assert_true(a->step == b->step && v->best == w->best && v->best_step == w->best_step);
    assert_true(v->since == w->since && v->stopped == w->stopped);
}

#endif
