/* The gradient split into its time steps: contributions sum to the total, shares to 1, lengths and
 * truncation do what they say, the lag profile of a linear recurrence is its closed form. */
#include "tests/test.h"

#include "base/rng.h"
#include "config/config.h"
#include "nn/pass.h"
#include "tensor/vec.h"

enum { T = 7, B = 3, I = 4 };

struct net {
    weir_arena arena;
    weir_config *config;
    weir_model *model;
    weir_pass *pass;
    weir_tensor x, dy;
};

static void fill(weir_tensor *t, weir_rng *rng)
{
    for (size_t i = 0; i < weir_count(t); i++) t->f[i] = (real)weir_rng_normal(rng);
}

static void open_net(struct net *n, const char *kind, const char *options)
{
    weir_error err = {0};
    weir_rng rng = weir_rng_make(3, WEIR_FOR_DATA, 0, 0);
    memset(n, 0, sizeof *n);
    weir_shape shape = weir_shape_of(3, (size_t)T, (size_t)B, (size_t)I);
    n->model = weir_model_new(&shape, &(weir_hints){0});
    weir_node_spec spec = {.kind = weir_layer_find(kind)};
    assert_non_null(spec.kind);
    spec.options = weir_arena_calloc(&n->arena, 1, spec.kind->options_size);
    assert_ok(weir_config_parse(options, kind, &n->config, &err), err);
    assert_ok(weir_config_options(n->config, n->config->root, spec.kind->options, NULL,
                                  spec.options, &n->arena, &err),
              err);
    assert_ok(weir_model_add(n->model, &spec, &err), err);
    assert_ok(weir_model_finish(n->model, &err), err);
    assert_ok(weir_model_init(n->model, NULL, 5, &err), err);
    n->pass = weir_pass_new(n->model);
    n->x = weir_tensor_alloc(&n->arena, &shape);
    n->dy = weir_tensor_alloc(&n->arena, &n->model->nodes[0].shape);
    fill(&n->x, &rng);
    fill(&n->dy, &rng);
}

static void close_net(struct net *n)
{
    weir_pass_free(n->pass);
    weir_model_free(n->model);
    weir_config_free(n->config);
    weir_arena_free(&n->arena);
}

static void run(struct net *n)
{
    weir_error err = {0};
    weir_vec_zero(n->model->weights, n->model->grads);
    assert_ok(weir_pass_forward(n->pass, &n->x, &err), err);
    assert_ok(weir_pass_backward(n->pass, &n->dy, &err), err);
}

/* What the probe heard: sums of matrices and of shares, per parameter. */
struct heard {
    const weir_model *model;
    double *sum; /* [weights] */
    double share[32], norm2[32][T];
    size_t calls;
};

static void listen(void *self, const weir_moment *where, const weir_parameter *p, double norm2,
                   double share, const real *matrix)
{
    struct heard *h = self;
    size_t k = (size_t)(p - h->model->params);
    h->calls++;
    h->norm2[k][where->t] = norm2;
    h->share[k] += share;
    double *sum = h->sum + (p->value - h->model->values), squares = 0;
    for (size_t i = 0; matrix && i < p->count; i++) {
        sum[i] += (double)matrix[i];
        squares += (double)matrix[i] * (double)matrix[i];
    }
    if (matrix) assert_near(norm2, squares, 1e-5 * squares + 1e-30);
}

static const char *const cells[] = {"rnn", "lstm", "gru"};
static const char *const variants[] = {
    "{hidden_size: 5}", "{hidden_size: 5, bias: false}", "{hidden_size: 5, num_layers: 3}",
    "{hidden_size: 5, bidirectional: true}", "{hidden_size: 5, num_layers: 2, bidirectional: true}",
    "{hidden_size: 5, num_layers: 2, bidirectional: true, output: last}"};

static void contributions_sum_to_the_gradient(void **state)
{
    (void)state;
    double tolerance = sizeof(real) == 8 ? 1e-12 : 1e-4;
    for (size_t c = 0; c < 3; c++)
        for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
            struct net n;
            open_net(&n, cells[c], variants[v]);
            struct heard heard = {.model = n.model};
            heard.sum = weir_arena_calloc(&n.arena, n.model->weights, sizeof(double));
            weir_probe probe = {.self = &heard, .wants = WEIR_WANTS_SHARES | WEIR_WANTS_MATRICES,
                                .step_contribution = listen};
            n.pass->probe = &probe;
            run(&n);
            assert_int_equal(heard.calls, n.model->params_count * T);
            double scale = weir_vec_norm2(n.model->weights, n.model->grads);
            for (size_t i = 0; i < n.model->weights; i++)
                assert_near(heard.sum[i], n.model->grads[i], tolerance * scale);
            for (size_t k = 0; k < n.model->params_count; k++)
                assert_near(heard.share[k], 1, sizeof(real) == 8 ? 1e-12 : 1e-4);
            close_net(&n);
        }
}

/* Norms by Gram matrices are the norms of the matrices. */
static void gram_norms_are_norms(void **state)
{
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        struct net n;
        struct heard with = {0}, without = {0};
        open_net(&n, cells[c], "{hidden_size: 24}"); /* B (GH + n) < GH n: the Gram way */
        with.model = without.model = n.model;
        with.sum = weir_arena_calloc(&n.arena, n.model->weights, sizeof(double));
        without.sum = with.sum;
        weir_probe probe = {
            .self = &with, .wants = WEIR_WANTS_MATRICES, .step_contribution = listen};
        n.pass->probe = &probe;
        run(&n);
        probe.self = &without;
        probe.wants = WEIR_WANTS_CONTRIBUTIONS;
        run(&n);
        for (size_t k = 0; k < n.model->params_count; k++)
            for (size_t t = 0; t < T; t++)
                assert_near(without.norm2[k][t], with.norm2[k][t], 1e-5 * with.norm2[k][t]);
        close_net(&n);
    }
}

/* Measuring does not change the result: same bits with and without a probe. */
static void probe_is_bit_neutral(void **state)
{
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        struct net n;
        struct heard heard = {0};
        open_net(&n, cells[c], "{hidden_size: 5, num_layers: 2, bidirectional: true}");
        heard.model = n.model;
        heard.sum = weir_arena_calloc(&n.arena, n.model->weights, sizeof(double));
        run(&n);
        real *plain = weir_arena_alloc(&n.arena, n.model->weights * sizeof *plain);
        weir_vec_copy(n.model->weights, n.model->grads, plain);
        weir_probe probe = {.self = &heard, .wants = WEIR_WANTS_SHARES | WEIR_WANTS_CONTRIBUTIONS,
                            .step_contribution = listen};
        n.pass->probe = &probe;
        run(&n);
        assert_memory_equal(plain, n.model->grads, n.model->weights * sizeof *plain);
        close_net(&n);
    }
}

/* A batch of padded sequences is the same as each sequence alone, both directions. */
static void lengths_are_separate_sequences(void **state)
{
    (void)state;
    static const int32_t lengths[B] = {7, 2, 4};
    for (size_t c = 0; c < 3; c++)
        for (int last = 0; last < 2; last++) {
            struct net n;
            open_net(&n, cells[c],
                     last ? "{hidden_size: 5, num_layers: 2, bidirectional: true, output: last}"
                          : "{hidden_size: 5, num_layers: 2, bidirectional: true}");
            n.pass->lengths = lengths;
            run(&n);
            double *sum = weir_arena_calloc(&n.arena, n.model->weights, sizeof *sum);
            real *whole = weir_arena_alloc(&n.arena, n.model->weights * sizeof *whole);
            size_t H2 = 10, count = weir_count(weir_pass_output(n.pass));
            real *y = weir_arena_alloc(&n.arena, count * sizeof *y);
            weir_vec_copy(n.model->weights, n.model->grads, whole);
            weir_vec_copy(count, weir_pass_output(n.pass)->f, y);
            n.pass->lengths = NULL;
            weir_tensor x = n.x, dy = n.dy;
            for (size_t b = 0; b < B; b++) { /* sequence b alone, cut to its length */
                size_t L = (size_t)lengths[b];
                weir_shape xs = weir_shape_of(3, L, (size_t)1, (size_t)I);
                weir_shape ys = last ? weir_shape_of(2, (size_t)1, H2)
                                     : weir_shape_of(3, L, (size_t)1, H2);
                n.x = weir_tensor_alloc(&n.arena, &xs);
                n.dy = weir_tensor_alloc(&n.arena, &ys);
                for (size_t t = 0; t < L; t++) {
                    weir_vec_copy(I, x.f + (t * B + b) * I, n.x.f + t * I);
                    if (!last) weir_vec_copy(H2, dy.f + (t * B + b) * H2, n.dy.f + t * H2);
                }
                if (last) weir_vec_copy(H2, dy.f + b * H2, n.dy.f);
                run(&n);
                for (size_t i = 0; i < n.model->weights; i++) sum[i] += (double)n.model->grads[i];
                const real *alone = weir_pass_output(n.pass)->f;
                for (size_t t = 0; t < (last ? 1 : L); t++)
                    for (size_t j = 0; j < H2; j++)
                        assert_near(alone[t * H2 + j], y[((last ? 0 : t) * B + b) * H2 + j],
                                    sizeof(real) == 8 ? 1e-14 : 1e-6);
            }
            for (size_t i = 0; i < n.model->weights; i++)
                assert_near(sum[i], whole[i], sizeof(real) == 8 ? 1e-12 : 1e-4);
            close_net(&n);
        }
}

struct moments {
    double dh[T];
};

static void keep_dh(void *self, const weir_moment *where, double norm_h, double norm_c)
{
    (void)norm_c;
    ((struct moments *)self)->dh[where->t] = norm_h;
}

/* With truncate: 3 a gradient of the last step's output reaches three steps: cuts count from the
 * end. */
static void truncate_cuts(void **state)
{
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        struct net n;
        struct moments m = {0};
        open_net(&n, cells[c], "{hidden_size: 5, truncate: 3}");
        weir_vec_zero(weir_count(&n.dy) - B * 5, n.dy.f); /* only the last step carries a loss */
        weir_probe probe = {.self = &m, .wants = WEIR_WANTS_TIME, .grad_time = keep_dh};
        n.pass->probe = &probe;
        run(&n);
        for (size_t t = T - 3; t < T; t++) assert_true(m.dh[t] > 0);
        for (size_t t = 0; t < T - 3; t++) assert_near(m.dh[t], 0, 0);
        close_net(&n);
        open_net(&n, cells[c], "{hidden_size: 5, truncate: 4}");
        weir_vec_zero(weir_count(&n.dy) - B * 5, n.dy.f);
        n.pass->probe = &probe;
        run(&n);
        for (size_t t = T - 4; t < T; t++) assert_true(m.dh[t] > 0);
        for (size_t t = 0; t < T - 4; t++) assert_near(m.dh[t], 0, 0);
        close_net(&n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contributions_sum_to_the_gradient),
        cmocka_unit_test(gram_norms_are_norms),
        cmocka_unit_test(probe_is_bit_neutral),
        cmocka_unit_test(lengths_are_separate_sequences),
        cmocka_unit_test(truncate_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
