#include "doctor/verify.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "doctor/compare.h"
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SCREEN_SEEDS = 3, FRESH_SEEDS = 5, FRESH_FROM = 100, CONFIRM_AT_MOST = 4 };

struct visit {
    weir_ward *ward;
    const weir_case *sick;
    weir_candidates *candidates;
    weir_prescription *out;
    uint64_t seed, steps, most;
    weir_trial *untreated, *treated; /* [SCREEN_SEEDS], [candidates * SCREEN_SEEDS] */
    weir_error *err;
};

/* A trial that could not even start tells why; divergence is no failure. */
static weir_status first_failure(const weir_trial *trials, size_t n, weir_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (trials[i].status) return weir_fail(err, trials[i].status, "%s", trials[i].err.text);
    return WEIR_OK;
}

/* One row per seed: the untreated net beside the treated one. */
static void keep_trials(weir_prescription *p, const weir_rule_kind *rule, const weir_trial *before,
                        const weir_trial *after, size_t n, bool fresh)
{
    for (size_t s = 0; s < n; s++)
        p->trial[p->trials++] = (weir_matched_trial){before[s].seed, fresh,
                                                     weir_trial_judged(&before[s], rule),
                                                     weir_trial_judged(&after[s], rule)};
    p->loss_before = weir_mean_loss(before, n);
    p->loss_after = weir_mean_loss(after, n);
}

/* --- screening -------------------------------------------------------------------------------- */

static void keep_gain(weir_prescription *p, weir_interval gain)
{
    p->gain = gain.mean;
    p->gain_low = gain.low;
    p->gain_high = gain.high;
}

static void compare_screened(struct visit *v, size_t i)
{
    weir_prescription *p = &v->out[i];
    const weir_trial *after = &v->treated[i * SCREEN_SEEDS];
    weir_arms arms = {SCREEN_SEEDS, v->untreated, after};
    weir_interval gain = weir_arms_gain(arms);
    bool any_learned = weir_learned(arms.before, arms.seeds) || weir_learned(after, arms.seeds);
    keep_gain(p, gain);
    p->note[0] = 0;
    if (!any_learned && !v->untreated[0].result.ran_away)
        p->outcome = WEIR_UNDECIDED;
    else if (weir_arms_all_better(arms)) /* three seeds are few: one that all share counts */
        p->outcome = WEIR_BETTER_IN_TRIALS;
    else if (gain.high < 0 && !(v->steps < v->most && weir_arms_keep_pace(arms)))
        p->outcome = WEIR_NO_BETTER;
    else
        p->outcome = WEIR_UNDECIDED;
    if (gain.high < 0 && p->outcome == WEIR_UNDECIDED && any_learned)
        snprintf(p->note, sizeof p->note, "%s",
                 _("Behind so far, but learning as fast: only longer trials can tell (--steps)."));
}

static void keep_screened(struct visit *v, size_t i)
{
    weir_prescription *p = &v->out[i];
    const weir_rule_kind *rule = weir_rule_find(v->candidates->item[i].finding->name);
    const weir_trial *after = &v->treated[i * SCREEN_SEEDS];
    p->trials = 0;
    keep_trials(p, rule, v->untreated, after, SCREEN_SEEDS, false);
    p->step_seconds_before = weir_mean_step_seconds(v->untreated, SCREEN_SEEDS);
    p->step_seconds_after = weir_mean_step_seconds(after, SCREEN_SEEDS);
    p->steps = v->steps;
    p->parameters_before = v->untreated->trainer->model->weights;
    p->parameters_after = after->trainer->model->weights;
}

/* Of a remedy with several variants the best one is taken to fresh seeds. */
static void explain_untested(struct visit *v, const bool *seen)
{
    for (size_t i = 0; i < v->candidates->count; i++) {
        weir_prescription *p = &v->out[i];
        if (seen[i] || p->outcome != WEIR_BETTER_IN_TRIALS) continue;
        snprintf(p->note, sizeof p->note, "%s",
                 _("Better on each of the first three seeds; it was not taken to fresh ones."));
    }
}

static bool anything_promising(const struct visit *v)
{
    for (size_t i = 0; i < v->candidates->count; i++)
        if (v->out[i].outcome == WEIR_BETTER_IN_TRIALS) return true;
    return false;
}

/* Undecided, but with a mean gain that is not small beside the best: the noise is too large. */
static bool worth_a_second_look(const struct visit *v, size_t i)
{
    double best = 0;
    for (size_t k = 0; k < v->candidates->count; k++)
        if (v->out[k].outcome == WEIR_BETTER_IN_TRIALS) best = fmax(best, v->out[k].gain);
    return v->out[i].outcome == WEIR_UNDECIDED && v->out[i].gain > 0.1 * best;
}

/* Such candidates get twice the steps. The others' results have been kept: the untreated nets go
 * on. */
static weir_status look_again(struct visit *v)
{
    bool chosen[WEIR_MAX_CANDIDATES] = {0}, any = false;
    for (size_t i = 0; i < v->candidates->count; i++)
        any |= chosen[i] = worth_a_second_look(v, i);
    if (!any || 2 * v->steps > v->most || !weir_ward_may_go_on(v->ward)) return WEIR_OK;
    v->steps *= 2;
    if (!weir_trials_run(v->ward, v->untreated, SCREEN_SEEDS, v->steps,
                         _("trying remedies longer")))
        return WEIR_OK;
    for (size_t i = 0; i < v->candidates->count; i++) {
        weir_trial *treated = &v->treated[i * SCREEN_SEEDS];
        if (!chosen[i]) continue;
        if (!weir_trials_run(v->ward, treated, SCREEN_SEEDS, v->steps, _("trying remedies longer")))
            return WEIR_OK;
        WEIR_TRY(first_failure(treated, SCREEN_SEEDS, v->err));
        compare_screened(v, i);
        keep_screened(v, i);
    }
    return WEIR_OK;
}

/* A change that makes no net (a name that is taken, say) is not tried; the others are. */
static bool cannot_start(struct visit *v, size_t i)
{
    const weir_trial *treated = &v->treated[i * SCREEN_SEEDS];
    for (size_t s = 0; s < SCREEN_SEEDS; s++) {
        if (treated[s].status != WEIR_USAGE) continue;
        snprintf(v->out[i].note, sizeof v->out[i].note, "%.*s", (int)sizeof v->out[i].note - 1,
                 treated[s].err.text);
        return true;
    }
    return false;
}

/* Compares, or keeps, what could be tried. */
static weir_status each_tried(struct visit *v, void (*what)(struct visit *v, size_t i))
{
    for (size_t i = 0; i < v->candidates->count; i++) {
        if (cannot_start(v, i)) continue;
        WEIR_TRY(first_failure(&v->treated[i * SCREEN_SEEDS], SCREEN_SEEDS, v->err));
        what(v, i);
    }
    return WEIR_OK;
}

static weir_status screen(struct visit *v)
{
    size_t n = v->candidates->count, all = (n + 1) * SCREEN_SEEDS;
    weir_trial *trials = v->untreated;
    for (size_t k = 0; k < all; k++) {
        size_t arm = k / SCREEN_SEEDS; /* 0 is the untreated net */
        trials[k] = (weir_trial){.seed = v->seed + k % SCREEN_SEEDS,
                                 .config = arm ? v->candidates->item[arm - 1].config
                                               : v->sick->config};
    }
    for (;;) {
        bool finished = weir_trials_run(v->ward, trials, all, v->steps, _("trying remedies"));
        WEIR_TRY(first_failure(v->untreated, SCREEN_SEEDS, v->err));
        if (!finished) return WEIR_OK;
        WEIR_TRY(each_tried(v, compare_screened));
        if (anything_promising(v) || 2 * v->steps > v->most || !weir_ward_may_go_on(v->ward)) break;
        v->steps *= 2; /* nobody can tell yet */
    }
    WEIR_TRY(each_tried(v, keep_screened));
    return anything_promising(v) ? look_again(v) : WEIR_OK;
}

/* --- confirming ------------------------------------------------------------------------------- */

/* A control that makes no net (a width that something else fixes, say) has no seeds, and shows
 * nothing. */
static bool control_started(const weir_trial *without)
{
    return without->status != WEIR_USAGE;
}

static void judge_control(weir_control *control, weir_arms arms, const weir_trial *without)
{
    control->kept = control->loss = (double)NAN;
    if (!control_started(without)) return;
    weir_interval beyond_half = weir_arms_control(arms, without, &control->kept);
    control->seeds = arms.seeds;
    control->loss = weir_mean_loss(without, arms.seeds);
    weir_interval mechanism = weir_arms_gain((weir_arms){arms.seeds, without, arms.after});
    control->gain_stays = beyond_half.low > 0;
    control->gain_lost = control->kept < 0.5 && mechanism.low > 0;
}

/* What fresh seeds, controls and the finding's own evidence say together. */
static weir_trial_outcome outcome_of(const weir_prescription *p, weir_arms arms, const char **note)
{
    bool stays = false, lost = true;
    for (size_t k = 0; k < p->controls; k++) {
        stays |= p->control[k].gain_stays;
        lost &= p->control[k].gain_lost;
    }
    weir_interval nearer = weir_arms_nearer(arms, weir_rule_find(p->finding));
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
        *note = _("The gain is real; whether it comes from the gradient, the control could not "
                  "tell.");
        return WEIR_BETTER_IN_TRIALS;
    }
    if (!(nearer.low > 0)) {
        *note = _("The loss is better; whether what the finding measures is better too is "
                  "within the noise.");
        return WEIR_BETTER_IN_TRIALS;
    }
    if (2 * weir_learned(arms.after, arms.seeds) <= arms.seeds)
        *note = _("It is better, but in these few steps not yet better than a constant guess.");
    return WEIR_PROVEN;
}

static void conclude(struct visit *v, size_t i, const weir_trial *before, const weir_trial *after)
{
    weir_prescription *p = &v->out[i];
    weir_arms arms = {FRESH_SEEDS, before, after};
    const char *note = "";
    keep_gain(p, weir_arms_gain(arms));
    keep_trials(p, weir_rule_find(p->finding), before, after, FRESH_SEEDS, true);
    for (size_t k = 0; k < p->controls; k++)
        judge_control(&p->control[k], arms, after + (k + 1) * FRESH_SEEDS);
    p->outcome = outcome_of(p, arms, &note);
    p->recommended = p->outcome == WEIR_PROVEN;
    snprintf(p->note, sizeof p->note, "%s", note);
}

static void forget_controls(weir_prescription *p)
{
    for (size_t k = 0; k < p->controls; k++) weir_free((char *)(uintptr_t)p->control[k].what);
    p->controls = 0;
}

/* One promising candidate, its controls and the untreated net (shared) on fresh seeds. */
static weir_status confirm(struct visit *v, size_t i, weir_trial *before)
{
    weir_candidate *c = &v->candidates->item[i];
    weir_prescription *p = &v->out[i];
    weir_trial trials[(1 + WEIR_MAX_CONTROLS) * FRESH_SEEDS] = {0};
    weir_config *control[WEIR_MAX_CONTROLS] = {0};
    char what[160];
    weir_status status = WEIR_OK;
    size_t arms = 1;
    while (c->remedy->control && p->controls < WEIR_MAX_CONTROLS && !status) {
        weir_config **slot = &control[p->controls];
        status = c->remedy->control(v->sick, c, p->controls, slot, what, sizeof what, v->err);
        if (status || !*slot) break;
        p->control[p->controls].what = weir_strdup(what);
        if (!p->control[p->controls].what) status = weir_fail_memory(v->err);
        p->controls++;
        arms++;
    }
    for (size_t k = 0; k < arms * FRESH_SEEDS; k++)
        trials[k] = (weir_trial){.seed = v->seed + FRESH_FROM + k % FRESH_SEEDS,
                                 .config = k < FRESH_SEEDS ? c->config
                                                           : control[k / FRESH_SEEDS - 1]};
    bool finished = !status &&
                    weir_trials_run(v->ward, trials, arms * FRESH_SEEDS, p->steps, _("confirming"));
    for (size_t k = 0; k < arms && !status; k++)
        if (k == 0 || control_started(&trials[k * FRESH_SEEDS]))
            status = first_failure(&trials[k * FRESH_SEEDS], FRESH_SEEDS, v->err);
    if (!status && finished)
        conclude(v, i, before, trials); /* the controls' trials follow the treated ones */
    else
        forget_controls(p);
    weir_trials_free(trials, arms * FRESH_SEEDS);
    for (size_t k = 0; k < WEIR_MAX_CONTROLS; k++) weir_config_free(control[k]);
    return status;
}

/* Short trials first, since the untreated nets go on from one candidate to the next; then large
 * gains. */
static bool comes_before(const weir_prescription *a, const weir_prescription *b)
{
    return a->steps != b->steps ? a->steps < b->steps : a->gain > b->gain;
}

/* The promising candidate that comes first among remedies not looked at yet; count when there is
 * none. Variants of a remedy that has been confirmed stay what the first trials showed. */
static size_t next_promising(const struct visit *v, const bool *seen)
{
    size_t best = v->candidates->count;
    for (size_t i = 0; i < v->candidates->count; i++) {
        bool known = seen[i];
        for (size_t k = 0; k < v->candidates->count; k++)
            known |= seen[k] && v->out[k].recommended &&
                     v->candidates->item[k].remedy == v->candidates->item[i].remedy;
        if (known || v->out[i].outcome != WEIR_BETTER_IN_TRIALS) continue;
        if (best == v->candidates->count || comes_before(&v->out[i], &v->out[best])) best = i;
    }
    return best;
}

static weir_status confirm_best(struct visit *v)
{
    weir_trial before[FRESH_SEEDS] = {0};
    bool seen[WEIR_MAX_CANDIDATES] = {0};
    weir_status status = WEIR_OK;
    for (size_t s = 0; s < FRESH_SEEDS; s++)
        before[s] = (weir_trial){.seed = v->seed + FRESH_FROM + s, .config = v->sick->config};
    for (size_t k = 0; k < CONFIRM_AT_MOST && !status && weir_ward_may_go_on(v->ward); k++) {
        size_t i = next_promising(v, seen);
        if (i == v->candidates->count) break;
        seen[i] = true;
        if (!weir_trials_run(v->ward, before, FRESH_SEEDS, v->out[i].steps, _("confirming"))) break;
        status = first_failure(before, FRESH_SEEDS, v->err);
        if (!status) status = confirm(v, i, before);
    }
    explain_untested(v, seen);
    weir_trials_free(before, FRESH_SEEDS);
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

static weir_status open_prescriptions(struct visit *v)
{
    for (size_t i = 0; i < v->candidates->count; i++) {
        weir_candidate *c = &v->candidates->item[i];
        weir_prescription *p = &v->out[i];
        *p = (weir_prescription){.remedy = c->remedy->name, .finding = c->finding->name,
                                 .source = c->remedy->source, .outcome = WEIR_UNTRIED,
                                 .config = c->config};
    }
    for (size_t i = 0; i < v->candidates->count; i++) {
        weir_prescription *p = &v->out[i];
        p->variant = weir_strdup(v->candidates->item[i].variant);
        p->patch = weir_config_diff(v->sick->config, p->config);
        p->trial = weir_calloc(SCREEN_SEEDS + FRESH_SEEDS, sizeof *p->trial);
        if (!p->variant || !p->patch || !p->trial) return weir_fail_memory(v->err);
    }
    return WEIR_OK;
}

weir_status weir_verify(weir_ward *ward, const weir_case *sick, weir_candidates *candidates,
                        uint64_t seed, uint64_t steps, uint64_t most,
                        weir_prescription *prescriptions, weir_error *err)
{
    struct visit v = {.ward = ward, .sick = sick, .candidates = candidates, .out = prescriptions,
                      .seed = seed, .steps = steps, .most = most, .err = err};
    size_t all = (candidates->count + 1) * SCREEN_SEEDS;
    weir_status status = open_prescriptions(&v);
    if (status || !ward->options->trials || candidates->count == 0 || !weir_ward_may_go_on(ward))
        return status;
    v.untreated = weir_calloc(all, sizeof *v.untreated);
    if (!v.untreated) return weir_fail_memory(err);
    v.treated = v.untreated + SCREEN_SEEDS;
    status = screen(&v);
    weir_trials_free(v.untreated, all);
    weir_free(v.untreated);
    return status || ward->stopped ? status : confirm_best(&v);
}
