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

enum { ROWS_APART = 16 };

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

/* One vector of a panel: its rows of a weight's gradient. */
static void add_weight(const weir_panel_back *w, size_t p, size_t j, bool hidden)
{
    const weir_panel_plan *plan = &w->plan;
    const float *D[WEIR_MOST_CHUNK], *S[WEIR_MOST_CHUNK];
    weir_panel_rows r = weir_panel_rows_of(plan, p, j, hidden);
    size_t n = hidden ? plan->H : plan->I, steps = w->high - w->low;
    for (size_t i = 0; i < steps; i++) {
        size_t t = weir_panel_time(w, w->low + i);
        D[i] = weir_panel_slot(w, w->low + i) + p * plan->B * plan->width + r.vector * plan->lanes;
        S[i] = hidden ? weir_state_before(w->k, w->line->state[0], w->direction, t)
                      : w->line->x + t * plan->B * n;
    }
    bool watched = w->norm2[hidden] && apart(w);
    weir_tile_weight tile = {.D = D, .S = S, .steps = steps, .B = plan->B, .S_stride = n,
                             .columns = n, .rows = r.rows, .C = w->total[hidden] + r.row * n,
                             .C_stride = n, .apart = apart(w),
                             .squares = watched ? part_of(w, hidden, p) : NULL};
    if (r.rows) plan->kernels->weight(&tile);
}

/* The same for a bias, in double. */
static void add_bias(const weir_panel_back *w, size_t p, size_t j, bool hidden)
{
    const weir_panel_plan *plan = &w->plan;
    weir_panel_rows r = weir_panel_rows_of(plan, p, j, hidden);
    for (size_t i = 0; i < w->high - w->low; i++) {
        const float *D =
            weir_panel_slot(w, w->low + i) + p * plan->B * plan->width + r.vector * plan->lanes;
        double sum[64] = {0}, squares = 0;
        for (size_t b = 0; b < plan->B; b++)
            for (size_t l = 0; l < plan->lanes; l++) sum[l] += (double)D[b * plan->width + l];
        for (size_t l = 0; l < r.rows; l++) {
            w->bias_sum[hidden][r.row + l] += sum[l];
            squares += sum[l] * sum[l];
        }
        if (w->norm2[2 + hidden]) part_of(w, 2 + hidden, p)[i] += squares;
    }
}

static void add_panel(void *self, size_t p)
{
    const weir_panel_back *w = self;
    for (size_t m = 0; m < WEIR_LINE_PARAMETERS && w->part; m++)
        memset(part_of(w, m, p), 0, w->chunk * sizeof *w->part);
    for (size_t j = 0; j < w->plan.vectors; j++)
        for (int hidden = 0; hidden < 2; hidden++) {
            add_weight(w, p, j, hidden);
            if (w->bias_sum[0]) add_bias(w, p, j, hidden);
        }
}

/* What the tiles could not tell, because rows are few or squares too small or large for float. */
static double exact_norm2(const weir_panel_back *w, size_t step, bool hidden)
{
    const weir_panel_plan *plan = &w->plan;
    size_t t = weir_panel_time(w, step), n = hidden ? plan->H : plan->I;
    const real *S = hidden ? weir_state_before(w->k, w->line->state[0], w->direction, t)
                           : w->line->x + t * plan->B * n;
    weir_panel_unpack(plan, weir_panel_slot(w, step), hidden, w->step_rows);
    return weir_step_norm2(plan->B, weir_panel_gate_count(plan), n, w->step_rows, S);
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
    if (!w->total[0]) return;
    double rows = (double)((w->high - w->low) * w->plan.B);
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

weir_status weir_panel_gradients_open(weir_panel_back *w)
{
    const weir_panel_plan *plan = &w->plan;
    weir_line_params params = weir_line_param(w->node, w->index);
    size_t GH = weir_panel_gate_count(plan), n[] = {plan->I, plan->H};
    if (!w->pass->param_grads && !weir_probe_wants(w->pass, WEIR_WANTS_STEPS)) return WEIR_OK;
    for (int hidden = 0; hidden < 2; hidden++) {
        w->total[hidden] = weir_work_reals(w->pass, GH * n[hidden]);
        if (!w->total[hidden]) return WEIR_MEMORY;
        weir_vec_zero(GH * n[hidden], w->total[hidden]);
        if (!params.b_ih) continue;
        w->total[2 + hidden] = weir_work_reals(w->pass, GH);
        w->bias_sum[hidden] = weir_arena_calloc(&w->pass->work, GH, sizeof(double));
        if (!w->total[2 + hidden] || !w->bias_sum[hidden]) return WEIR_MEMORY;
    }
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

weir_status weir_panel_gradients_close(weir_panel_back *w)
{
    const weir_panel_plan *plan = &w->plan;
    const weir_recurrent_tape *k = w->k;
    weir_line_params p = weir_line_param(w->node, w->index);
    weir_parameter *parameter[] = {p.w_ih, p.w_hh, p.b_ih, p.b_hh};
    size_t GH = weir_panel_gate_count(plan), n[] = {plan->I, plan->H, 1, 1};
    const real *h = weir_state_before(k, w->line->state[0], w->direction, 0);
    const real *s[] = {w->line->x, h, NULL, NULL};
    weir_line_place place = {w->node, w->index, k->D, k->T, k->B, GH};
    for (size_t m = 0; m < WEIR_LINE_PARAMETERS && w->total[m]; m++) {
        for (size_t i = 0; m >= 2 && i < GH; i++) w->total[m][i] = (real)w->bias_sum[m - 2][i];
        weir_step_product all = {parameter[m], w->rows[m % 2], s[m], n[m]};
        if (w->rows[0]) WEIR_TRY(weir_tell_steps(&place, w->pass, &all, w->total[m]));
        if (w->norm2[m]) tell_norms(w, m, parameter[m]);
        if (w->pass->param_grads) weir_vec_add(GH * n[m], w->total[m], parameter[m]->grad);
    }
    return WEIR_OK;
}
