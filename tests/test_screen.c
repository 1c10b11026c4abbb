/* Who goes on to a longer round of trials, and who keeps pace: visits made by hand. */
#include "tests/test.h"

#include "base/memory.h"
#include "doctor/visit.h"
#include "record/record.h"
#include "train/trainer.h"

enum { CANDIDATES = 3, ROWS = WEIR_SCREEN_SEEDS + WEIR_FRESH_SEEDS };

static const weir_remedy_kind kind[CANDIDATES];

/* A visit after a round of 100 steps out of 400, to a net with one finding. */
struct made {
    weir_doctor_options options;
    weir_ward ward;
    weir_finding finding;
    weir_candidates candidates;
    weir_prescription out[CANDIDATES];
    weir_matched_trial row[CANDIDATES][ROWS];
    weir_trial untreated[WEIR_SCREEN_SEEDS], treated[CANDIDATES * WEIR_SCREEN_SEEDS];
    weir_visit visit;
};

static void make(struct made *m, weir_severity severity)
{
    *m = (struct made){.options = weir_doctor_options_init(), .candidates = {.count = CANDIDATES},
                       .finding = {.name = "vanishing-time", .severity = severity}};
    m->ward.options = &m->options;
    m->visit = (weir_visit){.ward = &m->ward, .candidates = &m->candidates, .out = m->out,
                            .steps = 100, .most = 400, .untreated = m->untreated,
                            .treated = m->treated};
    for (size_t i = 0; i < CANDIDATES; i++) {
        m->candidates.item[i] = (weir_candidate){.remedy = &kind[i], .finding = &m->finding};
        m->out[i] = (weir_prescription){.outcome = WEIR_NO_BETTER, .trial = m->row[i]};
    }
}

/* Candidate i is proven: of its fresh seeds so many learned untreated, and treated. */
static void prove(struct made *m, size_t i, size_t was, size_t is, double gain_low)
{
    weir_prescription *p = &m->out[i];
    p->outcome = WEIR_PROVEN;
    p->gain_low = gain_low;
    p->trials = ROWS;
    for (size_t k = 0; k < ROWS; k++) {
        size_t fresh = k - WEIR_SCREEN_SEEDS;
        m->row[i][k] = (weir_matched_trial){.fresh = k >= WEIR_SCREEN_SEEDS};
        m->row[i][k].before.learned = k >= WEIR_SCREEN_SEEDS && fresh < was;
        m->row[i][k].after.learned = k >= WEIR_SCREEN_SEEDS && fresh < is;
    }
}

static bool rests(const struct made *m, size_t i)
{
    return m->treated[i * WEIR_SCREEN_SEEDS].rests;
}

/* Two proofs are enough for a net that is ill; one is not. */
static void proofs_that_are_wanted(void **state)
{
    (void)state;
    static const size_t wanted[] = {[WEIR_NOTE] = 0, [WEIR_WARNING] = 1, [WEIR_ERROR] = 2};
    for (int severity = WEIR_NOTE; severity <= WEIR_ERROR; severity++)
        for (size_t proofs = 0; proofs < CANDIDATES; proofs++) {
            struct made m;
            make(&m, (weir_severity)severity);
            m.out[2].outcome = WEIR_UNDECIDED;
            for (size_t i = 0; i < proofs; i++) prove(&m, i, 0, 5, 0.5);
            assert_int_equal(weir_proofs_wanted(&m.visit), wanted[severity]);
            bool longer = weir_screen_longer(&m.visit);
            if (severity == WEIR_NOTE)
                assert_int_equal(longer, proofs == 0); /* while nobody can tell anything */
            else
                assert_int_equal(longer, proofs < wanted[severity]);
            if (!longer) continue;
            assert_int_equal(m.visit.steps, 200);
            for (size_t i = 0; i < CANDIDATES; i++) assert_int_equal(rests(&m, i), i != 2);
        }
}

/* A proof that settles nothing goes on: neither net has learned, or, while it is too early to tell,
 * the gain is a few per cent. */
static void a_proof_that_settles_nothing(void **state)
{
    (void)state;
    static const struct {
        weir_severity severity;
        size_t was, is;
        double gain_low;
        bool settled;
    } cases[] = {
        {WEIR_WARNING, 0, 5, 0.5, true},   {WEIR_WARNING, 5, 0, 0.5, true},
        {WEIR_WARNING, 0, 2, 0.5, false},  {WEIR_WARNING, 0, 5, 0.05, false},
        {WEIR_ERROR, 0, 5, 0.05, true},    {WEIR_ERROR, 0, 0, 0.5, false},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct made m;
        make(&m, cases[k].severity);
        prove(&m, 0, cases[k].was, cases[k].is, cases[k].gain_low);
        prove(&m, 1, 0, 5, 0.5); /* of two for an error, the other one */
        if (cases[k].severity == WEIR_WARNING) m.out[1].outcome = WEIR_NO_BETTER;
        assert_int_equal(weir_screen_longer(&m.visit), !cases[k].settled);
        if (!cases[k].settled) assert_false(rests(&m, 0));
    }
}

/* At the configured length, or without a budget left, nobody goes on. */
static void where_rounds_end(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct made m;
        make(&m, WEIR_ERROR);
        m.out[0].outcome = WEIR_UNDECIDED;
        m.ward.steps_taken = 10;
        if (k == 1) m.visit.steps = m.visit.most;
        if (k == 2) m.options.budget_steps = 10;
        assert_int_equal(weir_screen_longer(&m.visit), k == 0);
        assert_int_equal(m.ward.stopped, k == 2);
    }
}

/* A proof that a longer round took up again stands where that round is better too and went no
 * further; where it came to a conclusion, or saw nothing of it, what it shows does. */
static void a_proof_stands_unless_contradicted(void **state)
{
    (void)state;
    static const weir_trial_outcome longer[] = {WEIR_BETTER_IN_TRIALS, WEIR_UNDECIDED,
                                                WEIR_NO_BETTER};
    for (int k = 0; k < 3; k++)
        for (int concluded = 0; concluded < 2; concluded++) {
            struct made m;
            weir_proof proof = {0};
            make(&m, WEIR_ERROR);
            weir_prescription *p = m.out;
            prove(&m, 0, 1, 5, 0.25);
            p->recommended = true;
            p->steps = 100;
            p->controls = 1;
            p->control[0].what = weir_strdup("cut");
            weir_proof_set_aside(&proof, p);
            assert_int_equal(p->controls, 0);
            p->outcome = longer[k];
            p->recommended = false;
            p->steps = 200;
            p->trials = concluded ? ROWS : WEIR_SCREEN_SEEDS;
            memset(m.row[0], 0, sizeof m.row[0]);
            weir_proof_take_back(&proof, p);
            bool stands = k == 0 && !concluded;
            assert_int_equal(p->outcome, stands ? WEIR_PROVEN : longer[k]);
            assert_int_equal(p->recommended, stands);
            assert_int_equal(p->steps, stands ? 100 : 200);
            assert_int_equal(p->controls, stands);
            assert_int_equal(p->trial[WEIR_SCREEN_SEEDS].before.learned, stands);
            if (stands) assert_int_equal(p->trials, ROWS);
            if (stands) assert_string_equal(p->control[0].what, "cut");
            weir_forget_controls(p->controls, p->control);
        }
}

/* A second round that concludes otherwise is what a third one would be compared with. */
static void an_old_proof_is_forgotten(void **state)
{
    (void)state;
    struct made m;
    weir_proof proof = {0};
    make(&m, WEIR_ERROR);
    prove(&m, 0, 1, 5, 0.25);
    weir_proof_set_aside(&proof, m.out);
    m.out->outcome = WEIR_NOT_CAUSAL;
    weir_proof_set_aside(&proof, m.out);
    m.out->trials = WEIR_SCREEN_SEEDS;
    weir_proof_take_back(&proof, m.out);
    assert_int_equal(m.out->outcome, WEIR_NOT_CAUSAL);
}

/* A trial whose training loss falls evenly by `fall` in 30 steps, and ends at `loss`; the best
 * constant guess has 1. */
static void train(weir_trial *t, weir_trainer *trainer, weir_watch *watch, double loss,
                  double fall)
{
    watch->record = weir_record_new();
    for (uint64_t step = 0; step < 30; step++)
        *weir_record_add_loss(watch->record) =
            (weir_loss_point){.step = step, .mean = loss + fall * (29 - (double)step) / 30};
    *trainer = (weir_trainer){.watch = watch};
    *t = (weir_trial){.trainer = trainer, .until = 30, .constant = 1, .worst = 100,
                        .result = {.loss = loss}};
}

static void who_keeps_pace(void **state)
{
    (void)state;
    static const struct {
        double loss, fall; /* of the treated net; the untreated one's fall by 0.3 to 0.5 */
        bool pace;
    } cases[] = {{0.9, 0.3, true},  {0.9, 0.28, true}, {0.9, 0.2, false}, {0.9, -0.1, false},
                 {1.09, 0.3, true}, {1.2, 3, false}}; /* far above a constant guess: falling, yes,
                                                       * but not learning */
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        weir_trial trial[2];
        weir_trainer trainer[2];
        weir_watch watch[2];
        train(&trial[0], &trainer[0], &watch[0], 0.5, 0.3);
        train(&trial[1], &trainer[1], &watch[1], cases[k].loss, cases[k].fall);
        weir_arms arms = {1, &trial[0], &trial[1]};
        if (weir_arms_keep_pace(arms) != cases[k].pace) fail_msg("case %zu", k);
        trial[1].result.ran_away = true;
        assert_false(weir_arms_keep_pace(arms));
        for (size_t i = 0; i < 2; i++) weir_record_free(watch[i].record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_that_are_wanted),
        cmocka_unit_test(a_proof_that_settles_nothing),
        cmocka_unit_test(where_rounds_end),
        cmocka_unit_test(a_proof_stands_unless_contradicted),
        cmocka_unit_test(an_old_proof_is_forgotten),
        cmocka_unit_test(who_keeps_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
