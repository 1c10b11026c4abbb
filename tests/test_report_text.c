/* What the doctor says, drawn out of a report made by hand. */
#include "tests/test.h"

#include "base/memory.h"
#include "show/show.h"

static char *weighed(weir_finding *findings, size_t n)
{
    weir_text out = {0};
    weir_canvas c = {.out = &out, .width = 80};
    weir_report report = {.findings = n, .finding = findings};
    weir_show_weighed(&c, &report);
    return weir_text_take(&out);
}

/* Only findings that do not weigh what they did at first are told again, with the reason. */
static void findings_that_trials_weigh_anew_are_told_again(void **state)
{
    (void)state;
    weir_finding findings[] = {
        {.name = "vanishing-time", .severity = WEIR_ERROR, .since_trials = "It is stuck."},
        {.name = "saturation", .severity = WEIR_NOTE, .at_first = WEIR_ERROR,
         .since_trials = "It learns."},
        {.name = "dead-units", .severity = WEIR_NOTE, .at_first = WEIR_NOTE},
    };
    char *text = weighed(findings, 3);
    assert_non_null(strstr(text, "error  vanishing-time\n    It is stuck.\n"));
    assert_non_null(strstr(text, "note  saturation\n    It learns.\n"));
    assert_null(strstr(text, "dead-units"));
    weir_free(text);
}

static void nothing_is_told_when_trials_weigh_nothing_anew(void **state)
{
    (void)state;
    weir_finding finding = {.name = "saturation", .severity = WEIR_ERROR, .at_first = WEIR_ERROR};
    char *text = weighed(&finding, 1);
    assert_true(!text || !*text);
    weir_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_that_trials_weigh_anew_are_told_again),
        cmocka_unit_test(nothing_is_told_when_trials_weigh_nothing_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
