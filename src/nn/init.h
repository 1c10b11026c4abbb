/* nn/init.h - what an initialiser is. One is one file in inits/ and one line in inits/list.def. */
#ifndef WEIR_NN_INIT_H
#define WEIR_NN_INIT_H

#include "base/option.h"
#include "base/rng.h"
#include "nn/layer.h"

typedef struct weir_init_kind {
    const char *name;
    const char *doc;
    size_t options_size;
    const weir_option *options;
    bool preset; /* knows what to do with every role; given alone it serves biases too */
    /* Fills parameter->value; WEIR_USAGE with a sentence when the shape does not fit. */
    weir_status (*fill)(const void *options, weir_parameter *parameter, weir_rng *rng,
                        weir_error *err);
} weir_init_kind;

/* `init: { weight_hh: orthogonal }`: the initialiser for parameters whose name (behind the node's)
 * begins with `prefix`. The longest fitting prefix wins. */
typedef struct weir_init {
    const char *prefix;
    const weir_init_kind *kind;
    const void *options;
    const char *place;
} weir_init;

typedef struct weir_init_list {
    const weir_init *item;
    size_t count;
} weir_init_list;

extern const weir_init_kind *const weir_init_kinds[];
const weir_init_kind *weir_init_find(const char *name);

/* What most initialisers draw from. */
void weir_fill_uniform(weir_parameter *p, weir_rng *rng, double low, double high);
void weir_fill_normal(weir_parameter *p, weir_rng *rng, double mean, double std);
void weir_fill_constant(weir_parameter *p, double value);

/* W = gain Q, Q with orthonormal rows or columns, whichever are fewer: in each of `blocks` equal
 * blocks of rows. WEIR_MEMORY when there is no memory. */
weir_status weir_fill_orthogonal(weir_parameter *p, weir_rng *rng, double gain, size_t blocks);

/* WEIR_USAGE for a vector, with a sentence: what needs two sizes. */
weir_status weir_init_check_matrix(const weir_parameter *p, weir_error *err);

#define WEIR_INIT(name) extern const weir_init_kind weir_init_##name;
#include "nn/inits/list.def"
#undef WEIR_INIT

#endif
