/* train/constant.h - the best constant predictor for a trainer's data and loss. For train/ only. */
#ifndef WEIR_TRAIN_CONSTANT_H
#define WEIR_TRAIN_CONSTANT_H

#include "train/trainer.h"

/* Looks for it: fills trainer->constant, constant_train_loss and same_targets. */
weir_status weir_constant_find(weir_trainer *trainer, weir_error *err);

/* y [rows, F] = what it says of each row of a batch, or of batches behind each other. */
void weir_constant_guess(const weir_trainer *trainer, size_t rows, size_t F, real *y);

#endif
