/* exponential: factor(t) = gamma^t. Source: torch.optim.lr_scheduler.ExponentialLR, with training
 * steps for its epochs. */
#include "train/schedule.h"

#include <math.h>

struct exponential {
    weir_schedule_common common;
    double gamma;
};

static const weir_option options[] = {
    WEIR_SCHEDULE_COMMON_OPTIONS(struct exponential),
    WEIR_OPTION_REAL(struct exponential, gamma, NULL, 0, 1e30, N_("factor of every training step")),
    {0}};

static double factor(const void *o, uint64_t step, uint64_t steps)
{
    const struct exponential *e = o;
    (void)steps;
    return pow(e->gamma, (double)step);
}

const weir_schedule_kind weir_schedule_exponential = {
    .name = "exponential",
    .doc = N_("the learning rate times gamma after every step"),
    .options_size = sizeof(struct exponential),
    .options = options,
    .factor = factor,
};
