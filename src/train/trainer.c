#include "train/trainer.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "tensor/vec.h"
#include "train/clip.h"

#include <string.h>

static const char *const train_keys[] = {"loss",          "optimizer",      "schedule",
                                         "clip_grad_norm", "clip_grad_value", "penalties", NULL};
static const char *const top_keys[] = {"data", "model", "init", "train", "doctor", "name", NULL};

weir_trainer_options weir_trainer_options_init(void)
{
    return (weir_trainer_options){0};
}

void weir_trainer_free(weir_trainer *t)
{
    if (!t) return;
    weir_record_free(weir_trainer_take_record(t));
    weir_pass_free(t->pass);
    weir_pass_free(t->eval_pass);
    weir_model_free(t->model);
    weir_data_close(t->data);
    weir_carry_close(&t->carry);
    weir_carry_close(&t->eval_carry);
    weir_free(t->dy);
    weir_arena_free(&t->batch);
    weir_arena_free(&t->eval_batch);
    weir_arena_free(&t->arena);
    weir_config_free(t->config);
    weir_free(t);
}

static weir_status check_top(const weir_config *config, weir_error *err)
{
    for (const weir_yaml *c = config->root->child; c; c = c->next) {
        bool known = false;
        for (size_t i = 0; top_keys[i]; i++) known |= !strcmp(top_keys[i], c->key);
        if (!known) return weir_config_fail_unknown(config, c, _("key"), c->key, top_keys, err);
    }
    return WEIR_OK;
}

/* Targets from 0 to 1, where the loss wants such: a batch is looked at, for kinds of data that do
 * not look at all they have. */
static weir_status check_shares(weir_trainer *t, weir_error *err)
{
    weir_batch batch = {0};
    if (!t->loss.kind->shares) return WEIR_OK;
    WEIR_TRY(t->data->kind->batch(t->data, WEIR_TRAIN, 0, &t->batch, &batch, err));
    for (size_t i = 0; i < weir_count(&batch.target); i++)
        if (batch.target.f[i] < 0 || batch.target.f[i] > 1)
            return weir_config_fail(t->config, weir_config_find(t->config, "train.loss"), err,
                                    _("a target of this data is %g, and %s wants numbers from 0 "
                                      "to 1: use mse or mae"),
                                    (double)batch.target.f[i], t->loss.kind->name);
    return WEIR_OK;
}

static weir_status open_all(weir_trainer *t, const weir_trainer_options *o, weir_error *err)
{
    WEIR_TRY(check_top(t->config, err));
    WEIR_TRY(weir_config_options(t->config, weir_yaml_find(t->config->root, "train"),
                                 weir_train_option_table, train_keys, &t->options, &t->arena, err));
    t->seed = o->seed ? o->seed : t->options.seed;
    WEIR_TRY(o->arrays ? weir_data_from_arrays(o->arrays, t->seed, &t->data, err)
                       : weir_data_open(t->config, t->seed, &t->data, err));
    WEIR_TRY(weir_assemble(t->config, t->data, t->seed, &t->arena, &t->model, &t->inits, err));
    WEIR_TRY(weir_trainer_configure(t, err));
    WEIR_TRY(o->arrays ? weir_arrays_fit(o->arrays, &t->loss, err) : check_shares(t, err));
    t->steps = t->options.epochs ? t->options.epochs * t->data->batches[WEIR_TRAIN]
                                 : t->options.steps;
    t->pass = weir_pass_new(t->model);
    t->eval_pass = weir_pass_new(t->model);
    if (!t->pass || !t->eval_pass || weir_carry_open(&t->carry, t->model->count) ||
        weir_carry_open(&t->eval_carry, t->model->count))
        return weir_fail_memory(err);
    t->pass->train = true;
    return WEIR_OK;
}

weir_status weir_trainer_new(const weir_config *config, const weir_trainer_options *options,
                             weir_trainer **trainer, weir_error *err)
{
    weir_trainer_options o = options ? *options : weir_trainer_options_init();
    weir_trainer *t = weir_calloc(1, sizeof *t);
    *trainer = NULL;
    if (!t) return weir_fail_memory(err);
    t->constant_loss = (double)NAN;
    t->validation.best = (double)INFINITY;
    t->config = weir_config_copy(config);
    weir_status status = t->config ? open_all(t, &o, err) : weir_fail_memory(err);
    if (status)
        weir_trainer_free(t);
    else
        *trainer = t;
    return status;
}

/* --- a step ----------------------------------------------------------------------------------- */

double weir_trainer_lr(const weir_trainer *t)
{
    const weir_optimizer_common *common = t->optimizer_options;
    double lr = isnan(t->options.lr) ? common->lr : t->options.lr;
    return weir_schedule_lr(t->schedule, t->schedule_options, lr, t->step, t->steps);
}

static weir_status room_for_dy(weir_trainer *t, size_t count)
{
    if (count <= t->dy_room) return WEIR_OK;
    real *dy = weir_realloc(t->dy, count * sizeof *dy);
    if (!dy) return WEIR_MEMORY;
    t->dy = dy;
    t->dy_room = count;
    return WEIR_OK;
}

/* Forward, loss, backward; gradients are complete but for penalties. */
static weir_status differentiate(weir_trainer *t, const weir_batch *batch, weir_loss_result *result,
                                 weir_error *err)
{
    weir_pass *pass = t->pass;
    pass->seed = t->seed;
    pass->step = t->step;
    pass->lengths = batch->lengths;
    weir_carry_in(&t->carry, pass, batch->continues);
    weir_vec_zero(t->model->weights, t->model->grads);
    WEIR_TRY(weir_pass_forward(pass, &batch->x, err));
    const weir_tensor *y = weir_pass_output(pass);
    WEIR_TRY(t->loss.kind->check(t->loss.options, &y->shape, &batch->target.shape, err));
    if (room_for_dy(t, weir_count(y))) return weir_fail_memory(err);
    weir_loss_input in = {y, &batch->target, batch->lengths};
    t->loss.kind->apply(t->loss.options, &in, result, t->dy, NULL);
    weir_tensor dy = {.shape = y->shape, .f = t->dy};
    WEIR_TRY(weir_pass_backward(pass, &dy, err));
    if (weir_carry_out(&t->carry, pass)) return weir_fail_memory(err);
    return t->hooks.tape ? t->hooks.tape(t->hooks.self, pass, &dy, err) : WEIR_OK;
}

static void update(weir_trainer *t, double lr)
{
    bool wanted = weir_probe_wants(t->pass, WEIR_WANTS_GRAD_PARAM);
    const weir_probe *probe = wanted ? t->pass->probe : NULL;
    size_t at = 0;
    for (size_t i = 0; i < t->model->params_count; i++) {
        const weir_parameter *p = &t->model->params[i];
        real *slot[WEIR_MAX_SLOTS] = {0};
        for (size_t s = 0; s < t->slots; s++) slot[s] = t->slot[s] + at;
        at += p->count;
        real *before = probe && probe->update ? weir_work_reals(t->pass, p->count) : NULL;
        if (before) weir_vec_copy(p->count, p->value, before);
        t->optimizer->update(t->optimizer_options, lr, t->step + 1, p->count, p->value, p->grad,
                             slot);
        if (!before) continue;
        double norm = weir_vec_norm2(p->count, before);
        for (size_t j = 0; j < p->count; j++) before[j] = p->value[j] - before[j];
        probe->update(probe->self, p, weir_vec_norm2(p->count, before), norm);
    }
}

static void clip(weir_trainer *t, weir_train_event *event)
{
    weir_model *m = t->model;
    event->clip = 1;
    if (t->clips_norm)
        weir_clip_grad_norm(m->weights, m->grads, t->clip.max_norm,
                            t->clip.norm_type, &event->clip);
    if (t->clips_value) weir_clip_grad_value(m->weights, m->grads, t->clip.clip_value);
    const weir_probe *probe = t->pass->probe;
    if (weir_probe_wants(t->pass, WEIR_WANTS_GRAD_PARAM) && probe->clipped)
        probe->clipped(probe->self, event->grad_norm, event->clip);
}

static void tell_gradients(const weir_trainer *t)
{
    const weir_probe *probe = t->pass->probe;
    if (!weir_probe_wants(t->pass, WEIR_WANTS_GRAD_PARAM) || !probe->grad_param) return;
    for (size_t i = 0; i < t->model->params_count; i++)
        probe->grad_param(probe->self, &t->model->params[i]);
}

weir_status weir_trainer_step(weir_trainer *t, weir_train_event *event, weir_error *err)
{
    weir_batch batch = {0};
    weir_loss_result result;
    weir_arena_reset(&t->batch);
    t->pass->probe = t->hooks.begin ? t->hooks.begin(t->hooks.self, t->step) : NULL;
    WEIR_TRY(t->data->kind->batch(t->data, WEIR_TRAIN, t->step, &t->batch, &batch, err));
    t->target = batch.target;
    WEIR_TRY(differentiate(t, &batch, &result, err));
    double penalty = weir_penalties_apply(&t->penalties, t->pass);
    double norm = weir_vec_norm2(t->model->weights, t->model->grads);
    *event = (weir_train_event){
        .step = t->step, .steps = t->steps, .loss = result.value + penalty, .penalty = penalty,
        .mean = weir_loss_mean(t->loss.options, &result),
        .grad_norm = norm,
        .lr = weir_trainer_lr(t), .clip = 1,
        .accuracy = t->loss.kind->guesses && result.counted
                        ? (double)result.correct / (double)result.counted : (double)NAN,
        .bits = weir_trainer_bits(t, weir_loss_mean(t->loss.options, &result)),
        .finite = isfinite(result.value + penalty) && isfinite(norm)};
    tell_gradients(t);
    if (event->finite) {
        clip(t, event);
        update(t, event->lr);
    }
    event->step = ++t->step;
    if (t->hooks.end) WEIR_TRY(t->hooks.end(t->hooks.self, event, err));
    WEIR_TRY(weir_patience_step(t, event, err));
    weir_pass_settle(t->pass);
    weir_arena_reset(&t->batch);
    return WEIR_OK;
}

bool weir_trainer_done(const weir_trainer *t)
{
    return t->step >= t->steps || t->validation.stopped;
}

double weir_trainer_bits(const weir_trainer *t, double loss)
{
    const weir_loss_common *common = t->loss.options;
    bool nats = t->data->symbols && t->loss.kind->nats && t->loss.kind->nats(t->loss.options);
    return nats ? loss / common->scale / log(2) : (double)NAN;
}

uint64_t weir_trainer_steps(const weir_trainer *t)
{
    return t->step;
}
uint64_t weir_trainer_steps_wanted(const weir_trainer *t)
{
    return t->steps;
}
uint64_t weir_trainer_seed(const weir_trainer *t)
{
    return t->seed;
}

size_t weir_trainer_parameters(const weir_trainer *t)
{
    return t->model->params_count;
}

weir_parameter_view weir_trainer_parameter(weir_trainer *t, size_t k)
{
    const weir_parameter *p = &t->model->params[k];
    weir_parameter_view view = {.name = p->name, .rank = p->shape.rank, .count = p->count,
                                .value = p->value, .grad = p->grad};
    memcpy(view.dim, p->shape.dim, sizeof view.dim);
    return view;
}
