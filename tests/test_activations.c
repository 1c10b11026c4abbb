/* Activations against their definitions in long double: values, slopes, steepest place, ends. */
#include "tests/one_layer.h"

/* --- definitions ----------------------------------------------------------------------------- */

typedef long double wide;
typedef wide function(wide z);

#define FUNCTION(name, value) \
    static wide name(wide z)  \
    {                         \
        return value;         \
    }

#define SELU_SCALE 1.0507009873554804934193349852946L
#define SELU_ALPHA 1.6732632423543772848170429916717L
#define PI 3.14159265358979323846264338327950288L

FUNCTION(sigmoid, z >= 0 ? 1 / (1 + expl(-z)) : expl(z) / (1 + expl(z)))
FUNCTION(sigmoid_slope, sigmoid(z) * sigmoid(-z))
FUNCTION(tanh_slope, 1 / (coshl(z) * coshl(z)))
FUNCTION(relu, z > 0 ? z : 0)
FUNCTION(relu_slope, z > 0 ? 1 : 0)
FUNCTION(leaky, z > 0 ? z : (wide)R(0.01) * z)
FUNCTION(leaky_slope, z > 0 ? 1 : (wide)R(0.01))
FUNCTION(quarter, z > 0 ? z : z / 4)
FUNCTION(quarter_slope, z > 0 ? 1 : 0.25L)
FUNCTION(elu, z > 0 ? z : expm1l(z))
FUNCTION(elu_slope, z > 0 ? 1 : expl(z))
FUNCTION(elu_half, z > 0 ? z : 0.5L * expm1l(z))
FUNCTION(elu_half_slope, z > 0 ? 1 : 0.5L * expl(z))
FUNCTION(selu, SELU_SCALE *(z > 0 ? z : SELU_ALPHA * expm1l(z)))
FUNCTION(selu_slope, SELU_SCALE *(z > 0 ? 1 : SELU_ALPHA * expl(z)))
FUNCTION(gelu, z * erfcl(-z / sqrtl(2)) / 2)
FUNCTION(gelu_slope, erfcl(-z / sqrtl(2)) / 2 + z * expl(-z * z / 2) / sqrtl(2 * PI))
FUNCTION(twice_u, 2 * sqrtl(2 / PI) * (z + 0.044715L * z * z * z))
FUNCTION(twice_u_slope, 2 * sqrtl(2 / PI) * (1 + 3 * 0.044715L * z * z))
FUNCTION(gelu_tanh, z * sigmoid(twice_u(z)))
FUNCTION(gelu_tanh_slope,
         sigmoid(twice_u(z)) + z * sigmoid_slope(twice_u(z)) * twice_u_slope(z))
FUNCTION(silu, z * sigmoid(z))
FUNCTION(silu_slope, sigmoid(z) + z * sigmoid_slope(z))
FUNCTION(softplus, z > 20 ? z : log1pl(expl(z)))
FUNCTION(softplus_slope, z > 20 ? 1 : sigmoid(z))
FUNCTION(softplus_2, 2 * z > 3 ? z : log1pl(expl(2 * z)) / 2)
FUNCTION(softplus_2_slope, 2 * z > 3 ? 1 : sigmoid(2 * z))
FUNCTION(hard, z <= -3 ? 0 : z >= 3 ? 1 : (z + 3) / 6)
FUNCTION(hard_slope, z > -3 && z < 3 ? 1 / 6.0L : 0)

static const struct known {
    const char *kind, *options;
    function *f, *slope;
    double low, high;             /* f at -inf and at inf */
    double slope_low, slope_high; /* f' there */
} known[] = {
    {"sigmoid", "{}", sigmoid, sigmoid_slope, 0, 1, 0, 0},
    {"tanh", "{}", tanhl, tanh_slope, -1, 1, 0, 0},
    {"relu", "{}", relu, relu_slope, 0, INFINITY, 0, 1},
    {"leaky_relu", "{}", leaky, leaky_slope, -INFINITY, INFINITY, (double)R(0.01), 1},
    {"prelu", "{}", quarter, quarter_slope, -INFINITY, INFINITY, 0.25, 1},
    {"elu", "{}", elu, elu_slope, -1, INFINITY, 0, 1},
    {"elu", "{alpha: 0.5}", elu_half, elu_half_slope, -0.5, INFINITY, 0, 1},
    {"selu", "{}", selu, selu_slope, (double)(-SELU_SCALE * SELU_ALPHA), INFINITY, 0,
     (double)SELU_SCALE},
    {"gelu", "{}", gelu, gelu_slope, 0, INFINITY, 0, 1},
    {"gelu", "{approximate: tanh}", gelu_tanh, gelu_tanh_slope, 0, INFINITY, 0, 1},
    {"silu", "{}", silu, silu_slope, 0, INFINITY, 0, 1},
    {"softplus", "{}", softplus, softplus_slope, 0, INFINITY, 0, 1},
    {"softplus", "{beta: 2, threshold: 3}", softplus_2, softplus_2_slope, 0, INFINITY, 0, 1},
    {"hardsigmoid", "{}", hard, hard_slope, 0, 1, 0, 0},
    {"exp", "{}", expl, expl, 0, INFINITY, 0, INFINITY},
};
enum { KNOWN = sizeof known / sizeof *known };

static void every_activation_is_known(void **state)
{
    (void)state;
    for (const weir_layer_kind *const *kind = weir_layer_kinds; *kind; kind++) {
        bool found = (*kind)->part != WEIR_ACTIVATION;
        for (size_t k = 0; k < KNOWN; k++) found |= !strcmp(known[k].kind, (*kind)->name);
        if (!found) fail_msg("the activation %s is not tested", (*kind)->name);
    }
}

/* --- values and slopes ----------------------------------------------------------------------- */

/* Opens an activation on the n numbers z; a PReLU's slope is 0.25. */
static void open_on(one_layer *n, const struct known *k, size_t count, const real *z)
{
    one_layer_must_open(n, k->kind, k->options, weir_shape_of(1, count));
    weir_vec_copy(count, z, n->x.f);
    for (size_t i = 0; i < n->model->weights; i++) n->model->values[i] = R(0.25);
}

/* All ranges: around 0, where exp and erfc fade, and as large as numbers get. */
static size_t fill_ranges(real *z)
{
    static const double odd[] = {0, 1e-30, 1e-8, 0.001, 100, 104, 300, 745, 801, 1e4, 1e10, 1e30};
    size_t n = 0;
    for (double a = -60; a < 60; a += 0.37) z[n++] = (real)a;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        z[n++] = (real)odd[i];
        z[n++] = (real)-odd[i];
    }
    z[n++] = REAL_MAX;
    z[n++] = -REAL_MAX;
    return n;
}

/* What rounding may do: a few roundings of the result, and of z on the way in (which costs z f').
 * Where e^-|z| is subnormal its spacing counts, times what it is multiplied with, up to 0.2 |z|^3
 * for gelu (tanh), and |z| < 22 there. */
static double allowance(wide f, wide slope, wide z)
{
    wide relative = 4 * (wide)REAL_EPS * (fabsl(f) + fabsl(z * slope));
    wide least = 4 * (wide)REAL_MIN * (wide)REAL_EPS * (1 + fminl(z * z, 1e4L));
    return (double)(relative + least);
}

static void check_ranges(const struct known *k, bool slopes)
{
    real z[400], *got;
    size_t count = fill_ranges(z);
    one_layer n;
    open_on(&n, k, count, z);
    got = one_layer_copy(&n, count, one_layer_forward(&n));
    if (slopes) n.node->kind->slope(n.node, count, z, got);
    for (size_t i = 0; i < count; i++) {
        const wide h = 1e-4L, at = (wide)z[i];
        wide expected = slopes ? k->slope(at) : k->f(at), bend = k->slope(at);
        if (slopes) bend = fabsl(at) < 1e4L ? (k->slope(at + h) - k->slope(at - h)) / (2 * h) : 0;
        if (expected > (wide)REAL_MAX) expected = (wide)INFINITY;
        double gap = (wide)got[i] == expected ? 0 : (double)fabsl((wide)got[i] - expected);
        if (!(gap <= allowance(expected, bend, at)))
            fail_msg("%s %s: %s(%.9g) is %.17g, not %.17Lg", k->kind, k->options,
                     slopes ? "slope" : "f", (double)z[i], (double)got[i], expected);
    }
    one_layer_close(&n);
}

static void values_are_exact_to_rounding(void **state)
{
    (void)state;
    for (size_t k = 0; k < KNOWN; k++) check_ranges(&known[k], false);
}

static void slopes_are_exact_to_rounding(void **state)
{
    (void)state;
    for (size_t k = 0; k < KNOWN; k++) check_ranges(&known[k], true);
}

static void infinities_and_nan(void **state)
{
    (void)state;
    const real z[] = {-(real)INFINITY, (real)INFINITY, (real)NAN};
    for (size_t k = 0; k < KNOWN; k++) {
        one_layer n;
        real slope[3];
        open_on(&n, &known[k], 3, z);
        const real *y = one_layer_forward(&n);
        n.node->kind->slope(n.node, 3, z, slope);
        const double expected[] = {known[k].low, known[k].high, known[k].slope_low,
                                   known[k].slope_high};
        const real got[] = {y[0], y[1], slope[0], slope[1]};
        for (size_t i = 0; i < 4; i++)
            if ((double)got[i] != expected[i] &&
                !(fabs((double)got[i] - expected[i]) <= 2 * (double)REAL_EPS * fabs(expected[i])))
                fail_msg("%s: at %s %g, not %g", n.label, i % 2 ? "+inf" : "-inf", (double)got[i],
                         expected[i]);
        if (!isnan(y[2])) fail_msg("%s: NaN does not stay NaN", n.label);
        one_layer_close(&n);
    }
}

/* PyTorch's side of each kink. */
static void kinks(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *options;
        double z, slope;
    } at[] = {{"relu", "{}", 0, 0},          {"leaky_relu", "{negative_slope: 0.25}", 0, 0.25},
              {"prelu", "{}", 0, 0.25},      {"elu", "{alpha: 0.5}", 0, 0.5},
              {"hardsigmoid", "{}", -3, 0},  {"hardsigmoid", "{}", 3, 0},
              {"leaky_relu", "{negative_slope: -1.5}", -1, -1.5}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const struct known k = {.kind = at[i].kind, .options = at[i].options};
        one_layer n;
        real z = (real)at[i].z, slope;
        open_on(&n, &k, 1, &z);
        n.node->kind->slope(n.node, 1, &z, &slope);
        assert_near(slope, at[i].slope, 0);
        one_layer_close(&n);
    }
}

/* --- the steepest place ---------------------------------------------------------------------- */

/* No slope is above largest, and one comes close: over a grid of 1/1024 a smooth maximum is missed
 * by |f'''| / 1024^2 / 8, below 1e-6; just below 0 are the maxima of those that break there. */
static void check_steepest(const weir_layer_kind *kind, const char *options, double slope_below)
{
    enum { N = 100 * 1024 + 2 };
    weir_shape shape = weir_shape_of(2, (size_t)(N / 5), (size_t)5);
    weir_error err = {0};
    one_layer n;
    if (!one_layer_open(&n, kind, options, &shape, &err)) fail_msg("%s", err.text);
    for (size_t i = 0; i < n.model->weights; i++) n.model->values[i] = (real)slope_below;
    size_t count = weir_count(&n.x);
    real *z = n.x.f, *slope = one_layer_copy(&n, count, z);
    for (size_t i = 0; i < count; i++) z[i] = (real)(((double)i - (double)count / 2) / 1024);
    for (size_t i = 0; i < 5; i++) z[i] = -REAL_MIN;
    kind->slope(n.node, count, z, slope);
    double most = weir_vec_norm_inf(count, slope), largest = weir_largest_slope(n.node);
    if (isinf(largest))
        assert_true(most > 1e20); /* e^50 */
    else if (!(most <= largest * (1 + 4 * (double)REAL_EPS) && most >= largest * (1 - 1e-6)))
        fail_msg("%s: the largest slope is %.10g, not %.10g", n.label, most, largest);
    one_layer_close(&n);
}

static void largest_slope_is_reached(void **state)
{
    (void)state;
    for (const weir_layer_kind *const *kind = weir_layer_kinds; *kind; kind++) {
        if ((*kind)->part != WEIR_ACTIVATION) continue;
        for (const char *const *e = (*kind)->examples; *e; e++) {
            check_steepest(*kind, *e, 0.25);
            check_steepest(*kind, *e, -1.5);
        }
    }
}

/* --- PReLU's channels ------------------------------------------------------------------------ */

static void check_channels(const char *options, weir_shape x, size_t inner)
{
    one_layer n;
    one_layer_must_open(&n, "prelu", options, x);
    const real *y = one_layer_forward(&n), *a = n.model->values;
    for (size_t i = 0; i < weir_count(&n.x); i++)
        assert_near(y[i], n.x.f[i] > R(0.0) ? n.x.f[i] : a[i / inner % 5] * n.x.f[i], 0);
    one_layer_close(&n);
}

static void prelu_finds_its_channels(void **state)
{
    (void)state;
    const char *five = "{num_parameters: 5}", *first = "{num_parameters: 5, channels: first}";
    const char *last = "{num_parameters: 5, channels: last}";
    check_channels(five, weir_shape_of(2, (size_t)4, (size_t)5), 1);
    check_channels(five, weir_shape_of(3, (size_t)3, (size_t)4, (size_t)5), 1); /* [T,B,F] */
    check_channels(five, weir_shape_of(3, (size_t)3, (size_t)5, (size_t)4), 4); /* [B,C,L] */
    check_channels(five, weir_shape_of(4, (size_t)2, (size_t)5, (size_t)3, (size_t)5), 15);
    check_channels(first, weir_shape_of(3, (size_t)3, (size_t)5, (size_t)5), 5);
    check_channels(last, weir_shape_of(3, (size_t)3, (size_t)5, (size_t)5), 1);
    weir_shape both = weir_shape_of(3, (size_t)3, (size_t)5, (size_t)5);
    weir_error err = {0};
    one_layer n;
    assert_false(one_layer_open(&n, weir_layer_find("prelu"), five, &both, &err));
    assert_non_null(strstr(err.text, "channels: first"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_activation_is_known),
        cmocka_unit_test(values_are_exact_to_rounding),
        cmocka_unit_test(slopes_are_exact_to_rounding),
        cmocka_unit_test(infinities_and_nan),
        cmocka_unit_test(kinks),
        cmocka_unit_test(largest_slope_is_reached),
        cmocka_unit_test(prelu_finds_its_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
