/* Every rule, on a net that has its fault and on one that only looks like it. The record is what
 * the doctor sees, so nets are trained for a moment and judged, without trials. */
#include "tests/test.h"

#include "doctor/rule.h"
#include "weir/doctor.h"

#include <stdio.h>

struct sample {
    const char *config, *finding;    /* "" : no finding at all */
    weir_severity severity;
    weir_diagnosis diagnosis;
};

#define ADDING(T) "data: {kind: adding, seq_len: " #T ", batch_size: 16}\n"
#define CIRCLES "data: {kind: circles, n: 400, batch_size: 40}\n"
#define PAIRS \
    "data: {kind: inline, x: [[1, 0], [0, 1], [1, 1], [0, 0]], y: [[1], [2], [0], [1]]}\n"
#define SGD(rate, n) "optimizer: {sgd: {lr: " #rate "}}, steps: " #n "}\n"

static const struct sample sick[] = {
    {CIRCLES "model: [linear: {out_features: 24}, sigmoid: {}, linear: {out_features: 24}, "
             "sigmoid: {}, linear: {out_features: 24}, sigmoid: {}, linear: {out_features: 24}, "
             "sigmoid: {}, linear: {out_features: 24}, sigmoid: {}, linear: {}]\n"
             "train: {loss: cross_entropy, " SGD(0.1, 120),
     "vanishing-depth", WEIR_ERROR, WEIR_SICK},
    {CIRCLES "init: {normal: {std: 1}}\n"
             "model: [linear: {out_features: 24}, relu: {}, linear: {out_features: 24}, relu: {}, "
             "linear: {out_features: 24}, relu: {}, linear: {out_features: 24}, relu: {}, "
             "linear: {out_features: 24}, relu: {}, linear: {}]\n"
             "train: {loss: cross_entropy, " SGD(0.01, 3),
     "exploding-depth", WEIR_ERROR, WEIR_SICK},
    {ADDING(40) "model: [rnn: {hidden_size: 16, output: last}, linear: {}]\n"
                    "train: {loss: mse, " SGD(0.01, 60),
     "vanishing-time", WEIR_ERROR, WEIR_SICK},
    {ADDING(40) "model: [rnn: {hidden_size: 16, nonlinearity: relu, output: last, "
                    "init: {weight_hh: {normal: {std: 0.6}}}}, linear: {}]\n"
                    "train: {loss: mse, " SGD(0.01, 20),
     "exploding-time", WEIR_ERROR, WEIR_SICK},
    {CIRCLES "model: [linear: {out_features: 32, init: {bias: {constant: {val: -9}}}}, relu: {}, "
             "linear: {}]\ntrain: {loss: cross_entropy, " SGD(0.1, 110),
     "dead-units", WEIR_ERROR, WEIR_SICK},
    {CIRCLES "model: [linear: {out_features: 32, init: {weight: {normal: {std: 900}}}}, tanh: {}, "
             "linear: {init: {weight: zeros}}]\ntrain: {loss: cross_entropy, " SGD(1e-9, 110),
     "saturation", WEIR_ERROR, WEIR_SICK},
    {PAIRS "model: [linear: {}]\ntrain: {loss: mse, " SGD(1e12, 40), "non-finite", WEIR_ERROR,
     WEIR_SICK},
};

/* What looks like a fault, and is none. */
static const struct sample healthy[] = {
    /* a narrow head behind wide layers: the norm of the gradient stays, its rms does not */
    {"data: {kind: blobs, n: 400, centers: 4, batch_size: 50}\ninit: kaiming_normal\n"
     "model: [linear: {out_features: 256}, relu: {}, linear: {out_features: 256}, relu: {}, "
     "linear: {}]\ntrain: {loss: cross_entropy, " SGD(0.05, 150),
     "", 0, WEIR_HEALTHY},
    /* two recurrent layers, and only the last step handed on */
    {ADDING(20) "model: [lstm: {hidden_size: 8, forget_bias: 3}, "
                    "lstm: {hidden_size: 8, forget_bias: 3, output: last}, linear: {}]\n"
                    "train: {loss: mse, " SGD(0.01, 2000),
     "", 0, WEIR_HEALTHY},
    /* too early to tell: an untrained net stands above the best constant guess */
    {ADDING(20) "model: [lstm: {hidden_size: 8, output: last}, linear: {}]\n"
                    "train: {loss: mse, " SGD(0.01, 2000),
     "vanishing-time", WEIR_WARNING, WEIR_HEALTHY},
    {ADDING(40) "model: [rnn: {hidden_size: 16, output: last}, linear: {}]\n"
                    "train: {loss: mse, " SGD(0.001, 2000),
     "vanishing-time", WEIR_WARNING, WEIR_HEALTHY},
    /* a third of the relus off, and it learns */
    {CIRCLES "init: kaiming_normal\nmodel: [linear: {out_features: 64}, relu: {}, "
             "linear: {out_features: 64}, relu: {}, linear: {}]\n"
             "train: {loss: cross_entropy, " SGD(0.2, 300),
     "", 0, WEIR_HEALTHY},
};

static weir_report *visit(const char *text, uint64_t steps)
{
    weir_config *config;
    weir_report *report;
    weir_error err = {0};
    weir_doctor_options options = weir_doctor_options_init();
    options.trials = false;
    options.steps = steps;
    assert_ok(weir_config_parse(text, "test.yaml", &config, &err), err);
    assert_ok(weir_doctor(config, &options, &report, &err), err);
    weir_config_free(config);
    return report;
}

static void check(const struct sample *s, uint64_t steps)
{
    weir_report *report = visit(s->config, steps);
    const weir_finding *found = NULL;
    for (size_t i = 0; i < report->findings; i++)
        if (!strcmp(report->finding[i].name, s->finding)) found = &report->finding[i];
    if (*s->finding && !found) fail_msg("no %s in\n%s", s->finding, s->config);
    if (!*s->finding && report->findings)
        fail_msg("%s: %s\nin\n%s", report->finding->name, report->finding->cause, s->config);
    if (found && found->severity != s->severity)
        fail_msg("%s: a %s in\n%s", s->finding, weir_severity_name(found->severity), s->config);
    if (report->diagnosis != s->diagnosis)
        fail_msg("%s: %s in\n%s", s->finding, weir_diagnosis_name(report->diagnosis), s->config);
    if (found) {
        assert_true(found->distance > 0);
        assert_true(found->evidences > 0 && found->remedies > 0 && *found->cause);
    }
    weir_report_free(report);
}

static void every_rule_finds_its_fault(void **state)
{
    (void)state;
    size_t n = sizeof sick / sizeof *sick, rules = 0;
    for (size_t i = 0; i < n; i++) check(&sick[i], 0);
    for (; weir_rule_kinds[rules]; rules++) { /* none is left out */
        bool has_a_case = false;
        for (size_t i = 0; i < n; i++)
            has_a_case |= !strcmp(sick[i].finding, weir_rule_kinds[rules]->name);
        if (!has_a_case) fail_msg("%s has no case", weir_rule_kinds[rules]->name);
    }
}

static void what_only_looks_sick_is_healthy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof healthy / sizeof *healthy; i++) check(&healthy[i], 150);
}

/* Labels that no input tells: it does not learn, and the gradient is not why. */
static void noise_is_no_gradient_fault(void **state)
{
    (void)state;
    static const char *const kinds[] = {"relu", "tanh"};
    for (size_t k = 0; k < 2; k++) {
        enum { N = 600, F = 4 };
        static weir_real x[N * F], y[N];
        uint32_t noise = 7;
        for (size_t i = 0; i < N * F; i++)
            x[i] = (weir_real)((noise = noise * 1664525 + 1013904223) >> 8) / R(16777216.0);
        for (size_t i = 0; i < N; i++)
            y[i] = (weir_real)((noise = noise * 1664525 + 1013904223) >> 8) / R(16777216.0);
        weir_arrays arrays = {.x = x, .y = y, .examples = N, .features = F, .outputs = 1,
                              .batch_size = 50, .validation = 0.5};
        char text[500];
        snprintf(text, sizeof text,
                 "model: [linear: {out_features: 64}, %s: {}, linear: {out_features: 64}, %s: {}, "
                 "linear: {}]\ntrain: {loss: mse, optimizer: {adam: {lr: 0.001}}, steps: 120}\n",
                 kinds[k], kinds[k]);
        weir_config *config;
        weir_report *report;
        weir_error err = {0};
        weir_doctor_options options = weir_doctor_options_init();
        options.arrays = &arrays;
        assert_ok(weir_config_parse(text, "test.yaml", &config, &err), err);
        assert_ok(weir_doctor(config, &options, &report, &err), err);
        assert_int_equal(report->findings, 0);
        assert_int_equal(report->diagnosis, WEIR_NOT_GRADIENT);
        weir_report_free(report);
        weir_config_free(config);
    }
}

/* mean, sum and none are the same training at lr, lr / N, lr / N: the verdict is the same. */
static void the_verdict_does_not_depend_on_the_reduction(void **state)
{
    (void)state;
    static const char *const reductions[] = {"mean", "sum", "none"};
    for (size_t deep = 0; deep < 2; deep++) {
        double gain[3];
        for (size_t k = 0; k < 3; k++) {
            char text[900];
            const char *layer = deep ? "linear: {out_features: 24}, sigmoid: {}, "
                                     : "linear: {out_features: 24}, tanh: {}, ";
            snprintf(text, sizeof text,
                     CIRCLES "model: [%s%s%s%s%s%s linear: {}]\n"
                     "train: {loss: {cross_entropy: {reduction: %s}}, optimizer: {sgd: {lr: %.17g}}"
                     ", steps: 200}\n",
                     layer, deep ? layer : "", deep ? layer : "", deep ? layer : "",
                     deep ? layer : "", deep ? layer : "", reductions[k], k ? 0.5 / 40 : 0.5);
            weir_report *report = visit(text, 0);
            assert_int_equal(report->diagnosis, deep ? WEIR_SICK : WEIR_HEALTHY);
            assert_int_equal(report->learned, !deep);
            const weir_flow_record *r = report->record;
            gain[k] = r->eval[r->evals - 1].gain;
            assert_near(r->constant_loss, 0.6931, 0.01);
            assert_near(r->constant_train_loss, 0.6931, 0.01);
            assert_true(r->eval[r->evals - 1].loss < 1 && r->loss[0].mean < 2);
            weir_report_free(report);
        }
        assert_near(gain[1], gain[0], 0.01);
        assert_near(gain[2], gain[1], 1e-12);
    }
}

/* The worst of all: the data themselves. Remedies of the gradient are not tried on it. */
static void nan_in_the_data_is_no_gradient_fault(void **state)
{
    (void)state;
    weir_report *report = visit("data: {kind: inline, allow_nonfinite: true, x: [[1], [.nan]], "
                                "y: [[1], [2]]}\nmodel: [linear: {}]\n"
                                "train: {loss: mse, " SGD(0.01, 1000),
                                0);
    assert_string_equal(report->finding->name, "non-finite");
    assert_int_equal(report->finding->severity, WEIR_ERROR);
    assert_int_equal(report->finding->remedies, 0);
    assert_int_equal(report->prescriptions, 0);
    assert_int_equal(report->diagnosis, WEIR_NOT_GRADIENT);
    weir_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_finds_its_fault),
        cmocka_unit_test(what_only_looks_sick_is_healthy),
        cmocka_unit_test(noise_is_no_gradient_fault),
        cmocka_unit_test(the_verdict_does_not_depend_on_the_reduction),
        cmocka_unit_test(nan_in_the_data_is_no_gradient_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
