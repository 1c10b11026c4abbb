/* What a unit is, and when it is dead: a feature of rows and sequences, a channel of images and of
 * what windows have moved over. */
#include "tests/one_layer.h"

#include "flow/recorder.h"

enum { SAMPLES = 3 };

struct net {
    weir_arena arena;
    weir_model *model;
    weir_pass *pass;
    weir_flow_record *record;
    weir_recorder *recorder;
    weir_tensor x;
};

static void add(struct net *n, const char *kind, const char *text)
{
    weir_error err = {0};
    weir_config *config;
    weir_node_spec spec = {.kind = weir_layer_find(kind)};
    spec.options = weir_arena_calloc(&n->model->arena, 1, spec.kind->options_size + 1);
    assert_ok(weir_config_parse(text, kind, &config, &err), err);
    assert_ok(weir_config_options(config, config->root, spec.kind->options, NULL, spec.options,
                                  &n->model->arena, &err), err);
    weir_config_free(config);
    assert_ok(weir_model_add(n->model, &spec, &err), err);
}

/* layers: "conv2d", "{out_channels: 2, kernel_size: 3}", "relu", "{}", NULL */
static void open_net(struct net *n, weir_shape x, const char *const *layers)
{
    weir_error err = {0};
    weir_rng rng = weir_rng_make(5, WEIR_FOR_DATA, 1, 1);
    *n = (struct net){.model = weir_model_new(&x, &(weir_hints){0})};
    for (; *layers; layers += 2) add(n, layers[0], layers[1]);
    assert_ok(weir_model_finish(n->model, &err), err);
    assert_ok(weir_model_init(n->model, NULL, 3, &err), err);
    n->pass = weir_pass_new(n->model);
    n->record = weir_record_new();
    n->recorder = weir_recorder_new(n->model, n->record);
    assert_non_null(n->recorder);
    n->x = weir_tensor_alloc(&n->arena, &x);
    for (size_t i = 0; i < weir_count(&n->x); i++) n->x.f[i] = (real)weir_rng_uniform(&rng);
}
#define OPEN(n, x, ...) open_net(n, x, (const char *const[]){__VA_ARGS__, NULL})

static void close_net(struct net *n)
{
    weir_record_free(n->record);
    weir_pass_free(n->pass);
    weir_model_free(n->model);
    weir_arena_free(&n->arena);
}

/* The share of dead units of a node, after as many samples as the measure looks back at. */
static double dead(struct net *n, size_t node)
{
    weir_error err = {0};
    const weir_loss_point point = {.loss = 1};
    for (uint64_t step = 0; step < SAMPLES; step++) {
        n->pass->probe = weir_recorder_begin(n->recorder, step, true, false);
        assert_non_null(n->pass->probe);
        assert_ok(weir_pass_forward(n->pass, &n->x, &err), err);
        assert_int_equal(weir_recorder_end(n->recorder, &point), WEIR_OK);
    }
    return n->record->sample[n->record->samples - 1].node[node].dead;
}

/* Bias k of the first layer to what no input comes up against. */
static void set_bias(struct net *n, size_t k, double to)
{
    n->model->params[1].value[k] = (real)to;
}

static void all_alive(struct net *n, size_t units)
{
    for (size_t k = 0; k < units; k++) set_bias(n, k, 100);
}

static void a_dead_channel_is_off_at_every_place(void **state)
{
    (void)state;
    struct net n;
    OPEN(&n, weir_shape_of(4, (size_t)2, (size_t)1, (size_t)4, (size_t)6), "conv2d",
         "{out_channels: 4, kernel_size: 3}", "relu", "{}", "max_pool2d", "{kernel_size: 2}",
         "relu", "{}");
    assert_int_equal(n.record->node[1].features, 4);
    assert_int_equal(n.record->node[3].features, 4);
    all_alive(&n, 4);
    assert_near(dead(&n, 1), 0, 0);
    set_bias(&n, 2, -100);
    assert_near(dead(&n, 1), 0.25, 0);
    assert_near(dead(&n, 3), 0.25, 0);
    real *w = n.model->params[0].value + 2 * 9; /* channel 2: on in one place of one image alone */
    for (size_t k = 0; k < 9; k++) w[k] = k == 4 ? R(1.0) : R(0.0);
    n.x.f[4 * 6 + 6 + 2] = R(101.0);
    assert_near(dead(&n, 1), 0, 0);
    close_net(&n);
}

static void channels_of_conv1d_are_units_too(void **state)
{
    (void)state;
    struct net n;
    OPEN(&n, weir_shape_of(3, (size_t)3, (size_t)2, (size_t)6), "conv1d",
         "{out_channels: 5, kernel_size: 2}", "relu", "{}");
    assert_int_equal(n.record->node[1].features, 5);
    all_alive(&n, 5);
    set_bias(&n, 0, -100);
    set_bias(&n, 4, -100);
    assert_near(dead(&n, 1), 0.4, 0);
    close_net(&n);
}

/* A sequence has as many sizes, and its features last. */
static void features_of_sequences_are_units(void **state)
{
    (void)state;
    struct net n;
    OPEN(&n, weir_shape_of(3, (size_t)3, (size_t)2, (size_t)6), "linear", "{out_features: 4}",
         "relu", "{}");
    assert_int_equal(n.record->node[1].features, 4);
    all_alive(&n, 4);
    set_bias(&n, 3, -100);
    assert_near(dead(&n, 1), 0.25, 0);
    close_net(&n);
}

/* Images bring channels with them; what mixes the places of a row, or merges all, ends them. */
static void units_follow_the_layers(void **state)
{
    (void)state;
    struct net n;
    OPEN(&n, weir_shape_of(4, (size_t)2, (size_t)3, (size_t)4, (size_t)5), "tanh", "{}",
         "batchnorm2d", "{}", "dropout", "{}", "relu", "{}", "linear", "{out_features: 5}", "relu",
         "{}", "avg_pool2d", "{kernel_size: 2}", "flatten", "{}", "relu", "{}");
    static const size_t units[] = {3, 3, 3, 3, 5, 5, 3, 12, 12};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        assert_int_equal(n.record->node[i].features, units[i]);
    close_net(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_channel_is_off_at_every_place),
        cmocka_unit_test(channels_of_conv1d_are_units_too),
        cmocka_unit_test(features_of_sequences_are_units),
        cmocka_unit_test(units_follow_the_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
