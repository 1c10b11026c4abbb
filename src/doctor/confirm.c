/* Confirming: the best variant of each promising remedy on fresh seeds, beside its controls.
 *
 *   trials[arm][seed]   arm 0 is the treated net, the others are its controls; the second five
 *                       seeds of each rest until they are needed
 */
#include "doctor/visit.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CONFIRM_AT_MOST = 4 };

/* A control that makes no net (a width that something else fixes, say) has no seeds, and shows
 * nothing. */
static bool control_started(const weir_trial *without)
{
    return without->status != WEIR_USAGE;
}

static void judge_control(weir_control *control, weir_arms arms, const weir_trial *without)
{
    control->kept = control->kept_of_loss = control->loss = (double)NAN;
    if (!control_started(without)) return;
    weir_arms_share share = weir_arms_control(arms, without);
    control->kept = share.kept;
    control->kept_of_loss = share.kept_of_loss;
    control->learned = weir_learned(without, arms.seeds);
    control->seeds = arms.seeds;
    control->loss = weir_mean_loss(without, arms.seeds);
    weir_interval mechanism = weir_arms_gain((weir_arms){arms.seeds, without, arms.after});
    control->gain_stays = share.stays;
    control->gain_lost = share.lost && mechanism.low > 0;
}

weir_trial_outcome weir_outcome_of(const weir_prescription *p, weir_interval nearer,
                                   const char **note)
{
    bool stays = false, lost = true;
    for (size_t k = 0; k < p->controls; k++) {
        stays |= p->control[k].gain_stays;
        lost &= p->control[k].gain_lost;
    }
    if (!(p->gain_low > 0)) {
        *note = _("Fresh seeds did not confirm the gain.");
        return p->gain_high < 0 ? WEIR_NO_BETTER : WEIR_UNDECIDED;
    }
    if (stays) {
        *note = _("The gain is real, but the gradient is not its cause: with the mechanism "
                  "switched off it stays.");
        return WEIR_NOT_CAUSAL;
    }
    if (nearer.high <= 0) {
        *note = _("The loss is better, but what the finding measures is not: the gain comes from "
                  "elsewhere.");
        return WEIR_NOT_CAUSAL;
    }
    if (!lost) {
        *note = _("The gain is real; how much of it is the mechanism's, the control leaves open.");
        return WEIR_BETTER_IN_TRIALS;
    }
    if (!(nearer.low > 0)) {
        *note = _("The loss is better; whether what the finding measures is better too could not "
                  "be told.");
        return WEIR_BETTER_IN_TRIALS;
    }
    return WEIR_PROVEN;
}

/* Of a gain that is not causal: a net without the mechanism learned as well, or (the gain kept no
 * control, the evidence stayed as ill as it was) the treated net itself is one. */
static bool learns_without(const weir_prescription *p, size_t seeds)
{
    bool any_stays = false;
    for (size_t k = 0; k < p->controls; k++) {
        any_stays |= p->control[k].gain_stays;
        if (p->control[k].gain_stays && weir_most(p->control[k].learned, seeds)) return true;
    }
    return !any_stays;
}

/* A candidate with its controls: arms side by side. */
struct arms {
    size_t controls;
    weir_control control[WEIR_MAX_CONTROLS];
    weir_config *config[WEIR_MAX_CONTROLS];
    weir_trial trial[(1 + WEIR_MAX_CONTROLS) * WEIR_MORE_SEEDS];
};

static void conclude(weir_visit *v, size_t i, size_t seeds, struct arms *a)
{
    weir_prescription *p = &v->out[i];
    weir_arms arms = {seeds, v->fresh, a->trial};
    const char *note = "";
    p->steps = v->steps;
    p->trials = WEIR_SCREEN_SEEDS;
    weir_keep_gain(p, weir_arms_gain(arms));
    weir_keep_trials(p, arms, true);
    p->controls = a->controls; /* these own what they are called from here on */
    memcpy(p->control, a->control, sizeof p->control);
    for (size_t k = 0; k < p->controls; k++)
        judge_control(&p->control[k], arms, a->trial + (k + 1) * WEIR_MORE_SEEDS);
    size_t was = weir_learned(arms.before, seeds), learned = weir_learned(arms.after, seeds);
    p->outcome = weir_outcome_of(p, weir_arms_nearer(arms, weir_rule_find(p->finding)), &note);
    p->rescues = p->gain_low > 0 && weir_most(seeds - was, seeds) && weir_most(learned, seeds);
    p->rescues_otherwise = p->rescues && p->outcome == WEIR_NOT_CAUSAL && learns_without(p, seeds);
    if (p->outcome == WEIR_PROVEN && 2 * learned <= seeds)
        note = _("It is better, but in these few steps not yet better than a constant guess.");
    p->recommended = p->outcome == WEIR_PROVEN;
    snprintf(p->note, sizeof p->note, "%s", note);
}

/* The first so many seeds of some arms take part in what follows. */
static void let_run(weir_trial *trials, size_t arms, size_t seeds)
{
    for (size_t k = 0; k < arms * WEIR_MORE_SEEDS; k++)
        trials[k].rests = k % WEIR_MORE_SEEDS >= seeds;
}

/* The untreated nets, the treated ones and the controls, up to visit->steps; *finished: they all
 * got there. */
static weir_status run_arms(weir_visit *v, struct arms *a, size_t seeds, bool *finished)
{
    const char *doing = _("confirming");
    size_t arms = 1 + a->controls;
    let_run(v->fresh, 1, seeds);
    let_run(a->trial, arms, seeds);
    *finished = weir_trials_run(v->ward, v->fresh, WEIR_MORE_SEEDS, v->steps, doing) &&
                weir_trials_run(v->ward, a->trial, arms * WEIR_MORE_SEEDS, v->steps, doing);
    WEIR_TRY(weir_trials_failure(v->fresh, seeds, v->err));
    for (size_t k = 0; k < arms; k++) {
        const weir_trial *trial = a->trial + k * WEIR_MORE_SEEDS;
        if (k == 0 || control_started(trial))
            WEIR_TRY(weir_trials_failure(trial, seeds, v->err));
    }
    return WEIR_OK;
}

/* Five more seeds could tell: all five gained, but too unevenly for an interval above 0 (one null
 * candidate in 32 does that), or the gain is clear and its cause within the noise. */
static bool more_seeds_could_tell(const weir_visit *v, size_t i, weir_arms arms)
{
    weir_trial_outcome outcome = v->out[i].outcome;
    return outcome == WEIR_BETTER_IN_TRIALS ||
           (outcome == WEIR_UNDECIDED && weir_arms_all_better(arms));
}

/* On five seeds, or ten. Stopped before there is a conclusion, the prescription is left as it
 * was. */
static weir_status judge_arms(weir_visit *v, size_t i, struct arms *a, bool *concluded)
{
    bool finished;
    for (size_t seeds = WEIR_FRESH_SEEDS; seeds <= WEIR_MORE_SEEDS; seeds += WEIR_FRESH_SEEDS) {
        if (*concluded && !weir_ward_may_go_on(v->ward)) break;
        WEIR_TRY(run_arms(v, a, seeds, &finished));
        if (!finished) break;
        conclude(v, i, seeds, a);
        *concluded = true;
        if (!more_seeds_could_tell(v, i, (weir_arms){seeds, v->fresh, a->trial})) break;
    }
    return WEIR_OK;
}

static weir_status open_controls(weir_visit *v, weir_candidate *c, struct arms *a)
{
    char what[160];
    while (c->remedy->control && a->controls < WEIR_MAX_CONTROLS) {
        weir_config **slot = &a->config[a->controls];
        WEIR_TRY(c->remedy->control(v->sick, c, a->controls, slot, what, sizeof what, v->err));
        if (!*slot) break;
        a->control[a->controls].what = weir_strdup(what);
        if (!a->control[a->controls].what) return weir_fail_memory(v->err);
        a->controls++;
    }
    return WEIR_OK;
}

/* One promising candidate, its controls and the untreated net (shared) on fresh seeds. */
static weir_status confirm(weir_visit *v, size_t i)
{
    weir_candidate *c = &v->candidates->item[i];
    struct arms a = {0};
    bool concluded = false;
    weir_status status = open_controls(v, c, &a);
    size_t all = (1 + a.controls) * WEIR_MORE_SEEDS;
    for (size_t k = 0; k < all; k++) {
        size_t arm = k / WEIR_MORE_SEEDS;
        a.trial[k] = (weir_trial){.seed = v->fresh[k % WEIR_MORE_SEEDS].seed,
                                  .config = arm ? a.config[arm - 1] : c->config};
    }
    if (!status) status = judge_arms(v, i, &a, &concluded);
    if (!concluded) weir_forget_controls(a.controls, a.control);
    weir_trials_free(a.trial, all);
    for (size_t k = 0; k < WEIR_MAX_CONTROLS; k++) weir_config_free(a.config[k]);
    return status;
}

/* The promising candidate with the largest gain among those not looked at in this round; count when
 * there is none. Variants of a remedy that is proven stay what the first trials showed. */
static size_t next_promising(const weir_visit *v, const bool *seen)
{
    size_t best = v->candidates->count;
    for (size_t i = 0; i < v->candidates->count; i++) {
        bool known = seen[i];
        for (size_t k = 0; k < v->candidates->count; k++)
            known |= v->out[k].recommended &&
                     v->candidates->item[k].remedy == v->candidates->item[i].remedy;
        if (known || v->out[i].outcome != WEIR_BETTER_IN_TRIALS) continue;
        if (best == v->candidates->count || v->out[i].gain > v->out[best].gain) best = i;
    }
    return best;
}

weir_status weir_confirm(weir_visit *v)
{
    bool seen[WEIR_MAX_CANDIDATES] = {0};
    for (size_t k = 0; k < CONFIRM_AT_MOST && weir_ward_may_go_on(v->ward); k++) {
        size_t i = next_promising(v, seen);
        if (i == v->candidates->count) break;
        seen[i] = true;
        WEIR_TRY(confirm(v, i));
    }
    return WEIR_OK;
}
