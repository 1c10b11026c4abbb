/* What the trials mean for a finding: reports made by hand, weighed. */
#include "tests/test.h"

#include "doctor/verify.h"

enum { WANTED = 1000 };

struct sample {
    const char *what;
    weir_severity at_first;
    weir_outcome outcome; /* of the run that was watched */
    weir_untreated untreated;
    weir_trial_outcome remedy;
    size_t controls;
    bool rescues;
    weir_severity severity;
    weir_diagnosis diagnosis;
    bool learned;
};

static const struct sample samples[] = {
    {"nothing was tried", WEIR_WARNING, WEIR_STUCK, {0}, WEIR_UNTRIED, 0, false,
     WEIR_WARNING, WEIR_HEALTHY, false},
    {"the untreated net had all its steps", WEIR_WARNING, WEIR_STUCK, {1000, 8, 1},
     WEIR_UNDECIDED, 0, false, WEIR_ERROR, WEIR_SICK, false},
    {"it was not given all of them", WEIR_WARNING, WEIR_STUCK, {600, 8, 0}, WEIR_UNDECIDED, 0,
     false, WEIR_WARNING, WEIR_HEALTHY, false},
    {"it learns after all", WEIR_ERROR, WEIR_STUCK, {600, 3, 3}, WEIR_UNDECIDED, 0, false,
     WEIR_NOTE, WEIR_HEALTHY, true},
    {"it learns after all, and slower than it could", WEIR_ERROR, WEIR_STUCK, {600, 8, 6},
     WEIR_PROVEN, 1, false, WEIR_WARNING, WEIR_HEALTHY, true},
    {"the seeds disagree", WEIR_ERROR, WEIR_STUCK, {1000, 8, 4}, WEIR_UNDECIDED, 0, false,
     WEIR_ERROR, WEIR_SICK, false},
    {"a remedy rescues it", WEIR_WARNING, WEIR_STUCK, {300, 8, 0}, WEIR_PROVEN, 2, true,
     WEIR_ERROR, WEIR_SICK, false},
    {"a remedy without a control tells nothing of the finding", WEIR_WARNING, WEIR_STUCK,
     {300, 8, 0}, WEIR_PROVEN, 0, true, WEIR_WARNING, WEIR_HEALTHY, false},
    {"a net that learns is held back", WEIR_NOTE, WEIR_LEARNS, {300, 8, 8}, WEIR_PROVEN, 1, false,
     WEIR_WARNING, WEIR_HEALTHY, true},
    {"the gain of a net that learns has another cause", WEIR_NOTE, WEIR_LEARNS, {300, 8, 8},
     WEIR_NOT_CAUSAL, 2, false, WEIR_NOTE, WEIR_HEALTHY, true},
    {"a rescue for another reason withdraws the finding", WEIR_ERROR, WEIR_STUCK, {300, 8, 0},
     WEIR_NOT_CAUSAL, 1, true, WEIR_NOTE, WEIR_HEALTHY, false},
    {"the same, of a net that had its time", WEIR_WARNING, WEIR_STUCK, {1000, 8, 0},
     WEIR_NOT_CAUSAL, 1, true, WEIR_NOTE, WEIR_NOT_GRADIENT, false},
    {"a rescue whose cause is shared withdraws nothing", WEIR_WARNING, WEIR_STUCK, {1000, 8, 0},
     WEIR_BETTER_IN_TRIALS, 1, true, WEIR_ERROR, WEIR_SICK, false},
    {"a run that ran away stays an error, whatever other seeds do", WEIR_ERROR, WEIR_RUNS_AWAY,
     {1000, 8, 8}, WEIR_UNDECIDED, 0, false, WEIR_ERROR, WEIR_SICK, true},
};

static void severities(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof samples / sizeof *samples; k++) {
        const struct sample *s = &samples[k];
        weir_flow_record record = {.constant_loss = 1};
        weir_facts facts = {.record = &record, .outcome = s->outcome};
        weir_finding finding = {.name = "vanishing-time", .gradient = true,
                                .severity = s->at_first, .at_first = s->at_first};
        weir_prescription remedy = {.finding = "vanishing-time", .outcome = s->remedy,
                                    .controls = s->controls, .rescues = s->rescues};
        weir_report report = {.record = &record, .findings = 1, .finding = &finding,
                              .prescriptions = 1, .prescription = &remedy,
                              .untreated = s->untreated, .steps_wanted = WANTED,
                              .learned = s->outcome == WEIR_LEARNS};
        weir_weigh(&report, &facts);
        if (finding.severity != s->severity)
            fail_msg("%s: %s", s->what, weir_severity_name(finding.severity));
        if (report.diagnosis != s->diagnosis)
            fail_msg("%s: %s", s->what, weir_diagnosis_name(report.diagnosis));
        if (report.learned != s->learned) fail_msg("%s: learned %d", s->what, report.learned);
        if ((finding.severity == s->at_first) != !*finding.since_trials)
            fail_msg("%s: \"%s\"", s->what, finding.since_trials);
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
        cmocka_unit_test(remedies_speak_of_their_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
