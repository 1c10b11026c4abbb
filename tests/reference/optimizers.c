/* Group optimizer: a small net is trained for some steps, and compared after each.
 *
 *   net         "fc(0)->tanh(1)->fc(2), loss mse mean": kinds, names, the loss
 *   trajectory   [steps + 1, ..] parameters after k steps
 *   grads, loss  [steps, ..] at trajectory[k]
 */
#include "tests/reference/twin.h"

#include "base/status.h"
#include "train/optimizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct training {
    ref_case *c;
    net *n;
    const weir_optimizer_kind *kind;
    void *options;
    char loss_word[32];
    size_t steps;
    weir_tensor x, target, dy;
    real *slot[WEIR_MAX_SLOTS];   /* [weights] each */
    real *trajectory, *grads;     /* [steps + 1, weights], [steps, weights] */
    double *loss;                 /* [steps] */
};

/* One node, "fc(0)": a linear layer's sizes are those of its recorded weight. */
static weir_status add_node(struct training *t, char *word, weir_error *err)
{
    char *name = strchr(word, '('), *end = name ? strchr(name, ')') : NULL;
    if (!end) return weir_fail(err, WEIR_USAGE, "\"%s\" is no node", word);
    *name++ = *end = '\0';
    json_t *options = ref_need(json_object());
    const ref_array *weight = ref_find(&t->c->own, "trajectory.%s.weight", name);
    bool linear = !strcmp(word, "fc") && weight && weight->rank == 3;
    if (linear) {
        json_object_set_new(options, "out_features", json_integer((json_int_t)weight->dim[1]));
        json_object_set_new(options, "bias",
                            json_boolean(ref_find(&t->c->own, "trajectory.%s.bias", name)));
    }
    name = weir_arena_strdup(&t->n->arena, name);
    weir_status status = net_add(t->n, t->c, linear ? "linear" : word, name, NULL, options, err);
    json_decref(options);
    return status;
}

static weir_status build(struct training *t, weir_error *err)
{
    const char *description = ref_text(t->c->json, "net", "");
    char nodes[256], *rest = NULL;
    const char *loss = strstr(description, ", loss ");
    snprintf(nodes, sizeof nodes, "%.*s", loss ? (int)(loss - description) : 255, description);
    if (!loss || sscanf(loss, ", loss %31s", t->loss_word) != 1 || !strstr(loss, " mean"))
        return weir_fail(err, WEIR_USAGE, "the net \"%s\" names no mean of a loss", description);
    net_open(t->n, &t->x.shape);
    for (char *word = strtok_r(nodes, "->", &rest); word; word = strtok_r(NULL, "->", &rest))
        WEIR_TRY(add_node(t, word, err));
    WEIR_TRY(weir_model_finish(t->n->model, err));
    t->n->pass = ref_need(weir_pass_new(t->n->model));
    t->n->pass->train = true;
    return WEIR_OK;
}

/* Every parameter starts where its trajectory does. */
static weir_status start(const struct training *t, weir_error *err)
{
    const weir_model *m = t->n->model;
    for (size_t i = 0; i < m->params_count; i++) {
        const weir_parameter *p = &m->params[i];
        const ref_array *whole = ref_find(&t->c->own, "trajectory.%s", p->name);
        if (!whole || whole->count != (t->steps + 1) * p->count)
            return weir_fail(err, WEIR_USAGE, "%s has no trajectory of %zu steps", p->name,
                             t->steps);
        ref_array first = *whole;
        first.count = p->count;
        WEIR_TRY(net_load(p->value, p->count, &first, p->name, err));
    }
    return WEIR_OK;
}

static weir_status open_optimizer(struct training *t, weir_error *err)
{
    const char *name = ref_text(t->c->json, "optimizer", "?");
    weir_arena *arena = &t->n->arena;
    for (size_t k = 0; weir_optimizer_kinds[k]; k++)
        if (!strcasecmp(weir_optimizer_kinds[k]->name, name)) t->kind = weir_optimizer_kinds[k];
    if (!t->kind) return weir_fail(err, WEIR_USAGE, "there is no optimizer \"%s\"", name);
    t->options = ref_need(weir_arena_calloc(arena, 1, t->kind->options_size));
    WEIR_TRY(weir_options_default(t->kind->options, t->options, arena, err));
    WEIR_TRY(read_options(t->kind->options, json_object_get(t->c->json, "hyper"), t->options, arena,
                          err));
    if (t->kind->check) WEIR_TRY(t->kind->check(t->options, err));
    size_t weights = t->n->model->weights;
    for (size_t s = 0; s < t->kind->slots(t->options); s++) {
        t->slot[s] = ref_need(weir_arena_calloc(arena, weights + 1, sizeof(real)));
        for (size_t i = 0; i < weights && t->kind->initial; i++)
            t->slot[s][i] = (real)t->kind->initial(t->options, s);
    }
    return WEIR_OK;
}

static weir_status train(struct training *t, weir_error *err)
{
    weir_model *m = t->n->model;
    const weir_optimizer_common *common = t->options;
    size_t size = m->weights * sizeof(real);
    memcpy(t->trajectory, m->values, size);
    for (size_t k = 0; k < t->steps; k++) {
        memset(m->grads, 0, size);
        WEIR_TRY(weir_pass_forward(t->n->pass, &t->x, err));
        const weir_tensor *y = weir_pass_output(t->n->pass);
        t->dy.shape = y->shape;
        if (!t->dy.f) t->dy = weir_tensor_alloc(&t->n->arena, &y->shape);
        WEIR_TRY(net_loss(t->n, t->loss_word, y, &t->target, ref_need(t->dy.f), &t->loss[k], err));
        WEIR_TRY(weir_pass_backward(t->n->pass, &t->dy, err));
        memcpy(t->grads + k * m->weights, m->grads, size);
        t->kind->update(t->options, common->lr, k + 1, m->weights, m->values, m->grads, t->slot);
        memcpy(t->trajectory + (k + 1) * m->weights, m->values, size);
    }
    return WEIR_OK;
}

/* One parameter's columns of rows [count, weights]. */
static void expect_rows(const struct training *t, const weir_parameter *p, size_t count,
                        const real *rows, const char *what)
{
    const weir_model *m = t->n->model;
    size_t from = (size_t)(p->value - m->values);
    real *own = ref_need(malloc(count * p->count * sizeof *own));
    for (size_t k = 0; k < count; k++)
        memcpy(own + k * p->count, rows + k * m->weights + from, p->count * sizeof *own);
    expect(t->c, count * p->count, own, "%s.%s", what, p->name);
    free(own);
}

weir_status run_optimizer(ref_case *c, net *n, weir_error *err)
{
    const ref_array *x = ref_find(&c->own, "input.x"), *target = ref_find(&c->own, "input.target");
    struct training t = {.c = c, .n = n, .steps = ref_size(c->json, "steps", 0)};
    if (!x || !target) return weir_fail(err, WEIR_USAGE, "the case lacks its inputs");
    t.x = tensor_of(&n->arena, x);
    t.target = tensor_of(&n->arena, target);
    WEIR_TRY(build(&t, err));
    WEIR_TRY(start(&t, err));
    WEIR_TRY(open_optimizer(&t, err));
    size_t size = n->model->weights * sizeof(real);
    t.trajectory = ref_need(weir_arena_alloc(&n->arena, (t.steps + 1) * size));
    t.grads = ref_need(weir_arena_alloc(&n->arena, (t.steps + 1) * size));
    t.loss = ref_need(weir_arena_calloc(&n->arena, t.steps + 1, sizeof *t.loss));
    WEIR_TRY(train(&t, err));
    ref_expect(c, "loss", t.steps, t.loss);
    for (size_t i = 0; i < n->model->params_count; i++) {
        expect_rows(&t, &n->model->params[i], t.steps + 1, t.trajectory, "trajectory");
        expect_rows(&t, &n->model->params[i], t.steps, t.grads, "grads");
    }
    return WEIR_OK;
}
