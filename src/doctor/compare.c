#include "doctor/compare.h"

#include "train/trainer.h"

#include <math.h>

/* A run that got nowhere counts as `worst` at most, the same for all arms that are compared. */
static double loss_of(const weir_trial *t, double worst)
{
    return t->result.ran_away && isfinite(worst) ? fmin(t->result.loss, worst) : t->result.loss;
}

static double loss_gain(const weir_trial *before, const weir_trial *after, double worst)
{
    double was = loss_of(before, worst), is = loss_of(after, worst);
    bool both = before->result.ran_away && after->result.ran_away;
    return both || (isinf(was) && isinf(is)) ? 0 : was - is;
}

/* ln of the ratio: losses that differ by powers of ten between seeds compare evenly. */
static double log_gain(const weir_trial *before, const weir_trial *after, double worst)
{
    static const double smallest = 1e-12; /* beside the worst loss: rounding below that */
    double least = isfinite(worst) ? smallest * worst : 0;
    double was = fmax(loss_of(before, worst), least), is = fmax(loss_of(after, worst), least);
    bool both = before->result.ran_away && after->result.ran_away;
    return both || was == is ? 0 : log(was / is);
}

static double worst_of(weir_arms a, size_t seed)
{
    return fmax(a.before[seed].worst, a.after[seed].worst);
}

weir_interval weir_arms_gain(weir_arms a)
{
    double gain[WEIR_MOST_SEEDS];
    for (size_t s = 0; s < a.seeds; s++)
        gain[s] = log_gain(&a.before[s], &a.after[s], worst_of(a, s));
    return weir_paired_interval(a.seeds, gain);
}

typedef double gain_of(const weir_trial *before, const weir_trial *after, double worst);

/* What the control gained beyond half of what the treated net gained; *kept: its share, NaN where
 * there is no gain to share. */
static weir_interval beyond_half(weir_arms a, const weir_trial *without, gain_of *gain,
                                 double *kept)
{
    double beyond[WEIR_MOST_SEEDS] = {0}, whole = 0, rest = 0;
    for (size_t s = 0; s < a.seeds; s++) {
        double worst = fmax(worst_of(a, s), without[s].worst);
        double gained = gain(&a.before[s], &a.after[s], worst);
        double stayed = gain(&a.before[s], &without[s], worst);
        beyond[s] = stayed - 0.5 * gained;
        whole += gained;
        rest += stayed;
    }
    *kept = whole > 0 ? rest / whole : (double)NAN;
    return weir_paired_interval(a.seeds, beyond);
}

weir_arms_share weir_arms_control(weir_arms a, const weir_trial *without)
{
    double of_loss, of_log;
    weir_interval in_loss = beyond_half(a, without, loss_gain, &of_loss);
    weir_interval in_log = beyond_half(a, without, log_gain, &of_log);
    static const double most = 0.75;
    return (weir_arms_share){.kept = of_log, .kept_of_loss = of_loss,
                             .stays = of_loss > most && in_loss.low > 0 && of_log > most &&
                                      in_log.low > 0,
                             .lost = of_loss < 0.5 && of_log < 0.5};
}

bool weir_arms_all_better(weir_arms a)
{
    for (size_t s = 0; s < a.seeds; s++)
        if (!(loss_gain(&a.before[s], &a.after[s], worst_of(a, s)) > 0)) return false;
    return true;
}

/* The mean training loss, penalties left out, over the k-th third of the steps taken. */
static double third(const weir_trial *t, size_t k)
{
    const weir_flow_record *r = t->trainer->watch->record;
    size_t from = r->losses * k / 3, to = r->losses * (k + 1) / 3;
    double sum = 0;
    for (size_t i = from; i < to; i++) sum += r->loss[i].mean;
    return sum / (double)(to - from);
}

bool weir_arms_keep_pace(weir_arms a)
{
    double before = 0, after = 0;
    for (size_t s = 0; s < a.seeds; s++) {
        if (a.before[s].result.ran_away || a.after[s].result.ran_away) return false;
        if (a.before[s].until < 3) return false;
        if (a.after[s].result.loss > 1.1 * a.after[s].constant) return false; /* far above */
        before += third(&a.before[s], 1) - third(&a.before[s], 2);
        after += third(&a.after[s], 1) - third(&a.after[s], 2);
    }
    return after > 0 && after >= 0.9 * before;
}

static bool any_ill(weir_arms a, const weir_rule_kind *rule)
{
    for (size_t s = 0; s < a.seeds; s++)
        if (!(weir_trial_judged(&a.before[s], rule).distance <= 0)) return true;
    return false;
}

/* Not fmin, which would take a NaN for the bound. */
static double capped(double x, double most)
{
    return x > most ? most : x;
}

weir_interval weir_arms_nearer(weir_arms a, const weir_rule_kind *rule)
{
    static const double farthest = 40; /* log units: e^40 times the bound is as good as no bound */
    double nearer[WEIR_MOST_SEEDS];
    if (!any_ill(a, rule)) return (weir_interval){(double)NAN, (double)NAN, (double)NAN};
    for (size_t s = 0; s < a.seeds; s++)
        nearer[s] = capped(weir_trial_judged(&a.before[s], rule).distance, farthest) -
                    capped(weir_trial_judged(&a.after[s], rule).distance, farthest);
    return weir_paired_interval(a.seeds, nearer);
}

size_t weir_learned(const weir_trial *trials, size_t n)
{
    size_t learned = 0;
    for (size_t s = 0; s < n; s++) learned += trials[s].result.learned;
    return learned;
}

size_t weir_ran_away(const weir_trial *trials, size_t n)
{
    size_t away = 0;
    for (size_t s = 0; s < n; s++) away += trials[s].result.ran_away;
    return away;
}

size_t weir_worsening(const weir_trial *trials, size_t n)
{
    size_t worse = 0;
    for (size_t s = 0; s < n; s++) worse += trials[s].worsens;
    return worse;
}

double weir_mean_loss(const weir_trial *trials, size_t n)
{
    double sum = 0;
    for (size_t s = 0; s < n; s++) sum += trials[s].result.loss;
    return sum / (double)n;
}

double weir_mean_step_seconds(const weir_trial *trials, size_t n)
{
    double sum = 0;
    for (size_t s = 0; s < n; s++) sum += trials[s].seconds / (double)trials[s].until;
    return sum / (double)n;
}
