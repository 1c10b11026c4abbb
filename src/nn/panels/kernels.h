/* nn/panels/kernels.h - tiles of the recurrent layers, a few rows of a batch by one panel; compiled
 * once for each instruction set (kernels.c). float32 only. panels.c calls them, nobody else.
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
typedef struct weir_tile_forward {
    const float *x;      /* [rows, I] */
    const float *h_prev; /* [rows, H] */
    const float *w_x, *w_h; /* this panel's */
    const float *bias;   /* [width], this panel's */
    size_t I, H, units;  /* units of this panel that are there */
    float *gate;         /* out: [rows, width] */
    float *h, *c;        /* out: at this panel's units; rows H apart. c of an lstm only */
    const float *c_prev; /* as c; a gru's: h_prev at this panel's units */
} weir_tile_forward;

/* `width` hidden units of one step backward, for some rows. */
typedef struct weir_tile_backward {
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
    float *dgate;            /* out: these units' first panel */
    float *dh, *dc;          /* out: total dL/dh_t and dL/dc_t at these units, or NULL; rows H on */
    double *squares_h, *squares_c; /* += of every row, or NULL */
} weir_tile_backward;

/* C [rows, n] (+)= the gate gradients times packed weights: the gradient of an input, or (hidden)
 * of the initial state. */
typedef struct weir_tile_product {
    const float *dgate;      /* [panels, B, width], at these rows */
    const float *w;          /* [panels * n lanes, width] */
    size_t panels, panel_stride;
    float *C;
    size_t C_stride, columns; /* at most width */
    bool add, hidden;
} weir_tile_product;

/* C [lanes, columns] += D^T S: the rows of a weight's gradient that one vector of a panel stands
 * for, step by step. */
typedef struct weir_tile_weight {
    const float *const *D;  /* [steps] where each step's [B, width] begins, at this vector */
    const float *const *S;  /* [steps] [B, S_stride] */
    size_t steps, B, S_stride, columns;
    size_t rows;            /* of C that are there, at most lanes */
    float *C;
    size_t C_stride;
    bool apart;             /* each step's part is summed on its own before it is added */
    double *squares;        /* [steps] += squared norms of the parts, or NULL; apart only */
} weir_tile_weight;

typedef struct weir_panel_kernels {
    const char *name;
    size_t lanes, rows; /* of a tile, at most */
    void (*forward)(weir_panel_cell cell, const weir_tile_forward *tile, size_t rows);
    void (*backward)(weir_panel_cell cell, const weir_tile_backward *tile, size_t rows);
    void (*product)(weir_panel_cell cell, const weir_tile_product *tile, size_t rows);
    void (*weight)(const weir_tile_weight *tile);
    /* n rounds of fused multiplications that wait for nothing: the peak. Returns how many
     * operations they were, two for each number of a vector. */
    double (*busy)(size_t n);
} weir_panel_kernels;

extern const weir_panel_kernels weir_panels_avx512, weir_panels_avx2;

#endif
