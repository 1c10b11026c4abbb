#include "doctor/facts.h"

#include "base/memory.h"
#include "record/record.h"

#include <math.h>
#include <string.h>

/* The plateau test. `noise` is what a gain must exceed to count: three standard errors of the
 * paired difference, and 2 % of what the constant predictor reaches. A net begins above the
 * constant predictor: it runs away only where it has become worse than it began. */
static void judge_outcome(weir_facts *f)
{
    const weir_flow_record *r = f->record;
    f->outcome = WEIR_UNKNOWN;
    f->gain = f->noise = (double)NAN;
    if (r->evals == 0) return;
    const weir_eval_point *e = &r->eval[r->evals - 1];
    f->gain = e->gain;
    f->noise = fmax(3 * e->error, 0.02 * fabs(r->constant_loss));
    bool worse = e->gain < -f->noise && e->loss > r->eval[0].loss + f->noise;
    if (r->diverged || !isfinite(e->loss) || worse)
        f->outcome = WEIR_RUNS_AWAY;
    else
        f->outcome = e->gain > f->noise ? WEIR_LEARNS : WEIR_STUCK;
}

/* A net that fits its training data learns, even if it does not generalise: gradients reach it. */
static void judge_training_loss(weir_facts *f)
{
    const weir_flow_record *r = f->record;
    size_t n = r->losses / 10 < 20 ? r->losses / 10 : 20;
    if (f->outcome == WEIR_LEARNS || f->outcome == WEIR_UNKNOWN || r->diverged || n < 5) return;
    double sum = 0, squares = 0;
    for (size_t i = r->losses - n; i < r->losses; i++) {
        double loss = r->loss[i].mean;
        sum += loss;
        squares += loss * loss;
    }
    double mean = sum / (double)n, variance = fmax(squares / (double)n - mean * mean, 0);
    double noise = fmax(3 * sqrt(variance / (double)(n - 1)), 0.02 * fabs(r->constant_train_loss));
    if (r->constant_train_loss - mean > noise) f->outcome = WEIR_LEARNS;
}

/* The gradient is exactly 0 at the first layer with weights, and not at the last. */
static bool nothing_flows(const weir_facts *f)
{
    if (!f->last || f->layers < 3) return false;
    return f->last->node[f->layer[0]].grad_rms <= 0 &&
           f->last->node[f->layer[f->layers - 1]].grad_rms > 0;
}

/* |dL/dy| of the first layer over that of the last, in the newest sample in which that is a number,
 * else in the newest one. */
static void find_depth_sample(weir_facts *f)
{
    f->depth_sample = f->last;
    f->depth_total = nothing_flows(f) ? 0 : (double)NAN;
    if (f->layers < 3) return;
    size_t first = f->layer[0], last = f->layer[f->layers - 1];
    const weir_sample *s = weir_record_flowing(f->record, first, last);
    if (!s) return;
    f->depth_sample = s;
    f->depth_total = s->node[first].grad_norm / s->node[last].grad_norm;
}

static weir_status measure_depth(weir_facts *f)
{
    const weir_flow_record *r = f->record;
    f->layer = weir_calloc(r->nodes + 1, sizeof *f->layer);
    if (!f->layer) return WEIR_MEMORY;
    double variance = 0;
    for (size_t i = 0; i < r->nodes; i++) {
        if (!weir_record_has_depth(r, i)) continue;
        if (f->layers) variance += 5.0 / (double)r->node[i].features; /* Hanin & Nica 2020, ReLU */
        f->layer[f->layers++] = i;
    }
    f->depth_scatter = 0.5 * sqrt(variance); /* of ln norm: half of ln squared norm */
    find_depth_sample(f);
    f->depth_gain = f->layers > 1 ? pow(f->depth_total, 1 / (double)(f->layers - 1))
                                  : (double)NAN;
    return WEIR_OK;
}

/* All targets are the same; or a NaN came in with the data: with a training step's, or, before the
 * first step already, with the validation's. */
static bool data_are_ill(const weir_flow_record *r)
{
    const char *first = r->nonfinite.found ? r->nonfinite.tensor : "";
    bool in_training = !strcmp(first, "input") || !strcmp(first, "target");
    bool in_validation = !*first && r->evals && !isfinite(r->eval[0].loss);
    return r->same_targets || in_training || in_validation;
}

static bool never_any_gradient(const weir_flow_record *r)
{
    for (size_t i = 0; i < r->losses; i++)
        if (!(r->loss[i].grad_norm <= 0)) return false;
    return r->losses > 0;
}

weir_status weir_facts_gather(const weir_flow_record *r, uint64_t steps_wanted, weir_facts *f)
{
    *f = (weir_facts){.record = r, .wanted = steps_wanted, .complete = r->steps >= steps_wanted};
    for (size_t i = 0; i < r->samples; i++) {
        f->last = &r->sample[i];
        if (r->sample[i].lag) f->lag_sample = &r->sample[i];
    }
    f->no_gradient = never_any_gradient(r);
    f->data_fault = data_are_ill(r);
    judge_outcome(f);
    judge_training_loss(f);
    return measure_depth(f);
}

void weir_facts_free(weir_facts *f)
{
    weir_free(f->layer);
    f->layer = NULL;
}
