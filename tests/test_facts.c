/* What the rules are told of a record, and what one makes of it: records made by hand. */
#include "tests/test.h"

#include "doctor/rule.h"
#include "record/record.h"
#include "weir/doctor.h"

enum { LAYERS = 3, LAGS = 40, STEPS = 100 };

/* A net of three layers with weights whose loss stays where the best constant guess is; its last
 * sample says that the gradient at node i is grad[i]. */
static weir_flow_record *stuck(const double *grad)
{
    weir_flow_record *r = weir_record_new();
    assert_non_null(r);
    r->nodes = LAYERS;
    r->node = weir_record_alloc(r, LAYERS, sizeof *r->node);
    for (size_t i = 0; i < LAYERS; i++)
        r->node[i] = (weir_record_node){.name = "n", .kind = "linear", .part = WEIR_WEIGHTED,
                                        .features = 8, .parameters = 72, .fan_in = 8};
    r->constant_loss = r->constant_train_loss = 1;
    for (uint64_t step = 0; step < STEPS; step++)
        *weir_record_add_loss(r) =
            (weir_loss_point){.step = step, .loss = 1, .mean = 1, .grad_norm = 1, .clip = 1};
    for (uint64_t step = 0; step <= STEPS; step += STEPS)
        *weir_record_add_eval(r) = (weir_eval_point){.step = step, .loss = 1, .error = 0.01};
    r->steps = STEPS;
    weir_sample *s = weir_record_add_sample(r);
    for (size_t i = 0; grad && i < LAYERS; i++)
        s->node[i].grad_norm = s->node[i].grad_rms = grad[i];
    return r;
}

static weir_facts gather(const weir_flow_record *r)
{
    weir_facts f;
    assert_int_equal(weir_facts_gather(r, STEPS, &f), WEIR_OK);
    return f;
}

/* --- data ------------------------------------------------------------------------------------- */

/* Numbers that are not finite are the data's fault where they came in with the data, and only
 * there. */
static void faults_of_the_data(void **state)
{
    (void)state;
    static const struct {
        const char *tensor; /* the first that is not finite */
        bool validation_at_first, validation_later, same, fault;
    } cases[] = {
        {"", false, false, false, false},          {"", false, false, true, true},
        {"input", false, false, false, true},      {"target", false, false, false, true},
        {"activation", false, false, false, false}, {"gradient", false, true, false, false},
        {"", true, true, false, true},             {"", false, true, false, false},
        {"activation", true, true, false, false}, /* the net gives no number, whatever the data */
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        weir_flow_record *r = stuck(NULL);
        if (*cases[k].tensor) r->nonfinite = (weir_nonfinite){true, 0, cases[k].tensor, "x", 0, 0};
        if (cases[k].validation_at_first) r->eval[0].loss = (double)NAN;
        if (cases[k].validation_later) r->eval[1].loss = (double)NAN;
        r->same_targets = cases[k].same;
        weir_facts f = gather(r);
        if (f.data_fault != cases[k].fault) fail_msg("case %zu", k);
        weir_facts_free(&f);
        weir_record_free(r);
    }
}

/* A validation loss that stops being a number is the gradient's doing, one that never was one the
 * data's: then nothing is prescribed, and no other finding stands beside it. */
static void where_a_validation_loss_is_lost(void **state)
{
    (void)state;
    static const double vanished[] = {1e-9, 1e-5, 1};
    for (int at_first = 0; at_first < 2; at_first++) {
        weir_flow_record *r = stuck(vanished);
        weir_finding findings[8];
        weir_diagnosis diagnosis;
        if (at_first) r->eval[0].loss = (double)NAN;
        r->eval[1].loss = (double)NAN;
        size_t n = weir_diagnose(r, STEPS, findings, 8, &diagnosis);
        assert_int_equal(diagnosis, at_first ? WEIR_NOT_GRADIENT : WEIR_SICK);
        const weir_finding *f = NULL;
        for (size_t i = 0; i < n; i++)
            if (!strcmp(findings[i].name, "non-finite")) f = &findings[i];
        assert_non_null(f);
        assert_int_equal(f->severity, WEIR_ERROR);
        assert_int_equal(f->gradient, !at_first);
        assert_int_equal(f->remedies == 0, at_first);
        assert_int_equal(n, at_first ? 1 : 2);
        weir_record_free(r);
    }
}

/* Not one step with a gradient: the loss does not depend on the weights. */
static void a_loss_that_depends_on_nothing(void **state)
{
    (void)state;
    for (int some = 0; some < 2; some++) {
        weir_flow_record *r = stuck(NULL);
        weir_finding findings[8];
        weir_diagnosis diagnosis;
        for (size_t i = 0; i < r->losses; i++) r->loss[i].grad_norm = some && i == 50;
        weir_facts f = gather(r);
        assert_int_equal(f.no_gradient, !some);
        weir_diagnose(r, 10 * STEPS, findings, 8, &diagnosis);
        assert_int_equal(diagnosis, some ? WEIR_HEALTHY : WEIR_NOT_GRADIENT);
        f.complete = false; /* as it was diagnosed */
        assert_int_equal(weir_severity_of(&f, true), some ? WEIR_WARNING : WEIR_ERROR);
        weir_facts_free(&f);
        weir_record_free(r);
    }
}

/* --- depth ------------------------------------------------------------------------------------ */

/* Depth is read from the newest sample in which a gradient flows from end to end. */
static void the_sample_that_depth_is_read_from(void **state)
{
    (void)state;
    static const double flows[] = {0.25, 0.5, 1}, nothing[] = {0, 0, 0}, ends[] = {0, 0, 1};
    const double *last[] = {flows, nothing, ends};
    static const double totals[] = {0.25, 0.25, 0.25};
    for (size_t k = 0; k < 3; k++) {
        weir_flow_record *r = stuck(flows);
        weir_sample *s = weir_record_add_sample(r);
        s->step = 7;
        for (size_t i = 0; i < LAYERS; i++) s->node[i].grad_norm = s->node[i].grad_rms = last[k][i];
        weir_facts f = gather(r);
        assert_ptr_equal(f.depth_sample, &r->sample[k == 0]);
        assert_near(f.depth_total, totals[k], 1e-12);
        weir_facts_free(&f);
        weir_record_free(r);
    }
    weir_flow_record *r = stuck(ends); /* never: the last one, and a factor of 0 */
    weir_facts f = gather(r);
    assert_ptr_equal(f.depth_sample, &r->sample[0]);
    assert_near(f.depth_total, 0, 0);
    weir_facts_free(&f);
    weir_record_free(r);
}

static void layers_that_count(void **state)
{
    (void)state;
    static const double grad[] = {0.25, (double)NAN, 1};
    weir_flow_record *r = stuck(grad);
    r->node[2].part = WEIR_ACTIVATION;
    assert_true(weir_record_has_depth(r, 0));
    assert_false(weir_record_has_depth(r, 1)); /* no gradient comes to it */
    assert_false(weir_record_has_depth(r, 2)); /* no weights */
    assert_null(weir_record_flowing(r, 0, 1));
    assert_ptr_equal(weir_record_flowing(r, 0, 2), &r->sample[0]);
    weir_record_free(r);
}

/* --- time ------------------------------------------------------------------------------------- */

static void reach_to(weir_flow_record *r, size_t reach)
{
    r->lines = 1;
    r->line = weir_record_alloc(r, 1, sizeof *r->line);
    *r->line = (weir_record_line){.node = 0, .T = LAGS, .hidden = 8};
    weir_lag_flow *lag = weir_record_alloc(r, 1, sizeof *lag);
    *lag = (weir_lag_flow){.lags = LAGS, .joint = weir_record_numbers(r, LAGS), .horizon = 2,
                           .reach = reach, .half_life = 1, .gain = 0.5};
    r->sample[0].lag = lag;
}

/* Where a net does not learn, any step of the window out of reach may be the one it needs; where it
 * learns, half of them must be. How far it is from healthy does not hang on that. */
static void how_far_a_gradient_must_reach(void **state)
{
    (void)state;
    static const struct {
        size_t reach;
        bool stuck, learning; /* found in such a net */
    } cases[] = {{1, true, true},   {19, true, true},   {20, true, false},
                 {30, true, false}, {39, true, false}, {40, false, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int learns = 0; learns < 2; learns++) {
            weir_flow_record *r = stuck(NULL);
            weir_finding finding = {0};
            reach_to(r, cases[k].reach);
            if (learns) r->eval[1].gain = 0.5;
            weir_facts f = gather(r);
            assert_int_equal(f.outcome, learns ? WEIR_LEARNS : WEIR_STUCK);
            bool found = weir_rule_vanishing_time.judge(&f, &finding);
            if (found != (learns ? cases[k].learning : cases[k].stuck))
                fail_msg("reach %zu, learns %d", cases[k].reach, learns);
            if (found) {
                assert_near(finding.evidence[0].value, (double)cases[k].reach, 0);
                assert_near(finding.evidence[0].threshold, learns ? 20 : 40, 0);
            }
            assert_near(weir_rule_vanishing_time.distance(&f),
                        log(40 / (double)cases[k].reach), 1e-12);
            weir_facts_free(&f);
            weir_record_free(r);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_the_data),
        cmocka_unit_test(where_a_validation_loss_is_lost),
        cmocka_unit_test(a_loss_that_depends_on_nothing),
        cmocka_unit_test(the_sample_that_depth_is_read_from),
        cmocka_unit_test(layers_that_count),
        cmocka_unit_test(how_far_a_gradient_must_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
