/* Screening: every candidate and the untreated net on the same three seeds, longer while nobody can
 * tell. */
#include "doctor/visit.h"

#include "base/intl.h"
#include "base/status.h"
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>

static void compare_screened(weir_visit *v, size_t i)
{
    weir_prescription *p = &v->out[i];
    const weir_trial *after = &v->treated[i * WEIR_SCREEN_SEEDS];
    weir_arms arms = {WEIR_SCREEN_SEEDS, v->untreated, after};
    weir_interval gain = weir_arms_gain(arms);
    bool any_learned = weir_learned(arms.before, arms.seeds) || weir_learned(after, arms.seeds);
    size_t ran_away = weir_ran_away(arms.before, arms.seeds);
    size_t worsens = weir_worsening(after, arms.seeds);
    bool lost = worsens == arms.seeds || worsens > weir_worsening(arms.before, arms.seeds);
    weir_keep_gain(p, gain);
    p->note[0] = 0;
    if (lost) /* more time does not bring it back */
        p->outcome = WEIR_NO_BETTER;
    else if (!any_learned && !ran_away)
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

static void keep_screened(weir_visit *v, size_t i)
{
    weir_prescription *p = &v->out[i];
    const weir_trial *after = &v->treated[i * WEIR_SCREEN_SEEDS];
    p->recommended = p->rescues = p->rescues_otherwise = false;
    p->trials = 0;
    weir_forget_controls(p->controls, p->control); /* of an earlier round */
    p->controls = 0;
    weir_keep_trials(p, (weir_arms){WEIR_SCREEN_SEEDS, v->untreated, after}, false);
    p->step_seconds_before = weir_mean_step_seconds(v->untreated, WEIR_SCREEN_SEEDS);
    p->step_seconds_after = weir_mean_step_seconds(after, WEIR_SCREEN_SEEDS);
    p->steps = v->steps;
    p->parameters_before = v->untreated->trainer->model->weights;
    p->parameters_after = after->trainer->model->weights;
}

static size_t count(const weir_visit *v, const weir_remedy_kind *remedy, weir_trial_outcome outcome)
{
    size_t n = 0;
    for (size_t i = 0; i < v->candidates->count; i++)
        n += v->out[i].outcome == outcome && (!remedy || v->candidates->item[i].remedy == remedy);
    return n;
}

/* Proven, and nothing is left to ask. A gain between two nets that have not learned says little of
 * what becomes of them; nor do a few per cent while it is too early to tell whether the net
 * learns. */
static bool settled(const weir_visit *v, size_t i)
{
    const weir_prescription *p = &v->out[i];
    bool early = v->candidates->item[i].finding->severity == WEIR_WARNING;
    if (p->outcome != WEIR_PROVEN || (early && p->gain_low < 0.1)) return false;
    size_t n = 0, was = 0, is = 0;
    for (size_t k = 0; k < p->trials; k++) {
        if (!p->trial[k].fresh) continue;
        n++;
        was += p->trial[k].before.learned;
        is += p->trial[k].after.learned;
    }
    return 2 * was > n || 2 * is > n;
}

static size_t count_settled(const weir_visit *v, const weir_remedy_kind *remedy)
{
    size_t n = 0;
    for (size_t i = 0; i < v->candidates->count; i++)
        n += settled(v, i) && (!remedy || v->candidates->item[i].remedy == remedy);
    return n;
}

/* Undecided, but with a mean gain that is not small beside the best: the noise is too large. */
static bool worth_a_second_look(const weir_visit *v, size_t i)
{
    double best = 0;
    for (size_t k = 0; k < v->candidates->count; k++)
        if (v->out[k].outcome != WEIR_UNDECIDED) best = fmax(best, v->out[k].gain);
    return best > 0 && v->out[i].gain > 0.1 * best;
}

size_t weir_proofs_wanted(const weir_visit *v)
{
    size_t wanted = 0;
    for (size_t i = 0; i < v->candidates->count; i++) {
        weir_severity severity = v->candidates->item[i].finding->severity;
        size_t here = severity == WEIR_ERROR ? 2 : severity == WEIR_WARNING ? 1 : 0;
        if (here > wanted) wanted = here;
    }
    return wanted;
}

/* Whoever may become a proven remedy goes on, where such are wanted. Else all do while nobody can
 * tell, and once more those whose noise is too large. */
static bool goes_on(const weir_visit *v, size_t i, bool wanted)
{
    const weir_remedy_kind *remedy = v->candidates->item[i].remedy;
    weir_trial_outcome outcome = v->out[i].outcome;
    size_t learned = weir_learned(&v->treated[i * WEIR_SCREEN_SEEDS], WEIR_SCREEN_SEEDS);
    bool may = outcome == WEIR_UNDECIDED || outcome == WEIR_BETTER_IN_TRIALS ||
               outcome == WEIR_PROVEN ||
               (outcome == WEIR_NOT_CAUSAL && learned < 2); /* of a small gain, before it learned */
    if (wanted) return may && !count_settled(v, remedy);
    bool anybody = count(v, NULL, WEIR_PROVEN) || count(v, NULL, WEIR_BETTER_IN_TRIALS) ||
                   count(v, NULL, WEIR_NOT_CAUSAL);
    return outcome == WEIR_UNDECIDED && (!anybody || worth_a_second_look(v, i));
}

bool weir_screen_longer(weir_visit *v)
{
    size_t wanted = weir_proofs_wanted(v);
    bool any = false;
    bool known = wanted ? count_settled(v, NULL) >= wanted : v->looked_again;
    if (known || v->steps >= v->most) return false;
    v->looked_again = count(v, NULL, WEIR_UNDECIDED) < v->candidates->count;
    for (size_t i = 0; i < v->candidates->count; i++) {
        bool goes = goes_on(v, i, wanted > 0);
        for (size_t s = 0; s < WEIR_SCREEN_SEEDS; s++)
            v->treated[i * WEIR_SCREEN_SEEDS + s].rests = !goes;
        any |= goes;
    }
    v->steps = 2 * v->steps < v->most ? 2 * v->steps : v->most;
    return any && weir_ward_may_go_on(v->ward);
}

/* A change that makes no net (a name that is taken, say) is not tried; the others are. */
static bool cannot_start(weir_visit *v, size_t i)
{
    const weir_trial *treated = &v->treated[i * WEIR_SCREEN_SEEDS];
    for (size_t s = 0; s < WEIR_SCREEN_SEEDS; s++) {
        if (treated[s].status != WEIR_USAGE) continue;
        snprintf(v->out[i].note, sizeof v->out[i].note, "%.*s", (int)sizeof v->out[i].note - 1,
                 treated[s].err.text);
        return true;
    }
    return false;
}

/* What this round was of those who took part in it, and could be tried. */
static weir_status keep_round(weir_visit *v)
{
    for (size_t i = 0; i < v->candidates->count; i++) {
        weir_trial *treated = &v->treated[i * WEIR_SCREEN_SEEDS];
        if (treated->rests || cannot_start(v, i)) continue;
        WEIR_TRY(weir_trials_failure(treated, WEIR_SCREEN_SEEDS, v->err));
        weir_proof_set_aside(&v->proof[i], &v->out[i]);
        compare_screened(v, i);
        keep_screened(v, i);
    }
    return WEIR_OK;
}

void weir_screen_open(weir_visit *v)
{
    weir_trial *trials = v->untreated;
    for (size_t k = 0; k < (v->candidates->count + 1) * WEIR_SCREEN_SEEDS; k++) {
        size_t arm = k / WEIR_SCREEN_SEEDS; /* 0 is the untreated net */
        trials[k] = (weir_trial){.seed = v->seed + k % WEIR_SCREEN_SEEDS,
                                 .config = arm ? v->candidates->item[arm - 1].config
                                               : v->sick->config};
    }
}

weir_status weir_screen(weir_visit *v)
{
    size_t all = (v->candidates->count + 1) * WEIR_SCREEN_SEEDS;
    bool again = v->untreated->until > 0;
    bool finished = weir_trials_run(v->ward, v->untreated, all, v->steps,
                                    again ? _("trying remedies longer") : _("trying remedies"));
    WEIR_TRY(weir_trials_failure(v->untreated, WEIR_SCREEN_SEEDS, v->err));
    return finished ? keep_round(v) : WEIR_OK;
}
