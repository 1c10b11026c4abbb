/* step: factor(t) = gamma^floor(t / step_size). Source: torch.optim.lr_scheduler.StepLR, with
 * training steps for its epochs. */
#include "train/schedule.h"

#include <math.h>

struct step {
    weir_schedule_common common;
    size_t step_size;
    double gamma;
};

static const weir_option options[] = {
    WEIR_SCHEDULE_COMMON_OPTIONS(struct step),
    WEIR_OPTION_SIZE(struct step, step_size, NULL, 1, N_("training steps between two changes")),
    WEIR_OPTION_REAL(struct step, gamma, "0.1", 0, 1e30, N_("factor of each change")),
    {0}};

static double factor(const void *o, uint64_t step, uint64_t steps)
{
    const struct step *s = o;
    (void)steps;
    return pow(s->gamma, (double)(step / s->step_size));
}

const weir_schedule_kind weir_schedule_step = {
    .name = "step",
    .doc = N_("the learning rate times gamma after every step_size steps"),
    .options_size = sizeof(struct step),
    .options = options,
    .factor = factor,
};
