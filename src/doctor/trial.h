/* doctor/trial.h - many short trainings side by side: the arms of a comparison.
 *
 * A trial is a configuration with a seed, trained up to some step; it can be taken further later.
 * The trials of one comparison share seeds, so they see the same batches in the same order.
 */
#ifndef WEIR_DOCTOR_TRIAL_H
#define WEIR_DOCTOR_TRIAL_H

#include "doctor/rule.h"
#include "weir/doctor.h"

typedef struct weir_trial {
    const weir_config *config;
    uint64_t seed;
    weir_trainer *trainer; /* made at the first step */
    uint64_t until;        /* taken so far */
    double seconds;        /* of training */
    double constant;       /* the best constant guess's loss */
    double worst;          /* ten times that, or the loss before the first
                            * step if that is more: what a run that ran away counts as */
    weir_trial_result result;
    bool worsens;          /* it diverged, or is worse than it began and than a constant guess */
    bool rests;            /* left out of the rounds to come */
    weir_status status;
    weir_error err;
} weir_trial;

/* What all trials of a doctor's visit share. */
typedef struct weir_ward {
    const weir_doctor_options *options;
    double started;       /* seconds, weir_now() */
    uint64_t steps_taken; /* over all trials */
    bool stopped;         /* the caller said so, or a budget ran out */
} weir_ward;

/* Trains all that do not rest up to step `until`, side by side, with progress; a diverged one stays
 * where it is. A trial's own failure is in its status. Returns false when the ward was stopped on
 * the way. */
bool weir_trials_run(weir_ward *ward, weir_trial *trials, size_t count, uint64_t until,
                     const char *doing);

/* The result with the distance of a rule's evidence from healthy. */
weir_trial_result weir_trial_judged(const weir_trial *trial, const weir_rule_kind *rule);

/* False, and the ward stopped, when a budget has run out. */
bool weir_ward_may_go_on(weir_ward *ward);

void weir_trials_free(weir_trial *trials, size_t count);

#endif
