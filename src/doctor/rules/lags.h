/* doctor/rules/lags.h - what the two rules of time share. */
#ifndef WEIR_DOCTOR_RULES_LAGS_H
#define WEIR_DOCTOR_RULES_LAGS_H

#include "doctor/rule.h"

/* The line whose gradient reaches farthest: the net's memory is that of its best line. NULL where
 * the record has no lag profile. *line is its index. */
const weir_lag_flow *weir_longest_reach(const weir_facts *facts, size_t *line);

/* The largest G(k), and where. */
double weir_largest_lag_gain(const weir_lag_flow *lag, size_t *k);

#endif
