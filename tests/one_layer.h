/* tests/one_layer.h - a net of one layer, made from a line of options, for the tests that loop over
 * the registry. */
#ifndef WEIR_TESTS_ONE_LAYER_H
#define WEIR_TESTS_ONE_LAYER_H

#include "tests/test.h"

#include "base/memory.h"
#include "base/rng.h"
#include "base/status.h"
#include "config/config.h"
#include "nn/pass.h"
#include "tensor/vec.h"

#include <stdio.h>

typedef struct one_layer {
    weir_arena arena;
    weir_config *config;
    weir_model *model;
    weir_pass *pass;
    weir_node *node; /* the layer; its index is 0, or 1 behind a linear one */
    weir_tensor x, dy;
    weir_rng rng;
    char label[200]; /* for messages */
} one_layer;

static inline void one_layer_close(one_layer *n)
{
    weir_pass_free(n->pass);
    weir_model_free(n->model);
    weir_config_free(n->config);
    weir_arena_free(&n->arena);
}

/* The options of a kind as `text`, "{p: 0.2}", gives them. */
static inline void *one_layer_options(one_layer *n, const weir_layer_kind *kind, const char *text)
{
    weir_error err = {0};
    void *options = weir_arena_calloc(&n->arena, 1, kind->options_size + 1);
    assert_non_null(options);
    assert_ok(weir_config_parse(text, kind->name, &n->config, &err), err);
    assert_ok(weir_config_options(n->config, n->config->root, kind->options, NULL, options,
                                  &n->arena, &err), err);
    return options;
}

/* A layer that joins several inputs gets two: a linear layer, and the batch itself. */
static inline weir_status one_layer_add(one_layer *n, const weir_layer_kind *kind, const char *text,
                                        weir_error *err)
{
    static const char *const from[] = {"x"};
    weir_node_spec spec = {.kind = kind};
    spec.options = one_layer_options(n, kind, text);
    if (kind->many_inputs) {
        char linear[64];
        snprintf(linear, sizeof linear, "{out_features: %zu}", weir_shape_features(&n->x.shape));
        weir_node_spec before = {.kind = weir_layer_find("linear")};
        weir_config_free(n->config);
        before.options = one_layer_options(n, before.kind, linear);
        WEIR_TRY(weir_model_add(n->model, &before, err));
        spec.from = from;
        spec.from_count = 1;
    }
    return weir_model_add(n->model, &spec, err);
}

/* Between 0.25 and 2.75 away from 0: the kinks of activations are at 0 and at +-3. */
static inline real away_from_0(weir_rng *rng)
{
    double size = 0.25 + 2.5 * weir_rng_uniform(rng);
    return (real)(weir_rng_uniform(rng) < 0.5 ? -size : size);
}

/* So, and apart from each other by more than a step of finite differences: where the largest of
 * several numbers counts, two that are equal are a kink. (Of many it is not asked: nobody takes
 * differences of them.) */
static inline void fill_apart(weir_rng *rng, size_t n, real *x)
{
    enum { MANY = 1000 };
    for (size_t i = 0; i < n; i++) {
        bool near = true;
        while (near) {
            x[i] = away_from_0(rng);
            near = false;
            for (size_t j = 0; j < i && n <= MANY; j++) near |= r_abs(x[i] - x[j]) < R(1e-4);
        }
    }
}

/* 0, 2, 3 or 4: 1 is the padding_idx of an example, whose row gets no gradient on purpose. */
static inline int32_t any_id(weir_rng *rng)
{
    size_t id = weir_rng_below(rng, 4);
    return (int32_t)(id + (id > 0));
}

/* Opens `kind` with these options for input of shape x, with random parameters, x and dy. False,
 * and nothing is left open, when the layer does not take such input; the sentence is in *err. */
static inline bool one_layer_open(one_layer *n, const weir_layer_kind *kind, const char *text,
                                  const weir_shape *x, weir_error *err)
{
    static const weir_hints hints = {.vocabulary = 5, .outputs = 3};
    *n = (one_layer){.x.shape = *x, .rng = weir_rng_make(7, WEIR_FOR_DATA, 1, 2)};
    n->model = weir_model_new(x, &hints);
    assert_non_null(n->model);
    if (one_layer_add(n, kind, text, err)) {
        one_layer_close(n);
        return false;
    }
    char shape[80];
    snprintf(n->label, sizeof n->label, "%s: %s on %s", kind->name, text,
             weir_shape_text(x, shape, sizeof shape));
    n->node = &n->model->nodes[n->model->count - 1];
    assert_ok(weir_model_finish(n->model, err), *err);
    assert_ok(weir_model_init(n->model, NULL, 3, err), *err);
    for (size_t i = 0; i < n->model->weights; i++)
        n->model->values[i] += (real)(0.2 * weir_rng_normal(&n->rng));
    n->pass = weir_pass_new(n->model);
    assert_non_null(n->pass);
    n->pass->want_dx = true;
    n->pass->seed = 11;
    n->x = weir_tensor_alloc(&n->arena, x);
    if (x->dtype == WEIR_FLOAT) fill_apart(&n->rng, weir_count(&n->x), n->x.f);
    for (size_t i = 0; i < weir_count(&n->x) && x->dtype == WEIR_INT32; i++)
        n->x.i[i] = any_id(&n->rng);
    n->dy = weir_tensor_alloc(&n->arena, &n->node->shape);
    for (size_t i = 0; i < weir_count(&n->dy) && n->node->shape.dtype == WEIR_FLOAT; i++)
        n->dy.f[i] = (real)weir_rng_normal(&n->rng);
    return true;
}

/* The same, for input that must fit. */
static inline void one_layer_must_open(one_layer *n, const char *kind, const char *text,
                                       weir_shape x)
{
    weir_error err = {0};
    assert_non_null(weir_layer_find(kind));
    if (!one_layer_open(n, weir_layer_find(kind), text, &x, &err)) fail_msg("%s", err.text);
}

static inline const real *one_layer_forward(one_layer *n)
{
    weir_error err = {0};
    assert_ok(weir_pass_forward(n->pass, &n->x, &err), err);
    return weir_pass_output(n->pass)->f;
}

/* From zero gradients; returns dx, NULL for ids. */
static inline const real *one_layer_backward(one_layer *n)
{
    weir_error err = {0};
    weir_vec_zero(n->model->weights, n->model->grads);
    assert_ok(weir_pass_backward(n->pass, &n->dy, &err), err);
    return n->pass->dx.f;
}

/* A copy in the layer's arena. */
static inline real *one_layer_copy(one_layer *n, size_t count, const real *from)
{
    real *to = weir_arena_alloc(&n->arena, (count + 1) * sizeof *to);
    assert_non_null(to);
    if (count) weir_vec_copy(count, from, to);
    return to;
}

static inline void assert_same_bits(const char *label, const char *what, size_t count,
                                    const real *a, const real *b)
{
    if (count && memcmp(a, b, count * sizeof *a) != 0) fail_msg("%s: %s differs", label, what);
}

#endif
