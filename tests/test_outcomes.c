/* What trials come to: intervals, and the outcome of gain, controls and evidence together. */
#include "tests/test.h"

#include "doctor/visit.h"

/* Student's t for few pairs: numbers worked out by hand (mean 3, s 1.5811, t_4 2.776). */
static void paired_intervals(void **state)
{
    (void)state;
    static const double d[] = {1, 2, 3, 4, 5}, same[] = {2, 2, 2};
    static const double one_lost[] = {1, 2, (double)INFINITY};
    weir_interval i = weir_paired_interval(5, d);
    assert_near(i.mean, 3, 1e-12);
    assert_near(i.low, 3 - 2.776 * 1.58113883 / sqrt(5), 1e-3);
    assert_near(i.high, 3 + 2.776 * 1.58113883 / sqrt(5), 1e-3);
    i = weir_paired_interval(3, same);
    assert_near(i.low, 2, 1e-12);
    assert_near(i.high, 2, 1e-12);
    i = weir_paired_interval(3, one_lost); /* nothing can be said */
    assert_true(isinf(i.low) && isinf(i.high));
}

/* Under the null the interval misses 0 in 5 % of the draws: 20,000 draws of five normal numbers,
 * five standard deviations of that share around it. */
static void intervals_cover(void **state)
{
    (void)state;
    enum { DRAWS = 20000, N = 5 };
    size_t missed = 0;
    uint64_t x = 12345;
    for (size_t k = 0; k < DRAWS; k++) {
        double d[N];
        for (size_t i = 0; i < N; i++) {
            d[i] = -6; /* a sum of twelve uniform numbers is close to normal */
            for (size_t j = 0; j < 12; j++) {
                x = x * 6364136223846793005u + 1442695040888963407u;
                d[i] += (double)(x >> 11) / 9007199254740992.0;
            }
        }
        weir_interval i = weir_paired_interval(N, d);
        missed += i.low > 0 || i.high < 0;
    }
    double draws = (double)(size_t)DRAWS;
    assert_near((double)missed / draws, 0.05, 5 * sqrt(0.05 * 0.95 / draws));
}

struct sample {
    double low, high; /* of the gain */
    bool control, stays, lost;
    double nearer_low, nearer_high;
    weir_trial_outcome outcome;
};

static void outcomes(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {0.1, 0.3, false, false, false, 1, 2, WEIR_PROVEN}, /* no control to lose */
        {0.1, 0.3, true, false, true, 1, 2, WEIR_PROVEN},
        {0.1, 0.3, true, false, false, 1, 2, WEIR_BETTER_IN_TRIALS}, /* the control cannot tell */
        {0.1, 0.3, true, true, false, 1, 2, WEIR_NOT_CAUSAL},
        {0.1, 0.3, true, false, true, -2, 0, WEIR_NOT_CAUSAL}, /* the evidence did not move */
        {0.1, 0.3, true, false, true, -1, 2, WEIR_BETTER_IN_TRIALS},
        {-0.1, 0.3, true, false, true, 1, 2, WEIR_UNDECIDED},
        {-0.3, -0.1, true, false, true, 1, 2, WEIR_NO_BETTER},
        {-(double)INFINITY, (double)INFINITY, false, false, false, 1, 2, WEIR_UNDECIDED},
        {(double)NAN, (double)NAN, false, false, false, 1, 2, WEIR_UNDECIDED},
        {0.1, 0.3, false, false, false, (double)NAN, (double)NAN, WEIR_BETTER_IN_TRIALS},
    };
    for (size_t k = 0; k < sizeof samples / sizeof *samples; k++) {
        const struct sample *s = &samples[k];
        const char *note = "";
        weir_prescription p = {.gain_low = s->low, .gain_high = s->high, .controls = s->control};
        p.control[0] = (weir_control){.gain_stays = s->stays, .gain_lost = s->lost};
        weir_interval nearer = {0, s->nearer_low, s->nearer_high};
        weir_trial_outcome outcome = weir_outcome_of(&p, nearer, &note);
        if (outcome != s->outcome)
            fail_msg("case %zu: %s", k, weir_trial_outcome_name(outcome));
        assert_int_equal(*note == 0, outcome == WEIR_PROVEN); /* all others are explained */
    }
}

/* Losses of 1 untreated and `after` treated; the control's is `without`, give or take its noise. */
static weir_arms_share share_of(double after, double without, double noise)
{
    enum { SEEDS = 5 };
    weir_trial arm[3][SEEDS] = {0};
    for (size_t s = 0; s < SEEDS; s++) {
        double jitter = 1 + noise * ((double)s - 2); /* of the control, around its mean */
        arm[0][s].result.loss = 1;
        arm[1][s].result.loss = after;
        arm[2][s].result.loss = without * jitter;
        for (size_t k = 0; k < 3; k++) arm[k][s].worst = 10;
    }
    return weir_arms_control((weir_arms){SEEDS, arm[0], arm[1]}, arm[2]);
}

static void controls_are_judged_on_two_scales(void **state)
{
    (void)state;
    weir_arms_share share = share_of(0.5, 0.95, 0);
    assert_near(share.kept, log(0.95) / log(0.5), 1e-12);
    assert_near(share.kept_of_loss, 0.1, 1e-12);
    assert_true(share.lost && !share.stays);
    share = share_of(0.5, 0.55, 0.01);
    assert_true(share.stays && !share.lost);
    share = share_of(0.5, 0.67, 0.01); /* two thirds: part of it is the mechanism's */
    assert_true(!share.stays && !share.lost);
    share = share_of(0.5, 0.6, 0.001); /* 0.8 of the loss, less of ln */
    assert_true(share.kept_of_loss > 0.75 && share.kept < 0.75 && !share.stays && !share.lost);
    share = share_of(0.5, 0.65, 0.001); /* 0.70 of the loss */
    assert_true(!share.stays && !share.lost);
    share = share_of(0.5, 0.55, 0.2); /* nine tenths, within the noise */
    assert_true(!share.stays && !share.lost);
    share = share_of(1e-4, 0.05, 0); /* most of the loss gone, far from what is reached */
    assert_near(share.kept, log(0.05) / log(1e-4), 1e-12);
    assert_true(!share.stays && !share.lost);
    share = share_of(0.5, 1.2, 0); /* worse than untreated */
    assert_true(share.kept < 0 && share.lost);
    share = share_of(1.2, 0.9, 0); /* there is no gain to share */
    assert_true(isnan(share.kept) && !share.stays && !share.lost);
}

/* One seed of two arms, or three. */
struct fate {
    double loss, worst;
    bool away;
};

static weir_trial ended(struct fate f)
{
    return (weir_trial){.worst = f.worst, .result = {.loss = f.loss, .ran_away = f.away}};
}

/* Runs that got nowhere: as bad as any of the arms can be, and no worse than they are. */
static void runs_that_ran_away(void **state)
{
    (void)state;
    const double never = (double)INFINITY;
    const struct {
        struct fate before, after;
        double gain;
    } cases[] = {{{never, 30, true}, {1, 30, false}, log(30)},
                 {{never, 30, true}, {1, 100, false}, log(100)},
                 {{500, 1000, false}, {40, 30, true}, log(500.0 / 40)},
                 {{50, 30, true}, {90, 100, false}, log(50.0 / 90)},
                 {{never, 30, true}, {40, 30, true}, 0},
                 {{1, 30, false}, {never, 30, true}, -log(30)}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        weir_trial before[2], after[2];
        for (size_t s = 0; s < 2; s++) {
            before[s] = ended(cases[k].before);
            after[s] = ended(cases[k].after);
        }
        assert_near(weir_arms_gain((weir_arms){2, before, after}).mean, cases[k].gain, 1e-12);
        assert_int_equal(weir_arms_all_better((weir_arms){2, before, after}), cases[k].gain > 0);
    }
}

/* A control that begins badly does not change what the untreated net is worth beside it. */
static void one_measure_for_three_arms(void **state)
{
    (void)state;
    static const double worst[] = {30, 1000};
    for (size_t k = 0; k < 2; k++) {
        weir_trial before[2], after[2], without[2];
        for (size_t s = 0; s < 2; s++) {
            before[s] = ended((struct fate){(double)INFINITY, 30, true});
            after[s] = ended((struct fate){1, 30, false});
            without[s] = ended((struct fate){5, worst[k], false});
        }
        weir_arms_share share = weir_arms_control((weir_arms){2, before, after}, without);
        assert_near(share.kept, log(worst[k] / 5) / log(worst[k]), 1e-12);
        assert_true(share.kept < 1 && share.kept_of_loss < 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paired_intervals),
        cmocka_unit_test(intervals_cover),
        cmocka_unit_test(outcomes),
        cmocka_unit_test(controls_are_judged_on_two_scales),
        cmocka_unit_test(runs_that_ran_away),
        cmocka_unit_test(one_measure_for_three_arms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
