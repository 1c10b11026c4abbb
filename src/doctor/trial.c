#include "doctor/trial.h"

#include "base/clock.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/trainer.h"

#include <math.h>

bool weir_ward_may_go_on(weir_ward *w)
{
    const weir_doctor_options *o = w->options;
    if (o->budget_seconds > 0 && weir_now() - w->started > o->budget_seconds) w->stopped = true;
    if (o->budget_steps > 0 && w->steps_taken >= o->budget_steps) w->stopped = true;
    return !w->stopped;
}

static weir_status open(weir_trial *t, uint64_t until, const weir_arrays *arrays)
{
    weir_trainer_options o = weir_trainer_options_init();
    o.seed = t->seed;
    o.arrays = arrays;
    WEIR_TRY(weir_trainer_new(t->config, &o, &t->trainer, &t->err));
    WEIR_TRY(weir_trainer_watch(t->trainer, 0, NULL, &t->err));
    weir_trainer_watch_until(t->trainer, until, 0, until);
    return WEIR_OK;
}

static weir_status advance(weir_trial *t, uint64_t to)
{
    weir_train_event event;
    double start = weir_now();
    weir_status status = WEIR_OK;
    while (t->until < to && !t->result.diverged) {
        status = weir_trainer_step(t->trainer, &event, &t->err);
        if (status) break;
        t->until++;
        t->result.diverged = !event.finite;
    }
    t->seconds += weir_now() - start;
    return status;
}

/* The loss as it stands. */
static weir_status conclude(weir_trial *t)
{
    weir_facts facts;
    const weir_flow_record *record = t->trainer->watch->record;
    if (weir_facts_gather(record, t->until, &facts)) return weir_fail_memory(&t->err);
    const weir_eval_point *last = record->evals ? &record->eval[record->evals - 1] : NULL;
    t->result.loss = last && !t->result.diverged ? last->loss : (double)INFINITY;
    if (isnan(t->result.loss)) t->result.loss = (double)INFINITY;
    t->result.accuracy = last ? last->accuracy : (double)NAN;
    t->result.learned = facts.outcome == WEIR_LEARNS;
    t->worsens = t->result.diverged || facts.outcome == WEIR_RUNS_AWAY;
    t->constant = weir_trainer_constant_loss(t->trainer);
    t->worst = 10 * t->constant;
    if (record->evals && record->eval[0].loss > t->worst && isfinite(record->eval[0].loss))
        t->worst = record->eval[0].loss;
    t->result.ran_away = t->result.diverged || (t->worst > 0 && t->result.loss > t->worst);
    weir_facts_free(&facts);
    return WEIR_OK;
}

weir_trial_result weir_trial_judged(const weir_trial *t, const weir_rule_kind *rule)
{
    weir_trial_result result = t->result;
    weir_facts facts;
    result.distance = (double)NAN;
    if (!t->trainer || weir_facts_gather(t->trainer->watch->record, t->until, &facts))
        return result;
    result.distance = rule->distance(&facts);
    weir_facts_free(&facts);
    return result;
}

struct round {
    weir_trial *trials;
    const weir_arrays *arrays;
    uint64_t to, until;
};

static void task(void *self, size_t i)
{
    struct round *r = self;
    weir_trial *t = &r->trials[i];
    if (t->status || t->rests) return;
    if (!t->trainer) t->status = open(t, r->until, r->arrays);
    if (!t->status && t->trainer->watch->until != r->until)
        weir_trainer_watch_until(t->trainer, r->until, 0, r->until);
    if (!t->status) t->status = advance(t, r->to);
    if (!t->status && (r->to == r->until || t->result.diverged))
        t->status = conclude(t);
}

static uint64_t steps_of(const weir_trial *trials, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += trials[i].until;
    return sum;
}

bool weir_trials_run(weir_ward *w, weir_trial *trials, size_t count, uint64_t until,
                     const char *doing)
{
    struct round r = {trials, w->options->arrays, 0, until};
    uint64_t from = until, slice = 5, taken = steps_of(trials, count);
    for (size_t i = 0; i < count; i++)
        if (!trials[i].rests && trials[i].until < from) from = trials[i].until;
    for (r.to = from; r.to < until;) {
        double start = weir_now();
        r.to = r.to + slice < until ? r.to + slice : until;
        weir_parallel(count, task, &r);
        w->steps_taken += steps_of(trials, count) - taken;
        taken = steps_of(trials, count);
        double seconds = weir_now() - start;
        if (seconds < 0.25) slice *= 2; /* a few reports a second */
        if (seconds > 1 && slice > 1) slice /= 2;
        if (w->options->progress &&
            !w->options->progress(w->options->self, doing, r.to - from, until - from)) {
            w->stopped = true;
            return r.to == until;
        }
    }
    return true;
}

void weir_trials_free(weir_trial *trials, size_t count)
{
    for (size_t i = 0; i < count; i++) weir_trainer_free(trials[i].trainer);
}
