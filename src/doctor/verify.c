#include "doctor/visit.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <stdio.h>

weir_status weir_trials_failure(const weir_trial *trials, size_t n, weir_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (trials[i].status) return weir_fail(err, trials[i].status, "%s", trials[i].err.text);
    return WEIR_OK;
}

void weir_keep_trials(weir_prescription *p, weir_arms arms, bool fresh)
{
    const weir_rule_kind *rule = weir_rule_find(p->finding);
    for (size_t s = 0; s < arms.seeds; s++)
        p->trial[p->trials++] = (weir_matched_trial){arms.before[s].seed, fresh,
                                                     weir_trial_judged(&arms.before[s], rule),
                                                     weir_trial_judged(&arms.after[s], rule)};
    p->loss_before = weir_mean_loss(arms.before, arms.seeds);
    p->loss_after = weir_mean_loss(arms.after, arms.seeds);
}

void weir_forget_controls(size_t n, weir_control *controls)
{
    for (size_t k = 0; k < n; k++) weir_free((char *)(uintptr_t)controls[k].what);
}

void weir_keep_gain(weir_prescription *p, weir_interval gain)
{
    p->gain = gain.mean;
    p->gain_low = gain.low;
    p->gain_high = gain.high;
}

enum { FRESH_FROM = 100 }; /* seeds beyond those that candidates were chosen by */

static weir_status open_prescriptions(weir_visit *v)
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
        p->trial = weir_calloc(WEIR_SCREEN_SEEDS + WEIR_MORE_SEEDS, sizeof *p->trial);
        if (!p->variant || !p->patch || !p->trial) return weir_fail_memory(v->err);
    }
    return WEIR_OK;
}

/* Of a remedy with several variants the best one is taken to fresh seeds. */
static void explain_unconfirmed(weir_visit *v)
{
    for (size_t i = 0; i < v->candidates->count; i++) {
        weir_prescription *p = &v->out[i];
        if (p->outcome != WEIR_BETTER_IN_TRIALS || p->trials > WEIR_SCREEN_SEEDS) continue;
        snprintf(p->note, sizeof p->note, "%s",
                 _("Better on each of the first three seeds; trials of this length were not "
                   "taken to fresh ones."));
    }
}

/* Every round confirms on seeds that no round before it has seen. */
static void draw_fresh(weir_visit *v, size_t round)
{
    weir_trials_free(v->fresh, WEIR_MORE_SEEDS);
    for (size_t s = 0; s < WEIR_MORE_SEEDS; s++)
        v->fresh[s] = (weir_trial){.seed = v->seed + FRESH_FROM + round * WEIR_MORE_SEEDS + s,
                                   .config = v->sick->config};
}

static void count_in(weir_untreated *tally, const weir_trial *trials, size_t n, uint64_t steps)
{
    for (size_t i = 0; i < n; i++) {
        bool over = trials[i].trainer && (trials[i].until == steps || trials[i].result.diverged);
        tally->trials += over;
        tally->learned += over && trials[i].result.learned;
    }
}

/* Of the untreated nets that got as far as this round goes; a round that was stopped before the
 * first three did leaves what the one before it has shown. */
static void keep_tally(weir_visit *v)
{
    weir_untreated now = {.steps = v->steps};
    count_in(&now, v->untreated, WEIR_SCREEN_SEEDS, v->steps);
    count_in(&now, v->fresh, WEIR_MORE_SEEDS, v->steps);
    if (now.trials >= WEIR_SCREEN_SEEDS) *v->tally = now;
}

/* Does the untreated net learn after all? The verdict hangs on it: its first seeds go on alone
 * until they do, to the end of what is configured, or to ten times the first round. */
static weir_status follow(weir_visit *v)
{
    enum { FURTHEST = 10 };
    uint64_t end = FURTHEST * v->first_steps < v->most ? FURTHEST * v->first_steps : v->most;
    while (v->steps < end && !weir_most(v->tally->learned, v->tally->trials) &&
           weir_ward_may_go_on(v->ward)) {
        v->steps = 2 * v->steps < end ? 2 * v->steps : end;
        weir_trials_run(v->ward, v->untreated, WEIR_SCREEN_SEEDS, v->steps,
                        _("following the net as it is"));
        WEIR_TRY(weir_trials_failure(v->untreated, WEIR_SCREEN_SEEDS, v->err));
        keep_tally(v);
    }
    return WEIR_OK;
}

static weir_status rounds(weir_visit *v)
{
    size_t round = 0;
    do {
        draw_fresh(v, round++);
        WEIR_TRY(weir_screen(v));
        if (!v->ward->stopped) WEIR_TRY(weir_confirm(v));
        keep_tally(v);
    } while (!v->ward->stopped && weir_screen_longer(v));
    return follow(v);
}

/* All rounds, in memory that is made for them. */
static weir_status try_them(weir_visit *v)
{
    size_t all = (v->candidates->count + 1) * WEIR_SCREEN_SEEDS;
    v->treated = v->untreated + WEIR_SCREEN_SEEDS;
    weir_screen_open(v);
    weir_status status = rounds(v);
    for (size_t i = 0; i < v->candidates->count; i++)
        weir_proof_take_back(&v->proof[i], &v->out[i]);
    explain_unconfirmed(v);
    weir_trials_free(v->untreated, all);
    weir_trials_free(v->fresh, WEIR_MORE_SEEDS);
    return status;
}

weir_status weir_verify(weir_ward *ward, const weir_case *sick, weir_candidates *candidates,
                        uint64_t seed, uint64_t steps, uint64_t most,
                        weir_prescription *prescriptions, weir_untreated *tally, weir_error *err)
{
    weir_visit v = {.ward = ward, .sick = sick, .candidates = candidates, .out = prescriptions,
                    .tally = tally, .seed = seed, .first_steps = steps, .steps = steps,
                    .most = most, .err = err};
    weir_status status = open_prescriptions(&v);
    if (status || !ward->options->trials || candidates->count == 0 || !weir_ward_may_go_on(ward))
        return status;
    v.untreated = weir_calloc((candidates->count + 1) * WEIR_SCREEN_SEEDS, sizeof *v.untreated);
    v.proof = weir_calloc(candidates->count, sizeof *v.proof);
    status = v.untreated && v.proof ? try_them(&v) : weir_fail_memory(err);
    weir_free(v.untreated);
    weir_free(v.proof);
    return status;
}
