/* train/data/drawn.h - what tasks share that draw fresh examples for every batch. For data/ only.
 *
 * The numbers of a batch depend on the seed, the split and the index. Training never repeats one;
 * validation comes round after `n_validation` examples.
 */
#ifndef WEIR_TRAIN_DATA_DRAWN_H
#define WEIR_TRAIN_DATA_DRAWN_H

#include "train/data.h"

/* The options struct of such a kind has a member `drawn`. */
typedef struct weir_drawn {
    size_t batch_size, n, n_validation;
} weir_drawn;

#define WEIR_DRAWN_OPTIONS(S)                                                                     \
    {"batch_size", WEIR_SIZE, offsetof(S, drawn.batch_size), "32", 1, 9e15, NULL,                 \
     N_("sequences side by side")},                                                               \
    {"n", WEIR_SIZE, offsetof(S, drawn.n), "10000", 1, 9e15, NULL,                                \
     N_("examples that count as one epoch; all are fresh")},                                      \
    {"n_validation", WEIR_SIZE, offsetof(S, drawn.n_validation), "1000", 1, 9e15, NULL,           \
     N_("examples for validation, always the same ones")}

/* Sets data->batches; the kind sets shapes and hints. WEIR_USAGE when a batch would be too large.
 * */
weir_status weir_drawn_open(weir_data *data, const weir_drawn *drawn, weir_error *err);

/* Memory for a full batch: x is zeroed, target is not set. */
weir_status weir_drawn_batch(const weir_data *data, weir_arena *arena, weir_batch *batch,
                             weir_error *err);

/* The numbers that batch is drawn from. */
weir_rng weir_drawn_rng(const weir_data *data, weir_split split, uint64_t index);

#endif
