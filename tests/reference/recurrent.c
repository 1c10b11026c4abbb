/* Groups recurrent and tbptt.
 *
 *   recurrent   rnn -> head; states, their total gradients, and each step's part of each gradient
 *   tbptt       emb -> rnn -> head on consecutive windows: states carried on, an SGD step between
 */
#include "base/status.h"
#include "tests/reference/twin.h"
#include "train/optimizer.h"

#include <stdio.h>
#include <string.h>

/* --- nets ------------------------------------------------------------------------------------ */

static weir_status add(net *n, ref_case *c, const char *type, const char *name, json_t *options,
                       weir_error *err)
{
    weir_status status = net_add(n, c, type, name, NULL, ref_need(options), err);
    json_decref(options);
    return status;
}

/* "rnn_tanh", "rnn_relu", "lstm", "gru": the layer, and behind the bar its nonlinearity. */
static weir_status add_rnn(net *n, ref_case *c, weir_error *err)
{
    char type[64];
    snprintf(type, sizeof type, "%s", ref_text(c->json, "kind", "?"));
    char *bar = strchr(type, '_');
    if (bar) *bar++ = '\0';
    json_t *options = json_pack("{s:I, s:I, s:b, s:b, s:s?}", "hidden_size",
                                (json_int_t)ref_size(c->json, "H", 0), "num_layers",
                                (json_int_t)ref_size(c->json, "layers", 1), "bidirectional",
                                json_is_true(json_object_get(c->json, "bidirectional")), "bias",
                                !json_is_false(json_object_get(c->json, "bias")), "nonlinearity",
                                bar);
    if (!bar && options) json_object_del(options, "nonlinearity");
    return add(n, c, type, "rnn", options, err);
}

static weir_status add_head(net *n, ref_case *c, size_t outputs, weir_error *err)
{
    return add(n, c, "linear", "head",
               json_pack("{s:I, s:b}", "out_features", (json_int_t)outputs, "bias",
                         ref_find(&c->own, "param.head.bias") != NULL), err);
}

static void expect_param_grads(ref_case *c, const net *n, const char *before)
{
    const weir_model *m = n->model;
    for (size_t i = 0; i < m->params_count; i++)
        expect(c, m->params[i].count, m->params[i].grad, "%sgrad.param.%s", before,
               m->params[i].name);
}

/* --- what the probe is told ------------------------------------------------------------------ */

enum { MOST_LINES = 16 };

struct watch {
    net *n;
    const weir_node *rnn;
    size_t T, D, lines, n_state;
    real *state[MOST_LINES][WEIR_MAX_STATES], *grad[MOST_LINES][WEIR_MAX_STATES]; /* [T, n_state] */
    real *part[4 * MOST_LINES];                            /* [T, parameter's count] */
};

/* Puts one step into its place; the array is made when its first step arrives. */
static void keep(struct watch *w, real **array, size_t t, size_t n, const real *step)
{
    if (!step) return;
    if (!*array) *array = ref_need(weir_arena_calloc(&w->n->arena, w->T * n, sizeof **array));
    memcpy(*array + t * n, step, n * sizeof *step);
}

static void keep_state(void *self, const weir_moment *at, size_t n, const real *h, const real *c)
{
    struct watch *w = self;
    w->n_state = n;
    keep(w, &w->state[at->layer * w->D + at->direction][0], at->t, n, h);
    keep(w, &w->state[at->layer * w->D + at->direction][1], at->t, n, c);
}

static void keep_gradient(void *self, const weir_moment *at, size_t n, const real *dh,
                          const real *dc)
{
    struct watch *w = self;
    keep(w, &w->grad[at->layer * w->D + at->direction][0], at->t, n, dh);
    keep(w, &w->grad[at->layer * w->D + at->direction][1], at->t, n, dc);
}

static void keep_part(void *self, const weir_moment *at, const weir_parameter *p, double norm2,
                      double share, const real *matrix)
{
    struct watch *w = self;
    (void)norm2, (void)share;
    size_t index = (size_t)(p - w->n->model->params) - w->rnn->first_param;
    keep(w, &w->part[index], at->t, p->count, matrix);
}

static void expect_watched(ref_case *c, const struct watch *w)
{
    for (size_t i = 0; i < w->lines; i++)
        for (size_t s = 0; s < w->rnn->kind->states; s++) {
            const char *which = s ? "c" : "h", *reverse = i % w->D ? "_reverse" : "";
            size_t count = w->T * w->n_state;
            if (w->state[i][s])
                expect(c, count, w->state[i][s], "state.%s.l%zu%s", which, i / w->D, reverse);
            if (w->grad[i][s])
                expect(c, count, w->grad[i][s], "grad.state.%s.l%zu%s", which, i / w->D, reverse);
        }
    for (size_t k = 0; k < w->rnn->params; k++) {
        const weir_parameter *p = weir_param(w->rnn, k);
        if (w->part[k]) expect(c, w->T * p->count, w->part[k], "stepgrad.%s", p->name);
    }
}

/* --- recurrent ------------------------------------------------------------------------------- */

static const char *const state_names[WEIR_MAX_STATES] = {"h", "c"};

/* input.h0, input.c0 as the net's initial states. */
static void set_initial(const ref_case *c, net *n, weir_states *states)
{
    for (size_t s = 0; s < WEIR_MAX_STATES; s++) {
        const ref_array *a = ref_find(&c->own, "input.%s0", state_names[s]);
        states->initial[s] = a ? tensor_of(&n->arena, a).f : NULL;
    }
}

/* input.lengths, where sequences end before the last step. */
static weir_status set_lengths(const ref_case *c, net *n, size_t B, weir_error *err)
{
    const ref_array *a = ref_find(&c->own, "input.lengths");
    if (!a) return WEIR_OK;
    if (!a->whole || a->count != B)
        return weir_fail(err, WEIR_USAGE, "input.lengths is not %zu whole numbers", B);
    n->pass->lengths = tensor_of(&n->arena, a).i;
    return WEIR_OK;
}

static void expect_all(ref_case *c, const net *n, double loss)
{
    const weir_tape *rnn = &n->pass->tape[0], *head = &n->pass->tape[1];
    const weir_states *states = &rnn->states;
    ref_expect(c, "loss", 1, &loss);
    expect(c, weir_count(&rnn->out), rnn->out.f, "output.y");
    expect(c, weir_count(&head->out), head->out.f, "output.logits");
    expect(c, weir_count(&n->pass->dx), n->pass->dx.f, "grad.input.x");
    expect_param_grads(c, n, "");
    for (size_t s = 0; s < n->model->nodes[0].kind->states; s++) {
        expect(c, states->count, states->final[s], "output.%s_n", state_names[s]);
        expect(c, states->count, states->grad_initial[s], "grad.input.%s0", state_names[s]);
    }
}

static weir_status build(ref_case *c, net *n, const weir_tensor *x, weir_error *err)
{
    net_open(n, &x->shape);
    WEIR_TRY(add_rnn(n, c, err));
    WEIR_TRY(add_head(n, c, ref_size(c->json, "O", 0), err));
    return net_finish(n, c, err);
}

weir_status run_recurrent(ref_case *c, net *n, weir_error *err)
{
    const ref_array *input = ref_find(&c->own, "input.x");
    const ref_array *wanted = ref_find(&c->own, "input.target");
    if (!input || !wanted) return weir_fail(err, WEIR_USAGE, "the case lacks its inputs");
    weir_tensor x = tensor_of(&n->arena, input), target = tensor_of(&n->arena, wanted);
    WEIR_TRY(build(c, n, &x, err));
    size_t D = json_is_true(json_object_get(c->json, "bidirectional")) ? 2 : 1;
    struct watch w = {.n = n, .rnn = &n->model->nodes[0], .T = x.shape.dim[0], .D = D,
                      .lines = D * ref_size(c->json, "layers", 1)};
    if (w.lines > MOST_LINES) return weir_fail(err, WEIR_USAGE, "too many layers to watch");
    const weir_probe probe = {.self = &w, .state = keep_state, .grad_state = keep_gradient,
                              .step_contribution = keep_part,
                              .wants = WEIR_WANTS_STATES | WEIR_WANTS_STATE_GRADS |
                                       WEIR_WANTS_MATRICES};
    n->pass->probe = &probe;
    n->pass->train = n->pass->want_dx = true;
    set_initial(c, n, &n->pass->tape[0].states);
    WEIR_TRY(set_lengths(c, n, x.shape.dim[1], err));
    WEIR_TRY(weir_pass_forward(n->pass, &x, err));

    const weir_tensor *y = weir_pass_output(n->pass);
    weir_tensor dy = weir_tensor_alloc(&n->arena, &y->shape);
    double loss;
    WEIR_TRY(net_loss(n, ref_text(c->json, "loss_kind", "?"), y, &target, ref_need(dy.f), &loss,
                      err));
    WEIR_TRY(weir_pass_backward(n->pass, &dy, err));
    expect_all(c, n, loss);
    expect_watched(c, &w);
    return WEIR_OK;
}

/* --- truncated back-propagation through time ------------------------------------------------- */

struct windows {
    ref_case *c;
    net *n;
    weir_tensor ids; /* [chunks * T + 1, B]: a window's targets are its ids, one step on */
    size_t T, B;
    real *carried[WEIR_MAX_STATES];
    void *sgd;
};

static weir_status open_sgd(struct windows *w, weir_error *err)
{
    const weir_option *table = weir_optimizer_sgd.options;
    w->sgd = ref_need(weir_arena_calloc(&w->n->arena, 1, weir_optimizer_sgd.options_size));
    WEIR_TRY(weir_options_default(table, w->sgd, &w->n->arena, err));
    return read_option(table, "lr", json_object_get(w->c->json, "lr"), w->sgd, &w->n->arena, err);
}

/* The states where a window ended are where the next begins. */
static void carry(struct windows *w, weir_states *states)
{
    for (size_t s = 0; s < w->n->model->nodes[1].kind->states; s++) {
        size_t size = states->count * sizeof(real);
        if (!w->carried[s]) w->carried[s] = ref_need(weir_arena_alloc(&w->n->arena, size));
        memcpy(w->carried[s], states->final[s], size);
        states->initial[s] = w->carried[s];
    }
}

/* "chunk0.", which opens the names of a window's arrays. */
static void expect_window(const struct windows *w, const char *before, double loss)
{
    const weir_model *m = w->n->model;
    const weir_tensor *y = weir_pass_output(w->n->pass);
    char name[64];
    snprintf(name, sizeof name, "%sloss", before);
    ref_expect(w->c, name, 1, &loss);
    expect(w->c, weir_count(y), y->f, "%slogits", before);
    for (size_t i = 0; i < m->params_count; i++)
        expect(w->c, m->params[i].count, m->params[i].value, "%sparam_after.%s", before,
               m->params[i].name);
}

static weir_status run_window(struct windows *w, size_t k, weir_error *err)
{
    weir_model *m = w->n->model;
    weir_pass *pass = w->n->pass;
    const double lr = ((const weir_optimizer_common *)w->sgd)->lr;
    weir_tensor x = w->ids, target = w->ids, dy;
    char before[32];
    double loss;
    snprintf(before, sizeof before, "chunk%zu.", k);
    x.shape.dim[0] = target.shape.dim[0] = w->T;
    x.i += k * w->T * w->B;
    target.i = x.i + w->B;
    memset(m->grads, 0, m->weights * sizeof *m->grads);
    WEIR_TRY(weir_pass_forward(pass, &x, err));
    const weir_tensor *y = weir_pass_output(pass);
    dy = weir_tensor_alloc(&w->n->arena, &y->shape);
    WEIR_TRY(net_loss(w->n, ref_text(w->c->json, "loss_kind", "ce"), y, &target, ref_need(dy.f),
                      &loss, err));
    WEIR_TRY(weir_pass_backward(pass, &dy, err));
    expect_param_grads(w->c, w->n, before);
    weir_optimizer_sgd.update(w->sgd, lr, k + 1, m->weights, m->values, m->grads, NULL);
    expect_window(w, before, loss);
    carry(w, &pass->tape[1].states);
    return WEIR_OK;
}

weir_status run_tbptt(ref_case *c, net *n, weir_error *err)
{
    const ref_array *ids = ref_find(&c->own, "input.ids");
    size_t chunks = ref_size(c->json, "chunks", 0), V = ref_size(c->json, "V", 0);
    struct windows w = {.c = c, .n = n, .T = ref_size(c->json, "T", 0)};
    if (!ids || ids->rank != 2 || ids->dim[0] != chunks * w.T + 1)
        return weir_fail(err, WEIR_USAGE, "input.ids is not %zu windows of %zu steps", chunks, w.T);
    w.ids = tensor_of(&n->arena, ids);
    w.B = ids->dim[1];
    weir_shape x = w.ids.shape;
    x.dim[0] = w.T;
    net_open(n, &x);
    WEIR_TRY(add(n, c, "embedding", "emb",
                 json_pack("{s:I, s:I}", "num_embeddings", (json_int_t)V, "embedding_dim",
                           (json_int_t)ref_size(c->json, "E", 0)), err));
    WEIR_TRY(add_rnn(n, c, err));
    WEIR_TRY(add_head(n, c, V, err));
    WEIR_TRY(net_finish(n, c, err));
    WEIR_TRY(open_sgd(&w, err));
    n->pass->train = true;
    for (size_t k = 0; k < chunks; k++) WEIR_TRY(run_window(&w, k, err));
    return WEIR_OK;
}
