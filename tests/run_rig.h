/* tests/run_rig.h - small nets that read texts, trained in folders. */
#ifndef WEIR_TESTS_RUN_RIG_H
#define WEIR_TESTS_RUN_RIG_H

#include "tests/files.h"

#include "train/trainer.h"
#include "weir/run.h"

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

static inline void write_texts(void)
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

static inline weir_config *parse(const char *text)
{
    weir_config *config;
    weir_error err = {0};
    assert_ok(weir_config_parse(text, path_of("net.yaml"), &config, &err), err);
    return config;
}

static inline void set(weir_config *config, const char *key, const char *value)
{
    weir_error err = {0};
    assert_ok(weir_config_set(config, key, value, &err), err);
}

static inline weir_run *begin(const char *text, const char *name, uint64_t seed)
{
    weir_run *run;
    weir_error err = {0};
    weir_config *config = parse(text);
    weir_run_options o = {.folder = path_of(name), .seed = seed};
    assert_ok(weir_run_new(config, &o, &run, &err), err);
    weir_config_free(config);
    return run;
}

static inline weir_run *go_on(const char *name)
{
    weir_run *run;
    weir_error err = {0};
    weir_run_options o = {.folder = path_of(name)};
    assert_ok(weir_run_resume(NULL, &o, &run, &err), err);
    return run;
}

static inline void train(weir_run *run)
{
    weir_error err = {0};
    assert_ok(weir_run_train(run, NULL, NULL, &err), err);
}

static inline void train_text(const char *text, const char *name, const char *steps)
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

#endif
