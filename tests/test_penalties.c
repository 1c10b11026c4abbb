/* Penalties: known values, derivatives by central differences, and whom they take. */
#include "tests/test.h"

#include "tensor/vec.h"
#include "train/penalty.h"

/* ids [2,3] -> embedding [5,4] -> linear [3,4] with a bias: 35 numbers. */
struct net {
    weir_model *model;
    weir_pass *pass;
};

static void add(weir_model *m, const weir_layer_kind *kind, const char *option, const char *value)
{
    weir_error err = {0};
    void *options = weir_arena_calloc(&m->arena, 1, kind->options_size);
    assert_ok(weir_options_default(kind->options, options, &m->arena, &err), err);
    const weir_option *o = weir_option_find(kind->options, option);
    assert_ok(weir_option_read(o, value, option, options, &m->arena, &err), err);
    assert_ok(weir_model_add(m, &(weir_node_spec){.kind = kind, .options = options}, &err), err);
}

static void open_net(struct net *net)
{
    weir_error err = {0};
    weir_shape x = weir_shape_of(2, (size_t)2, (size_t)3);
    x.dtype = WEIR_INT32;
    weir_model *m = weir_model_new(&x, &(weir_hints){.vocabulary = 5});
    add(m, &weir_layer_embedding, "embedding_dim", "4");
    add(m, &weir_layer_linear, "out_features", "3");
    assert_ok(weir_model_finish(m, &err), err);
    assert_int_equal(m->weights, 20 + 12 + 3);
    for (size_t i = 0; i < m->weights; i++) m->values[i] = (real)(0.3 * sin(1 + 2 * (double)i));
    *net = (struct net){m, weir_pass_new(m)};
    assert_non_null(net->pass);
}

static void close_net(struct net *net)
{
    weir_pass_free(net->pass);
    weir_model_free(net->model);
}

static double apply(const struct net *net, const weir_penalty_kind *kind, const char *lambda)
{
    weir_error err = {0};
    weir_arena arena = {0};
    void *options = weir_arena_calloc(&arena, 1, kind->options_size);
    assert_ok(weir_options_default(kind->options, options, &arena, &err), err);
    assert_ok(weir_option_read(&kind->options[0], lambda, "lambda", options, &arena, &err), err);
    double value = kind->apply(options, net->pass);
    weir_arena_free(&arena);
    return value;
}

static void known_values(void **state)
{
    (void)state;
    struct net net;
    open_net(&net);
    weir_model *m = net.model;
    for (size_t i = 0; i < m->weights; i++) m->values[i] = i % 2 ? R(-2.0) : R(0.0);
    m->grads[1] = R(5.0);
    /* 32 of the 35 numbers are weights, 16 of them -2 */
    assert_near(apply(&net, &weir_penalty_l1, "0.25"), 0.25 * 16 * 2, 1e-15);
    assert_near(m->grads[0], 0, 0); /* the sign of 0 is 0 */
    assert_near(m->grads[1], 5 - 0.25, 0);
    assert_near(m->grads[3], -0.25, 0);
    weir_vec_zero(m->weights, m->grads);
    assert_near(apply(&net, &weir_penalty_l2, "0.25"), 0.25 * 16 * 4, 1e-15);
    assert_near(m->grads[0], 0, 0);
    assert_near(m->grads[1], -1, 0); /* 2 lambda w */
    close_net(&net);
}

/* (P(w + h) - P(w - h)) / 2h, with the step the number type really made. */
static double difference(const struct net *net, const weir_penalty_kind *kind, real *w)
{
    real was = *w, high = was + R(1e-3), low = was - R(1e-3);
    *w = high;
    double above = apply(net, kind, "0.7");
    *w = low;
    double below = apply(net, kind, "0.7");
    *w = was;
    return (above - below) / ((double)high - (double)low);
}

static void derivatives(void **state)
{
    (void)state;
    struct net net;
    open_net(&net);
    weir_model *m = net.model;
    for (size_t k = 0; weir_penalty_kinds[k]; k++) {
        real expected[64];
        for (size_t i = 0; i < m->weights; i++)
            expected[i] = (real)difference(&net, weir_penalty_kinds[k], &m->values[i]);
        weir_vec_zero(m->weights, m->grads);
        apply(&net, weir_penalty_kinds[k], "0.7");
        for (size_t i = 0; i < m->weights; i++)
            assert_near(m->grads[i], expected[i], 1e-6 * fmax(fabs((double)expected[i]), 0.1));
    }
    close_net(&net);
}

static void only_what_multiplies(void **state)
{
    (void)state;
    static const struct {
        weir_role role;
        bool taken;
    } expected[] = {{WEIR_WEIGHT, true},       {WEIR_RECURRENT_WEIGHT, true},
                    {WEIR_EMBEDDING, true},    {WEIR_BIAS, false},
                    {WEIR_NORM_WEIGHT, false}, {WEIR_NORM_BIAS, false},
                    {WEIR_SLOPE, false}};
    struct net net;
    open_net(&net);
    weir_model *m = net.model;
    for (size_t k = 0; weir_penalty_kinds[k]; k++)
        for (size_t e = 0; e < sizeof expected / sizeof *expected; e++) {
            weir_vec_zero(m->weights, m->grads);
            for (size_t i = 0; i < m->params_count; i++) m->params[i].role = expected[e].role;
            double value = apply(&net, weir_penalty_kinds[k], "0.5");
            double touched = weir_vec_norm1(m->weights, m->grads);
            assert_true(expected[e].taken ? value > 0 && touched > 0 : value == 0 && touched == 0);
        }
    close_net(&net);
}

static void a_list_adds_up(void **state)
{
    (void)state;
    struct net net;
    open_net(&net);
    double lambda1 = 0.5, lambda2 = 2; /* an options struct begins with its lambda */
    const weir_penalty item[] = {{&weir_penalty_l1, &lambda1}, {&weir_penalty_l2, &lambda2}};
    double both = weir_penalties_apply(&(weir_penalty_list){item, 2}, net.pass);
    double apart = apply(&net, &weir_penalty_l1, "0.5") + apply(&net, &weir_penalty_l2, "2");
    assert_near(both, apart, 1e-15);
    assert_near(weir_penalties_apply(&(weir_penalty_list){0}, net.pass), 0, 0);
    close_net(&net);
}

static void every_penalty_is_found(void **state)
{
    (void)state;
    for (size_t k = 0; weir_penalty_kinds[k]; k++) {
        assert_ptr_equal(weir_penalty_find(weir_penalty_kinds[k]->name), weir_penalty_kinds[k]);
        assert_string_equal(weir_penalty_kinds[k]->options[0].name, "lambda");
        assert_null(weir_penalty_kinds[k]->options[0].fallback); /* it must be said */
    }
    assert_null(weir_penalty_find("no_such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(derivatives),
        cmocka_unit_test(only_what_multiplies),
        cmocka_unit_test(a_list_adds_up),
        cmocka_unit_test(every_penalty_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
