/* base/rng.h - counter-based random numbers (Philox 4x32-10; Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). A stream is named by what it is for, so the same numbers
 * come out whatever else was drawn, in whatever order and on however many threads. */
#ifndef WEIR_BASE_RNG_H
#define WEIR_BASE_RNG_H

#include "base/real.h"

/* What numbers are drawn for. */
typedef enum weir_purpose {
    WEIR_FOR_INIT = 1,
    WEIR_FOR_DROPOUT,
    WEIR_FOR_SHUFFLE,
    WEIR_FOR_DATA,
    WEIR_FOR_SPLIT,
    WEIR_FOR_SAMPLING,
    WEIR_FOR_MEASURE
} weir_purpose;

typedef struct weir_rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    unsigned left; /* numbers of `block` not handed out yet */
} weir_rng;

/* The stream of (seed, purpose, a, b): a is a layer or parameter, b a step or example. */
weir_rng weir_rng_make(uint64_t seed, weir_purpose purpose, uint32_t a, uint64_t b);

uint32_t weir_rng_u32(weir_rng *rng);
double weir_rng_uniform(weir_rng *rng);              /* [0, 1), 53 bits */
double weir_rng_normal(weir_rng *rng);               /* mean 0, variance 1 (Box-Muller) */
size_t weir_rng_below(weir_rng *rng, size_t n);      /* 0 .. n-1, each equally likely */
void weir_rng_permute(weir_rng *rng, uint32_t *order, size_t n); /* 0 .. n-1 shuffled */

#endif
