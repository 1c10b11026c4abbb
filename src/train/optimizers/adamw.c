/* adamw: adam with a decay of its own, which the division does not touch; moments.c has the rest.
 *
 *   w <- (1 - lr weight_decay) w, then Adam's step with d = g
 *
 * Source: Loshchilov & Hutter 2019, algorithm 2; torch.optim.AdamW.
 */
#include "train/optimizers/moments.h"

static const weir_option options[] = {
    WEIR_OPTIMIZER_COMMON_OPTIONS(struct weir_adam, "1e-3", "1e-2"),
    WEIR_ADAM_OPTIONS(struct weir_adam),
    WEIR_OPTION_BOOL(struct weir_adam, amsgrad, "false",
                     N_("divide by the largest mean square so far")),
    {0}};

static void update(const void *o, double lr, uint64_t step, size_t n, real *w, const real *g,
                   real *const slot[])
{
    const struct weir_adam *adam = o;
    weir_adam_step(adam, 1 - lr * adam->common.weight_decay, 0, lr, step, n, w, g, slot);
}

const weir_optimizer_kind weir_optimizer_adamw = {
    .name = "adamw",
    .doc = N_("adam whose weight decay is apart from the gradient"),
    .options_size = sizeof(struct weir_adam),
    .options = options,
    .check = weir_adam_check,
    .slots = weir_adam_slots,
    .update = update,
};
