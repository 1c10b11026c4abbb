/* The weights' gradients of a line, chunk by chunk, and the part of every step in them.
 *
 *   dL/dW_ih = sum_t dgate_t^T x_t,  dL/dW_hh = sum_t drec_t^T h_{t-1},  dL/db = sum_t dgate_t
 *
 * With enough rows every step's part is summed on its own before it is added, watched or not, so
 * that its norm can be taken on the way. The others' norms are exact without it: for few rows two
 * Gram matrices are cheap (nn/layers/steps.h).
 */
#include "nn/panels/back.h"

#include "base/status.h"
#include "tensor/vec.h"

#include <string.h>

enum { ROWS_APART = 16, MOST_LANES = 16 };

static const double least = 1e-30; /* below it, squares in float may have been lost */

static bool apart(const weir_panel_back *w)
{
    return w->plan.B >= ROWS_APART;
}

static double *part_of(const weir_panel_back *w, size_t parameter, size_t p)
{
    return w->part + (parameter * w->plan.panels + p) * w->chunk;
}

/* --- a chunk ---------------------------------------------------------------------------------- */

static size_t columns_of(const weir_panel_back *w, bool hidden)
{
    return hidden ? w->plan.H : w->plan.I;
}

/* What a weight is multiplied with at a step: [B, columns_of]. */
static const real *source(const weir_panel_back *w, size_t step, bool hidden)
{
    size_t t = weir_panel_time(w, step);
    return hidden ? weir_state_before(w->k, w->line->state[0], w->direction, t)
                  : w->line->x + t * w->plan.B * w->plan.I;
}

/* The columns of a block, filled up to whole vectors. */
static size_t block_width(const weir_panel_plan *plan, size_t n, size_t block)
{
    size_t left = n - block * plan->kernels->columns;
    if (left >= plan->kernels->columns) return plan->kernels->columns;
    return (left + plan->lanes - 1) / plan->lanes * plan->lanes;
}

static size_t block_count(const weir_panel_plan *plan, size_t n)
{
    return (n + plan->kernels->columns - 1) / plan->kernels->columns;
}

static size_t padded(const weir_panel_plan *plan, size_t n)
{
    return (n + plan->lanes - 1) / plan->lanes * plan->lanes;
}

/* Of one panel's rows of a weight's gradient. */
static size_t panel_size(const weir_panel_plan *plan, size_t n)
{
    return plan->vectors * plan->lanes * padded(plan, n);
}

/* Where a block begins among rows of so many floats a column. */
static size_t block_start(const weir_panel_plan *plan, size_t block, size_t rows)
{
    return block * plan->kernels->columns * rows;
}

/* x or h of the chunk's steps, in blocks of columns. */
static void pack_block(const weir_panel_back *w, bool hidden, size_t block)
{
    const weir_panel_plan *plan = &w->plan;
    size_t n = columns_of(w, hidden), steps = w->high - w->low, width = block_width(plan, n, block);
    size_t column = block * plan->kernels->columns, there = n - column < width ? n - column : width;
    float *out = w->packed[hidden] + block_start(plan, block, steps * plan->B);
    for (size_t step = w->low; step < w->high; step++) {
        const real *row = source(w, step, hidden) + column;
        for (size_t b = 0; b < plan->B; b++, row += n, out += width) {
            memcpy(out, row, there * sizeof *out);
            memset(out + there, 0, (width - there) * sizeof *out);
        }
    }
}

static void pack_task(void *self, size_t task)
{
    const weir_panel_back *w = self;
    size_t blocks = block_count(&w->plan, w->plan.I);
    pack_block(w, task >= blocks, task >= blocks ? task - blocks : task);
}

/* A panel's rows of a weight's gradient. */
static void add_weight(const weir_panel_back *w, size_t p, bool hidden)
{
    const weir_panel_plan *plan = &w->plan;
    const float *D[WEIR_MOST_CHUNK];
    double squares[WEIR_MOST_CHUNK / ROWS_APART * MOST_LANES / 2];
    size_t n = columns_of(w, hidden), steps = w->high - w->low, half = plan->lanes / 2;
    for (size_t i = 0; i < steps; i++)
        D[i] = weir_panel_slot(w, w->low + i) + p * plan->B * plan->width;
    bool watched = w->norm2[hidden] && apart(w);
    if (watched) memset(squares, 0, steps * half * sizeof *squares);
    weir_weight_work work = {
        .steps = steps, .B = plan->B, .n = n, .vectors = plan->vectors,
        .skip = hidden && plan->cell == WEIR_PANEL_GRU, .D = D, .S = w->packed[hidden],
        .C = w->weight[hidden] + p * panel_size(plan, n), .apart = apart(w),
        .squares = watched ? squares : NULL};
    plan->kernels->weight(&work);
    for (size_t i = 0; watched && i < steps * half; i++)
        part_of(w, hidden, p)[i / half] += squares[i];
}

/* The same for the biases, over steps in double. */
static void add_bias(const weir_panel_back *w, size_t p)
{
    const weir_panel_plan *plan = &w->plan;
    float sum[4 * MOST_LANES];
    for (size_t i = 0; i < w->high - w->low; i++) {
        plan->kernels->bias(plan->B, weir_panel_slot(w, w->low + i) + p * plan->B * plan->width,
                            sum);
        for (size_t j = 0; j < 2 * plan->vectors; j++) {
            bool hidden = j >= plan->vectors;
            weir_panel_rows r = weir_panel_rows_of(plan, p, j % plan->vectors, hidden);
            const float *part = sum + r.vector * plan->lanes;
            double squares = 0;
            for (size_t l = 0; l < r.rows; l++) {
                w->bias_sum[hidden][r.row + l] += (double)part[l];
                squares += (double)part[l] * (double)part[l];
            }
            if (w->norm2[2 + hidden]) part_of(w, 2 + hidden, p)[i] += squares;
        }
    }
}

static void add_panel(void *self, size_t p)
{
    const weir_panel_back *w = self;
    for (size_t m = 0; m < WEIR_LINE_PARAMETERS && w->part; m++)
        memset(part_of(w, m, p), 0, w->chunk * sizeof *w->part);
    add_weight(w, p, false);
    add_weight(w, p, true);
    if (w->bias_sum[0]) add_bias(w, p);
}

/* What the tiles could not tell, because rows are few or squares too small or large for float. */
static double exact_norm2(const weir_panel_back *w, size_t step, bool hidden)
{
    const weir_panel_plan *plan = &w->plan;
    weir_panel_unpack(plan, weir_panel_slot(w, step), hidden, w->step_rows);
    return weir_step_norm2(plan->B, weir_panel_gate_count(plan), columns_of(w, hidden),
                           w->step_rows, source(w, step, hidden));
}

/* The norms of the chunk's steps, from all panels in their order. */
static void keep_norms(const weir_panel_back *w)
{
    for (size_t m = 0; m < WEIR_LINE_PARAMETERS; m++)
        for (size_t i = 0; w->norm2[m] && i < w->high - w->low; i++) {
            double sum = 0;
            for (size_t p = 0; p < w->plan.panels; p++) sum += part_of(w, m, p)[i];
            bool weight = m < 2, told = apart(w) && sum > least && isfinite(sum);
            if (weight && !told) sum = exact_norm2(w, w->low + i, m == 1);
            w->norm2[m][weir_panel_time(w, w->low + i)] = sum;
        }
}

void weir_panel_gradients_of_chunk(weir_panel_back *w)
{
    size_t step_count = w->plan.B * weir_panel_gate_count(&w->plan);
    if (!w->weight[0]) return;
    size_t blocks = block_count(&w->plan, w->plan.I) + block_count(&w->plan, w->plan.H);
    double rows = (double)((w->high - w->low) * w->plan.B);
    weir_panel_parallel(blocks, rows * (double)(w->plan.I + w->plan.H), pack_task, w);
    double work = rows * (double)weir_panel_forward_size(&w->plan, w->plan.I + w->plan.H);
    weir_panel_parallel(w->plan.panels, work, add_panel, w);
    if (w->norm2[0]) keep_norms(w);
    for (int hidden = 0; hidden < 2 && w->rows[hidden]; hidden++)
        for (size_t step = w->low; step < w->high; step++)
            weir_panel_unpack(&w->plan, weir_panel_slot(w, step), hidden,
                              w->rows[hidden] + weir_panel_time(w, step) * step_count);
}

/* --- before and after ------------------------------------------------------------------------- */

/* Shares and matrices need all steps as rows; norms are taken on the way. */
static weir_status open_steps(weir_panel_back *w)
{
    const weir_panel_plan *plan = &w->plan;
    size_t step_count = plan->B * weir_panel_gate_count(plan);
    weir_arena *work = &w->pass->work;
    if (weir_probe_wants(w->pass, WEIR_WANTS_SHARES | WEIR_WANTS_MATRICES)) {
        for (int hidden = 0; hidden < 2; hidden++)
            if (!(w->rows[hidden] = weir_work_reals(w->pass, plan->T * step_count)))
                return WEIR_MEMORY;
    } else if (weir_probe_wants(w->pass, WEIR_WANTS_CONTRIBUTIONS)) {
        size_t parameters = w->bias_sum[0] ? 4 : 2;
        for (size_t m = 0; m < parameters; m++)
            if (!(w->norm2[m] = weir_arena_calloc(work, plan->T, sizeof **w->norm2)))
                return WEIR_MEMORY;
        w->part = weir_arena_calloc(work, WEIR_LINE_PARAMETERS * plan->panels * w->chunk,
                                    sizeof *w->part);
        w->step_rows = weir_work_reals(w->pass, step_count);
        if (!w->part || !w->step_rows) return WEIR_MEMORY;
    }
    return WEIR_OK;
}

static weir_status open_parameters(weir_panel_back *w)
{
    const weir_panel_plan *plan = &w->plan;
    bool bias = weir_line_param(w->node, w->index).b_ih != NULL;
    for (int hidden = 0; hidden < 2; hidden++) {
        size_t n = columns_of(w, hidden), count = plan->panels * panel_size(plan, n);
        w->weight[hidden] = weir_work_reals(w->pass, count);
        w->packed[hidden] = weir_work_reals(w->pass, w->chunk * plan->B * padded(plan, n));
        if (!w->weight[hidden] || !w->packed[hidden]) return WEIR_MEMORY;
        weir_vec_zero(count, w->weight[hidden]);
        if (!bias) continue;
        w->bias_sum[hidden] =
            weir_arena_calloc(&w->pass->work, weir_panel_gate_count(plan), sizeof(double));
        if (!w->bias_sum[hidden]) return WEIR_MEMORY;
    }
    return WEIR_OK;
}

weir_status weir_panel_gradients_open(weir_panel_back *w)
{
    if (!w->pass->param_grads && !weir_probe_wants(w->pass, WEIR_WANTS_STEPS)) return WEIR_OK;
    WEIR_TRY(open_parameters(w));
    return open_steps(w);
}

static void tell_norms(const weir_panel_back *w, size_t m, const weir_parameter *parameter)
{
    const weir_probe *probe = w->pass->probe;
    for (size_t t = 0; t < w->plan.T; t++) {
        weir_moment where = {w->node, w->index / w->k->D, w->direction, t, w->plan.T};
        probe->step_contribution(probe->self, &where, parameter, w->norm2[m][t], (double)NAN, NULL);
    }
}

/* One vector of a panel: rows of a weight's gradient. */
static void add_rows(const weir_panel_back *w, size_t p, size_t j, bool hidden, real *grad)
{
    const weir_panel_plan *plan = &w->plan;
    size_t n = columns_of(w, hidden);
    weir_panel_rows r = weir_panel_rows_of(plan, p, j, hidden);
    const float *panel = w->weight[hidden] + p * panel_size(plan, n);
    for (size_t block = 0; block < block_count(plan, n); block++) {
        size_t column = block * plan->kernels->columns, width = block_width(plan, n, block);
        size_t there = n - column < width ? n - column : width;
        const float *from = panel + block_start(plan, block, plan->vectors * plan->lanes) +
                            j * plan->lanes * width;
        for (size_t l = 0; l < r.rows; l++)
            weir_vec_add(there, from + l * width, grad + (r.row + l) * n + column);
    }
}

/* grad += a parameter's gradient, as it is shaped. */
static void add_total(const weir_panel_back *w, size_t m, real *grad)
{
    if (m >= 2)
        for (size_t i = 0; i < weir_panel_gate_count(&w->plan); i++)
            grad[i] += (real)w->bias_sum[m - 2][i];
    else
        for (size_t p = 0; p < w->plan.panels; p++)
            for (size_t j = 0; j < w->plan.vectors; j++) add_rows(w, p, j, m == 1, grad);
}

/* Tells of every step and its share in the whole. */
static weir_status tell_rows(const weir_panel_back *w, size_t m, const weir_parameter *parameter)
{
    size_t GH = weir_panel_gate_count(&w->plan), n = m < 2 ? columns_of(w, m == 1) : 1;
    weir_line_place place = {w->node, w->index, w->k->D, w->k->T, w->k->B, GH};
    const real *s[] = {w->line->x, weir_state_before(w->k, w->line->state[0], w->direction, 0),
                       NULL, NULL};
    weir_step_product all = {parameter, w->rows[m % 2], s[m], n};
    real *total = weir_work_reals(w->pass, GH * n);
    if (!total) return WEIR_MEMORY;
    weir_vec_zero(GH * n, total);
    add_total(w, m, total);
    return weir_tell_steps(&place, w->pass, &all, total);
}

weir_status weir_panel_gradients_close(weir_panel_back *w)
{
    weir_line_params p = weir_line_param(w->node, w->index);
    weir_parameter *parameter[] = {p.w_ih, p.w_hh, p.b_ih, p.b_hh};
    for (size_t m = 0; m < WEIR_LINE_PARAMETERS && w->weight[0] && parameter[m]; m++) {
        if (w->rows[0]) WEIR_TRY(tell_rows(w, m, parameter[m]));
        if (w->norm2[m]) tell_norms(w, m, parameter[m]);
        if (w->pass->param_grads) add_total(w, m, parameter[m]->grad);
    }
    return WEIR_OK;
}
