/* train/penalty.h - what a penalty is: a term added to the loss. One is one file in penalties/ and
 * one line in its list.def.
 *
 *   L_total = L + sum_k penalty_k,   penalties: {l1: {lambda: 1e-5}, l2: {lambda: 1e-4}}
 *
 * They are applied after the backward pass and before clipping. Penalties of the weights take the
 * parameters that multiply: biases, scales of normalisers and learned slopes are left alone.
 */
#ifndef WEIR_TRAIN_PENALTY_H
#define WEIR_TRAIN_PENALTY_H

#include "base/intl.h"
#include "nn/pass.h"

/* Every penalty's options begin with this. */
typedef struct weir_penalty_common {
    double lambda;
} weir_penalty_common;

#define WEIR_PENALTY_COMMON_OPTIONS(S)                                                        \
    {"lambda", WEIR_REAL, offsetof(S, common.lambda), NULL, 0, 1e30, NULL,                    \
     N_("factor of the penalty: the larger, the stronger")}

typedef struct weir_penalty_kind {
    const char *name, *doc;
    size_t options_size;
    const weir_option *options;
    /* Returns the penalty and adds its derivative to the model's gradients. The pass has just gone
     * backward: its tape is still there, for penalties of activations or states. */
    double (*apply)(const void *options, weir_pass *pass);
} weir_penalty_kind;

/* A penalty with its options. */
typedef struct weir_penalty {
    const weir_penalty_kind *kind;
    const void *options;
} weir_penalty;

typedef struct weir_penalty_list {
    const weir_penalty *item;
    size_t count;
} weir_penalty_list;

extern const weir_penalty_kind *const weir_penalty_kinds[];
const weir_penalty_kind *weir_penalty_find(const char *name);

/* All of them, in order; returns their sum. */
double weir_penalties_apply(const weir_penalty_list *list, weir_pass *pass);

/* Whether a penalty of the weights takes this parameter. */
bool weir_is_penalized(const weir_parameter *parameter);

#define WEIR_PENALTY(name) extern const weir_penalty_kind weir_penalty_##name;
#include "train/penalties/list.def"
#undef WEIR_PENALTY

#endif
