/* weir/run.h - a run: one folder in which a net is trained, and which survives being copied.
 *
 *   FOLDER/config.yaml              the configuration, with its seed and whole paths to its data
 *          run.db                   SQLite: what the net is made of, the curves, the flow
 *          checkpoint.safetensors   everything that bits depend on
 *          model.safetensors        parameters and buffers with PyTorch's names
 *
 *   weir_run_new(config, NULL, &run, &err);
 *   weir_run_train(run, NULL, NULL, &err);
 *   printf("it is in %s\n", weir_run_folder(run));
 *   weir_run_free(run);
 */
#ifndef WEIR_RUN_H
#define WEIR_RUN_H

#include "weir/train.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_run weir_run;

typedef struct weir_run_options {
    const char *folder; /* NULL: runs/NAME-SEED, NAME that of the configuration's file without its
                         * ending; with -2, -3 .. behind it when that is taken */
    uint64_t seed;             /* 0: the configuration's train.seed */
    const weir_arrays *arrays; /* NULL: the configuration's data */
} weir_run_options;

weir_run_options weir_run_options_init(void);

/* A fresh run: its trainer, its folder with config.yaml and run.db. The trainer is watched from
 * the first step. Errors as weir_trainer_new; WEIR_USAGE when the folder holds a run already,
 * WEIR_IO when it cannot be made. options may be NULL. On error *run is NULL and no folder is
 * left behind. */
weir_status weir_run_new(const weir_config *config, const weir_run_options *options, weir_run **run,
                         weir_error *err);

/* Goes on from the checkpoint in options->folder; rows of run.db that were written after it are
 * dropped. config NULL: the folder's own; another one must agree with the checkpoint in all that
 * bits depend on, and becomes the folder's. Errors as weir_trainer_new and weir_trainer_restore;
 * WEIR_IO when another process trains here. On error *run is NULL and the checkpoint is what it
 * was. */
weir_status weir_run_resume(const weir_config *config, const weir_run_options *options,
                            weir_run **run, weir_error *err);
void weir_run_free(weir_run *run);

typedef enum weir_wish { WEIR_CONTINUE, WEIR_SAVE, WEIR_STOP } weir_wish;

/* Called after every step with what it came to; the answer is a wish. */
typedef weir_wish weir_run_step(void *self, const weir_train_event *event);

/* Trains until all steps are taken or train.patience is used up. run.db is written now and then;
 * checkpoint and model every train.checkpoint_every steps, at every wish to save or stop, and at
 * the end. on_step may be NULL.
 *
 * WEIR_STOPPED: on_step wished it; all is saved, and calling this again goes on. WEIR_DIVERGED:
 * loss or gradient is not finite; the sentence names the first such number, run.db is written,
 * and the last checkpoint stays as it was. WEIR_IO: something could not be written; what was
 * there before is whole.
 */
weir_status weir_run_train(weir_run *run, weir_run_step *on_step, void *self, weir_error *err);

/* run.db, checkpoint.safetensors and model.safetensors, each atomically, in this order. */
weir_status weir_run_save(weir_run *run, weir_error *err);

/* Valid as long as the run. The record is of what was trained since the run was opened. */
const char *weir_run_folder(const weir_run *run);
weir_trainer *weir_run_trainer(weir_run *run);
const weir_flow_record *weir_run_record(const weir_run *run);

/* The whole record of a run, from its run.db; a run that is being trained may be read. WEIR_IO
 * when there is none or it is damaged. Free with weir_record_free. */
weir_status weir_record_load(const char *folder, weir_flow_record **record, weir_error *err);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
