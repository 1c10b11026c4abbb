/* doctor/visit.h - one visit's trials: what screening (screen.c) and confirming (confirm.c) share.
 *
 *   round:  screen    candidates and the untreated net on three seeds
 *           confirm   the best of each promising remedy on five fresh seeds, or ten, with its
 *                     controls
 *   while too little is known, who is undecided goes on to a round of twice the steps
 */
#ifndef WEIR_DOCTOR_VISIT_H
#define WEIR_DOCTOR_VISIT_H

#include "doctor/compare.h"
#include "doctor/verify.h"

enum {
    WEIR_SCREEN_SEEDS = 3,
    WEIR_FRESH_SEEDS = 5,  /* enough where the difference is clear */
    WEIR_MORE_SEEDS = WEIR_MOST_SEEDS /* where the noise hides its cause */
};

/* A proof that a longer round has taken up again. */
typedef struct weir_proof {
    weir_prescription p; /* p.outcome is WEIR_PROVEN where there is one; it owns its controls */
    weir_matched_trial trial[WEIR_SCREEN_SEEDS + WEIR_MORE_SEEDS];
} weir_proof;

/* Before a longer round writes over a prescription; and when all is over: where the longer trials
 * are better too but were not taken to fresh seeds, the proof stands again. */
void weir_proof_set_aside(weir_proof *proof, weir_prescription *p);
void weir_proof_take_back(weir_proof *proof, weir_prescription *p);

typedef struct weir_visit {
    weir_ward *ward;
    const weir_case *sick;
    weir_candidates *candidates;
    weir_prescription *out; /* [candidates] */
    weir_proof *proof;      /* [candidates] */
    weir_untreated *tally;
    uint64_t seed, first_steps, steps, most; /* of the first round, of this one, of any */
    bool looked_again;               /* at candidates whose noise is too large */
    weir_trial *untreated, *treated; /* [SCREEN_SEEDS], [candidates * SCREEN_SEEDS] */
    weir_trial fresh[WEIR_MORE_SEEDS]; /* the untreated net, for confirming */
    weir_error *err;
} weir_visit;

/* A round's two halves, at visit->steps. Each leaves in `out` what is known so far, also when the
 * ward is stopped on the way. */
void weir_screen_open(weir_visit *visit);
weir_status weir_screen(weir_visit *visit);
weir_status weir_confirm(weir_visit *visit);

/* How many settled remedies are enough: for a net that is ill a choice between two, one for a net
 * that may be; 0 where nothing shows that the finding does harm. */
size_t weir_proofs_wanted(const weir_visit *visit);

/* Doubles visit->steps and lets those rest who are not to go on; false when nobody is, or no more
 * steps are to be had. */
bool weir_screen_longer(weir_visit *visit);

/* A trial that could not even start tells why; divergence is no failure. */
weir_status weir_trials_failure(const weir_trial *trials, size_t n, weir_error *err);

/* What fresh seeds (the prescription's gain), controls and the finding's own evidence say together;
 * *note: why, where that needs a word. */
weir_trial_outcome weir_outcome_of(const weir_prescription *p, weir_interval nearer,
                                   const char **note);

/* One row per seed: the untreated net beside the treated one; and the mean losses. */
void weir_keep_trials(weir_prescription *p, weir_arms arms, bool fresh);
void weir_forget_controls(size_t n, weir_control *controls);
void weir_keep_gain(weir_prescription *p, weir_interval gain);

#endif
