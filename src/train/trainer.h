/* train/trainer.h - the inside of a weir_trainer (weir/train.h), for those who watch it.
 *
 *   configuration -> data, model (assemble.c), loss, optimizer, schedule, clip, penalties
 *   step:  batch -> forward -> loss -> backward -> penalties -> probe -> clip -> update
 */
#ifndef WEIR_TRAIN_TRAINER_H
#define WEIR_TRAIN_TRAINER_H

#include "nn/loss.h"
#include "nn/pass.h"
#include "train/carry.h"
#include "train/data.h"
#include "train/optimizer.h"
#include "train/penalty.h"
#include "train/schedule.h"
#include "weir/train.h"

/* The plain keys under `train:`. */
typedef struct weir_train_options {
    size_t steps, epochs, eval_every, eval_batches, patience, checkpoint_every, seed;
    double lr; /* NaN: the optimizer's own */
} weir_train_options;
extern const weir_option weir_train_option_table[];

typedef struct weir_clip_options {
    double max_norm, norm_type, clip_value; /* norm_type may be infinity */
} weir_clip_options;

extern const weir_option weir_clip_norm_table[], weir_clip_value_table[];

/* How somebody watches the steps; all optional (default: nothing happens). */
typedef struct weir_trainer_hooks {
    void *self;
    /* Before a step: the probe to watch it with, or NULL. */
    const weir_probe *(*begin)(void *self, uint64_t step);
    /* After backward and before the update, on the live tape: for measures that walk back again. dy
     * is the gradient of the last node's output. */
    weir_status (*tape)(void *self, weir_pass *pass, const weir_tensor *dy, weir_error *err);
    /* After the step; the tape still stands. */
    weir_status (*end)(void *self, weir_train_event *event, weir_error *err);
} weir_trainer_hooks;

/* A trainer that keeps its own record (watch.c). */
typedef struct weir_watch {
    weir_trainer *trainer;
    weir_flow_record *record;
    struct weir_recorder *recorder;
    uint64_t every, eval_every, until;
} weir_watch;

struct weir_trainer {
    weir_arena arena;
    weir_config *config;
    weir_data *data;
    weir_model *model;
    weir_init_list inits;
    weir_pass *pass, *eval_pass;
    weir_loss loss;
    const weir_optimizer_kind *optimizer;
    void *optimizer_options;
    real *slot[WEIR_MAX_SLOTS]; /* [model->weights] each */
    size_t slots;
    const weir_schedule_kind *schedule;
    void *schedule_options;
    weir_penalty_list penalties;
    bool clips_norm, clips_value;
    weir_clip_options clip;
    weir_train_options options;
    uint64_t seed, step, steps;

    weir_arena batch, eval_batch;
    weir_tensor target; /* of the step under way, in `batch` */
    real *dy;       /* gradient of the output, room for the largest batch so far */
    size_t dy_room;
    weir_carry carry, eval_carry;
    double *constant; /* the best constant output, [F], or [T, F] where the data keep step; NULL:
                       * not looked for yet */
    double constant_loss; /* what it reaches on the evaluation batches; NaN: not yet */
    double constant_train_loss; /* and on the training data */
    bool same_targets;          /* whose targets are all the same */
    weir_validation validation; /* how evaluations went (patience.c) */
    weir_eval_point own_eval;   /* the newest of a run that nobody watches */
    uint64_t data_hash;         /* what checkpoints know the data by (identity.c); 0: not yet */
    weir_trainer_hooks hooks; /* set by who watches */
    weir_watch *watch;        /* the trainer's own record (watch.c), or NULL */
};

/* The model that `model:` and `init:` describe, drawn with the seed (assemble.c). It points into
 * `config` and `arena`, which must outlive it. */
weir_status weir_assemble(const weir_config *config, const weir_data *data, uint64_t seed,
                          weir_arena *arena, weir_model **model, weir_init_list *inits,
                          weir_error *err);

/* The configuration's options of a chosen kind: defaults, then what the map says (assemble.c). */
weir_status weir_kind_options(const weir_config *config, const weir_yaml *map,
                              const weir_option *table, size_t size, weir_arena *arena, void **out,
                              weir_error *err);

/* Fills `penalties`, loss, optimizer, schedule and clips from `train:` (settings.c). */
weir_status weir_trainer_configure(weir_trainer *trainer, weir_error *err);

/* The caller's arrays as data (arrays.c). Free with weir_data_close. */
weir_status weir_data_from_arrays(const weir_arrays *arrays, uint64_t seed, weir_data **data,
                                  weir_error *err);
/* WEIR_USAGE when their targets are none for this loss. */
weir_status weir_arrays_fit(const weir_arrays *arrays, const weir_loss *loss, weir_error *err);

/* After a step: evaluates if nobody else does and train.patience asks for it, and keeps count
 * (patience.c). */
weir_status weir_patience_step(weir_trainer *trainer, weir_train_event *event, weir_error *err);

/* The learning rate of the step that comes next. */
double weir_trainer_lr(const weir_trainer *trainer);

#endif
