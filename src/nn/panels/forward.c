/* A line forward: for every step, all panels of the rows at hand. */
#include "nn/panels/panels.h"

#include "base/threads.h"

struct forward {
    weir_panel_plan plan;
    const weir_recurrent_tape *k;
    const weir_line *line;
    size_t direction, groups;
    const float *w_x, *w_h, *bias; /* packed; bias [panels, width] */
};

/* One panel at step t, for rows from `first` on. */
static void run_panel(const struct forward *w, size_t t, size_t p, size_t first, size_t rows)
{
    const weir_panel_plan *plan = &w->plan;
    const weir_line *line = w->line;
    size_t H = plan->H, unit = p * plan->units, n = plan->vectors * plan->lanes;
    size_t state = first * H + unit;
    const float *h_prev = weir_state_before(w->k, line->state[0], w->direction, t);
    weir_forward_work work = {
        .rows = rows, .x = line->x + (t * plan->B + first) * plan->I, .h_prev = h_prev + first * H,
        .w_x = w->w_x + p * plan->I * n, .w_h = w->w_h + p * H * n,
        .bias = w->bias + p * plan->width, .I = plan->I, .H = H, .units = H - unit,
        .gate = line->panel_gate + ((t * plan->panels + p) * plan->B + first) * plan->width,
        .h = weir_state_after(w->k, line->state[0], w->direction, t) + state,
        .c_prev = h_prev + state};
    if (line->state[1]) {
        work.c_prev = weir_state_before(w->k, line->state[1], w->direction, t) + state;
        work.c = weir_state_after(w->k, line->state[1], w->direction, t) + state;
    }
    plan->kernels->forward(plan->cell, &work);
}

static void run_rows(void *self, size_t group)
{
    const struct forward *w = self;
    size_t first = w->plan.B * group / w->groups, end = w->plan.B * (group + 1) / w->groups;
    for (size_t s = 0; s < w->plan.T; s++) {
        size_t t = w->direction ? w->plan.T - 1 - s : s;
        for (size_t p = 0; p < w->plan.panels; p++) run_panel(w, t, p, first, end - first);
    }
}

/* [panels, width]: both biases together, but for a gru's new gate, where W_hn has its own. */
static void pack_bias(const weir_panel_plan *plan, weir_line_params params, float *out)
{
    for (size_t p = 0; p < plan->panels; p++)
        for (size_t j = 0; j < 4; j++, out += plan->lanes) {
            bool apart = plan->cell == WEIR_PANEL_GRU && j >= 2;
            weir_panel_rows r = weir_panel_rows_of(plan, p, apart ? 2 : j, false);
            for (size_t l = 0; l < plan->lanes; l++) {
                bool there = params.b_ih && l < r.rows;
                float ih = there ? (float)params.b_ih->value[r.row + l] : 0;
                float hh = there ? (float)params.b_hh->value[r.row + l] : 0;
                out[l] = !apart ? ih + hh : j == 2 ? ih : hh;
            }
        }
}

static float *packed(weir_pass *pass, size_t count)
{
    return weir_arena_alloc(&pass->arena, count * sizeof(float));
}

weir_status weir_panels_forward(const weir_node *node, weir_pass *pass,
                                const weir_recurrent_tape *k, size_t index, const weir_cell *cell)
{
    weir_line *line = &k->line[index];
    weir_line_params params = weir_line_param(node, index);
    weir_panel_plan plan = weir_panel_plan_of(line->kernels, cell, k, line->I);
    float *w_x = packed(pass, weir_panel_forward_size(&plan, plan.I));
    float *w_h = packed(pass, weir_panel_forward_size(&plan, plan.H));
    float *bias = packed(pass, plan.panels * plan.width);
    line->panel_gate = packed(pass, plan.T * plan.panels * plan.B * plan.width);
    if (!w_x || !w_h || !bias || !line->panel_gate) return WEIR_MEMORY;
    weir_panel_pack_forward(&plan, params.w_ih->value, plan.I, w_x);
    weir_panel_pack_forward(&plan, params.w_hh->value, plan.H, w_h);
    pack_bias(&plan, params, bias);
    struct forward w = {plan, k, line, index % k->D, weir_panel_groups(&plan), w_x, w_h, bias};
    weir_parallel(w.groups, run_rows, &w);
    return WEIR_OK;
}
