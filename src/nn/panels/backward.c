/* A line backward through time: chunk by chunk, for every step all blocks of hidden units. */
#include "nn/panels/back.h"

#include "base/status.h"
#include "base/threads.h"
#include "tensor/vec.h"

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

/* Block q of one step, rows `row` to `end` of the batch. */
static void back_tile(const weir_panel_back *w, size_t step, size_t q, size_t row, size_t end)
{
    const weir_panel_plan *plan = &w->plan;
    size_t t = weir_panel_time(w, step), H = plan->H, B = plan->B, unit = q * plan->width;
    size_t panel = plan->units == plan->width ? q : 4 * q, pad = plan->blocks * plan->width;
    size_t panel_stride = B * plan->width, at = panel * panel_stride + row * plan->width;
    size_t state = row * H + unit, in_chunk = (step - w->low) * B * H + state;
    const real *h = w->line->state[0], *c = w->line->state[1];
    weir_tile_backward tile = {
        .dgate_next = begins_anew(w, step) ? NULL
                                           : weir_panel_slot(w, step + 1) + row * plan->width,
        .w_h = w->w_h + q * plan->panels * plan->vectors * plan->lanes * plan->width,
        .panels = plan->panels, .panel_stride = panel_stride,
        .dy = output_gradient(w, step, row, unit), .dy_stride = w->k->D * H, .units = H - unit,
        .H = H, .gate = w->line->panel_gate + t * plan->panels * panel_stride + at,
        .h_prev = weir_state_before(w->k, h, w->direction, t) + state,
        .c = c ? weir_state_after(w->k, c, w->direction, t) + state : NULL,
        .c_prev = c ? weir_state_before(w->k, c, w->direction, t) + state : NULL,
        .beside = w->beside + row * pad + unit, .beside_stride = pad,
        .dgate = weir_panel_slot(w, step) + at,
        .dh = w->dh ? w->dh + in_chunk : NULL, .dc = w->dc ? w->dc + in_chunk : NULL,
        .squares_h = w->square_h ? w->square_h + t * B + row : NULL,
        .squares_c = w->square_c ? w->square_c + t * B + row : NULL};
    plan->kernels->backward(plan->cell, &tile, end - row);
}

static void back_rows(void *self, size_t group)
{
    const weir_panel_back *w = self;
    size_t first = w->plan.B * group / w->groups, end = w->plan.B * (group + 1) / w->groups;
    size_t rows = end - first, tiles = weir_panel_tiles(&w->plan, rows);
    size_t pad = w->plan.blocks * w->plan.width;
    for (size_t step = w->high; step-- > w->low;) {
        if (begins_anew(w, step)) weir_vec_zero(rows * pad, w->beside + first * pad);
        for (size_t q = 0; q < w->plan.blocks; q++)
            for (size_t i = 0; i < tiles; i++)
                back_tile(w, step, q, first + weir_panel_tile(rows, tiles, i),
                          first + weir_panel_tile(rows, tiles, i + 1));
    }
}

/* C [B, columns] or rows of it: gate gradients times packed weights. */
static void product(const weir_panel_back *w, size_t step, size_t q, bool hidden, real *C,
                    size_t columns, bool add)
{
    const weir_panel_plan *plan = &w->plan;
    size_t tiles = weir_panel_tiles(plan, plan->B), from = q * plan->width;
    const float *packed = hidden ? w->w_h : w->w_x;
    for (size_t i = 0; i < tiles; i++) {
        size_t row = weir_panel_tile(plan->B, tiles, i);
        size_t end = weir_panel_tile(plan->B, tiles, i + 1);
        weir_tile_product tile = {
            .dgate = weir_panel_slot(w, step) + row * plan->width,
            .w = packed + q * plan->panels * plan->vectors * plan->lanes * plan->width,
            .panels = plan->panels, .panel_stride = plan->B * plan->width,
            .C = C + row * columns + from, .C_stride = columns, .columns = columns - from,
            .add = add, .hidden = hidden};
        plan->kernels->product(plan->cell, &tile, end - row);
    }
}

/* The input's gradient: task (q, step of the chunk). */
static void input_gradient(void *self, size_t task)
{
    const weir_panel_back *w = self;
    size_t steps = w->high - w->low, step = w->low + task % steps, I = w->plan.I;
    real *dx = w->way->dx + weir_panel_time(w, step) * w->plan.B * I;
    product(w, step, task / steps, false, dx, I, w->direction > 0);
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
    w->w_h = weir_work_reals(w->pass, weir_panel_back_size(plan, plan->H));
    if (!w->ring || !w->beside || !w->w_h) return WEIR_MEMORY;
    weir_panel_pack_back(plan, params.w_hh->value, plan->H, true, w->w_h);
    if (w->way->dx) {
        w->w_x = weir_work_reals(w->pass, weir_panel_back_size(plan, plan->I));
        if (!w->w_x) return WEIR_MEMORY;
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
    for (size_t q = 0; q < plan->blocks; q++) product(w, 0, q, true, dh, H, true);
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
        size_t blocks = (w.plan.I + w.plan.width - 1) / w.plan.width;
        double rows = (double)((w.high - w.low) * k->B);
        double work = rows * (double)weir_panel_back_size(&w.plan, w.plan.I);
        if (way->dx)
            weir_panel_parallel(blocks * (w.high - w.low), work, input_gradient, &w);
        if (w.square_h || w.dh) tell_times(&w);
    }
    keep_initial(&w);
    return weir_panel_gradients_close(&w);
}
