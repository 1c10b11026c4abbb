/* The time loop of rnn, lstm and gru, backwards.
 *
 *   dL/dh_t = dy_t + dL/da_{t+1} W_hh (+ what the cell passes by)   total, through later steps too
 *   g_t     = (dL/da_t)^T x_t, (dL/da_t)^T h_{t-1}                  the contribution of step t
 *   dL/dW   = sum_t g_t                                             one product over all steps
 *
 * Source: Werbos 1990, "Backpropagation through time"; the split into steps as in Pascanu,
 * Mikolov & Bengio 2013, eq. 3.
 */
#include "base/status.h"
#include "nn/layers/recurrent.h"
#include "nn/layers/steps.h"
#include "nn/panels/panels.h"
#include "tensor/gemm.h"
#include "tensor/vec.h"

struct back {
    const weir_node *node;
    weir_pass *pass;
    const weir_recurrent_tape *k;
    const weir_cell *cell;
    size_t GH;
    real *dgate, *drec;          /* [T,B,GH]; the same memory unless the cell keeps them apart */
    real *dh, *dh_prev;          /* [B,H] */
    real *dc_later, *dc, *dc_prev; /* [B,H] or NULL */
};

static weir_status open_back(struct back *w)
{
    const weir_recurrent_tape *k = w->k;
    size_t BH = k->B * k->H, TBGH = k->T * k->B * w->GH;
    w->dgate = weir_work_reals(w->pass, TBGH);
    w->drec = w->cell->separate ? weir_work_reals(w->pass, TBGH) : w->dgate;
    real *step = weir_work_reals(w->pass, 5 * BH);
    if (!w->dgate || !w->drec || !step) return WEIR_MEMORY;
    w->dh = step;
    w->dh_prev = step + BH;
    bool two = w->node->kind->states == 2;
    w->dc_later = two ? step + 2 * BH : NULL;
    w->dc = two ? step + 3 * BH : NULL;
    w->dc_prev = two ? step + 4 * BH : NULL;
    return WEIR_OK;
}

/* dh += dy_t, the gradient of this step's output: [B, D*H] at step t, none beyond the length. */
static void add_output_gradient(const struct back *w, size_t direction, size_t t, const real *dy)
{
    size_t H = w->k->H, D = w->k->D;
    for (size_t b = 0; b < w->k->B; b++)
        if (!weir_row_ended(w->pass, b, t))
            weir_vec_add(H, dy + (b * D + direction) * H, w->dh + b * H);
}

/* A sequence that has ended passes its gradients on as they are: there was no step to go back. */
static void pass_ended(const struct back *w, size_t t, real *dgate, real *drec)
{
    size_t H = w->k->H;
    for (size_t b = 0; b < w->k->B; b++) {
        if (!weir_row_ended(w->pass, b, t)) continue;
        weir_vec_zero(w->GH, dgate + b * w->GH);
        weir_vec_zero(w->GH, drec + b * w->GH);
        weir_vec_copy(H, w->dh + b * H, w->dh_prev + b * H);
        if (!w->dc) continue;
        weir_vec_copy(H, w->dc_later + b * H, w->dc + b * H);
        weir_vec_copy(H, w->dc_later + b * H, w->dc_prev + b * H);
    }
}

static void swap(real **a, real **b)
{
    real *kept = *a;
    *a = *b;
    *b = kept;
}

/* One step back: dh, dc_later hold what arrived from later steps, and afterwards what goes to
 * earlier. */
static void step_back(struct back *w, size_t index, size_t t, const weir_parameter *w_hh,
                      const real *dy)
{
    const weir_recurrent_tape *k = w->k;
    const weir_line *line = &k->line[index];
    size_t direction = index % k->D, BH = k->B * k->H;
    if (dy) add_output_gradient(w, direction, t, dy);
    real *dgate = w->dgate + t * k->B * w->GH, *drec = w->drec + t * k->B * w->GH;
    const real *h = line->state[0], *c = line->state[1];
    weir_cell_back step = {
        .options = w->node->options, .B = k->B, .H = k->H, .gate = line->gate + t * k->B * w->GH,
        .extra = line->extra ? line->extra + t * BH : NULL,
        .h_prev = weir_state_before(k, h, direction, t), .h = weir_state_after(k, h, direction, t),
        .c_prev = c ? weir_state_before(k, c, direction, t) : NULL,
        .c = c ? weir_state_after(k, c, direction, t) : NULL, .dh = w->dh,
        .dc_later = w->dc_later, .dc = w->dc,
        .dgate = dgate, .drec = drec, .dh_prev = w->dh_prev, .dc_prev = w->dc_prev};
    w->cell->backward(&step);
    if (w->pass->lengths) pass_ended(w, t, dgate, drec);
    const weir_probe *probe = w->pass->probe;
    weir_moment where = {w->node, index / k->D, direction, t, k->T};
    if (weir_probe_wants(w->pass, WEIR_WANTS_TIME)) {
        double norm_c = w->dc ? weir_vec_norm2(BH, w->dc) : 0;
        probe->grad_time(probe->self, &where, weir_vec_norm2(BH, w->dh), norm_c);
    }
    if (weir_probe_wants(w->pass, WEIR_WANTS_STATE_GRADS))
        probe->grad_state(probe->self, &where, BH, w->dh, w->dc);
    weir_gemm(WEIR_N, WEIR_N, k->B, k->H, w->GH, R(1.0), drec, w->GH, w_hh->value, k->H, R(1.0),
              w->dh_prev, k->H);
    swap(&w->dh, &w->dh_prev);
    if (w->dc) swap(&w->dc_later, &w->dc_prev);
}

/* The whole line: dy is [T,B,D*H], or [B,D*H] for the last step alone. */
static void line_back(struct back *w, size_t index, const real *dy, bool last_only)
{
    const weir_recurrent_tape *k = w->k;
    const weir_recurrent *o = w->node->options;
    size_t BH = k->B * k->H, width = k->B * k->D * k->H, direction = index % k->D;
    weir_vec_zero(BH, w->dh);
    if (w->dc) weir_vec_zero(BH, w->dc_later);
    for (size_t s = k->T; s-- > 0;) { /* s counts in the direction of the line */
        size_t t = direction ? k->T - 1 - s : s;
        if (last_only && s + 1 == k->T) /* where ended sequences hold their state: no length here */
            for (size_t b = 0; b < k->B; b++)
                weir_vec_copy(k->H, dy + (b * k->D + direction) * k->H, w->dh + b * k->H);
        step_back(w, index, t, weir_line_param(w->node, index).w_hh,
                  last_only ? NULL : dy + t * width);
        if (o->truncate && (k->T - s) % o->truncate == 0) {
            weir_vec_zero(BH, w->dh);
            if (w->dc) weir_vec_zero(BH, w->dc_later);
        }
    }
}

static void keep_initial_gradients(const struct back *w, size_t index)
{
    size_t BH = w->k->B * w->k->H;
    weir_states *states = &w->pass->tape[w->node->index].states;
    weir_vec_copy(BH, w->dh, states->grad_initial[0] + index * BH);
    if (w->dc) weir_vec_copy(BH, w->dc_later, states->grad_initial[1] + index * BH);
}

/* --- weight gradients ------------------------------------------------------------------------- */

/* A weight's gradient is one product over all steps. */
static weir_status parameter_gradient(const struct back *w, size_t index,
                                      const weir_step_product *p)
{
    size_t rows = w->k->T * w->k->B, GH = w->GH;
    bool tell = weir_probe_wants(w->pass, WEIR_WANTS_STEPS);
    if (!w->pass->param_grads && !tell) return WEIR_OK;
    /* Into scratch first, so that the sum over steps has the same bits with and without a probe. */
    real *total = weir_work_reals(w->pass, GH * p->n);
    if (!total) return WEIR_MEMORY;
    if (p->s) {
        weir_gemm(WEIR_T, WEIR_N, GH, p->n, rows, R(1.0), p->d, GH, p->s, p->n, R(0.0), total,
                  p->n);
    } else {
        weir_vec_zero(GH, total);
        weir_vec_add_columns(rows, GH, p->d, total);
    }
    weir_line_place place = {w->node, index, w->k->D, w->k->T, w->k->B, GH};
    if (tell) WEIR_TRY(weir_tell_steps(&place, w->pass, p, total));
    if (w->pass->param_grads) weir_vec_add(GH * p->n, total, p->parameter->grad);
    return WEIR_OK;
}

static weir_status line_gradients(const struct back *w, size_t index)
{
    const weir_recurrent_tape *k = w->k;
    const weir_line *line = &k->line[index];
    weir_line_params p = weir_line_param(w->node, index);
    const real *before = weir_state_before(k, line->state[0], index % k->D, 0); /* [T,B,H] */
    weir_step_product ih = {p.w_ih, w->dgate, line->x, line->I};
    weir_step_product hh = {p.w_hh, w->drec, before, k->H};
    WEIR_TRY(parameter_gradient(w, index, &ih));
    WEIR_TRY(parameter_gradient(w, index, &hh));
    if (!p.b_ih) return WEIR_OK;
    weir_step_product bi = {p.b_ih, w->dgate, NULL, 1}, bh = {p.b_hh, w->drec, NULL, 1};
    WEIR_TRY(parameter_gradient(w, index, &bi));
    return parameter_gradient(w, index, &bh);
}

static weir_status whole_line_back(struct back *w, size_t index, const weir_panels_way_back *way)
{
    const weir_recurrent_tape *k = w->k;
    size_t I = k->line[index].I;
    line_back(w, index, way->dy, way->last_only);
    keep_initial_gradients(w, index);
    WEIR_TRY(line_gradients(w, index));
    if (way->dx)
        weir_gemm(WEIR_N, WEIR_N, k->T * k->B, I, w->GH, R(1.0), w->dgate, w->GH,
                  weir_line_param(w->node, index).w_ih->value, I, index % k->D ? R(1.0) : R(0.0),
                  way->dx, I);
    return WEIR_OK;
}

weir_status weir_recurrent_backward(const weir_node *node, weir_pass *pass,
                                    const weir_tensor *const in[], const weir_tensor *dout,
                                    weir_tensor din[], const weir_cell *cell)
{
    const weir_recurrent *o = node->options;
    const weir_recurrent_tape *k = weir_pass_saved(pass, node);
    struct back w = {.node = node, .pass = pass, .k = k, .cell = cell, .GH = cell->gates * k->H};
    (void)in;
    weir_states *states = &pass->tape[node->index].states;
    for (size_t s = 0; s < node->kind->states; s++) {
        states->grad_initial[s] = weir_work_reals(pass, states->count);
        if (!states->grad_initial[s]) return WEIR_MEMORY;
    }
    if (!k->line->kernels) WEIR_TRY(open_back(&w));
    const real *dy = dout->f;
    for (size_t l = k->layers; l-- > 0;) {
        size_t I = k->line[l * k->D].I;
        real *dx = l ? weir_work_reals(pass, k->T * k->B * I) : din[0].f;
        if (l && !dx) return WEIR_MEMORY;
        for (size_t d = 0; d < k->D; d++) {
            weir_panels_way_back way = {cell, dy, o->output == 1 && l + 1 == k->layers, dx};
            size_t index = l * k->D + d;
            WEIR_TRY(k->line[index].kernels ? weir_panels_backward(node, pass, k, index, &way)
                                            : whole_line_back(&w, index, &way));
        }
        dy = dx;
    }
    return WEIR_OK;
}
