/* One pass through a net: groups mlp, activation, batchnorm, layernorm, embedding, dropout,
 * residual, conv, pool and cnn. */
#include "base/status.h"
#include "tests/reference/twin.h"

#include <string.h>

/* Training, unless the manifest says eval. A dropout that would draw a mask can only be compared
 * where it does not draw: its cases were recorded in eval mode. */
static bool trains(const json_t *json)
{
    size_t i;
    json_t *node;
    if (!strcmp(ref_text(json, "mode", "train"), "eval")) return false;
    json_array_foreach (json_object_get(json, "model"), i, node) {
        const json_t *p = json_object_get(json_object_get(node, "options"), "p");
        bool drops = !strcmp(ref_text(node, "type", ""), "dropout");
        if (drops && json_number_value(p) > 0) return false;
    }
    return true;
}

static weir_status build(ref_case *c, net *n, const weir_tensor *x, weir_error *err)
{
    size_t i;
    json_t *node;
    net_open(n, &x->shape);
    json_array_foreach (json_object_get(c->json, "model"), i, node)
        WEIR_TRY(net_add(n, c, ref_text(node, "type", "?"), ref_text(node, "name", "?"),
                         json_object_get(node, "from"), json_object_get(node, "options"), err));
    if (!n->model->count) return weir_fail(err, WEIR_USAGE, "the case has no \"model\"");
    return net_finish(n, c, err);
}

static void expect_all(ref_case *c, const net *n, double loss)
{
    const weir_model *m = n->model;
    const weir_tensor *y = weir_pass_output(n->pass);
    ref_expect(c, "loss", 1, &loss);
    expect(c, weir_count(y), y->f, "output.y");
    for (size_t i = 0; i < m->count; i++) {
        const weir_tape *tape = &n->pass->tape[i];
        expect(c, weir_count(&tape->out), tape->out.f, "layer.%s", m->nodes[i].name);
        if (tape->dout.f)
            expect(c, weir_count(&tape->dout), tape->dout.f, "grad.layer.%s", m->nodes[i].name);
    }
    for (size_t i = 0; i < m->params_count; i++)
        expect(c, m->params[i].count, m->params[i].grad, "grad.param.%s", m->params[i].name);
    for (size_t i = 0; i < m->buffers_count; i++)
        expect(c, m->buffers[i].count, m->buffers[i].value, "buffer_after.%s", m->buffers[i].name);
    if (n->pass->dx.f) expect(c, weir_count(&n->pass->dx), n->pass->dx.f, "grad.input.x");
}

weir_status run_model(ref_case *c, net *n, weir_error *err)
{
    const ref_array *input = ref_find(&c->own, "input.x");
    const ref_array *wanted = ref_find(&c->own, "input.target");
    if (!input || !wanted) return weir_fail(err, WEIR_USAGE, "the case lacks its inputs");
    weir_tensor x = tensor_of(&n->arena, input), target = tensor_of(&n->arena, wanted);
    WEIR_TRY(build(c, n, &x, err));
    n->pass->train = trains(c->json);
    n->pass->want_dx = x.shape.dtype == WEIR_FLOAT;
    WEIR_TRY(weir_pass_forward(n->pass, &x, err));

    weir_tensor dy = *weir_pass_output(n->pass);
    const weir_tensor *y = weir_pass_output(n->pass);
    dy.f = ref_need(weir_arena_alloc(&n->arena, (weir_count(y) + 1) * sizeof(real)));
    double loss;
    WEIR_TRY(net_loss(n, ref_text(c->json, "loss_kind", "?"), y, &target, dy.f, &loss, err));
    WEIR_TRY(weir_pass_backward(n->pass, &dy, err));
    expect_all(c, n, loss);
    return WEIR_OK;
}
