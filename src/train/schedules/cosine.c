/* cosine: half a cosine from 1 down to eta_min.
 *
 *   factor(t) = eta_min + (1 - eta_min) (1 + cos(pi t / t_max)) / 2,   eta_min from t_max on
 *
 * Source: Loshchilov & Hutter 2017, eq. 5; torch.optim.lr_scheduler.CosineAnnealingLR, whose
 * eta_min is a learning rate where this one is a factor, and which rises again after T_max.
 */
#include "train/schedule.h"

#include <math.h>

struct cosine {
    weir_schedule_common common;
    size_t t_max;
    double eta_min;
};

static const weir_option options[] = {
    WEIR_SCHEDULE_COMMON_OPTIONS(struct cosine),
    WEIR_OPTION_SIZE(struct cosine, t_max, "0", 0,
                     N_("steps until eta_min is reached; 0: the rest of the run")),
    WEIR_OPTION_REAL(struct cosine, eta_min, "0", 0, 1e30,
                     N_("share of the learning rate that is left at the end")),
    {0}};

static double factor(const void *o, uint64_t step, uint64_t steps)
{
    const struct cosine *c = o;
    const double pi = 3.14159265358979323846;
    uint64_t t_max = c->t_max ? c->t_max : steps;
    if (step == 0) return 1; /* even where a warm-up leaves no rest */
    if (step >= t_max) return c->eta_min;
    return c->eta_min + (1 - c->eta_min) * (1 + cos(pi * (double)step / (double)t_max)) / 2;
}

const weir_schedule_kind weir_schedule_cosine = {
    .name = "cosine",
    .doc = N_("the learning rate falls along half a cosine"),
    .options_size = sizeof(struct cosine),
    .options = options,
    .factor = factor,
};
