/* nn/panels/kernels.h - panels of the recurrent layers, some rows of a batch at a time; compiled
 * once for each instruction set (kernels.c). float32 only. nn/panels calls them, nobody else.
 *
 *   panel     four vectors of `lanes` floats side by side, width = 4 lanes:
 *               lstm   i f g o  of `lanes` units
 *               gru    r z n u  of `lanes` units; u = W_hn h + b_hn is kept for the way back
 *               rnn    h        of `width` units
 *             units beyond H are padding: their weights are 0, and they are never stored as state
 *   gate      [panels, B, width] for every step: values after the nonlinearity, or gradients
 *   weights   [panels, K, n lanes]: what a panel multiplies k with; n is 4, or 3 for a gru
 */
#ifndef WEIR_NN_PANELS_KERNELS_H
#define WEIR_NN_PANELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum weir_panel_cell {
    WEIR_PANEL_LSTM,
    WEIR_PANEL_GRU,
    WEIR_PANEL_TANH,
    WEIR_PANEL_RELU,
    WEIR_PANEL_SIGMOID
} weir_panel_cell;

/* One panel of one step forward, for some rows of the batch. */
typedef struct weir_forward_work {
    size_t rows;
    const float *x;      /* [rows, I] */
    const float *h_prev; /* [rows, H] */
    const float *w_x, *w_h; /* this panel's */
    const float *bias;   /* [width], this panel's */
    size_t I, H, units;  /* units of this panel that are there */
    float *gate;         /* out: [rows, width] */
    float *h, *c;        /* out: at this panel's units; rows H apart. c of an lstm only */
    const float *c_prev; /* as c; a gru's: h_prev at this panel's units */
} weir_forward_work;

/* `width` hidden units of one step backward, for some rows. */
typedef struct weir_backward_work {
    size_t rows;
    const float *dgate_next; /* [panels, B, width] of the step behind, or NULL: none */
    const float *w_h;        /* [panels * n lanes, width]: these units' columns of W_hh */
    size_t panels, panel_stride; /* B * width */
    const float *dy;         /* gradient of the output at these units, or NULL; rows dy_stride on */
    size_t dy_stride, units, H; /* units that are there */
    const float *gate;       /* these units' first panel, as forward left it */
    const float *h_prev, *c, *c_prev; /* at these units; rows H apart */
    float *beside;           /* lstm: dc; gru: what passes W_hh by. [rows, width], at these units;
                              * in: from the step behind, out: to the one before */
    size_t beside_stride;
    float *sum;              /* scratch: [rows, width] */
    float *dgate;            /* out: these units' first panel */
    float *dh, *dc;          /* out: total dL/dh_t and dL/dc_t at these units, or NULL; rows H on */
    double *squares_h, *squares_c; /* += of every row, or NULL */
} weir_backward_work;

/* C [B, columns] (+)= the gate gradients times packed weights, for some steps: the gradient of an
 * input, or (hidden) of the initial state. */
typedef struct weir_product_work {
    size_t steps, B, panels;
    const float *const *D;   /* [steps] [panels, B, width] */
    const float *w;          /* [panels * n lanes, width] */
    float *sum;              /* scratch: [steps, B, width] */
    float *const *C;         /* [steps] [B, C_stride], at these columns */
    size_t C_stride, columns; /* at most width */
    bool add, hidden;
} weir_product_work;

/* C += D^T S of one panel, step by step: a weight's gradient, in blocks of `columns` columns. */
typedef struct weir_weight_work {
    size_t steps, B, n;      /* n columns */
    size_t vectors;          /* of D: 4, or 3 */
    bool skip;               /* the third of D is passed over, for the fourth */
    const float *const *D;   /* [steps] [B, width] */
    const float *S;          /* [blocks, steps * B, columns]; the last block's rows are as many
                              * vectors long as it needs, filled up with 0 */
    float *C;                /* [blocks, vectors * lanes, columns], the last block as in S */
    bool apart;              /* each step's part is summed on its own before it is added */
    double *squares;         /* [steps, lanes / 2] += squares of the parts, in any order; or NULL.
                              * apart only */
} weir_weight_work;

typedef struct weir_panel_kernels {
    const char *name;
    size_t lanes, rows; /* of a tile, at most */
    size_t columns;     /* of a block of a weight's gradient, at most */
    void (*forward)(weir_panel_cell cell, const weir_forward_work *work);
    void (*backward)(weir_panel_cell cell, const weir_backward_work *work);
    void (*product)(weir_panel_cell cell, const weir_product_work *work);
    void (*weight)(const weir_weight_work *work);
    /* out [K, out_stride], its first `lanes` columns: W [rows, K] the other way round, then 0 */
    void (*transpose)(const float *W, size_t rows, size_t K, float *out, size_t out_stride);
    void (*bias)(size_t rows, const float *D, float *sum); /* sum [width] = that of D's rows */
    /* n rounds of fused multiplications that wait for nothing: the peak. Returns how many
     * operations they were, two for each number of a vector. */
    double (*busy)(size_t n);
} weir_panel_kernels;

extern const weir_panel_kernels weir_panels_avx512, weir_panels_avx2;

#endif
