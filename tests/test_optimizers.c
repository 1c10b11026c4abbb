/* Optimizers against what is known of them in closed form: constant gradients, impulses, decay. */
#include "tests/rig.h"

/* Every step rounds a few times; so many units in the last place are allowed for each. */
static double rounding(const struct rig *r, double size)
{
    return 8 * (double)(r->step + 1) * (double)REAL_EPS * size;
}

static const double constant[N] = {0.5, -2, 1e-3};

/* --- sgd -------------------------------------------------------------------------------------- */

static void sgd_is_lr_times_gradient(void **state)
{
    (void)state;
    struct rig r;
    OPEN(&r, "sgd", "lr", "0.25");
    r.w[0] = R(1.0);
    walk(&r, 4, 0.5, -2, 0);
    assert_near(r.w[0], 0.5, 0); /* powers of two: exact */
    assert_near(r.w[1], 2, 0);
    assert_near(r.w[2], 0, 0);
    close_rig(&r);
}

/* A constant gradient: b_k = g (1 - mu^k) / (1 - mu); with dampening, the first step is not damped:
 * b_k = g (mu^(k-1) + (1 - d) (1 - mu^(k-1)) / (1 - mu)). */
static void momentum_is_a_geometric_sum(void **state)
{
    (void)state;
    enum { K = 30 };
    const double mu = 0.9;
    static const char *const dampening[] = {"0", "0.3"};
    for (size_t c = 0; c < 2; c++) {
        struct rig r;
        OPEN(&r, "sgd", "lr", "0.1", "momentum", "0.9", "dampening", dampening[c]);
        walk(&r, K, constant[0], constant[1], constant[2]);
        double sum = 0, d = c ? 0.3 : 0;
        for (int k = 1; k <= K; k++)
            sum += pow(mu, k - 1) + (1 - d) * (1 - pow(mu, k - 1)) / (1 - mu);
        for (size_t i = 0; i < N; i++)
            assert_near(r.w[i], -0.1 * constant[i] * sum, rounding(&r, fabs(constant[i]) * sum));
        close_rig(&r);
    }
}

/* d + mu b_k = g (1 + mu (1 - mu^k) / (1 - mu)) = g (1 - mu^(k+1)) / (1 - mu): one step ahead. */
static void nesterov_is_one_step_ahead(void **state)
{
    (void)state;
    enum { K = 20 };
    const double mu = 0.8;
    struct rig r;
    OPEN(&r, "sgd", "lr", "0.1", "momentum", "0.8", "nesterov", "true");
    walk(&r, K, constant[0], constant[1], constant[2]);
    double sum = 0;
    for (int k = 1; k <= K; k++) sum += (1 - pow(mu, k + 1)) / (1 - mu);
    for (size_t i = 0; i < N; i++)
        assert_near(r.w[i], -0.1 * constant[i] * sum, rounding(&r, fabs(constant[i]) * sum));
    close_rig(&r);
}

/* Without a gradient w_k = (1 - lr wd)^k w_0: in sgd by way of the gradient, in adamw beside it. */
static void decay_alone_is_geometric(void **state)
{
    (void)state;
    static const char *const names[] = {"sgd", "adamw"};
    for (size_t c = 0; c < 2; c++) {
        struct rig r;
        OPEN(&r, names[c], "lr", "0.5", "weight_decay", "0.1");
        r.w[0] = R(3.0), r.w[1] = R(-1.0);
        walk(&r, 10, 0, 0, 0);
        assert_near(r.w[0], 3 * pow(0.95, 10), rounding(&r, 3));
        assert_near(r.w[1], -pow(0.95, 10), rounding(&r, 1));
        assert_near(r.w[2], 0, 0);
        close_rig(&r);
    }
}

/* --- adam and its kin ------------------------------------------------------------------------- */

/* The corrections of the means make a constant gradient's every step lr g / (|g| + eps). */
static void constant_gradient_gives_signs(void **state)
{
    (void)state;
    static const char *const names[] = {"adam", "adamw", "adamax"};
    for (size_t c = 0; c < 3; c++) {
        struct rig r;
        OPEN(&r, names[c], "lr", "0.01", "eps", "1e-4", "betas", "[0.8, 0.99]", "weight_decay",
             "0");
        for (uint64_t k = 1; k <= 12; k++) {
            walk(&r, 1, constant[0], constant[1], constant[2]);
            for (size_t i = 0; i < N; i++) {
                double each = 0.01 * constant[i] / (fabs(constant[i]) + 1e-4);
                /* 1 - beta2^step is taken in double, but the mean square is a float of about
                 * 0.01 g^2 made of rounded betas: an error of eps / (1 - beta2) */
                assert_near(r.w[i], -(double)k * each, rounding(&r, 0.01) / 0.01);
            }
        }
        close_rig(&r);
    }
}

static void adam_defaults_first_step(void **state)
{
    (void)state;
    struct rig r;
    OPEN(&r, "adam", "lr", "1e-3");
    walk(&r, 1, 4, -1e-5, 0);
    double tolerance = 1e-3 * 1e3 * (double)REAL_EPS; /* lr / (1 - beta2) */
    assert_near(r.w[0], -1e-3 * 4 / (4 + 1e-8), tolerance);
    assert_near(r.w[1], 1e-3 * 1e-5 / (1e-5 + 1e-8), tolerance);
    assert_near(r.w[2], 0, 0);
    close_rig(&r);
}

/* An impulse G, then nothing: m_k = b1^(k-1) (1 - b1) G. Adam's mean square fades as b2^(k-1),
 * amsgrad keeps its maximum (1 - b2) G^2, so its steps are b2^((k-1)/2) times Adam's. */
static void amsgrad_never_forgets(void **state)
{
    (void)state;
    enum { K = 25 };
    const double b1 = 0.5, b2 = 0.8, G = 3, lr = 0.1;
    for (int amsgrad = 0; amsgrad < 2; amsgrad++) {
        struct rig r;
        OPEN(&r, "adam", "lr", "0.1", "betas", "[0.5, 0.8]", "eps", "0", "amsgrad",
             amsgrad ? "true" : "false");
        double w = 0;
        for (int k = 1; k <= K; k++) {
            walk(&r, 1, k == 1 ? G : 0, k == 1 ? G : 0, k == 1 ? G : 0);
            double m = pow(b1, k - 1) * (1 - b1) * G / (1 - pow(b1, k));
            double fade = amsgrad ? 1 : pow(b2, k - 1);
            w -= lr * m / sqrt((1 - b2) * G * G * fade / (1 - pow(b2, k)));
            assert_near(r.w[0], w, rounding(&r, 1));
            if (amsgrad) assert_near(r.state[2][0], (1 - b2) * G * G, rounding(&r, 1));
        }
        close_rig(&r);
    }
}

static void amsgrad_maximum_follows_upwards(void **state)
{
    (void)state;
    static const double g[] = {1, 3, 0.1, 0, 5, 0.2, 0.1};
    struct rig r;
    OPEN(&r, "adam", "betas", "[0.9, 0.7]", "amsgrad", "true");
    double largest = 0;
    for (size_t k = 0; k < sizeof g / sizeof *g; k++) {
        walk(&r, 1, g[k], g[k], g[k]);
        largest = fmax(largest, (double)r.state[1][0]);
        assert_near(r.state[2][0], largest, 0);
    }
    assert_true(r.state[1][0] < r.state[2][0]);
    close_rig(&r);
}

/* An impulse: u_k = max(b2^(k-1) (G + eps), eps), m_k as above. */
static void adamax_fades_to_eps(void **state)
{
    (void)state;
    const double b1 = 0.9, b2 = 0.5, G = 2, lr = 0.1, eps = 1e-2;
    struct rig r;
    OPEN(&r, "adamax", "lr", "0.1", "betas", "[0.9, 0.5]", "eps", "1e-2");
    double w = 0;
    for (int k = 1; k <= 15; k++) {
        walk(&r, 1, k == 1 ? G : 0, 0, 0);
        double m = pow(b1, k - 1) * (1 - b1) * G / (1 - pow(b1, k));
        w -= lr * m / fmax(pow(b2, k - 1) * (G + eps), eps);
        assert_near(r.w[0], w, rounding(&r, fabs(w)));
    }
    close_rig(&r);
}

/* The decay of adamw does not pass through the division: a weight of any size shrinks alike. */
static void adamw_decay_is_apart(void **state)
{
    (void)state;
    struct rig r;
    OPEN(&r, "adamw", "lr", "0.1", "weight_decay", "0.5", "eps", "0");
    r.w[0] = R(100.0);
    walk(&r, 1, 2, 2, 2);
    assert_near(r.w[0], 95 - 0.1, 1000 * (double)REAL_EPS);
    assert_near(r.w[1], -0.1, 1000 * (double)REAL_EPS);
    close_rig(&r);
}

/* --- adagrad, rmsprop, adadelta --------------------------------------------------------------- */

static void adagrad_is_a_sum_of_inverse_roots(void **state)
{
    (void)state;
    enum { K = 50 };
    struct rig r;
    OPEN(&r, "adagrad", "lr", "0.1", "eps", "0");
    walk(&r, K, constant[0], constant[1], constant[2]);
    double sum = 0;
    for (int k = 1; k <= K; k++) sum += 1 / sqrt(k);
    for (size_t i = 0; i < N; i++)
        assert_near(r.w[i], constant[i] > 0 ? -0.1 * sum : 0.1 * sum, rounding(&r, 0.1 * sum));
    close_rig(&r);
}

static void adagrad_decays_and_begins_with(void **state)
{
    (void)state;
    enum { K = 10 };
    struct rig r;
    OPEN(&r, "adagrad", "lr", "0.1", "eps", "0.5", "lr_decay", "0.25",
         "initial_accumulator_value", "3");
    walk(&r, K, 1, 0, 0);
    double sum = 0;
    for (int k = 1; k <= K; k++) sum += 1 / (1 + 0.25 * (k - 1)) / (sqrt(3 + k) + 0.5);
    assert_near(r.w[0], -0.1 * sum, rounding(&r, 0.1 * sum));
    close_rig(&r);
}

/* A constant gradient: s = g^2 (1 - a^k); centered: variance = g^2 a^k (1 - a^k); momentum adds
 * q_j mu^(k-j) for all earlier j. */
static void rmsprop_on_a_constant_gradient(void **state)
{
    (void)state;
    enum { K = 12 };
    const double a = 0.7, mu = 0.6, eps = 1e-3, lr = 0.01;
    for (int c = 0; c < 4; c++) {
        bool centered = c & 1, moves = c & 2;
        struct rig r;
        OPEN(&r, "rmsprop", "lr", "0.01", "alpha", "0.7", "eps", "1e-3", "centered",
             centered ? "true" : "false", "momentum", moves ? "0.6" : "0");
        assert_int_equal(r.kind->slots(r.options), 1 + centered + moves);
        walk(&r, K, constant[0], constant[1], constant[2]);
        for (size_t i = 0; i < N; i++) {
            double w = 0, g = constant[i];
            for (int j = 1; j <= K; j++) {
                double s = g * g * (1 - pow(a, j)) * (centered ? pow(a, j) : 1);
                double q = g / (sqrt(s) + eps);
                w -= lr * q * (moves ? (1 - pow(mu, K - j + 1)) / (1 - mu) : 1);
            }
            /* s - a^2 cancels all but a^K of its digits */
            assert_near(r.w[i], w, rounding(&r, fabs(w)) / (centered ? pow(a, K) : 1));
        }
        close_rig(&r);
    }
}

/* The variance of a gradient that does not vary is rounding, of either sign: never NaN. */
static void centered_rmsprop_survives_no_variance(void **state)
{
    (void)state;
    struct rig r;
    OPEN(&r, "rmsprop", "lr", "1e-12", "alpha", "0.5", "centered", "true");
    walk(&r, 300, 0.1, -0.7, 1.3);
    for (size_t i = 0; i < N; i++) assert_true(isfinite(r.w[i]));
    close_rig(&r);
}

/* s_k = g^2 (1 - rho^k); in units of sqrt(eps) the first step is g / sqrt(s_1 + eps). */
static void adadelta_grows_from_sqrt_eps(void **state)
{
    (void)state;
    const double rho = 0.8, eps = 1e-4, lr = 0.5;
    struct rig r;
    OPEN(&r, "adadelta", "lr", "0.5", "rho", "0.8", "eps", "1e-4");
    double squares[N] = {0}, w[N] = {0}; /* squares: sum over j of rho^(k-j) q_j^2 */
    for (int k = 1; k <= 12; k++) {
        walk(&r, 1, constant[0], constant[1], constant[2]);
        for (size_t i = 0; i < N; i++) {
            double s = constant[i] * constant[i] * (1 - pow(rho, k));
            double ratio = ((1 - rho) * squares[i] + eps) / (s + eps);
            w[i] -= lr * constant[i] * sqrt(ratio);
            squares[i] = rho * squares[i] + constant[i] * constant[i] * ratio;
            assert_near(r.w[i], w[i], rounding(&r, fabs(w[i])));
        }
    }
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgd_is_lr_times_gradient),
        cmocka_unit_test(momentum_is_a_geometric_sum),
        cmocka_unit_test(nesterov_is_one_step_ahead),
        cmocka_unit_test(decay_alone_is_geometric),
        cmocka_unit_test(constant_gradient_gives_signs),
        cmocka_unit_test(adam_defaults_first_step),
        cmocka_unit_test(amsgrad_never_forgets),
        cmocka_unit_test(amsgrad_maximum_follows_upwards),
        cmocka_unit_test(adamax_fades_to_eps),
        cmocka_unit_test(adamw_decay_is_apart),
        cmocka_unit_test(adagrad_is_a_sum_of_inverse_roots),
        cmocka_unit_test(adagrad_decays_and_begins_with),
        cmocka_unit_test(rmsprop_on_a_constant_gradient),
        cmocka_unit_test(centered_rmsprop_survives_no_variance),
        cmocka_unit_test(adadelta_grows_from_sqrt_eps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
