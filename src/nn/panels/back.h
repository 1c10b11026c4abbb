/* nn/panels/back.h - a line's way back, shared by backward.c (through time) and gradients.c (the
 * weights). Steps go in chunks, so that gate gradients are used while they are near:
 *
 *   chunk   the recurrence over some steps, latest first       rows of the batch side by side
 *           the weights' gradients, and the input's            panels side by side
 *
 * `step` counts along the line; t is the step of the input. A ring of slots holds the gate
 * gradients of a chunk's steps and of the one behind it.
 */
#ifndef WEIR_NN_PANELS_BACK_H
#define WEIR_NN_PANELS_BACK_H

#include "nn/layers/steps.h"
#include "nn/panels/panels.h"

/* weight_ih, weight_hh, bias_ih, bias_hh: what a line has. A chunk has about 128 rows, so that its
 * gate gradients lie in the nearer caches. */
enum { WEIR_LINE_PARAMETERS = 4, WEIR_MOST_CHUNK = 128 };

typedef struct weir_panel_back {
    weir_panel_plan plan;
    const weir_node *node;
    weir_pass *pass;
    const weir_recurrent_tape *k;
    const weir_line *line;
    const weir_panels_way_back *way;
    size_t index, direction, groups, truncate;

    size_t chunk, slots, low, high; /* steps of a chunk; the one under way: low .. high-1 */
    float *ring;                    /* [slots, panels, B, width] */
    float *w_h, *w_x;               /* packed for the way back; w_x NULL: no dx */
    float *beside;                  /* [B, blocks * width]: dc of an lstm, a gru's past W_hh */
    float *sum;                     /* [B, width]: dL/dh_t on the way */
    float *dx_sum;                  /* [chunk, B, input blocks * width]: dx on the way */
    double *square_h, *square_c;    /* [T, B] |dL/dh_t|^2 of every row, or NULL */
    real *dh, *dc;                  /* [chunk, B, H], or NULL */

    float *weight[2];                    /* of weights, by panels (weir_weight_work's C), or NULL */
    float *packed[2];                    /* a chunk's x and h, in blocks of columns (its S) */
    double *bias_sum[2];                 /* [GH], or NULL */
    double *norm2[WEIR_LINE_PARAMETERS]; /* [T] of every step's part, or NULL */
    double *part;                        /* [parameters, panels, chunk] on the way there */
    real *rows[2];                       /* [T, B, GH] dgate, drec as rows, or NULL */
    real *step_rows;                     /* [B, GH] */
} weir_panel_back;

static inline float *weir_panel_slot(const weir_panel_back *w, size_t step)
{
    const weir_panel_plan *p = &w->plan;
    return w->ring + step % w->slots * p->panels * p->B * p->width;
}
static inline size_t weir_panel_time(const weir_panel_back *w, size_t step)
{
    return w->direction ? w->plan.T - 1 - step : step;
}
static inline size_t weir_panel_gate_count(const weir_panel_plan *p)
{
    return p->H * (p->units == p->width ? 1 : p->vectors);
}

/* Memory, once the plan is made; a chunk's part of the gradients; and what is told and added when
 * all chunks are through. */
weir_status weir_panel_gradients_open(weir_panel_back *back);
void weir_panel_gradients_of_chunk(weir_panel_back *back);
weir_status weir_panel_gradients_close(weir_panel_back *back);

#endif
