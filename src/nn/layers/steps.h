/* nn/layers/steps.h - the contribution of every time step to a weight's gradient, told to a probe:
 * its norm, its share, itself. For the recurrent layers. */
#ifndef WEIR_NN_LAYERS_STEPS_H
#define WEIR_NN_LAYERS_STEPS_H

#include "nn/pass.h"

enum { WEIR_WANTS_STEPS = WEIR_WANTS_CONTRIBUTIONS | WEIR_WANTS_SHARES | WEIR_WANTS_MATRICES };

/* A weight's gradient is d^T s over [T*B] rows, a bias's the sum of d (s NULL, n 1). */
typedef struct weir_step_product {
    const weir_parameter *parameter;
    const real *d, *s; /* [T,B,GH], [T,B,n] */
    size_t n;
} weir_step_product;

/* A line of a recurrent node. */
typedef struct weir_line_place {
    const weir_node *node;
    size_t line, D, T, B, GH;
} weir_line_place;

/* Tells pass->probe about every step's part of one parameter's gradient; total [GH,n] is their sum.
 * WEIR_MEMORY when there is none for scratch. */
weir_status weir_tell_steps(const weir_line_place *place, weir_pass *pass,
                            const weir_step_product *product, const real *total);

/* |d^T s|^2 for one step, d [B,GH], s [B,n], by two B x B Gram matrices, in double. */
double weir_step_norm2(size_t B, size_t GH, size_t n, const real *d, const real *s);

#endif
