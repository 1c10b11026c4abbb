/* What the trials mean for a finding: reports made by hand, weighed. */
#include "tests/test.h"

#include "doctor/weigh.h"

enum { WANTED = 1000 };

struct sample {
    const char *what;
    weir_severity at_first;
    weir_outcome outcome; /* of the run that was watched */
    weir_untreated untreated;
    weir_prescription remedy[2];
    weir_severity severity;
    weir_diagnosis diagnosis;
    bool learned;
};

#define PROVEN(c, r) {.outcome = WEIR_PROVEN, .controls = c, .rescues = r}
#define OTHERWISE {.outcome = WEIR_NOT_CAUSAL, .controls = 1, .rescues = true,                     \
                   .rescues_otherwise = true}
#define PARTLY {.outcome = WEIR_BETTER_IN_TRIALS, .controls = 1, .rescues = true}
#define UNDECIDED {.outcome = WEIR_UNDECIDED}

static const struct sample samples[] = {
    {"nothing was tried", WEIR_WARNING, WEIR_STUCK, {0}, {UNDECIDED}, WEIR_WARNING, WEIR_HEALTHY,
     false},
    {"the untreated net had all its steps", WEIR_WARNING, WEIR_STUCK, {1000, 8, 1}, {UNDECIDED},
     WEIR_ERROR, WEIR_SICK, false},
    {"the same, and the one that was watched is the one that learned", WEIR_NOTE, WEIR_LEARNS,
     {1000, 8, 1}, {UNDECIDED}, WEIR_ERROR, WEIR_SICK, false},
    {"the same, and nobody evaluated that one", WEIR_NOTE, WEIR_UNKNOWN, {1000, 8, 1}, {UNDECIDED},
     WEIR_ERROR, WEIR_SICK, false},
    {"it was not given all of them", WEIR_WARNING, WEIR_STUCK, {600, 8, 0}, {UNDECIDED},
     WEIR_WARNING, WEIR_HEALTHY, false},
    {"it learns after all", WEIR_ERROR, WEIR_STUCK, {600, 3, 3}, {UNDECIDED}, WEIR_NOTE,
     WEIR_HEALTHY, true},
    {"it learns after all, and slower than it could", WEIR_ERROR, WEIR_STUCK, {600, 8, 6},
     {PROVEN(1, false)}, WEIR_WARNING, WEIR_HEALTHY, true},
    {"the same, from a warning: nothing has changed", WEIR_WARNING, WEIR_STUCK, {600, 8, 6},
     {PROVEN(1, false)}, WEIR_WARNING, WEIR_HEALTHY, true},
    {"a rescue from where it gets out by itself is none", WEIR_ERROR, WEIR_STUCK, {600, 8, 8},
     {OTHERWISE}, WEIR_NOTE, WEIR_HEALTHY, true},
    {"the seeds disagree", WEIR_ERROR, WEIR_STUCK, {1000, 8, 4}, {UNDECIDED}, WEIR_ERROR,
     WEIR_SICK, false},
    {"a remedy rescues it", WEIR_WARNING, WEIR_STUCK, {300, 8, 0}, {PROVEN(2, true)}, WEIR_ERROR,
     WEIR_SICK, false},
    {"a remedy without a control tells nothing of the finding", WEIR_WARNING, WEIR_STUCK,
     {300, 8, 0}, {PROVEN(0, true)}, WEIR_WARNING, WEIR_HEALTHY, false},
    {"a net that learns is held back", WEIR_NOTE, WEIR_LEARNS, {300, 8, 8}, {PROVEN(1, false)},
     WEIR_WARNING, WEIR_HEALTHY, true},
    {"the gain of a net that learns has another cause", WEIR_NOTE, WEIR_LEARNS, {300, 8, 8},
     {{.outcome = WEIR_NOT_CAUSAL, .controls = 2}}, WEIR_NOTE, WEIR_HEALTHY, true},
    {"a rescue for another reason withdraws the finding", WEIR_ERROR, WEIR_STUCK, {300, 8, 0},
     {OTHERWISE}, WEIR_NOTE, WEIR_HEALTHY, false},
    {"the same, of a net that had its time", WEIR_WARNING, WEIR_STUCK, {1000, 8, 0}, {OTHERWISE},
     WEIR_NOTE, WEIR_NOT_GRADIENT, false},
    {"a proof speaks for the finding, with or without a control", WEIR_ERROR, WEIR_STUCK,
     {300, 8, 0}, {OTHERWISE, PROVEN(0, true)}, WEIR_ERROR, WEIR_SICK, false},
    {"so does a rescue whose cause is shared", WEIR_WARNING, WEIR_STUCK, {1000, 8, 0},
     {OTHERWISE, PARTLY}, WEIR_ERROR, WEIR_SICK, false},
    {"a run that got worse may have been unlucky", WEIR_ERROR, WEIR_RUNS_AWAY, {1000, 8, 8},
     {UNDECIDED}, WEIR_NOTE, WEIR_HEALTHY, true},
};

static void weigh(const struct sample *s, weir_flow_record *record, bool gradient,
                  weir_finding *finding, weir_report *report)
{
    weir_facts facts = {.record = record, .outcome = s->outcome,
                        .data_fault = record->same_targets};
    weir_prescription remedy[2] = {s->remedy[0], s->remedy[1]};
    remedy[0].finding = remedy[1].finding = "vanishing-time";
    *finding = (weir_finding){.name = "vanishing-time", .gradient = gradient,
                              .severity = s->at_first, .at_first = s->at_first};
    *report = (weir_report){.record = record, .findings = 1, .finding = finding,
                            .prescriptions = 2, .prescription = remedy,
                            .untreated = s->untreated, .steps_wanted = WANTED,
                            .learned = s->outcome == WEIR_LEARNS};
    weir_weigh(report, &facts);
    report->prescription = NULL;
}

static void severities(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof samples / sizeof *samples; k++) {
        const struct sample *s = &samples[k];
        weir_flow_record record = {.constant_loss = 1};
        weir_finding finding;
        weir_report report;
        weigh(s, &record, true, &finding, &report);
        if (finding.severity != s->severity)
            fail_msg("%s: %s", s->what, weir_severity_name(finding.severity));
        if (report.diagnosis != s->diagnosis)
            fail_msg("%s: %s", s->what, weir_diagnosis_name(report.diagnosis));
        if (report.learned != s->learned) fail_msg("%s: learned %d", s->what, report.learned);
        if ((finding.severity == s->at_first) != !*finding.since_trials)
            fail_msg("%s: \"%s\"", s->what, finding.since_trials);
    }
}

/* Whatever the trials say, a run that diverged has, bad data are bad, and from targets that are all
 * the same nothing is learned. */
static void what_trials_do_not_weigh(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof samples / sizeof *samples; k++)
        for (int kind = 0; kind < 3; kind++) {
            weir_flow_record record = {.constant_loss = 1, .diverged = kind == 0,
                                       .same_targets = kind == 1};
            weir_finding finding;
            weir_report report;
            weigh(&samples[k], &record, kind != 2, &finding, &report);
            assert_int_equal(finding.severity, samples[k].at_first);
            assert_true(!*finding.since_trials);
            if (kind < 2) assert_int_not_equal(report.diagnosis, WEIR_HEALTHY);
            if (kind == 2) assert_int_not_equal(report.diagnosis, WEIR_SICK);
        }
}

/* Another finding's remedy says nothing of this one. */
static void remedies_speak_of_their_finding(void **state)
{
    (void)state;
    weir_flow_record record = {.constant_loss = 1};
    weir_facts facts = {.record = &record, .outcome = WEIR_LEARNS};
    weir_finding findings[] = {
        {.name = "saturation", .gradient = true, .severity = WEIR_NOTE},
        {.name = "vanishing-depth", .gradient = true, .severity = WEIR_NOTE}};
    weir_prescription remedy = {.finding = "vanishing-depth", .outcome = WEIR_PROVEN,
                                .controls = 1};
    weir_report report = {.record = &record, .findings = 2, .finding = findings,
                          .prescriptions = 1, .prescription = &remedy, .steps_wanted = WANTED};
    weir_weigh(&report, &facts);
    assert_string_equal(findings[0].name, "vanishing-depth"); /* what weighs more leads */
    assert_int_equal(findings[0].severity, WEIR_WARNING);
    assert_int_equal(findings[1].severity, WEIR_NOTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(severities),
        cmocka_unit_test(what_trials_do_not_weigh),
        cmocka_unit_test(remedies_speak_of_their_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
