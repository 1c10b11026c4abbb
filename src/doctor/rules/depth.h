/* doctor/rules/depth.h - what the two rules of depth share. */
#ifndef WEIR_DOCTOR_RULES_DEPTH_H
#define WEIR_DOCTOR_RULES_DEPTH_H

#include "doctor/rule.h"

/* The mean factor per layer on the way back, split exactly: what the activations' slopes do, and
 * what the weights (and normalisers) do. NaN where there is nothing of a kind. */
typedef struct weir_factor_split {
    double slopes, weights;
    const char *activation; /* the kind that occurs most, or NULL */
} weir_factor_split;

weir_factor_split weir_split_factors(const weir_facts *facts);

/* Three standard deviations of ln(total) in a well-initialised net, and at least a factor of a
 * hundred: what is left then is what counts as out of reach over time, too. */
double weir_depth_bound(const weir_facts *facts);

#endif
