/* doctor/compare.h - two arms of a comparison, seed by seed: was it the remedy, or the noise? */
#ifndef WEIR_DOCTOR_COMPARE_H
#define WEIR_DOCTOR_COMPARE_H

#include "doctor/stats.h"
#include "doctor/trial.h"

enum { WEIR_MOST_SEEDS = 10 };

/* Trials of the untreated and of the treated net; the k-th of both had the same seed. */
typedef struct weir_arms {
    size_t seeds; /* 2 to WEIR_MOST_SEEDS */
    const weir_trial *before, *after;
} weir_arms;

/* ln(loss before / loss after). A run that ran away counts as its loss, and as the largest `worst`
 * of the arms at most; between two of them there is nothing to choose. */
weir_interval weir_arms_gain(weir_arms arms);
/* What the third arm, a control, has of the treated one's gain. The logarithm of the loss makes
 * much of the last digits of a task that can be solved exactly, the loss itself makes little of
 * them: what is claimed holds on both scales. */
typedef struct weir_arms_share {
    double kept, kept_of_loss; /* of the mean gain in ln loss, and in the loss */
    bool stays, lost; /* above three quarters, and above half beyond the noise; below half */
} weir_arms_share;
weir_arms_share weir_arms_control(weir_arms arms, const weir_trial *without);
/* Every seed gained. */
bool weir_arms_all_better(weir_arms arms);
/* The treated net, even if behind, still learns about as fast: its training loss fell from the
 * second third of the steps to the last by at least nine tenths of what the untreated one's
 * fell, and is not far above the best constant guess's. */
bool weir_arms_keep_pace(weir_arms arms);
/* By how many log units the rule's own evidence came nearer to healthy; NaN where it was healthy
 * without the remedy, too, at the end of these trials. */
weir_interval weir_arms_nearer(weir_arms arms, const weir_rule_kind *rule);

size_t weir_learned(const weir_trial *trials, size_t n); /* how many left the constant predictor */
size_t weir_ran_away(const weir_trial *trials, size_t n);
size_t weir_worsening(const weir_trial *trials, size_t n);
double weir_mean_loss(const weir_trial *trials, size_t n);
double weir_mean_step_seconds(const weir_trial *trials, size_t n);

#endif
