/* adam: a running mean of the gradient over a running root mean square of it; the equations are in
 * moments.c. weight_decay enters through the gradient: d = g + weight_decay w.
 * Source: Kingma & Ba 2015; torch.optim.Adam. */
#include "train/optimizers/moments.h"

static const weir_option options[] = {
    WEIR_OPTIMIZER_COMMON_OPTIONS(struct weir_adam, "1e-3", "0"),
    WEIR_ADAM_OPTIONS(struct weir_adam),
    WEIR_OPTION_BOOL(struct weir_adam, amsgrad, "false",
                     N_("divide by the largest mean square so far")),
    {0}};

static void update(const void *o, double lr, uint64_t step, size_t n, real *w, const real *g,
                   real *const slot[])
{
    const struct weir_adam *adam = o;
    weir_adam_step(adam, 1, adam->common.weight_decay, lr, step, n, w, g, slot);
}

const weir_optimizer_kind weir_optimizer_adam = {
    .name = "adam",
    .doc = N_("a running mean of the gradient over its running root mean square"),
    .options_size = sizeof(struct weir_adam),
    .options = options,
    .check = weir_adam_check,
    .slots = weir_adam_slots,
    .update = update,
};
