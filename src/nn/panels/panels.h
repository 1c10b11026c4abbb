/* nn/panels/panels.h - rnn, lstm and gru in float32 by tiles (kernels.h): a line forward and back.
 * The reference is the loop in layers/recurrent.c; both fill the same tape but for the gates.
 *
 * Work is split over rows of the batch inside the recurrence, and over panels for the gradients of
 * weights. A row's numbers do not depend on the rows beside it, and sums over rows run in one
 * order: so the bits are the same on any number of threads.
 */
#ifndef WEIR_NN_PANELS_PANELS_H
#define WEIR_NN_PANELS_PANELS_H

#include "nn/layers/recurrent.h"

/* The kernels that this machine has and weir_set_kernels allows; NULL: none. AVX2 unless AVX-512 is
 * preferred: that has not been measured yet. */
const weir_panel_kernels *weir_panels_kernels(void);

/* The widest that this machine has, allowed or not; NULL: none. */
const weir_panel_kernels *weir_panels_widest(void);

/* The set of this name from here on, NULL: AVX2. For tests and benchmarks. */
void weir_panels_prefer(const char *name);

/* How a line is cut into panels. */
typedef struct weir_panel_plan {
    const weir_panel_kernels *kernels;
    weir_panel_cell cell;
    size_t T, B, I, H;
    size_t lanes, width;  /* of a vector, of a panel */
    size_t vectors;       /* of weights in a panel: 4, or 3 for a gru */
    size_t units, panels; /* hidden units of a panel; how many there are */
    size_t blocks;        /* of `width` hidden units, for the way back */
} weir_panel_plan;
weir_panel_plan weir_panel_plan_of(const weir_panel_kernels *kernels, const weir_cell *cell,
                                   const weir_recurrent_tape *tape, size_t I);

/* Vector j of panel p: the rows of a weight matrix it stands for, and the vector of the gate
 * gradients that belongs to it; hidden: of W_hh. */
typedef struct weir_panel_rows {
    size_t row, rows; /* the first, and how many are there */
    size_t vector;
} weir_panel_rows;
weir_panel_rows weir_panel_rows_of(const weir_panel_plan *plan, size_t p, size_t j, bool hidden);

/* W [GH, K] for the way forward, [panels, K, vectors * lanes], and for the way back,
 * [(K + width - 1) / width, panels * vectors * lanes, width]. */
size_t weir_panel_forward_size(const weir_panel_plan *plan, size_t K);
size_t weir_panel_back_size(const weir_panel_plan *plan, size_t K);
void weir_panel_pack_forward(const weir_panel_plan *plan, const real *W, size_t K, float *out);
void weir_panel_pack_back(const weir_panel_plan *plan, const real *W, size_t K, bool hidden,
                          float *out);

/* One step's gate gradients, or gates, [panels, B, width], as rows [B, GH]. */
void weir_panel_unpack(const weir_panel_plan *plan, const float *gate, bool hidden, real *rows);

/* The values of one gate over all steps, [T*B, H]: for whoever watches. */
void weir_panel_gate_rows(const weir_recurrent_tape *tape, const weir_line *line,
                          const weir_cell *cell, size_t gate, real *rows);

/* Groups of rows of the batch that are worked on side by side. */
size_t weir_panel_groups(const weir_panel_plan *plan);

/* weir_parallel, where so many multiplications (or copies) are worth waking the other threads. */
void weir_panel_parallel(size_t count, double work, void (*task)(void *self, size_t index),
                         void *self);

/* Fills line->panel_gate and the states behind the initial ones. */
weir_status weir_panels_forward(const weir_node *node, weir_pass *pass,
                                const weir_recurrent_tape *tape, size_t index,
                                const weir_cell *cell);

/* From dy, [T,B,D*H] or (last_only) [B,D*H]: the gradients of the line's parameters and initial
 * states; and of its input, dx [T,B,I], which is added to for the second direction. */
typedef struct weir_panels_way_back {
    const weir_cell *cell;
    const real *dy;
    bool last_only;
    real *dx; /* or NULL */
} weir_panels_way_back;
weir_status weir_panels_backward(const weir_node *node, weir_pass *pass,
                                 const weir_recurrent_tape *tape, size_t index,
                                 const weir_panels_way_back *way);

#endif
