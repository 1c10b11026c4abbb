/* weir/config.h - a configuration: a tree of YAML that knows its places, can be changed and
 * compared.
 *
 *   data:  { kind: text, path: input.txt, seq_len: 100, batch_size: 32 }
 *   model:
 *     - embedding: { embedding_dim: 64 }
 *     - rnn: { hidden_size: 256, nonlinearity: tanh }
 *     - linear: {}
 *   train: { loss: cross_entropy, optimizer: { sgd: { lr: 0.1 } }, steps: 2000 }
 *
 * What the keys mean is checked when something is made of it (weir_trainer_new).
 */
#ifndef WEIR_CONFIG_H
#define WEIR_CONFIG_H

#include "weir/base.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_config weir_config;

/* Reads a file. WEIR_IO when it cannot be read, WEIR_USAGE with file:line:column when it is not
 * YAML. On error *config is NULL. */
weir_status weir_config_load(const char *path, weir_config **config, weir_error *err);

/* The same from a string; `name` stands for the file in sentences, and paths inside the
 * configuration are relative to its folder. */
weir_status weir_config_parse(const char *text, const char *name, weir_config **config,
                              weir_error *err);

/* NULL when there is no memory. */
weir_config *weir_config_copy(const weir_config *config);
void weir_config_free(weir_config *config);

/* The file it was read from, as given. */
const char *weir_config_name(const weir_config *config);

/* Sets what a dotted path points at: "train.steps", "model.2.linear.out_features",
 * "model.fc1.linear.bias" (a node by its name). `value` is YAML: "0.1", "{sgd: {lr: 0.1}}". Keys
 * that are missing are made; a list's items must exist. */
weir_status weir_config_set(weir_config *config, const char *path, const char *value,
                            weir_error *err);

/* The scalar at a path, or NULL. Valid until the configuration changes. */
const char *weir_config_get(const weir_config *config, const char *path);

/* The whole as YAML (free with weir_free); NULL when there is no memory. */
char *weir_config_text(const weir_config *config);

/* What changed from a to b, line by line with - and + and two lines of surroundings; "" when
 * nothing did. Free with weir_free; NULL when there is no memory. */
char *weir_config_diff(const weir_config *a, const weir_config *b);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
