/* A line backward through time: chunk by chunk, for every step all blocks of hidden units. */
#include "nn/panels/back.h"

#include "base/status.h"
#include "base/threads.h"
#include "tensor/vec.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* --- the recurrence --------------------------------------------------------------------------- */

/* Nothing comes from the step behind: there is none, or truncate cuts here. */
static bool begins_anew(const weir_panel_back *w, size_t step)
{
    size_t behind = w->plan.T - 1 - step;
    return !behind || (w->truncate && behind % w->truncate == 0);
}

/* The gradient of this step's output at (row, unit), or NULL. */
static const real *output_gradient(const weir_panel_back *w, size_t step, size_t row, size_t unit)
{
    const weir_recurrent_tape *k = w->k;
    if (w->way->last_only && step + 1 != k->T) return NULL;
    size_t at = w->way->last_only ? row : weir_panel_time(w, step) * k->B + row;
    return w->way->dy + (at * k->D + w->direction) * k->H + unit;
}

/* Block q of one step, rows from `first` on. */
static void back_block(const weir_panel_back *w, size_t step, size_t q, size_t first, size_t rows)
{
    const weir_panel_plan *plan = &w->plan;
    size_t t = weir_panel_time(w, step), H = plan->H, B = plan->B, unit = q * plan->width;
    size_t panel = plan->units == plan->width ? q : 4 * q, pad = plan->blocks * plan->width;
    size_t panel_stride = B * plan->width, at = panel * panel_stride + first * plan->width;
    size_t state = first * H + unit, in_chunk = (step - w->low) * B * H + state;
    const real *h = w->line->state[0], *c = w->line->state[1];
    weir_backward_work work = {
        .rows = rows,
        .dgate_next = begins_anew(w, step) ? NULL
                                           : weir_panel_slot(w, step + 1) + first * plan->width,
        .w_h = w->w_h + q * weir_panel_back_size(plan, plan->width),
        .panels = plan->panels, .panel_stride = panel_stride,
        .dy = output_gradient(w, step, first, unit), .dy_stride = w->k->D * H, .units = H - unit,
        .H = H, .gate = w->line->panel_gate + t * plan->panels * panel_stride + at,
        .h_prev = weir_state_before(w->k, h, w->direction, t) + state,
        .c = c ? weir_state_after(w->k, c, w->direction, t) + state : NULL,
        .c_prev = c ? weir_state_before(w->k, c, w->direction, t) + state : NULL,
        .beside = w->beside + first * pad + unit, .beside_stride = pad,
        .sum = w->sum + first * plan->width, .dgate = weir_panel_slot(w, step) + at,
        .dh = w->dh ? w->dh + in_chunk : NULL, .dc = w->dc ? w->dc + in_chunk : NULL,
        .squares_h = w->square_h ? w->square_h + t * B + first : NULL,
        .squares_c = w->square_c ? w->square_c + t * B + first : NULL};
    plan->kernels->backward(plan->cell, &work);
}

static void back_rows(void *self, size_t group)
{
    const weir_panel_back *w = self;
    size_t first = w->plan.B * group / w->groups, end = w->plan.B * (group + 1) / w->groups;
    size_t rows = end - first, pad = w->plan.blocks * w->plan.width;
    for (size_t step = w->high; step-- > w->low;) {
        if (begins_anew(w, step)) weir_vec_zero(rows * pad, w->beside + first * pad);
        for (size_t q = 0; q < w->plan.blocks; q++) back_block(w, step, q, first, rows);
    }
}

/* Block q of the input's gradient, for the part-th of w->groups parts of a chunk's steps. */
static void input_gradient(void *self, size_t task)
{
    const weir_panel_back *w = self;
    const weir_panel_plan *plan = &w->plan;
    size_t q = task / w->groups, part = task % w->groups, steps = w->high - w->low;
    size_t from = steps * part / w->groups, end = steps * (part + 1) / w->groups;
    size_t column = q * plan->width, BI = plan->B * plan->I;
    const float *D[WEIR_MOST_CHUNK];
    float *C[WEIR_MOST_CHUNK];
    for (size_t i = from; i < end; i++) {
        D[i] = weir_panel_slot(w, w->low + i);
        C[i] = w->way->dx + weir_panel_time(w, w->low + i) * BI + column;
    }
    weir_product_work work = {
        .steps = end - from, .B = plan->B, .panels = plan->panels, .D = D + from,
        .w = w->w_x + q * weir_panel_back_size(plan, plan->width),
        .sum = w->dx_sum + (q * w->chunk + from) * plan->B * plan->width, .C = C + from,
        .C_stride = plan->I, .columns = least(plan->I - column, plan->width),
        .add = w->direction > 0};
    plan->kernels->product(plan->cell, &work);
}

/* dL/dh of the initial state, through the first step's gates. */
static void add_initial(const weir_panel_back *w, real *dh)
{
    const weir_panel_plan *plan = &w->plan;
    const float *D = weir_panel_slot(w, 0);
    for (size_t q = 0; q < plan->blocks; q++) {
        size_t column = q * plan->width;
        float *C = dh + column;
        weir_product_work work = {
            .steps = 1, .B = plan->B, .panels = plan->panels, .D = &D,
            .w = w->w_h + q * weir_panel_back_size(plan, plan->width), .sum = w->sum, .C = &C,
            .C_stride = plan->H, .columns = least(plan->H - column, plan->width), .add = true,
            .hidden = true};
        plan->kernels->product(plan->cell, &work);
    }
}

/* --- a line ----------------------------------------------------------------------------------- */

static void tell_times(const weir_panel_back *w)
{
    const weir_probe *probe = w->pass->probe;
    const weir_recurrent_tape *k = w->k;
    size_t BH = k->B * k->H;
    for (size_t step = w->high; step-- > w->low;) {
        size_t t = weir_panel_time(w, step);
        weir_moment where = {w->node, w->index / k->D, w->direction, t, k->T};
        if (w->square_h) {
            double h2 = 0, c2 = 0;
            for (size_t b = 0; b < k->B; b++) {
                h2 += w->square_h[t * k->B + b];
                if (w->square_c) c2 += w->square_c[t * k->B + b];
            }
            probe->grad_time(probe->self, &where, sqrt(h2), sqrt(c2));
        }
        if (w->dh)
            probe->grad_state(probe->self, &where, BH, w->dh + (step - w->low) * BH,
                              w->dc ? w->dc + (step - w->low) * BH : NULL);
    }
}

static weir_status open_watch(weir_panel_back *w)
{
    size_t TB = w->k->T * w->k->B, rows = w->chunk * w->k->B * w->k->H;
    bool two = w->line->state[1] != NULL;
    if (weir_probe_wants(w->pass, WEIR_WANTS_TIME)) {
        w->square_h = weir_arena_calloc(&w->pass->work, TB, sizeof *w->square_h);
        if (two) w->square_c = weir_arena_calloc(&w->pass->work, TB, sizeof *w->square_c);
        if (!w->square_h || (two && !w->square_c)) return WEIR_MEMORY;
    }
    if (weir_probe_wants(w->pass, WEIR_WANTS_STATE_GRADS)) {
        w->dh = weir_work_reals(w->pass, rows);
        if (two) w->dc = weir_work_reals(w->pass, rows);
        if (!w->dh || (two && !w->dc)) return WEIR_MEMORY;
    }
    return WEIR_OK;
}

static size_t input_blocks(const weir_panel_plan *plan)
{
    return (plan->I + plan->width - 1) / plan->width;
}

static weir_status open_back(weir_panel_back *w)
{
    const weir_panel_plan *plan = &w->plan;
    weir_line_params params = weir_line_param(w->node, w->index);
    w->groups = weir_panel_groups(plan);
    w->chunk = (WEIR_MOST_CHUNK + plan->B - 1) / plan->B;
    if (w->chunk > plan->T) w->chunk = plan->T;
    w->slots = w->chunk + 1;
    w->ring = weir_work_reals(w->pass, w->slots * plan->panels * plan->B * plan->width);
    w->beside = weir_work_reals(w->pass, plan->B * plan->blocks * plan->width);
    w->sum = weir_work_reals(w->pass, plan->B * plan->width);
    w->w_h = weir_work_reals(w->pass, weir_panel_back_size(plan, plan->H));
    if (!w->ring || !w->beside || !w->sum || !w->w_h) return WEIR_MEMORY;
    weir_panel_pack_back(plan, params.w_hh->value, plan->H, true, w->w_h);
    if (w->way->dx) {
        w->w_x = weir_work_reals(w->pass, weir_panel_back_size(plan, plan->I));
        w->dx_sum = weir_work_reals(w->pass, w->chunk * plan->B * input_blocks(plan) * plan->width);
        if (!w->w_x || !w->dx_sum) return WEIR_MEMORY;
        weir_panel_pack_back(plan, params.w_ih->value, plan->I, false, w->w_x);
    }
    WEIR_TRY(open_watch(w));
    return weir_panel_gradients_open(w);
}

/* What the first step passes on. */
static void keep_initial(const weir_panel_back *w)
{
    const weir_panel_plan *plan = &w->plan;
    size_t H = plan->H, BH = plan->B * H, pad = plan->blocks * plan->width;
    weir_states *states = &w->pass->tape[w->node->index].states;
    real *dh = states->grad_initial[0] + w->index * BH;
    real *dc = w->line->state[1] ? states->grad_initial[1] + w->index * BH : NULL;
    weir_vec_zero(BH, dh);
    if (dc) weir_vec_zero(BH, dc);
    if (w->truncate && plan->T % w->truncate == 0) return;
    for (size_t b = 0; b < plan->B; b++)
        if (dc)
            weir_vec_copy(H, w->beside + b * pad, dc + b * H);
        else if (plan->cell == WEIR_PANEL_GRU)
            weir_vec_copy(H, w->beside + b * pad, dh + b * H);
    add_initial(w, dh);
}

weir_status weir_panels_backward(const weir_node *node, weir_pass *pass,
                                 const weir_recurrent_tape *k, size_t index,
                                 const weir_panels_way_back *way)
{
    const weir_line *line = &k->line[index];
    const weir_recurrent *o = node->options;
    weir_panel_back w = {.node = node, .pass = pass, .k = k, .line = line, .way = way,
                         .index = index, .direction = index % k->D, .truncate = o->truncate,
                         .plan = weir_panel_plan_of(line->kernels, way->cell, k, line->I)};
    WEIR_TRY(open_back(&w));
    for (w.high = k->T; w.high > 0; w.high = w.low) {
        w.low = w.high > w.chunk ? w.high - w.chunk : 0;
        weir_parallel(w.groups, back_rows, &w);
        weir_panel_gradients_of_chunk(&w);
        double rows = (double)((w.high - w.low) * k->B);
        double work = rows * (double)weir_panel_back_size(&w.plan, w.plan.I);
        if (way->dx)
            weir_panel_parallel(input_blocks(&w.plan) * w.groups, work, input_gradient, &w);
        if (w.square_h || w.dh) tell_times(&w);
    }
    keep_initial(&w);
    return weir_panel_gradients_close(&w);
}
