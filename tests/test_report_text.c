/* What the doctor says, drawn out of a report made by hand. */
#include "tests/test.h"

#include "base/memory.h"
#include "show/show.h"

static char *raised(weir_finding *findings, size_t n)
{
    weir_text out = {0};
    weir_canvas c = {.out = &out, .width = 80};
    weir_report report = {.findings = n, .finding = findings};
    weir_show_raised(&c, &report);
    return weir_text_take(&out);
}

/* Only findings that weigh more than at first are told again, with what they weigh now. */
static void findings_that_trials_raise_are_told_again(void **state)
{
    (void)state;
    weir_finding findings[] = {
        {.name = "vanishing-time", .severity = WEIR_ERROR, .at_first = WEIR_NOTE},
        {.name = "saturation", .severity = WEIR_WARNING, .at_first = WEIR_NOTE},
        {.name = "dead-units", .severity = WEIR_NOTE, .at_first = WEIR_NOTE},
    };
    char *text = raised(findings, 3);
    assert_non_null(strstr(text, "error  vanishing-time\n    The trials raise it: a remedy"));
    assert_non_null(strstr(text, "rescues"));
    assert_non_null(strstr(text, "warning  saturation\n    The trials raise it: a remedy"));
    assert_null(strstr(text, "dead-units"));
    weir_free(text);
}

static void nothing_is_told_when_trials_raise_nothing(void **state)
{
    (void)state;
    weir_finding finding = {.name = "saturation", .severity = WEIR_ERROR, .at_first = WEIR_ERROR};
    char *text = raised(&finding, 1);
    assert_true(!text || !*text);
    weir_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_that_trials_raise_are_told_again),
        cmocka_unit_test(nothing_is_told_when_trials_raise_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
