/* How validation goes, and the end of a run in which it no longer gets better (train.patience). */
#include "base/status.h"
#include "train/trainer.h"

static void note(weir_trainer *t, const weir_eval_point *point)
{
    weir_validation *v = &t->validation;
    if (point->loss < v->best) { /* a NaN is no better */
        v->best = point->loss;
        v->best_step = point->step;
        v->since = 0;
    } else {
        v->since++;
    }
    v->stopped = t->options.patience && v->since >= t->options.patience;
}

/* A run that nobody watches evaluates for itself, if it has to be patient. */
static bool is_due(const weir_trainer *t)
{
    uint64_t every = t->options.eval_every ? t->options.eval_every : (t->steps + 9) / 10;
    if (!t->options.patience || t->watch) return false;
    return t->step % (every ? every : 1) == 0 || t->step == t->steps;
}

weir_status weir_patience_step(weir_trainer *t, weir_train_event *event, weir_error *err)
{
    if (event->finite && !event->eval && is_due(t)) {
        WEIR_TRY(weir_trainer_evaluate(t, 0, &t->own_eval, err));
        event->eval = &t->own_eval;
    }
    if (event->eval) note(t, event->eval);
    return WEIR_OK;
}

weir_validation weir_trainer_validation(const weir_trainer *t)
{
    return t->validation;
}
