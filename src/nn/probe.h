/* nn/probe.h - how somebody watches a pass. nn knows this interface and nobody behind it.
 *
 * Every hook is optional: (optional, default nothing happens). `wants` says which are called; it is
 * tested once per layer and step, never per number, so without a probe nothing is paid.
 */
#ifndef WEIR_NN_PROBE_H
#define WEIR_NN_PROBE_H

#include "nn/layer.h"

enum {
    WEIR_WANTS_ACTIVATION = 1,    /* activation */
    WEIR_WANTS_GATES = 2,         /* gates */
    WEIR_WANTS_GRAD_OUT = 4,      /* grad_out */
    WEIR_WANTS_TIME = 8,          /* grad_time */
    WEIR_WANTS_CONTRIBUTIONS = 16, /* step_contribution: norms */
    WEIR_WANTS_SHARES = 32,       /* step_contribution: signed shares too, one product more each */
    WEIR_WANTS_MATRICES = 64,     /* step_contribution: the matrix itself */
    WEIR_WANTS_GRAD_PARAM = 128,  /* grad_param, clipped, update: from the trainer */
    WEIR_WANTS_STATES = 256,      /* state */
    WEIR_WANTS_STATE_GRADS = 512  /* grad_state */
};

/* Where in a recurrent node: its layer, its direction (1: reverse), the step of the input. */
typedef struct weir_moment {
    const weir_node *node;
    size_t layer, direction, t, T;
} weir_moment;

typedef struct weir_probe {
    void *self;
    unsigned wants;

    /* A node's output, and for an activation its input z (NULL for the others). */
    void (*activation)(void *self, const weir_node *node, const weir_tensor *z,
                       const weir_tensor *y);
    /* One gate of a recurrent layer over all steps: value [rows, n] with rows `stride` apart, and
     * what the derivative is as a function of the value, with its maximum. */
    void (*gates)(void *self, const weir_moment *where, const char *gate, size_t rows, size_t n,
                  size_t stride, const real *value, real (*slope)(real value), double largest);
    /* The states of a recurrent layer after step t, [B,H] each; c is NULL where there is none. */
    void (*state)(void *self, const weir_moment *where, size_t n, const real *h, const real *c);
    /* dL/dy of a node. */
    void (*grad_out)(void *self, const weir_node *node, const weir_tensor *dy);
    /* |dL/dh_t| and |dL/dc_t|, total: through later steps too; 0 where there is no c. */
    void (*grad_time)(void *self, const weir_moment *where, double norm_h, double norm_c);
    /* The same as numbers, [B,H]; dc is NULL where there is no c. */
    void (*grad_state)(void *self, const weir_moment *where, size_t n, const real *dh,
                       const real *dc);
    /* The part of a parameter's gradient that enters at step t: its squared norm, with
     * WEIR_WANTS_SHARES <g_t, g> / <g, g>, with WEIR_WANTS_MATRICES g_t itself (else NULL). */
    void (*step_contribution)(void *self, const weir_moment *where,
                              const weir_parameter *parameter, double norm2, double share,
                              const real *matrix);
    /* From the trainer: a parameter's gradient before clipping; what clipping did; the step
     * taken. */
    void (*grad_param)(void *self, const weir_parameter *parameter);
    void (*clipped)(void *self, double norm, double factor);
    void (*update)(void *self, const weir_parameter *parameter, double delta_norm,
                   double value_norm);
} weir_probe;

#endif
