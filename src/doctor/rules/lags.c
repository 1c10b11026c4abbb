#include "doctor/rules/lags.h"

const weir_lag_flow *weir_longest_reach(const weir_facts *f, size_t *line)
{
    const weir_lag_flow *best = NULL;
    for (size_t i = 0; f->lag_sample && i < f->record->lines; i++) {
        const weir_lag_flow *lag = &f->lag_sample->lag[i];
        if (lag->lags < 2 || (best && lag->reach <= best->reach)) continue;
        best = lag;
        *line = i;
    }
    return best;
}

double weir_largest_lag_gain(const weir_lag_flow *lag, size_t *at)
{
    double most = 0;
    *at = 0;
    for (size_t k = 0; k < lag->lags; k++)
        if (lag->joint[k] > most) {
            most = lag->joint[k];
            *at = k;
        }
    return most;
}
