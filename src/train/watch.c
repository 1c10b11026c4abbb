/* A trainer that keeps a flow record: joins trainer and recorder. */
#include "base/status.h"
#include "flow/recorder.h"
#include "train/trainer.h"

enum { SAMPLES = 24, COSTLY_EVERY = 4 };

static const weir_probe *begin(void *self, uint64_t step)
{
    weir_watch *w = self;
    bool last = step + 1 == w->until, sampled = step % w->every == 0 || last;
    bool costly = last || (sampled && step / w->every % COSTLY_EVERY == 0);
    return weir_recorder_begin(w->recorder, step, sampled, costly);
}

static weir_status tape(void *self, weir_pass *pass, const weir_tensor *dy, weir_error *err)
{
    weir_watch *w = self;
    return weir_recorder_tape(w->recorder, pass, dy, err);
}

static weir_status evaluate(weir_watch *w, weir_error *err)
{
    weir_eval_point *point = weir_record_add_eval(w->record);
    if (!point) return weir_fail_memory(err);
    WEIR_TRY(weir_trainer_evaluate(w->trainer, 0, point, err));
    w->record->constant_loss = w->trainer->constant_loss;
    w->record->constant_train_loss = w->trainer->constant_train_loss;
    w->record->same_targets = w->trainer->same_targets;
    return WEIR_OK;
}

static weir_status end(void *self, weir_train_event *event, weir_error *err)
{
    weir_watch *w = self;
    weir_loss_point point = {event->step - 1, event->loss, event->penalty, event->mean,
                             event->grad_norm, event->lr, event->clip};
    if (weir_recorder_end(w->recorder, &point)) return weir_fail_memory(err);
    if (!event->finite)
        weir_recorder_nonfinite(w->recorder, w->trainer->pass, &w->trainer->target,
                                event->step - 1, event->loss);
    if (event->finite && event->step % w->eval_every != 0 && event->step != w->until)
        return WEIR_OK;
    WEIR_TRY(evaluate(w, err));
    event->eval = &w->record->eval[w->record->evals - 1];
    return WEIR_OK;
}

void weir_trainer_watch_until(weir_trainer *t, uint64_t until, size_t samples, size_t eval_every)
{
    weir_watch *w = t->watch;
    w->until = until;
    w->every = until / (samples ? samples : SAMPLES);
    if (!w->every) w->every = 1;
    w->eval_every = eval_every ? eval_every : (until + 9) / 10;
    if (!w->eval_every) w->eval_every = 1;
}

static weir_status open(weir_watch *w, weir_trainer *t, size_t samples, weir_error *err)
{
    *w = (weir_watch){.trainer = t, .record = weir_record_new()};
    if (w->record) w->recorder = weir_recorder_new(t->model, w->record);
    if (!w->recorder) return weir_fail_memory(err);
    w->record->seed = t->seed;
    w->record->steps = t->step;
    w->record->clip_max_norm = t->clips_norm ? t->clip.max_norm : (double)NAN;
    w->record->loss_at_every_step = w->record->window > 0 &&
                                    t->model->nodes[t->model->count - 1].shape.rank == 3;
    weir_trainer_watch_until(t, t->steps, samples, t->options.eval_every);
    return evaluate(w, err); /* before the first step */
}

weir_status weir_trainer_watch(weir_trainer *t, size_t samples, const weir_flow_record **record,
                               weir_error *err)
{
    if (record) *record = NULL;
    weir_record_free(weir_trainer_take_record(t));
    t->watch = weir_arena_calloc(&t->arena, 1, sizeof *t->watch);
    weir_status status = t->watch ? open(t->watch, t, samples, err) : weir_fail_memory(err);
    if (status) {
        weir_record_free(weir_trainer_take_record(t));
        return status;
    }
    t->hooks = (weir_trainer_hooks){t->watch, begin, tape, end};
    if (record) *record = t->watch->record;
    return WEIR_OK;
}

weir_flow_record *weir_trainer_take_record(weir_trainer *t)
{
    weir_flow_record *record = t->watch ? t->watch->record : NULL;
    t->watch = NULL;
    t->hooks = (weir_trainer_hooks){0};
    return record;
}
