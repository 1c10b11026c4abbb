/* weir/train.h - training: a configuration becomes a net, its data and an optimizer, and takes
 * steps.
 *
 *   weir_config_load("net.yaml", &config, &err);
 *   weir_trainer_new(config, NULL, &trainer, &err);
 *   while (!weir_trainer_done(trainer)) weir_trainer_step(trainer, &event, &err);
 */
#ifndef WEIR_TRAIN_H
#define WEIR_TRAIN_H

#include "weir/config.h"
#include "weir/record.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_trainer weir_trainer;

/* The caller's own data, instead of the configuration's `data:`. Nothing is copied: the arrays must
 * outlive the trainer. x is [examples, features], or [examples, time, features] with time > 0;
 * y are class numbers [examples] if classes > 0, else numbers [examples, outputs]. */
typedef struct weir_arrays {
    const weir_real *x, *y;
    const int32_t *labels; /* instead of y, with classes > 0 */
    size_t examples, time, features, outputs, classes, batch_size;
    double validation; /* share of the examples, the last ones, kept for validation */
} weir_arrays;

typedef struct weir_trainer_options {
    uint64_t seed;             /* 0: the configuration's train.seed */
    const weir_arrays *arrays; /* NULL: the configuration's data */
} weir_trainer_options;

weir_trainer_options weir_trainer_options_init(void);

/* WEIR_USAGE with file:line:column for anything the configuration says wrong, WEIR_IO for data that
 * cannot be read. options may be NULL. On error *trainer is NULL. The configuration is copied. */
weir_status weir_trainer_new(const weir_config *config, const weir_trainer_options *options,
                             weir_trainer **trainer, weir_error *err);
void weir_trainer_free(weir_trainer *trainer);

/* One step as it went. */
typedef struct weir_train_event {
    uint64_t step, steps; /* taken, wanted */
    double loss;          /* of this batch, penalties included */
    double penalty;       /* their part of it */
    double mean;          /* of the rest, per element that counts, whatever the reduction */
    double grad_norm;     /* before clipping */
    double lr, clip;      /* clip: the factor applied; 1: none */
    double accuracy;      /* of this batch; NaN where the loss has no guesses */
    double bits;          /* per symbol of a text, of this batch; NaN for other data */
    bool finite; /* false: loss or gradient is not finite; the parameters were not changed */
    const weir_eval_point *eval; /* NULL: no evaluation after this step */
} weir_train_event;

/* Forward, backward, clip, update. WEIR_OK also when numbers are not finite (see the event). */
weir_status weir_trainer_step(weir_trainer *trainer, weir_train_event *event, weir_error *err);
/* All steps are taken, or train.patience is used up. */
bool weir_trainer_done(const weir_trainer *trainer);
uint64_t weir_trainer_steps(const weir_trainer *trainer);      /* taken */
uint64_t weir_trainer_steps_wanted(const weir_trainer *trainer);
uint64_t weir_trainer_seed(const weir_trainer *trainer);

/* How the evaluations of this run went. With train.patience, a run evaluates also unwatched. */
typedef struct weir_validation {
    double best;        /* the lowest loss; infinity: none yet */
    uint64_t best_step; /* steps taken then */
    uint64_t since;     /* evaluations since, none of them better */
    bool stopped;       /* as many as train.patience allows */
} weir_validation;
weir_validation weir_trainer_validation(const weir_trainer *trainer);

/* A mean cross entropy on a text, in bits per character (or byte); NaN for other data and losses,
 * and where classes are weighted or smoothed. */
double weir_trainer_bits(const weir_trainer *trainer, double loss);

/* From now on every step fills a flow record: the loss curve at every step, the flow about
 * `samples` times over the run (0: 24 times), and an evaluation at every eval_every-th step. The
 * first evaluation is made at once. *record (which may be NULL) belongs to the trainer; copy what
 * must outlive it. Fails as weir_trainer_step does. */
weir_status weir_trainer_watch(weir_trainer *trainer, size_t samples,
                               const weir_flow_record **record, weir_error *err);
/* A watched run that is to be shorter or longer than configured: it ends at step `until`, where it
 * is sampled and evaluated; 0 for `samples` and `eval_every` means 24 and ten evaluations. May be
 * called again to go on. */
void weir_trainer_watch_until(weir_trainer *trainer, uint64_t until, size_t samples,
                              size_t eval_every);
/* Hands the record over to the caller (free with weir_record_free); watching ends. */
weir_flow_record *weir_trainer_take_record(weir_trainer *trainer);

/* The loss on validation batches: `batches` of them (0: as configured), always the same ones.
 * gain and error compare with the best constant predictor, example by example. */
weir_status weir_trainer_evaluate(weir_trainer *trainer, size_t batches, weir_eval_point *point,
                                  weir_error *err);

/* The best constant predictor's loss on those batches. For a task whose sequences keep step (copy)
 * it is a constant for each step: what a clock knows. */
double weir_trainer_constant_loss(weir_trainer *trainer);

/* Parameters: how many, the k-th one's name, shape and numbers (row-major, PyTorch's names and
 * order). Pointers are valid as long as the trainer. */
size_t weir_trainer_parameters(const weir_trainer *trainer);
typedef struct weir_parameter_view {
    const char *name;
    size_t rank, dim[5], count;
    weir_real *value;
    const weir_real *grad;
} weir_parameter_view;
weir_parameter_view weir_trainer_parameter(weir_trainer *trainer, size_t k);

/* The net's output for one batch of inputs x, laid out as the net was built ([B,F], [T,B,F],
 * [B,C,H,W]; B is `batch`), as when it is not training: dropout and the like are off, states begin
 * at zero. A net that reads ids takes them as whole numbers; WEIR_USAGE for one it has not. *y is
 * valid until the next call or evaluation; its size is *count. */
weir_status weir_trainer_predict(weir_trainer *trainer, const weir_real *x, size_t batch,
                                 const weir_real **y, size_t *count, weir_error *err);

/* A checkpoint holds everything that bits depend on. Written atomically: after an error PATH is
 * what it was. */
weir_status weir_trainer_save(weir_trainer *trainer, const char *path, weir_error *err);
/* Into a trainer made from the same configuration; how long it is and how often it evaluates or
 * saves may differ. WEIR_IO when the file is missing, cut off or no checkpoint; WEIR_USAGE, naming
 * what differs, when it is of another configuration, seed, data or number type. On error the
 * trainer is unchanged. */
weir_status weir_trainer_restore(weir_trainer *trainer, const char *path, weir_error *err);
/* Parameters and buffers with PyTorch's names, as safetensors; a text model's vocabulary is in its
 * metadata. Written atomically. */
weir_status weir_trainer_save_model(weir_trainer *trainer, const char *path, weir_error *err);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
