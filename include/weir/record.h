/* weir/record.h - plain structs that everybody may speak: what a training run looked like.
 *
 *   weir_flow_record
 *     node[], param[], line[]   the net; a line is one recurrent layer in one direction
 *     loss[]                    every step: loss, gradient norm, what clipping did
 *     eval[]                    now and then: the loss on the fixed evaluation batches
 *     sample[]                  now and then: the flow through every node, parameter, line and lag
 *
 * A record is engine-neutral: it can come from Weir's trainer, from a stored run, or from another
 * framework's logs. What was not measured is NaN, or NULL. Definitions: docs/architecture.md, "What
 * is measured". Norms are Frobenius norms; rms is norm / sqrt(count).
 */
#ifndef WEIR_RECORD_H
#define WEIR_RECORD_H

#include "weir/base.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

/* What part a layer plays. */
typedef enum weir_part {
    WEIR_PLUMBING,   /* flatten, add, dropout, max_pool2d, identity */
    WEIR_WEIGHTED,   /* linear, embedding, conv2d */
    WEIR_ACTIVATION, /* elementwise, has a slope */
    WEIR_NORMALISER, /* batch norm, layer norm */
    WEIR_RECURRENT   /* owns a time loop and states */
} weir_part;

typedef struct weir_record_node {
    const char *name, *kind;
    weir_part part;
    size_t inputs;
    const size_t *input; /* indices of nodes; SIZE_MAX is the batch */
    size_t features;     /* units of its output: features, or the channels of [B,C,..] */
    size_t parameters;   /* numbers it learns */
    size_t fan_in;       /* of a weighted node, else 0 */
    double largest_slope; /* of an activation, else NaN */
} weir_record_node;

typedef struct weir_record_param {
    const char *name;
    size_t node, count;
    bool weight; /* a matrix, not a bias or a scale */
} weir_record_param;

enum { WEIR_RECORD_GATES = 4 };

typedef struct weir_record_line {
    size_t node, layer, direction; /* direction 1 runs backwards in time */
    size_t T, hidden;
    bool bounded; /* its state is squashed (tanh, sigmoid), so it can saturate */
    size_t gates;
    const char *gate[WEIR_RECORD_GATES]; /* "input", "forget", .. */
} weir_record_line;

typedef struct weir_node_flow {
    double mean, variance;        /* of its output */
    double grad_norm, grad_rms;   /* |dL/dy| */
    double saturated;             /* share of units with |f'(z)| below 1 % of its maximum */
    double dead;                  /* share of units with f' = 0 on all of the last 3 samples; a
                                   * channel of images is a unit, dead where it is so everywhere */
} weir_node_flow;

typedef struct weir_param_flow {
    double grad_norm;  /* |dL/dp|, before clipping */
    double value_norm; /* |p| before the step */
    double delta_norm; /* |step taken|; the update ratio is delta_norm / value_norm */
} weir_param_flow;

typedef struct weir_line_flow {
    double *grad_h, *grad_c;       /* [T] |dL/dh_t|, |dL/dc_t|, total; grad_c NULL without a cell */
    double *contribution_ih, *contribution_hh; /* [T] |g_t| of weight_ih and weight_hh */
    double *share_ih, *share_hh;   /* [T] signed <g_t, g> / <g, g>; sum to 1 */
    double gate_mean[WEIR_RECORD_GATES], gate_saturated[WEIR_RECORD_GATES];
} weir_line_flow;

/* For a loss at step m alone: G(k) = |dL_m/ds_{m-k}| / |dL_m/ds_m|, geometric mean over several m.
 * Values below 1e-30 are 0; lags that no m reaches are NaN. */
typedef struct weir_lag_flow {
    size_t lags;              /* k = 0 .. lags-1; 0: no gradient came to this line */
    double *h, *c, *joint;    /* [lags]; c NULL without a cell; the joint one decides */
    size_t horizon;           /* smallest k with G < 1/e;  == lags: not reached */
    size_t reach;             /* smallest k with G < 0.01; == lags: not reached */
    double half_life;         /* steps, from the slope of ln G; infinity or negative: it grows */
    double gain;              /* factor per step: exp of that slope */
} weir_lag_flow;

typedef struct weir_sample {
    uint64_t step;
    double loss;
    weir_node_flow *node;   /* [nodes] */
    weir_param_flow *param; /* [params] */
    weir_line_flow *line;   /* [lines] */
    weir_lag_flow *lag;     /* [lines], or NULL where this sample has none */
} weir_sample;

typedef struct weir_loss_point {
    uint64_t step;
    double loss;      /* what is minimised: penalties included */
    double penalty;   /* their part of it */
    double mean;      /* of the rest, per element that counts, whatever the reduction */
    double grad_norm; /* before clipping */
    double lr;
    double clip; /* the factor clipping applied; 1: it did not engage */
} weir_loss_point;

typedef struct weir_eval_point {
    uint64_t step;  /* steps taken before it */
    double loss;    /* on the fixed evaluation batches: mean per element, penalties left out */
    double error;   /* its standard error, for the difference to the constant predictor */
    double gain;    /* constant predictor's loss minus this loss, example by example: the mean */
    double accuracy; /* NaN where the loss has no guesses */
} weir_eval_point;

/* The first number that was not finite. */
typedef struct weir_nonfinite {
    bool found;
    uint64_t step;      /* as everywhere in a record the first one is 0; sentences count from 1 */
    const char *tensor; /* "input", "target", "activation", "loss", "gradient", "parameter" */
    const char *where;  /* a node's or a parameter's name */
    size_t node;        /* SIZE_MAX where there is none */
    size_t time;        /* the time step; SIZE_MAX where there is none */
} weir_nonfinite;

typedef struct weir_flow_record {
    const char *source; /* "weir" */
    uint64_t seed, steps;
    size_t nodes, params, lines;
    weir_record_node *node;
    weir_record_param *param;
    weir_record_line *line;
    size_t losses, evals, samples;
    weir_loss_point *loss;
    weir_eval_point *eval;
    weir_sample *sample;
    weir_nonfinite nonfinite;
    double constant_loss; /* what the best constant predictor reaches on the evaluation batches */
    double constant_train_loss; /* and on the training data */
    bool same_targets; /* all targets of the training data are the same: nothing can be learned */
    bool diverged;        /* the run was stopped because of a number that is not finite */
    double clip_max_norm; /* NaN: the run does not clip by norm */
    size_t window;        /* time steps of a batch; 0: no sequence */
    bool loss_at_every_step;
    void *memory; /* owns all of the above */
} weir_flow_record;

/* NULL when there is no memory. */
weir_flow_record *weir_record_new(void);
void weir_record_free(weir_flow_record *record);

/* The factor by which |dL/dy| changes per layer on the way back: exp of the slope of ln |dL/dy|
 * over the layers with weights. (Norms, not rms: a well-scaled layer keeps the norm whatever its
 * width.) NaN with fewer than three such layers or without gradients. *layers (may be NULL): how
 * many there were. */
double weir_depth_gain(const weir_flow_record *record, const weir_sample *sample, size_t *layers);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
