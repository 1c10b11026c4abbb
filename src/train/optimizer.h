/* train/optimizer.h - what an optimizer is. One is one file in optimizers/ and one line in its
 * list.def.
 *
 * The trainer calls update() for every parameter after gradients are complete (penalties added,
 * clipped). State is `slots` arrays as long as all parameters together, saved in checkpoints.
 */
#ifndef WEIR_TRAIN_OPTIMIZER_H
#define WEIR_TRAIN_OPTIMIZER_H

#include "base/intl.h"
#include "base/option.h"
#include "base/real.h"

enum { WEIR_MAX_SLOTS = 4 };

/* Every optimizer's options begin with these. */
typedef struct weir_optimizer_common {
    double lr, weight_decay;
    bool maximize;
} weir_optimizer_common;

/* `rate` and `decay` are what is taken when nothing is said: PyTorch's, as a string. */
#define WEIR_OPTIMIZER_COMMON_OPTIONS(S, rate, decay)                                         \
    {"lr", WEIR_REAL, offsetof(S, common.lr), rate, 0, 1e30, NULL,                            \
     N_("learning rate, before the schedule")},                                               \
    {"weight_decay", WEIR_REAL, offsetof(S, common.weight_decay), decay, 0, 1e30, NULL,       \
     N_("how strongly weights are drawn towards 0")},                                         \
    {"maximize", WEIR_BOOL, offsetof(S, common.maximize), "false", 0, 0, NULL,                \
     N_("climb instead of descend")}

typedef struct weir_optimizer_kind {
    const char *name, *doc;
    size_t options_size;
    const weir_option *options;

    /* (optional, default nothing) WEIR_USAGE with a sentence when options contradict each other. */
    weir_status (*check)(const void *options, weir_error *err);
    /* How many state arrays these options need, at most WEIR_MAX_SLOTS. */
    size_t (*slots)(const void *options);
    /* (optional, default all 0) What a state array starts with. */
    double (*initial)(const void *options, size_t slot);
    /* One step, n numbers: w -= .. g ..; lr is the scheduled one; step counts from 1. slot[k] [n].
     * Number by number, so a caller may cut the n numbers as it likes: the bits stay the same. */
    void (*update)(const void *options, double lr, uint64_t step, size_t n, real *w, const real *g,
                   real *const slot[]);
} weir_optimizer_kind;

extern const weir_optimizer_kind *const weir_optimizer_kinds[];
const weir_optimizer_kind *weir_optimizer_find(const char *name);

#define WEIR_OPTIMIZER(name) extern const weir_optimizer_kind weir_optimizer_##name;
#include "train/optimizers/list.def"
#undef WEIR_OPTIMIZER

#endif
