/* The time loop of rnn, lstm and gru: shapes, parameters, forward. */
#include "nn/layers/recurrent.h"

#include "base/intl.h"
#include "base/status.h"
#include "nn/panels/panels.h"
#include "tensor/gemm.h"
#include "tensor/vec.h"

#include <stdio.h>

weir_status weir_recurrent_infer(void *options, const weir_shape *const in[],
                                 const weir_hints *hints, weir_error *err)
{
    weir_recurrent *o = options;
    (void)hints, (void)err;
    if (!o->input_size) o->input_size = weir_shape_features(in[0]);
    return WEIR_OK;
}

weir_status weir_recurrent_shape(const void *options, const weir_shape *const in[], size_t inputs,
                                 weir_shape *out, weir_error *err)
{
    const weir_recurrent *o = options;
    (void)inputs;
    if (in[0]->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input is ids: put an embedding before it"));
    if (in[0]->rank != 3) {
        char text[80];
        return weir_fail(err, WEIR_USAGE,
                         _("needs a sequence [time, batch, features], but its input is %s"),
                         weir_shape_text(in[0], text, sizeof text));
    }
    if (in[0]->dim[2] != o->input_size)
        return weir_fail(err, WEIR_USAGE, _("input_size is %zu, but its input has %zu features"),
                         o->input_size, in[0]->dim[2]);
    size_t features = o->hidden_size * (o->bidirectional ? 2 : 1);
    *out = o->output == 0 ? weir_shape_of(3, in[0]->dim[0], in[0]->dim[1], features)
                          : weir_shape_of(2, in[0]->dim[1], features);
    return WEIR_OK;
}

static weir_status declare(weir_node *node, const char *what, size_t layer, size_t direction,
                           weir_role role, weir_shape shape, size_t fan_in, size_t gates)
{
    const weir_recurrent *o = node->options;
    char name[48];
    snprintf(name, sizeof name, "%s_l%zu%s", what, layer, direction ? "_reverse" : "");
    WEIR_TRY(weir_declare(node, name, role, shape, fan_in, gates * o->hidden_size, gates));
    weir_param(node, node->params - 1)->hidden = o->hidden_size;
    return WEIR_OK;
}

weir_status weir_recurrent_build(weir_node *node, const weir_shape *const in[], size_t G)
{
    const weir_recurrent *o = node->options;
    (void)in;
    size_t H = o->hidden_size, GH = G * H, D = o->bidirectional ? 2 : 1;
    for (size_t l = 0; l < o->num_layers; l++)
        for (size_t d = 0; d < D; d++) {
            size_t I = l ? D * H : o->input_size;
            WEIR_TRY(declare(node, "weight_ih", l, d, WEIR_WEIGHT, weir_shape_of(2, GH, I), I, G));
            WEIR_TRY(declare(node, "weight_hh", l, d, WEIR_RECURRENT_WEIGHT,
                             weir_shape_of(2, GH, H), H, G));
            if (!o->bias) continue;
            WEIR_TRY(declare(node, "bias_ih", l, d, WEIR_BIAS, weir_shape_of(1, GH), I, G));
            WEIR_TRY(declare(node, "bias_hh", l, d, WEIR_BIAS, weir_shape_of(1, GH), H, G));
        }
    return WEIR_OK;
}

weir_line_params weir_line_param(const weir_node *node, size_t line)
{
    const weir_recurrent *o = node->options;
    size_t first = line * (o->bias ? 4 : 2);
    return (weir_line_params){weir_param(node, first), weir_param(node, first + 1),
                              o->bias ? weir_param(node, first + 2) : NULL,
                              o->bias ? weir_param(node, first + 3) : NULL};
}

/* gate [T*B, GH] = x W_ih^T + b_ih, and b_hh too when the recurrent product is added in place. */
static void input_product(const weir_recurrent_tape *k, weir_line *line, weir_line_params p,
                          size_t GH, bool separate)
{
    size_t rows = k->T * k->B;
    for (size_t r = 0; p.b_ih && r < rows; r++) {
        real *a = line->gate + r * GH;
        weir_vec_copy(GH, p.b_ih->value, a);
        if (!separate) weir_vec_add(GH, p.b_hh->value, a);
    }
    weir_gemm(WEIR_N, WEIR_T, rows, GH, line->I, R(1.0), line->x, line->I, p.w_ih->value, line->I,
              p.b_ih ? R(1.0) : R(0.0), line->gate, GH);
}

/* rec or gate [B, GH] += h_prev W_hh^T (+ b_hh into rec) */
static void recurrent_product(const weir_recurrent_tape *k, weir_line_params p, size_t GH,
                              const real *h_prev, real *gate, real *rec)
{
    for (size_t b = 0; rec && p.b_hh && b < k->B; b++)
        weir_vec_copy(GH, p.b_hh->value, rec + b * GH);
    weir_gemm(WEIR_N, WEIR_T, k->B, GH, k->H, R(1.0), h_prev, k->H, p.w_hh->value, k->H,
              rec && !p.b_hh ? R(0.0) : R(1.0), rec ? rec : gate, GH);
}

/* Sequences that have ended keep their state. */
static void hold_ended(const weir_pass *pass, const weir_recurrent_tape *k, const real *before,
                       real *after, size_t t)
{
    for (size_t b = 0; after && b < k->B; b++)
        if (weir_row_ended(pass, b, t)) weir_vec_copy(k->H, before + b * k->H, after + b * k->H);
}

static void run_line(const weir_node *node, const weir_pass *pass, const weir_recurrent_tape *k,
                     size_t index, const weir_cell *cell, real *rec)
{
    weir_line *line = &k->line[index];
    weir_line_params p = weir_line_param(node, index);
    size_t GH = cell->gates * k->H, BH = k->B * k->H, direction = index % k->D;
    input_product(k, line, p, GH, cell->separate);
    for (size_t s = 0; s < k->T; s++) {
        size_t t = direction ? k->T - 1 - s : s;
        const real *h_prev = weir_state_before(k, line->state[0], direction, t);
        const real *c_prev =
            line->state[1] ? weir_state_before(k, line->state[1], direction, t) : NULL;
        weir_cell_step step = {
            .options = node->options, .B = k->B, .H = k->H, .gate = line->gate + t * k->B * GH,
            .rec = rec, .h_prev = h_prev, .c_prev = c_prev,
            .h = weir_state_after(k, line->state[0], direction, t),
            .c = c_prev ? weir_state_after(k, line->state[1], direction, t) : NULL,
            .extra = line->extra ? line->extra + t * BH : NULL};
        recurrent_product(k, p, GH, h_prev, step.gate, cell->separate ? rec : NULL);
        cell->forward(&step);
        if (!pass->lengths) continue;
        hold_ended(pass, k, h_prev, step.h, t);
        hold_ended(pass, k, c_prev, step.c, t);
    }
}

static weir_status open_line(const weir_node *node, weir_pass *pass, const weir_recurrent_tape *k,
                             size_t index, const weir_cell *cell)
{
    weir_line *line = &k->line[index];
    size_t TB = k->T * k->B, BH = k->B * k->H;
    line->kernels = pass->lengths ? NULL : weir_panels_kernels();
    if (!line->kernels) {
        line->gate = weir_tape_reals(pass, TB * cell->gates * k->H);
        if (cell->extra) line->extra = weir_tape_reals(pass, TB * k->H);
        if (!line->gate || (cell->extra && !line->extra)) return WEIR_MEMORY;
    }
    weir_states *states = &pass->tape[node->index].states;
    for (size_t s = 0; s < node->kind->states; s++) {
        line->state[s] = weir_tape_reals(pass, (k->T + 1) * BH);
        if (!line->state[s]) return WEIR_MEMORY;
        real *start = line->state[s] + (index % k->D ? k->T * BH : 0);
        if (states->initial[s])
            weir_vec_copy(BH, states->initial[s] + index * BH, start);
        else
            weir_vec_zero(BH, start);
    }
    return WEIR_OK;
}

/* The layer's output [T,B,D*H]: with one direction and no lengths the states themselves. */
static real *join_directions(weir_pass *pass, const weir_recurrent_tape *k, size_t layer)
{
    const weir_line *line = &k->line[layer * k->D];
    if (k->D == 1 && !pass->lengths) return line->state[0] + k->B * k->H;
    size_t H = k->H, width = k->D * H;
    real *y = weir_tape_reals(pass, k->T * k->B * width);
    for (size_t t = 0; y && t < k->T; t++)
        for (size_t b = 0; b < k->B; b++)
            for (size_t d = 0; d < k->D; d++) {
                real *to = y + (t * k->B + b) * width + d * H;
                if (weir_row_ended(pass, b, t))
                    weir_vec_zero(H, to);
                else
                    weir_vec_copy(H, weir_state_after(k, line[d].state[0], d, t) + b * H, to);
            }
    return y;
}

/* [B, D*H]: where each direction ended. */
static void last_states(const weir_recurrent_tape *k, real *y)
{
    const weir_line *line = &k->line[(k->layers - 1) * k->D];
    for (size_t d = 0; d < k->D; d++) {
        const real *h = weir_state_after(k, line[d].state[0], d, d ? 0 : k->T - 1);
        for (size_t b = 0; b < k->B; b++)
            weir_vec_copy(k->H, h + b * k->H, y + (b * k->D + d) * k->H);
    }
}

static weir_status keep_final_states(const weir_node *node, weir_pass *pass,
                                     const weir_recurrent_tape *k)
{
    weir_states *states = &pass->tape[node->index].states;
    size_t BH = k->B * k->H, lines = k->layers * k->D;
    states->count = lines * BH;
    for (size_t s = 0; s < node->kind->states; s++) {
        states->final[s] = weir_tape_reals(pass, states->count);
        if (!states->final[s]) return WEIR_MEMORY;
        for (size_t i = 0; i < lines; i++) {
            size_t d = i % k->D;
            weir_vec_copy(BH, weir_state_after(k, k->line[i].state[s], d, d ? 0 : k->T - 1),
                          states->final[s] + i * BH);
        }
    }
    return WEIR_OK;
}

/* All values of gate g, rows `stride` apart. */
static const real *gate_rows(const weir_recurrent_tape *k, const weir_line *line,
                             const weir_cell *cell, size_t g, real *scratch, size_t *stride)
{
    *stride = line->kernels ? k->H : cell->gates * k->H;
    if (!line->kernels) return line->gate + g * k->H;
    weir_panel_gate_rows(k, line, cell, g, scratch);
    return scratch;
}

static weir_status tell_gates(const weir_node *node, weir_pass *pass, const weir_recurrent_tape *k,
                              const weir_cell *cell)
{
    const weir_probe *probe = pass->probe;
    real *scratch = k->line->kernels ? weir_tape_reals(pass, k->T * k->B * k->H) : NULL;
    if (k->line->kernels && !scratch) return WEIR_MEMORY;
    for (size_t i = 0; i < k->layers * k->D; i++)
        for (size_t g = 0; g < cell->gates; g++) {
            weir_moment where = {node, i / k->D, i % k->D, 0, k->T};
            size_t stride;
            const real *value = gate_rows(k, &k->line[i], cell, g, scratch, &stride);
            probe->gates(probe->self, &where, cell->gate[g].name, k->T * k->B, k->H, stride, value,
                         cell->gate[g].slope, cell->gate[g].largest);
        }
    return WEIR_OK;
}

static void tell_states(const weir_node *node, const weir_pass *pass, const weir_recurrent_tape *k)
{
    const weir_probe *probe = pass->probe;
    for (size_t i = 0; i < k->layers * k->D; i++) {
        const weir_line *line = &k->line[i];
        weir_moment where = {node, i / k->D, i % k->D, 0, k->T};
        for (size_t t = 0; t < k->T; t++) {
            where.t = t;
            probe->state(probe->self, &where, k->B * k->H,
                         weir_state_after(k, line->state[0], where.direction, t),
                         line->state[1] ? weir_state_after(k, line->state[1], where.direction, t)
                                        : NULL);
        }
    }
}

weir_status weir_recurrent_forward(const weir_node *node, weir_pass *pass,
                                   const weir_tensor *const in[], weir_tensor *out,
                                   const weir_cell *cell)
{
    const weir_recurrent *o = node->options;
    weir_recurrent_tape *k = weir_pass_save(pass, node, sizeof *k);
    if (!k) return WEIR_MEMORY;
    *k = (weir_recurrent_tape){.T = in[0]->shape.dim[0], .B = in[0]->shape.dim[1],
                               .H = o->hidden_size, .D = o->bidirectional ? 2 : 1,
                               .layers = o->num_layers};
    k->line = weir_arena_calloc(&pass->arena, k->layers * k->D, sizeof *k->line);
    real *rec = cell->separate ? weir_tape_reals(pass, k->B * cell->gates * k->H) : NULL;
    if (!k->line || (cell->separate && !rec)) return WEIR_MEMORY;
    const real *x = in[0]->f;
    for (size_t l = 0; l < k->layers; l++) {
        for (size_t i = l * k->D; i < (l + 1) * k->D; i++) {
            k->line[i].x = x;
            k->line[i].I = l ? k->D * k->H : o->input_size;
            WEIR_TRY(open_line(node, pass, k, i, cell));
            if (k->line[i].kernels)
                WEIR_TRY(weir_panels_forward(node, pass, k, i, cell));
            else
                run_line(node, pass, k, i, cell, rec);
        }
        if (o->output == 1 && l + 1 == k->layers) break;
        real *y = join_directions(pass, k, l);
        if (!y) return WEIR_MEMORY;
        if (l + 1 == k->layers) out->f = y;
        x = y;
    }
    if (o->output == 1) last_states(k, out->f);
    if (weir_probe_wants(pass, WEIR_WANTS_GATES)) WEIR_TRY(tell_gates(node, pass, k, cell));
    if (weir_probe_wants(pass, WEIR_WANTS_STATES)) tell_states(node, pass, k);
    return keep_final_states(node, pass, k);
}
