/* train/weights.h - a model's parameters and buffers as the named arrays of a safetensors file,
 * and back. Counts (num_batches_tracked) are I64, as PyTorch keeps them. */
#ifndef WEIR_TRAIN_WEIGHTS_H
#define WEIR_TRAIN_WEIGHTS_H

#include "formats/safetensors.h"
#include "nn/model.h"

/* A list that arrays are gathered in before they are written; everything but numbers that lie in
 * the model itself is in `arena`. */
typedef struct weir_gathered {
    weir_arena *arena;
    weir_named_array *array; /* [room] */
    size_t count, room;
} weir_gathered;

/* Room for so many arrays. WEIR_MEMORY when there is none. */
weir_status weir_gather_open(weir_gathered *g, weir_arena *arena, size_t room);

/* One more array of reals, called "PREFIX NAME" without the space. */
weir_status weir_gather(weir_gathered *g, const char *prefix, const char *name, const real *x,
                        size_t rank, const size_t *dim);

/* All parameters, then all buffers: weir_weights_count(model) arrays. */
size_t weir_weights_count(const weir_model *model);
weir_status weir_weights_gather(weir_gathered *g, const weir_model *model, const char *prefix);

/* The array PREFIX NAME of a file, which must have this type and shape (unless `exact`, any type
 * of real will do). WEIR_USAGE, with a sentence that begins with `path`, when it is missing or
 * another: the file is of another net. */
weir_status weir_weights_find(const weir_safetensors *file, const char *path, const char *prefix,
                              const char *name, const weir_array *like, bool exact,
                              const weir_array **found, weir_error *err);

/* WEIR_OK: weir_weights_read can be done, and every array of the file that begins with the prefix
 * is one of the model's. */
weir_status weir_weights_check(const weir_safetensors *file, const char *path, const char *prefix,
                               const weir_model *model, bool exact, weir_error *err);
void weir_weights_read(const weir_safetensors *file, const char *prefix, weir_model *model);

/* F32, or F64 in libweir64. */
weir_number weir_real_number(void);

#endif
