/* Initialisers: moments against theory, exact shapes, presets, and who gets which. */
#include "tests/test.h"

#include "base/memory.h"
#include "base/status.h"
#include "config/config.h"
#include "nn/model.h"

#include <stdio.h>

/* --- one parameter, filled ------------------------------------------------------------------- */

enum { ROWS = 240, COLUMNS = 160, COUNT = ROWS * COLUMNS };

static real numbers[COUNT];

/* A matrix [rows, columns] as torch.nn.init counts its fans. */
static weir_parameter matrix(size_t rows, size_t columns)
{
    return (weir_parameter){.name = "0.weight", .local = "weight", .role = WEIR_WEIGHT,
                            .shape = weir_shape_of(2, rows, columns), .count = rows * columns,
                            .value = numbers, .fan_in = columns, .fan_out = rows, .gates = 1};
}

static weir_parameter vector(const char *local, weir_role role, size_t count)
{
    return (weir_parameter){.name = local, .local = local, .role = role, .gates = 1,
                            .shape = weir_shape_of(1, count), .count = count, .value = numbers,
                            .fan_in = COLUMNS, .fan_out = count};
}

static weir_status fill(const char *kind, const char *options_text, weir_parameter *p,
                        weir_error *err)
{
    const weir_init_kind *init = weir_init_find(kind);
    weir_arena arena = {0};
    weir_config *config;
    weir_rng rng = weir_rng_make(21, WEIR_FOR_INIT, 0, 0);
    assert_non_null(init);
    void *options = weir_arena_calloc(&arena, 1, init->options_size + 1);
    assert_ok(weir_config_parse(options_text, kind, &config, err), *err);
    assert_ok(weir_config_options(config, config->root, init->options, NULL, options, &arena, err),
              *err);
    for (size_t i = 0; i < p->count; i++) p->value[i] = (real)NAN;
    weir_status status = init->fill(options, p, &rng, err);
    weir_config_free(config);
    weir_arena_free(&arena);
    return status;
}

static void must_fill(const char *kind, const char *options, weir_parameter *p)
{
    weir_error err = {0};
    assert_ok(fill(kind, options, p, &err), err);
}

/* --- moments --------------------------------------------------------------------------------- */

/* Within 5 standard errors: of the mean std / sqrt(n), of the variance
 * std^2 sqrt((kurtosis - 1) / n), where the kurtosis is 3 for Gaussian numbers, 9/5 for uniform. */
static void check_moments(const weir_parameter *p, double mean, double std, double kurtosis)
{
    double n = (double)p->count, sum = 0, squares = 0;
    for (size_t i = 0; i < p->count; i++) {
        double d = (double)p->value[i] - mean;
        sum += d;
        squares += d * d;
    }
    assert_near(sum / n, 0, 5 * std / sqrt(n));
    assert_near(squares / n, std * std, 5 * std * std * sqrt((kurtosis - 1) / n));
}

static void check_normal(const weir_parameter *p, double mean, double std)
{
    check_moments(p, mean, std, 3);
    size_t inside = 0; /* of a Gaussian 68 % lie within one std; of a uniform 58 % */
    for (size_t i = 0; i < p->count; i++) inside += fabs((double)p->value[i] - mean) < std;
    double n = (double)p->count;
    assert_near((double)inside / n, 0.6827, 5 * sqrt(0.6827 * 0.3173 / n));
}

/* None beyond the ends, and the outermost of n numbers within 20 / n of them (but for e^-20). */
static void check_uniform(const weir_parameter *p, double low, double high)
{
    check_moments(p, (low + high) / 2, (high - low) / sqrt(12), 1.8);
    double least = high, most = low, near = 20 * (high - low) / (double)p->count;
    for (size_t i = 0; i < p->count; i++) {
        least = fmin(least, (double)p->value[i]);
        most = fmax(most, (double)p->value[i]);
    }
    double rounding = (double)REAL_EPS * fmax(fabs(low), fabs(high));
    assert_true(least >= low - rounding && least <= low + near);
    assert_true(most <= high + rounding && most >= high - near);
}

static void plain_distributions(void **state)
{
    (void)state;
    weir_parameter p = matrix(ROWS, COLUMNS);
    must_fill("normal", "{}", &p);
    check_normal(&p, 0, 1);
    must_fill("normal", "{mean: 3, std: 0.5}", &p);
    check_normal(&p, 3, 0.5);
    must_fill("uniform", "{}", &p);
    check_uniform(&p, 0, 1);
    must_fill("uniform", "{a: -2, b: 5}", &p);
    check_uniform(&p, -2, 5);
    weir_error err = {0};
    assert_int_equal(fill("uniform", "{a: 2, b: 1}", &p, &err), WEIR_USAGE);
}

static void fans_set_the_scale(void **state)
{
    (void)state;
    weir_parameter p = matrix(ROWS, COLUMNS);
    double xavier = sqrt(2.0 / (ROWS + COLUMNS)), root3 = sqrt(3);
    must_fill("xavier_normal", "{}", &p);
    check_normal(&p, 0, xavier);
    must_fill("xavier_uniform", "{gain: 1.5}", &p);
    check_uniform(&p, -1.5 * root3 * xavier, 1.5 * root3 * xavier);
    must_fill("kaiming_normal", "{}", &p); /* PyTorch's defaults: fan_in, leaky_relu with a = 0 */
    check_normal(&p, 0, sqrt(2.0 / (double)COLUMNS));
    must_fill("kaiming_normal", "{mode: fan_out, nonlinearity: tanh}", &p);
    check_normal(&p, 0, 5.0 / 3 / sqrt(ROWS));
    must_fill("kaiming_uniform", "{a: 2}", &p);
    check_uniform(&p, -root3 * sqrt(0.4 / (double)COLUMNS), root3 * sqrt(0.4 / (double)COLUMNS));
}

/* torch.nn.init.calculate_gain, by way of the scale it sets. */
static void gains_are_pytorchs(void **state)
{
    (void)state;
    static const struct {
        const char *nonlinearity;
        double gain;
    } known[] = {{"linear", 1},       {"sigmoid", 1},
                 {"tanh", 5.0 / 3},   {"relu", 1.41421356237309505},
                 {"selu", 3.0 / 4},   {"leaky_relu, a: 0.5", 1.26491106406735173}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        char options[80];
        weir_parameter p = matrix(ROWS, COLUMNS);
        must_fill("kaiming_normal", "{nonlinearity: linear}", &p);
        double one = (double)numbers[0];
        snprintf(options, sizeof options, "{nonlinearity: %s}", known[k].nonlinearity);
        must_fill("kaiming_normal", options, &p); /* the same draw */
        assert_near((double)numbers[0] / one, known[k].gain, 4 * (double)REAL_EPS);
    }
}

/* --- exact ones ------------------------------------------------------------------------------ */

static void constants(void **state)
{
    (void)state;
    weir_parameter p = matrix(3, 4), v = vector("bias", WEIR_BIAS, 5);
    must_fill("zeros", "{}", &p);
    for (size_t i = 0; i < 12; i++) assert_near(numbers[i], 0, 0);
    must_fill("ones", "{}", &p);
    for (size_t i = 0; i < 12; i++) assert_near(numbers[i], 1, 0);
    must_fill("constant", "{val: -2.5}", &v);
    for (size_t i = 0; i < 5; i++) assert_near(numbers[i], -2.5, 0);
}

static void identities(void **state)
{
    (void)state;
    weir_parameter p = matrix(5, 3);
    must_fill("identity", "{gain: 0.5}", &p);
    for (size_t i = 0; i < 15; i++) assert_near(numbers[i], i / 3 == i % 3 ? 0.5 : 0, 0);
    p = matrix(3, 5);
    must_fill("identity", "{}", &p);
    for (size_t i = 0; i < 15; i++) assert_near(numbers[i], i / 5 == i % 5, 0);
    p = matrix(12, 4); /* three gates of four units */
    p.role = WEIR_RECURRENT_WEIGHT;
    p.gates = 3;
    must_fill("identity", "{}", &p);
    for (size_t i = 0; i < 48; i++) assert_near(numbers[i], i / 4 % 4 == i % 4, 0);
}

/* W W^T, or W^T W where rows are more, is gain^2 times the identity. Householder's Q is orthonormal
 * to some n eps in double, and is rounded once to the number type. */
static void check_orthogonal(size_t rows, size_t columns, const real *W, double gain)
{
    bool tall = rows > columns;
    size_t vectors = tall ? columns : rows, length = tall ? rows : columns;
    for (size_t a = 0; a < vectors; a++)
        for (size_t b = 0; b < vectors; b++) {
            double dot = 0;
            for (size_t i = 0; i < length; i++)
                dot += tall ? (double)W[i * columns + a] * (double)W[i * columns + b]
                            : (double)W[a * columns + i] * (double)W[b * columns + i];
            double allowed = gain * gain * (2 * (double)REAL_EPS + 1e-13);
            assert_near(dot, a == b ? gain * gain : 0, allowed);
        }
}

static void orthogonals(void **state)
{
    (void)state;
    weir_parameter p = matrix(40, 25);
    must_fill("orthogonal", "{gain: 2}", &p);
    check_orthogonal(40, 25, numbers, 2);
    p = matrix(25, 40);
    must_fill("orthogonal", "{}", &p);
    check_orthogonal(25, 40, numbers, 1);
    p = matrix(40, 10); /* four gates of ten units: each block */
    p.role = WEIR_RECURRENT_WEIGHT;
    p.gates = 4;
    must_fill("orthogonal", "{}", &p);
    for (size_t g = 0; g < 4; g++) check_orthogonal(10, 10, numbers + g * 100, 1);
    p.role = WEIR_WEIGHT; /* the input's weights: the whole stack */
    must_fill("orthogonal", "{}", &p);
    check_orthogonal(40, 10, numbers, 1);
    p.shape = weir_shape_of(4, (size_t)8, (size_t)5, (size_t)2, (size_t)5); /* rows of 50 */
    must_fill("orthogonal", "{}", &p);
    check_orthogonal(8, 50, numbers, 1);
}

static void vectors_are_refused(void **state)
{
    (void)state;
    static const char *const kinds[] = {"orthogonal",      "identity",       "xavier_uniform",
                                        "xavier_normal",   "kaiming_normal", "kaiming_uniform"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        weir_parameter p = vector("bias", WEIR_BIAS, 5);
        weir_error err = {0};
        assert_int_equal(fill(kinds[i], "{}", &p, &err), WEIR_USAGE);
        assert_non_null(strstr(err.text, "matrix"));
    }
}

/* --- presets --------------------------------------------------------------------------------- */

static void preset_pytorch(void **state)
{
    (void)state;
    weir_parameter p = matrix(ROWS, COLUMNS);
    must_fill("pytorch", "{}", &p);
    check_uniform(&p, -1 / sqrt(COLUMNS), 1 / sqrt(COLUMNS));
    p.hidden = 60; /* an LSTM's weight_ih: by its hidden size, whatever comes in */
    must_fill("pytorch", "{}", &p);
    check_uniform(&p, -1 / sqrt(60), 1 / sqrt(60));
    p.hidden = 0;
    p.role = WEIR_EMBEDDING;
    must_fill("pytorch", "{}", &p);
    check_normal(&p, 0, 1);
    p = vector("bias", WEIR_BIAS, COUNT);
    must_fill("pytorch", "{}", &p);
    check_uniform(&p, -1 / sqrt(COLUMNS), 1 / sqrt(COLUMNS));
    p = vector("weight", WEIR_SLOPE, 5);
    must_fill("pytorch", "{}", &p);
    for (size_t i = 0; i < 5; i++) assert_near(numbers[i], 0.25, 0);
}

static void preset_keras(void **state)
{
    (void)state;
    weir_parameter p = matrix(ROWS, COLUMNS);
    double glorot = sqrt(6.0 / (ROWS + COLUMNS));
    must_fill("keras", "{}", &p);
    check_uniform(&p, -glorot, glorot);
    p.role = WEIR_EMBEDDING;
    must_fill("keras", "{}", &p);
    check_uniform(&p, -0.05, 0.05);
    p = matrix(40, 10); /* Keras makes the gates' stack orthogonal as a whole */
    p.role = WEIR_RECURRENT_WEIGHT;
    p.gates = 4;
    must_fill("keras", "{}", &p);
    check_orthogonal(40, 10, numbers, 1);
    static const struct {
        const char *local;
        weir_role role;
        size_t gates;
        double value, forget;
    } known[] = {{"bias", WEIR_BIAS, 1, 0, 0},          {"bias_ih_l0", WEIR_BIAS, 4, 0, 1},
                 {"bias_hh_l0", WEIR_BIAS, 4, 0, 0},    {"bias_ih_l0", WEIR_BIAS, 3, 0, 0},
                 {"weight", WEIR_NORM_WEIGHT, 1, 1, 1}, {"bias", WEIR_NORM_BIAS, 1, 0, 0},
                 {"weight", WEIR_SLOPE, 1, 0, 0}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        p = vector(known[k].local, known[k].role, 12);
        p.gates = known[k].gates;
        must_fill("keras", "{}", &p);
        for (size_t i = 0; i < 12; i++) /* of i, f, g, o the second */
            assert_near(numbers[i], i / 3 == 1 ? known[k].forget : known[k].value, 0);
    }
}

/* --- names, streams, and who gets which ------------------------------------------------------ */

static void names_are_pytorchs(void **state)
{
    (void)state;
    static const char *const names[] = {
        "zeros",         "ones",           "constant",        "uniform",        "normal",
        "xavier_normal", "xavier_uniform", "kaiming_uniform", "kaiming_normal", "orthogonal",
        "identity",      "pytorch",        "keras"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(weir_init_find(names[i]));
    for (const weir_init_kind *const *kind = weir_init_kinds; *kind; kind++) {
        assert_ptr_equal(weir_init_find((*kind)->name), *kind);
        assert_true(strlen((*kind)->doc) > 0);
        bool preset = !strcmp((*kind)->name, "pytorch") || !strcmp((*kind)->name, "keras");
        assert_int_equal((*kind)->preset, preset);
    }
    assert_null(weir_init_find("no such initialiser"));
}

/* linear, batch norm and PReLU, of 5 features each. */
static weir_model *open_model(void)
{
    static const char *const kinds[] = {"linear", "batchnorm1d", "prelu"};
    weir_shape x = weir_shape_of(2, (size_t)4, (size_t)5);
    weir_error err = {0};
    weir_model *m = weir_model_new(&x, &(weir_hints){.outputs = 5});
    assert_non_null(m);
    for (size_t i = 0; i < 3; i++) {
        const weir_layer_kind *kind = weir_layer_find(kinds[i]);
        weir_node_spec spec = {.kind = kind,
                               .options = weir_arena_calloc(&m->arena, 1, kind->options_size + 1)};
        assert_ok(weir_options_default(kind->options, spec.options, &m->arena, &err), err);
        assert_ok(weir_model_add(m, &spec, &err), err);
    }
    assert_ok(weir_model_finish(m, &err), err);
    return m;
}

/* What stands at the top level is for weights; scales and learned slopes keep their own start. */
static void top_level_leaves_normalisers_alone(void **state)
{
    (void)state;
    weir_model *m = open_model();
    weir_error err = {0};
    double constant = 7;
    const weir_init top[] = {{"weight", weir_init_find("constant"), &constant, NULL},
                             {"", weir_init_find("keras"), NULL, NULL}};
    assert_ok(weir_model_init(m, &(weir_init_list){top, 1}, 1, &err), err);
    assert_near(weir_model_param(m, "0.weight")->value[0], 7, 0);
    assert_near(weir_model_param(m, "1.weight")->value[0], 1, 0);
    assert_near(weir_model_param(m, "2.weight")->value[0], 0.25, 0);
    assert_ok(weir_model_init(m, &(weir_init_list){top + 1, 1}, 1, &err), err);
    assert_near(weir_model_param(m, "1.weight")->value[0], 1, 0);
    assert_near(weir_model_param(m, "2.weight")->value[0], 0, 0); /* a preset speaks for all */
    m->nodes[1].inits = m->nodes[2].inits = (weir_init_list){top, 1};
    assert_ok(weir_model_init(m, NULL, 1, &err), err);
    assert_near(weir_model_param(m, "1.weight")->value[0], 7, 0); /* asked for by name */
    assert_near(weir_model_param(m, "2.weight")->value[0], 7, 0);
    weir_model_free(m);
}

static void seeds_name_streams(void **state)
{
    (void)state;
    weir_model *m = open_model();
    weir_error err = {0};
    real first[25];
    weir_parameter *w = weir_model_param(m, "0.weight");
    assert_ok(weir_model_init(m, NULL, 1, &err), err);
    memcpy(first, w->value, sizeof first);
    assert_ok(weir_model_init(m, NULL, 2, &err), err);
    assert_memory_not_equal(first, w->value, sizeof first);
    assert_ok(weir_model_init(m, NULL, 1, &err), err);
    assert_memory_equal(first, w->value, sizeof first);
    weir_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_distributions),
        cmocka_unit_test(fans_set_the_scale),
        cmocka_unit_test(gains_are_pytorchs),
        cmocka_unit_test(constants),
        cmocka_unit_test(identities),
        cmocka_unit_test(orthogonals),
        cmocka_unit_test(vectors_are_refused),
        cmocka_unit_test(preset_pytorch),
        cmocka_unit_test(preset_keras),
        cmocka_unit_test(names_are_pytorchs),
        cmocka_unit_test(top_level_leaves_normalisers_alone),
        cmocka_unit_test(seeds_name_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
