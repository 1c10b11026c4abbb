/* Recurrent layers by tiles against the loop that is their reference: any size, both instruction
 * sets, the same bits on any number of threads and whether watched or not. */
#include "tests/test.h"

#include "base/rng.h"
#include "config/config.h"
#include "nn/panels/panels.h"
#include "tensor/vec.h"
#include "weir/base.h"

#include <stdio.h>

#ifdef WEIR_FLOAT64

static void float64_goes_by_the_loop(void **state)
{
    (void)state;
    assert_null(weir_panels_kernels());
}

#define TESTS cmocka_unit_test(float64_goes_by_the_loop)

#else

enum { MOST_T = 300, MOST_PARAMS = 32 };
static const char *const sets[] = {"avx512", "avx2"};

struct net {
    weir_arena arena;
    weir_config *config;
    weir_model *model;
    weir_pass *pass;
    weir_tensor x, dy;
    /* what was heard */
    double h[MOST_T], c[MOST_T], part[MOST_PARAMS][MOST_T];
};

static void fill(weir_tensor *t, weir_rng *rng, double scale)
{
    for (size_t i = 0; i < weir_count(t); i++) t->f[i] = (real)(scale * weir_rng_normal(rng));
}

static void open_net(struct net *n, const char *kind, const char *options, const size_t size[3],
                     double scale)
{
    weir_error err = {0};
    weir_rng rng = weir_rng_make(7, WEIR_FOR_DATA, 0, 0);
    memset(n, 0, sizeof *n);
    weir_shape shape = weir_shape_of(3, size[0], size[1], size[2]);
    n->model = weir_model_new(&shape, &(weir_hints){0});
    weir_node_spec spec = {.kind = weir_layer_find(kind)};
    spec.options = weir_arena_calloc(&n->arena, 1, spec.kind->options_size);
    assert_ok(weir_config_parse(options, kind, &n->config, &err), err);
    assert_ok(weir_config_options(n->config, n->config->root, spec.kind->options, NULL,
                                  spec.options, &n->arena, &err),
              err);
    assert_ok(weir_model_add(n->model, &spec, &err), err);
    assert_ok(weir_model_finish(n->model, &err), err);
    assert_ok(weir_model_init(n->model, NULL, 5, &err), err);
    n->pass = weir_pass_new(n->model);
    n->pass->want_dx = true;
    n->x = weir_tensor_alloc(&n->arena, &shape);
    n->dy = weir_tensor_alloc(&n->arena, &n->model->nodes[0].shape);
    fill(&n->x, &rng, 1);
    fill(&n->dy, &rng, scale);
}

static void close_net(struct net *n)
{
    weir_pass_free(n->pass);
    weir_model_free(n->model);
    weir_config_free(n->config);
    weir_arena_free(&n->arena);
}

static void hear_time(void *self, const weir_moment *where, double norm_h, double norm_c)
{
    struct net *n = self;
    n->h[where->t] += norm_h;
    n->c[where->t] += norm_c;
}

static void hear_step(void *self, const weir_moment *where, const weir_parameter *p, double norm2,
                      double share, const real *matrix)
{
    struct net *n = self;
    (void)share, (void)matrix;
    n->part[p - n->model->params][where->t] = sqrt(norm2);
}

/* Forward and back; everything that comes of it, in one array. */
static real *run(struct net *n, bool watched, size_t *count)
{
    weir_error err = {0};
    weir_probe probe = {.self = n, .wants = WEIR_WANTS_TIME | WEIR_WANTS_CONTRIBUTIONS,
                        .grad_time = hear_time, .step_contribution = hear_step};
    memset(n->h, 0, sizeof n->h);
    memset(n->c, 0, sizeof n->c);
    n->pass->probe = watched ? &probe : NULL;
    weir_vec_zero(n->model->weights, n->model->grads);
    assert_ok(weir_pass_forward(n->pass, &n->x, &err), err);
    assert_ok(weir_pass_backward(n->pass, &n->dy, &err), err);
    const weir_tensor *y = weir_pass_output(n->pass);
    const weir_states *s = &n->pass->tape[0].states;
    const struct {
        size_t count;
        const real *f;
    } parts[] = {{weir_count(y), y->f},
                 {n->model->weights, n->model->grads},
                 {weir_count(&n->x), n->pass->dx.f},
                 {s->count, s->grad_initial[0]},
                 {s->grad_initial[1] ? s->count : 0, s->grad_initial[1]}};
    *count = 0;
    for (size_t i = 0; i < 5; i++) *count += parts[i].count;
    real *all = weir_arena_alloc(&n->arena, *count * sizeof *all);
    for (size_t i = 0, at = 0; i < 5; at += parts[i++].count)
        if (parts[i].count) weir_vec_copy(parts[i].count, parts[i].f, all + at);
    return all;
}

static const struct {
    const char *kind, *options;
} nets[] = {{"lstm", "{hidden_size: %zu}"},
            {"gru", "{hidden_size: %zu}"},
            {"rnn", "{hidden_size: %zu}"},
            {"rnn", "{hidden_size: %zu, nonlinearity: relu, bias: false}"},
            {"rnn", "{hidden_size: %zu, nonlinearity: sigmoid, truncate: 2}"},
            {"lstm", "{hidden_size: %zu, num_layers: 2, bidirectional: true, output: last}"},
            {"gru", "{hidden_size: %zu, num_layers: 2, bidirectional: true, bias: false}"},
            {"gru", "{hidden_size: %zu, truncate: 3, output: last}"},
            {"lstm", "{hidden_size: %zu, truncate: 4}"}};
/* T, B, I, H: one row, heights and widths that are no multiples, more steps than a chunk has. */
static const size_t sizes[][4] = {{5, 1, 3, 5},  {4, 7, 10, 100}, {6, 19, 3, 33}, {3, 32, 17, 64},
                                  {7, 6, 1, 16}, {9, 40, 70, 20}, {300, 1, 5, 9}};
enum { NETS = sizeof nets / sizeof *nets, SIZES = sizeof sizes / sizeof *sizes };

static void open_case(struct net *n, size_t k, size_t z, double scale)
{
    char options[120];
    snprintf(options, sizeof options, nets[k].options, sizes[z][3]);
    open_net(n, nets[k].kind, options, sizes[z], scale);
}

/* Whether this machine has the set; the others are passed over. */
static bool choose(const char *set)
{
    weir_error err = {0};
    assert_ok(weir_set_kernels(set ? "fast" : "reference", &err), err);
    weir_panels_prefer(set);
    return weir_panels_kernels() != NULL;
}

static void near_the_loop(const char *what, size_t count, const real *is, const real *was)
{
    double most = weir_vec_norm_inf(count, was);
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)is[i] - (double)was[i]) <= 1e-5 * most + 1e-38))
            fail_msg("%s: number %zu of %zu is %.9g, by the loop %.9g", what, i, count,
                     (double)is[i], (double)was[i]);
}

static void norms_are_those_of_the_loop(const struct net *is, const struct net *was)
{
    for (size_t t = 0; t < is->x.shape.dim[0]; t++) {
        assert_near(is->h[t], was->h[t], 2e-5 * was->h[t] + 1e-38);
        assert_near(is->c[t], was->c[t], 2e-5 * was->c[t] + 1e-38);
        for (size_t m = 0; m < is->model->params_count; m++)
            assert_near(is->part[m][t], was->part[m][t], 2e-5 * was->part[m][t] + 1e-38);
    }
}

/* scale: of dy; squares of 1e-24 are none in float. */
static void compare(double scale)
{
    size_t compared = 0;
    for (size_t k = 0; k < NETS; k++)
        for (size_t z = 0; z < SIZES; z++) {
            struct net loop;
            size_t count;
            open_case(&loop, k, z, scale);
            assert_false(choose(NULL));
            const real *was = run(&loop, true, &count);
            for (size_t s = 0; s < 2; s++) {
                struct net n;
                char what[160];
                if (!choose(sets[s])) continue;
                open_case(&n, k, z, scale);
                snprintf(what, sizeof what, "%s %s %s, size %zu", sets[s], nets[k].kind,
                         nets[k].options, z);
                size_t y = weir_count(&n.dy);
                const real *is = run(&n, true, &count);
                near_the_loop(what, y, is, was);
                near_the_loop(what, count - y, is + y, was + y);
                norms_are_those_of_the_loop(&n, &loop);
                close_net(&n);
                compared++;
            }
            close_net(&loop);
        }
    choose("avx2");
    assert_true(compared > 0 || !weir_panels_kernels());
}

static void panels_are_the_loop(void **state)
{
    (void)state;
    compare(1);
}

static void norms_of_tiny_gradients(void **state)
{
    (void)state;
    compare(1e-24);
}

static void bits_are_the_same(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 4};
    for (size_t s = 0; s < 2; s++)
        for (size_t k = 0; k < NETS && choose(sets[s]); k++)
            for (size_t z = 0; z < SIZES; z++) {
                struct net n;
                size_t count;
                open_case(&n, k, z, 1);
                const real *first = run(&n, false, &count);
                for (size_t i = 0; i < 6; i++) {
                    weir_set_threads(threads[i / 2]);
                    assert_memory_equal(first, run(&n, i % 2, &count), count * sizeof *first);
                }
                weir_set_threads(0);
                close_net(&n);
            }
}

/* A panel of an rnn whose only weight is 1 is its nonlinearity. */
static void apply(weir_panel_cell cell, float x, float *y)
{
    static float none[64 * 64], h[64], gate[64], one[64];
    const weir_panel_kernels *kernels = weir_panels_kernels();
    size_t width = 4 * kernels->lanes;
    for (size_t i = 0; i < width; i++) one[i] = 1;
    weir_forward_work work = {.rows = 1, .x = &x, .h_prev = none, .w_x = one, .w_h = none,
                              .bias = none, .I = 1, .H = width, .units = width, .gate = gate,
                              .h = h, .c_prev = none};
    kernels->forward(cell, &work);
    *y = h[0];
}

static void nonlinearities_are_exact(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        if (!choose(sets[s])) continue;
        for (uint64_t bits = 0; bits < UINT64_C(1) << 32; bits += 65521) {
            uint32_t word = (uint32_t)bits;
            float x, t, g;
            memcpy(&x, &word, sizeof x);
            apply(WEIR_PANEL_TANH, x, &t);
            apply(WEIR_PANEL_SIGMOID, x, &g);
            double tanh_x = tanh((double)x), sigmoid_x = 1 / (1 + exp(-(double)x));
            assert_int_equal(isnan(t), isnan(x));
            assert_int_equal(isnan(g), isnan(x));
            if (isnan(x)) continue;
            assert_near(t, tanh_x, 4e-7 * fabs(tanh_x) + 1e-44);
            assert_near(g, sigmoid_x, 4e-7 * sigmoid_x + 3e-44);
        }
        float y;
        apply(WEIR_PANEL_TANH, -INFINITY, &y);
        assert_true(y == -1.0f);
        apply(WEIR_PANEL_SIGMOID, -INFINITY, &y);
        assert_true(y == 0.0f);
        apply(WEIR_PANEL_SIGMOID, INFINITY, &y);
        assert_true(y == 1.0f);
    }
}

#define TESTS                                                                                  \
    cmocka_unit_test(panels_are_the_loop), cmocka_unit_test(norms_of_tiny_gradients),          \
        cmocka_unit_test(bits_are_the_same), cmocka_unit_test(nonlinearities_are_exact)

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {TESTS};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
