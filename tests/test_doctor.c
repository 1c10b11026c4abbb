/* The doctor: sick nets are found sick, healthy ones are left alone, the verdict does not change
 * with the scale of the loss, a remedy is proven and its control loses the gain. */
#include "tests/test.h"

#include "doctor/facts.h"
#include "record/record.h"
#include "weir/doctor.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 4000 };

/* A stack of `layers` layers of 24 units on the circles. */
static void stack(char *text, const char *activation, const char *init, int layers, double scale,
                  double lr)
{
    int n = snprintf(text, ROOM,
                     "data: {kind: circles, n: 600, noise: 0.1, factor: 0.5, batch_size: 60}\n"
                     "init: %s\nmodel:\n",
                     init);
    for (int i = 0; i < layers; i++)
        n += snprintf(text + n, (size_t)(ROOM - n), "  - linear: {out_features: 24}\n  - %s\n",
                      activation);
    snprintf(
        text + n, (size_t)(ROOM - n),
        "  - linear: {}\n"
        "train: {loss: {cross_entropy: {scale: %g}}, optimizer: {sgd: {lr: %.17g}}, steps: 200}\n",
        scale, lr);
}

static weir_report *visit_as(const char *text, const weir_doctor_options *options)
{
    weir_config *config;
    weir_report *report;
    weir_error err = {0};
    assert_ok(weir_config_parse(text, "test.yaml", &config, &err), err);
    assert_ok(weir_doctor(config, options, &report, &err), err);
    weir_config_free(config);
    return report;
}

static weir_report *visit(const char *text, bool trials, size_t max_trials)
{
    weir_doctor_options options = weir_doctor_options_init();
    options.trials = trials;
    options.max_trials = max_trials;
    options.steps = 200;
    return visit_as(text, &options);
}

static const weir_finding *find(const weir_report *report, const char *name)
{
    for (size_t i = 0; i < report->findings; i++)
        if (!strcmp(report->finding[i].name, name)) return &report->finding[i];
    return NULL;
}

static void deep_sigmoid_is_sick_at_any_scale(void **state)
{
    (void)state;
    static const double scales[] = {1, 1e-6, 1e6};
    double total = 0;
    for (size_t i = 0; i < 3; i++) {
        char text[ROOM];
        stack(text, "sigmoid", "pytorch", 15, scales[i], 0.1 / scales[i]);
        weir_report *report = visit(text, false, 0);
        const weir_finding *f = find(report, "vanishing-depth");
        assert_non_null(f);
        assert_int_equal(f->severity, WEIR_ERROR);
        assert_int_equal(report->diagnosis, WEIR_SICK);
        assert_true(f->evidence[1].value < f->evidence[1].threshold);
        if (i == 0) total = f->evidence[1].value;
        /* rounding aside, the same flow */
        assert_near(log(f->evidence[1].value), log(total), 0.01);
        assert_true(f->layers > 0 && f->remedies > 0 && strlen(f->cause) > 40);
        weir_report_free(report);
    }
}

static void kaiming_relu_is_healthy_at_any_scale(void **state)
{
    (void)state;
    static const double scales[] = {1, 1e-6, 1e6};
    for (size_t i = 0; i < 3; i++) {
        char text[ROOM];
        stack(text, "relu", "kaiming_normal", 3, scales[i], 0.1 / scales[i]);
        weir_report *report = visit(text, true, 0);
        assert_int_equal(report->findings, 0);
        assert_int_equal(report->prescriptions, 0);
        assert_int_equal(report->diagnosis, WEIR_HEALTHY);
        weir_report_free(report);
    }
}

static void too_large_weights_explode(void **state)
{
    (void)state;
    char text[ROOM];
    stack(text, "relu", "{normal: {std: 1.5}}", 10, 1, 0.1);
    weir_report *report = visit(text, false, 0);
    assert_true(find(report, "exploding-depth") || find(report, "non-finite"));
    assert_int_equal(report->diagnosis, WEIR_SICK);
    assert_int_equal(report->finding[0].severity, WEIR_ERROR);
    weir_report_free(report);
}

/* With Adam shortcuts rescue the deep sigmoid net, and do not when they are detached. */
static void a_remedy_is_proven(void **state)
{
    (void)state;
    char text[ROOM];
    stack(text, "sigmoid", "pytorch", 12, 1, 0.1);
    char *sgd = strstr(text, "{sgd: {lr: "), *rest = strstr(sgd, ", steps");
    char tail[100];
    snprintf(tail, sizeof tail, "%s", rest);
    snprintf(sgd, (size_t)(text + ROOM - sgd), "{adam: {lr: 0.003}}%s", tail);
    weir_report *report = visit(text, true, 3); /* batchnorm, and both residual forms */
    size_t proven = 0;
    for (size_t i = 0; i < report->prescriptions; i++) {
        const weir_prescription *p = &report->prescription[i];
        assert_string_equal(p->finding, "vanishing-depth");
        assert_true(strlen(p->patch) > 0);
        if (p->outcome != WEIR_PROVEN) continue;
        proven++;
        assert_true(p->recommended);
        assert_true(p->trials >= 8 && p->gain_low > 0 && p->loss_after < p->loss_before);
        assert_int_equal(p->controls, 1);
        assert_true(p->control[0].kept < 0.5);
    }
    assert_true(proven >= 1);
    assert_string_equal(report->prescription[0].finding, "vanishing-depth");
    weir_report_free(report);
}

/* What a caller stops is told as far as it goes. */
static bool stop_at_once(void *self, const char *doing, size_t done, size_t of)
{
    (void)doing, (void)done, (void)of;
    ++*(size_t *)self;
    return false;
}

/* Stuck when the rounds are over, and a finding that would be the reason: but left alone the net
 * learns, and a budget decides whether that is seen. */
static void a_net_that_learns_late_is_followed(void **state)
{
    (void)state;
    for (int followed = 0; followed < 2; followed++) {
        char text[ROOM];
        stack(text, "sigmoid", "pytorch", 4, 1, 0.01);
        snprintf(strstr(text, "optimizer"), 60, "optimizer: {adam: {lr: 0.01}}, steps: 2000}\n");
        weir_doctor_options options = weir_doctor_options_init();
        options.max_trials = 1;
        options.steps = 110;
        options.budget_steps = followed ? 0 : 110 + 2 * 3 * 110; /* one remedy, three seeds */
        weir_report *report = visit_as(text, &options);
        const weir_finding *f = find(report, "vanishing-depth");
        assert_non_null(f);
        assert_int_equal(f->at_first, WEIR_ERROR);
        assert_int_equal(f->severity, followed ? WEIR_WARNING : WEIR_ERROR); /* held back */
        assert_int_equal(report->diagnosis, followed ? WEIR_HEALTHY : WEIR_SICK);
        assert_int_equal(report->untreated.learned, followed ? 3 : 0);
        assert_int_equal(report->untreated.trials, 3);
        assert_true(followed ? report->untreated.steps > 110 && report->untreated.steps <= 1100
                             : report->untreated.steps == 110);
        assert_int_equal(report->learned, followed);
        weir_report_free(report);
    }
}

static void stopping_keeps_what_is_known(void **state)
{
    (void)state;
    char text[ROOM];
    size_t calls = 0;
    weir_doctor_options options = weir_doctor_options_init();
    options.progress = stop_at_once;
    options.self = &calls;
    stack(text, "sigmoid", "pytorch", 15, 1, 0.1);
    weir_report *report = visit_as(text, &options);
    assert_true(calls >= 1 && report->stopped);
    assert_non_null(find(report, "vanishing-depth"));
    weir_report_free(report);
}

/* The diagnosis is told before the first trial, and who has heard enough may leave. */
static bool only_the_diagnosis(void *self, const weir_report *report)
{
    ++*(size_t *)self;
    assert_non_null(report->record);
    assert_non_null(find(report, "vanishing-depth"));
    assert_int_equal(report->diagnosis, WEIR_SICK);
    assert_int_equal(report->prescriptions, 0);
    return false;
}

static void the_diagnosis_comes_before_the_trials(void **state)
{
    (void)state;
    char text[ROOM];
    size_t calls = 0;
    weir_doctor_options options = weir_doctor_options_init();
    options.diagnosed = only_the_diagnosis;
    options.self = &calls;
    stack(text, "sigmoid", "pytorch", 15, 120, 0.1);
    weir_report *report = visit_as(text, &options);
    assert_int_equal(calls, 1);
    assert_true(report->stopped && report->prescriptions > 0);
    for (size_t i = 0; i < report->prescriptions; i++)
        assert_int_equal(report->prescription[i].outcome, WEIR_UNTRIED);
    weir_report_free(report);
}

/* Weights of 0 send back a gradient of exactly 0: no factor per layer can be measured there. */
static void a_gradient_of_zero_is_found(void **state)
{
    (void)state;
    char text[ROOM];
    stack(text, "tanh", "{weight: zeros, bias: zeros}", 4, 1, 0.1);
    weir_report *report = visit(text, false, 0);
    const weir_finding *f = find(report, "vanishing-depth");
    assert_non_null(f);
    assert_int_equal(f->severity, WEIR_ERROR);
    assert_true(isinf(f->distance));
    assert_int_equal(report->diagnosis, WEIR_SICK);
    assert_false(report->learned);
    weir_report_free(report);
}

/* A net that fits its training data learns, however large the penalties on top are. */
static void penalties_do_not_hide_learning(void **state)
{
    (void)state;
    for (int penalised = 0; penalised < 2; penalised++) {
        weir_flow_record *r = weir_record_new();
        weir_facts facts;
        for (uint64_t step = 0; step < 100; step++)
            *weir_record_add_loss(r) = (weir_loss_point){
                .step = step, .loss = 5, .penalty = penalised ? 4.5 : 0,
                .mean = penalised ? 0.5 : 5, .grad_norm = 1, .lr = 0.1, .clip = 1};
        *weir_record_add_eval(r) = (weir_eval_point){
            .step = 100, .loss = 1, .gain = 0, .error = 0.1};
        r->constant_loss = r->constant_train_loss = 1;
        assert_int_equal(weir_facts_gather(r, 100, &facts), WEIR_OK);
        assert_int_equal(facts.outcome, penalised ? WEIR_LEARNS : WEIR_STUCK);
        weir_facts_free(&facts);
        weir_record_free(r);
    }
}

static const weir_real nan_examples[40] = {[7] = (weir_real)NAN};

/* NaN in the data is named as such, and is not a fault of the gradient. */
static void nan_from_the_data(void **state)
{
    (void)state;
    static weir_real y[40];
    weir_arrays arrays = {.x = nan_examples, .y = y, .examples = 40, .features = 1, .outputs = 1,
                          .batch_size = 8};
    weir_doctor_options options = weir_doctor_options_init();
    weir_config *config;
    weir_report *report;
    weir_error err = {0};
    options.trials = false;
    options.arrays = &arrays;
    assert_ok(weir_config_parse("model: [{linear: {}}]\ntrain: {loss: mse, steps: 20}\n",
                                "test.yaml", &config, &err),
              err);
    assert_ok(weir_doctor(config, &options, &report, &err), err);
    const weir_finding *f = find(report, "non-finite");
    assert_non_null(f);
    assert_int_equal(f->severity, WEIR_ERROR);
    assert_non_null(strstr(f->cause, "data"));
    assert_int_not_equal(report->diagnosis, WEIR_SICK);
    assert_string_equal(report->record->nonfinite.tensor, "input");
    weir_report_free(report);
    weir_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deep_sigmoid_is_sick_at_any_scale),
        cmocka_unit_test(kaiming_relu_is_healthy_at_any_scale),
        cmocka_unit_test(too_large_weights_explode),
        cmocka_unit_test(a_remedy_is_proven),
        cmocka_unit_test(a_net_that_learns_late_is_followed),
        cmocka_unit_test(stopping_keeps_what_is_known),
        cmocka_unit_test(the_diagnosis_comes_before_the_trials),
        cmocka_unit_test(a_gradient_of_zero_is_found),
        cmocka_unit_test(penalties_do_not_hide_learning),
        cmocka_unit_test(nan_from_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
