/* train/identity.h - what a checkpoint and the run that goes on from it must have in common: the
 * configuration, but for what may change on the way, and the data. */
#ifndef WEIR_TRAIN_IDENTITY_H
#define WEIR_TRAIN_IDENTITY_H

#include "train/trainer.h"

enum { WEIR_PRINT = 17 };

/* The configuration without the keys that may change when a run is resumed (how long it is, how
 * often it is evaluated and saved, where its files lie). NULL when there is no memory. */
weir_config *weir_identity_config(const weir_trainer *trainer);

/* A hash over shapes, symbols and some batches of the training data, as 16 digits. */
weir_status weir_identity_data(weir_trainer *trainer, char print[WEIR_PRINT], weir_error *err);

/* WEIR_USAGE, with a sentence that begins with `path` and says what differs, when a checkpoint
 * with this configuration and hash belongs to another run than the trainer's. */
weir_status weir_identity_check(weir_trainer *trainer, const char *path, const char *config,
                                const char *print, weir_error *err);

#endif
