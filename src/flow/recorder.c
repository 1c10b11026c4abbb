#include "flow/recorder.h"

#include "base/status.h"
#include "tensor/vec.h"

#include <string.h>

#define WEIR_MEASURE(name) &weir_measure_##name,
const weir_measure_kind *const weir_measure_kinds[] = {
#include "flow/measures/list.def"
    NULL};
#undef WEIR_MEASURE

size_t weir_recorder_line(const weir_recorder *r, const weir_moment *where)
{
    const weir_record_line *line = &r->record->line[r->first_line[where->node->index]];
    size_t index = r->first_line[where->node->index], node = where->node->index;
    for (; index < r->record->lines && line->node == node; index++, line++)
        if (line->layer == where->layer && line->direction == where->direction) return index;
    return r->first_line[node];
}

/* --- the probe: every call goes to every measure that listens --------------------------------- */

#define FOR_EACH(r, hook)                                                          \
    for (weir_measure *m = (r)->measure; m < (r)->measure + (r)->measures; m++)    \
        if (m->kind->hook && (!m->kind->costly || (r)->costly))                    \
    m->kind->hook

static void on_activation(void *self, const weir_node *node, const weir_tensor *z,
                          const weir_tensor *y)
{
    weir_recorder *r = self;
    FOR_EACH(r, activation)(m, node, z, y);
}

static void on_gates(void *self, const weir_moment *where, const char *gate, size_t rows, size_t n,
                     size_t stride, const real *value, real (*slope)(real value), double largest)
{
    weir_recorder *r = self;
    size_t index = weir_recorder_line(r, where);
    weir_record_line *line = &r->record->line[index];
    size_t g = 0;
    while (g < line->gates && line->gate[g] != gate) g++;
    if (g == line->gates && g < WEIR_RECORD_GATES) line->gate[line->gates++] = gate;
    if (g < WEIR_RECORD_GATES)
        FOR_EACH(r, gates)(m, index, g, rows, n, stride, value, slope, largest);
}

static void on_grad_out(void *self, const weir_node *node, const weir_tensor *dy)
{
    weir_recorder *r = self;
    FOR_EACH(r, grad_out)(m, node, dy);
}

static void on_grad_time(void *self, const weir_moment *where, double norm_h, double norm_c)
{
    weir_recorder *r = self;
    size_t line = weir_recorder_line(r, where);
    FOR_EACH(r, grad_time)(m, line, where->t, norm_h, norm_c);
}

static void on_step_contribution(void *self, const weir_moment *where, const weir_parameter *p,
                                 double norm2, double share, const real *matrix)
{
    weir_recorder *r = self;
    (void)matrix;
    size_t line = weir_recorder_line(r, where);
    FOR_EACH(r, step_contribution)(m, line, where->t, p, norm2, share);
}

static void on_grad_param(void *self, const weir_parameter *p)
{
    weir_recorder *r = self;
    FOR_EACH(r, grad_param)(m, p);
}

static void on_update(void *self, const weir_parameter *p, double delta_norm, double value_norm)
{
    weir_recorder *r = self;
    FOR_EACH(r, update)(m, p, delta_norm, value_norm);
}

/* --- describing the net ----------------------------------------------------------------------- */

static weir_status describe_lines(weir_recorder *r)
{
    weir_flow_record *record = r->record;
    const weir_model *model = r->model;
    size_t lines = 0;
    for (size_t i = 0; i < model->params_count; i++)
        lines += model->params[i].role == WEIR_RECURRENT_WEIGHT;
    record->line = weir_record_alloc(record, lines, sizeof *record->line);
    r->first_line = weir_record_alloc(record, model->count, sizeof *r->first_line);
    if (!record->line || !r->first_line) return WEIR_MEMORY;
    for (size_t i = 0; i < model->count; i++) {
        const weir_node *node = &model->nodes[i];
        r->first_line[i] = record->lines;
        size_t layer = 0, direction = 0; /* weight_hh_l0, weight_hh_l0_reverse, weight_hh_l1, .. */
        for (size_t k = 0; k < node->params; k++) {
            const weir_parameter *p = weir_param(node, k);
            if (p->role != WEIR_RECURRENT_WEIGHT) continue;
            weir_record_line *line = &record->line[record->lines];
            bool again = line > record->line && line[-1].node == i && line[-1].direction == 0 &&
                         strstr(p->local, "_reverse") != NULL;
            direction = again ? 1 : 0;
            if (again) layer--;
            *line = (weir_record_line){.node = i, .layer = layer++, .direction = direction,
                                       .hidden = p->hidden, .T = record->window};
            record->lines++;
        }
    }
    return WEIR_OK;
}

static weir_status describe(weir_recorder *r)
{
    weir_flow_record *record = r->record;
    const weir_model *model = r->model;
    record->nodes = model->count;
    record->params = model->params_count;
    record->node = weir_record_alloc(record, model->count, sizeof *record->node);
    record->param = weir_record_alloc(record, model->params_count, sizeof *record->param);
    if (!record->node || !record->param) return WEIR_MEMORY;
    for (size_t i = 0; i < model->count; i++) {
        const weir_node *node = &model->nodes[i];
        size_t *input = weir_record_alloc(record, node->inputs, sizeof *input), learns = 0;
        if (!input) return WEIR_MEMORY;
        for (size_t k = 0; k < node->inputs; k++) input[k] = node->input[k];
        for (size_t k = 0; k < node->params; k++) learns += weir_param(node, k)->count;
        record->node[i] = (weir_record_node){
            .name = weir_record_text(record, node->name), .kind = node->kind->name,
            .part = node->kind->part, .inputs = node->inputs, .input = input,
            .features = weir_channels_of(node->channels, &node->shape).count,
            .parameters = learns,
            .fan_in = node->params ? weir_param(node, 0)->fan_in : 0,
            .largest_slope = node->kind->part == WEIR_ACTIVATION ? weir_largest_slope(node)
                                                                 : (double)NAN};
        if (!record->node[i].name) return WEIR_MEMORY;
    }
    for (size_t i = 0; i < model->params_count; i++) {
        const weir_parameter *p = &model->params[i];
        record->param[i] = (weir_record_param){
            .name = weir_record_text(record, p->name), .node = p->node, .count = p->count,
            .weight = p->role == WEIR_WEIGHT || p->role == WEIR_RECURRENT_WEIGHT ||
                      p->role == WEIR_EMBEDDING};
        if (!record->param[i].name) return WEIR_MEMORY;
    }
    for (size_t i = 0; i < model->count; i++) /* time is what a recurrent layer makes of it */
        if (model->nodes[i].kind->part == WEIR_RECURRENT) record->window = model->x.dim[0];
    return describe_lines(r);
}

weir_recorder *weir_recorder_new(const weir_model *model, weir_flow_record *record)
{
    weir_recorder *r = weir_record_alloc(record, 1, sizeof *r);
    if (!r) return NULL;
    *r = (weir_recorder){.model = model, .record = record};
    while (weir_measure_kinds[r->measures]) r->measures++;
    r->measure = weir_record_alloc(record, r->measures, sizeof *r->measure);
    if (!r->measure || describe(r)) return NULL;
    r->probe = (weir_probe){.self = r, .activation = on_activation, .gates = on_gates,
                            .grad_out = on_grad_out, .grad_time = on_grad_time,
                            .step_contribution = on_step_contribution,
                            .grad_param = on_grad_param, .update = on_update};
    for (size_t i = 0; i < r->measures; i++) {
        r->measure[i] = (weir_measure){weir_measure_kinds[i], r, NULL};
        if (weir_measure_kinds[i]->open && weir_measure_kinds[i]->open(&r->measure[i])) return NULL;
    }
    return r;
}

/* --- a step ----------------------------------------------------------------------------------- */

const weir_probe *weir_recorder_begin(weir_recorder *r, uint64_t step, bool sampled, bool costly)
{
    r->sample = sampled ? weir_record_add_sample(r->record) : NULL;
    if (!r->sample) return NULL;
    r->sample->step = step;
    r->costly = costly;
    r->probe.wants = 0;
    for (size_t i = 0; i < r->measures; i++)
        if (!r->measure[i].kind->costly || costly) r->probe.wants |= r->measure[i].kind->wants;
    FOR_EACH(r, begin)(m);
    return &r->probe;
}

weir_status weir_recorder_tape(weir_recorder *r, weir_pass *pass, const weir_tensor *dy,
                               weir_error *err)
{
    weir_status status = WEIR_OK;
    if (!r->sample) return WEIR_OK;
    for (size_t i = 0; i < r->measures && !status; i++) {
        weir_measure *m = &r->measure[i];
        if (m->kind->tape && (!m->kind->costly || r->costly))
            status = m->kind->tape(m, pass, dy, err);
    }
    return status;
}

weir_status weir_recorder_end(weir_recorder *r, const weir_loss_point *point)
{
    weir_loss_point *p = weir_record_add_loss(r->record);
    if (!p) return WEIR_MEMORY;
    *p = *point;
    if (r->sample) r->sample->loss = point->loss;
    r->sample = NULL;
    r->record->steps = point->step + 1;
    return WEIR_OK;
}

/* --- the first number that is not finite ------------------------------------------------------ */

static bool found(weir_recorder *r, const char *tensor, const char *where, size_t node,
                  const weir_shape *shape, const real *x, size_t n)
{
    size_t i = weir_vec_first_nonfinite(n, x);
    if (i == n) return false;
    weir_nonfinite *out = &r->record->nonfinite;
    out->found = true;
    out->tensor = tensor;
    out->where = where;
    out->node = node;
    bool sequence = shape && shape->rank == 3 && r->record->window == shape->dim[0];
    out->time = sequence ? i / (shape->dim[1] * shape->dim[2]) : SIZE_MAX;
    return true;
}

void weir_recorder_nonfinite(weir_recorder *r, const weir_pass *pass, const weir_tensor *target,
                             uint64_t step, double loss)
{
    const weir_model *model = r->model;
    weir_nonfinite *out = &r->record->nonfinite;
    r->record->diverged = true;
    if (out->found) return;
    out->step = step;
    const weir_tensor *x = &pass->x;
    if (x->shape.dtype == WEIR_FLOAT &&
        found(r, "input", "x", SIZE_MAX, &x->shape, x->f, weir_count(x)))
        return;
    if (target->shape.dtype == WEIR_FLOAT &&
        found(r, "target", "y", SIZE_MAX, &target->shape, target->f, weir_count(target)))
        return;
    for (size_t i = 0; i < model->params_count; i++) {
        const weir_parameter *p = &model->params[i];
        if (found(r, "parameter", r->record->param[i].name, p->node, NULL, p->value, p->count))
            return;
    }
    for (size_t i = 0; i < model->count; i++) {
        const weir_tensor *y = &pass->tape[i].out;
        if (found(r, "activation", r->record->node[i].name, i, &y->shape, y->f, weir_count(y)))
            return;
    }
    if (!isfinite(loss)) {
        *out = (weir_nonfinite){true, step, "loss", "loss", SIZE_MAX, SIZE_MAX};
        return;
    }
    for (size_t i = model->count; i-- > 0;) {
        const weir_tensor *dy = &pass->tape[i].dout;
        if (dy->f && found(r, "gradient", r->record->node[i].name, i, &dy->shape, dy->f,
                           weir_count(dy)))
            return;
    }
    for (size_t i = model->params_count; i-- > 0;) {
        const weir_parameter *p = &model->params[i];
        if (found(r, "gradient", r->record->param[i].name, p->node, NULL, p->grad, p->count))
            return;
    }
}
