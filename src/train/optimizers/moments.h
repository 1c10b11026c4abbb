/* train/optimizers/moments.h - what adam, adamw and adamax share: betas, and Adam's step. */
#ifndef WEIR_TRAIN_OPTIMIZERS_MOMENTS_H
#define WEIR_TRAIN_OPTIMIZERS_MOMENTS_H

#include "train/optimizer.h"

struct weir_adam {
    weir_optimizer_common common;
    weir_reals betas;
    double eps;
    bool amsgrad;
};

#define WEIR_ADAM_OPTIONS(S)                                                        \
    WEIR_OPTION_REALS(S, betas, "[0.9, 0.999]",                                     \
                      N_("how slowly the mean and the mean square follow")),        \
    WEIR_OPTION_REAL(S, eps, "1e-8", 0, 1e30, N_("added to the root"))

/* WEIR_USAGE unless these are two numbers in [0, 1). */
weir_status weir_check_betas(const weir_reals *betas, weir_error *err);

/* The check and the slots of adam and adamw. */
weir_status weir_adam_check(const void *options, weir_error *err);
size_t weir_adam_slots(const void *options);

/* w <- keep w, then Adam's step with the gradient g + decay w. */
void weir_adam_step(const struct weir_adam *options, double keep, double decay, double lr,
                    uint64_t step, size_t n, real *w, const real *g, real *const slot[]);

#endif
