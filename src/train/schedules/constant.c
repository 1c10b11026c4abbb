/* constant: factor(t) = 1. Source: torch.optim.lr_scheduler.ConstantLR with factor 1. */
#include "train/schedule.h"

struct constant {
    weir_schedule_common common;
};

static const weir_option options[] = {WEIR_SCHEDULE_COMMON_OPTIONS(struct constant), {0}};

static double factor(const void *o, uint64_t step, uint64_t steps)
{
    (void)o, (void)step, (void)steps;
    return 1;
}

const weir_schedule_kind weir_schedule_constant = {
    .name = "constant",
    .doc = N_("the same learning rate throughout"),
    .options_size = sizeof(struct constant),
    .options = options,
    .factor = factor,
};
