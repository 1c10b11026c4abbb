#include "nn/pass.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "tensor/vec.h"

weir_pass *weir_pass_new(weir_model *model)
{
    weir_pass *p = weir_calloc(1, sizeof *p);
    if (!p) return NULL;
    p->tape = weir_calloc(model->count, sizeof *p->tape);
    if (!p->tape) {
        weir_free(p);
        return NULL;
    }
    p->model = model;
    p->param_grads = true;
    return p;
}

void weir_pass_free(weir_pass *p)
{
    if (!p) return;
    weir_arena_free(&p->arena);
    weir_arena_free(&p->work);
    weir_free(p->tape);
    weir_free(p);
}

static void gather_inputs(const weir_pass *p, const weir_node *node, const weir_tensor *in[])
{
    for (size_t i = 0; i < node->inputs; i++)
        in[i] = node->input[i] == WEIR_INPUT ? &p->x : &p->tape[node->input[i]].out;
}

static weir_status forward_node(weir_pass *p, const weir_node *node, weir_error *err)
{
    const weir_tensor *in[WEIR_MAX_INPUTS];
    const weir_shape *shapes[WEIR_MAX_INPUTS];
    gather_inputs(p, node, in);
    for (size_t i = 0; i < node->inputs; i++) shapes[i] = &in[i]->shape;

    weir_tape *tape = &p->tape[node->index];
    weir_shape shape;
    weir_status status = node->kind->shape(node->options, shapes, node->inputs, &shape, err);
    if (status) {
        weir_error_prefix(err, "%s (%s): ", node->name, node->kind->name);
        return status;
    }
    tape->out = weir_tensor_alloc(&p->arena, &shape);
    if (!tape->out.data) return weir_fail_memory(err);
    if (node->kind->forward(node, p, in, &tape->out)) return weir_fail_memory(err);
    if (weir_probe_wants(p, WEIR_WANTS_ACTIVATION) && p->probe->activation)
        p->probe->activation(p->probe->self, node,
                             node->kind->part == WEIR_ACTIVATION ? in[0] : NULL, &tape->out);
    return WEIR_OK;
}

weir_status weir_pass_forward(weir_pass *p, const weir_tensor *x, weir_error *err)
{
    weir_arena_reset(&p->arena);
    p->x = *x;
    for (size_t i = 0; i < p->model->count; i++) {
        p->tape[i].saved = NULL;
        WEIR_TRY(forward_node(p, &p->model->nodes[i], err));
    }
    return WEIR_OK;
}

void weir_pass_settle(weir_pass *p)
{
    weir_arena_reset(&p->arena);
    weir_arena_reset(&p->work);
}

/* Where the gradient of a node's k-th input goes: straight to its tape when it is the first to
 * arrive there, else to scratch that is added afterwards. */
static weir_status open_gradient(weir_pass *p, const weir_node *node, size_t k, weir_tensor *din)
{
    size_t from = node->input[k];
    const weir_tensor *y = from == WEIR_INPUT ? &p->x : &p->tape[from].out;
    *din = (weir_tensor){.shape = y->shape};
    bool wanted = from == WEIR_INPUT ? p->want_dx : p->model->nodes[from].trains || p->want_dx;
    if (!wanted || y->shape.dtype != WEIR_FLOAT) return WEIR_OK;
    din->f = weir_work_reals(p, weir_count(y));
    return din->f ? WEIR_OK : WEIR_MEMORY;
}

static void close_gradient(weir_pass *p, const weir_node *node, size_t k, const weir_tensor *din)
{
    if (!din->f) return;
    size_t from = node->input[k];
    weir_tensor *sum = from == WEIR_INPUT ? &p->dx : &p->tape[from].dout;
    if (sum->f)
        weir_vec_add(weir_count(din), din->f, sum->f);
    else
        *sum = *din;
}

static weir_status backward_node(weir_pass *p, const weir_node *node)
{
    weir_tape *tape = &p->tape[node->index];
    if (!tape->dout.f) return WEIR_OK;
    if (weir_probe_wants(p, WEIR_WANTS_GRAD_OUT) && p->probe->grad_out)
        p->probe->grad_out(p->probe->self, node, &tape->dout);
    const weir_tensor *in[WEIR_MAX_INPUTS];
    weir_tensor din[WEIR_MAX_INPUTS];
    gather_inputs(p, node, in);
    for (size_t k = 0; k < node->inputs; k++) WEIR_TRY(open_gradient(p, node, k, &din[k]));
    WEIR_TRY(node->kind->backward(node, p, in, &tape->out, &tape->dout, din));
    for (size_t k = 0; k < node->inputs; k++) close_gradient(p, node, k, &din[k]);
    return WEIR_OK;
}

weir_status weir_pass_backward_between(weir_pass *p, size_t from, const weir_tensor *dy, size_t to,
                                       weir_error *err)
{
    weir_arena_reset(&p->work);
    for (size_t i = 0; i < p->model->count; i++) p->tape[i].dout = (weir_tensor){0};
    p->dx = (weir_tensor){0};
    p->tape[from].dout = *dy;
    for (size_t i = from + 1; i-- > to;)
        if (backward_node(p, &p->model->nodes[i])) return weir_fail_memory(err);
    return WEIR_OK;
}

weir_status weir_pass_backward(weir_pass *p, const weir_tensor *dy, weir_error *err)
{
    return weir_pass_backward_between(p, p->model->count - 1, dy, 0, err);
}
