/* The words of findings and trials, as they stand in JSON. */
#include "weir/finding.h"

const char *weir_diagnosis_name(weir_diagnosis d)
{
    static const char *const names[] = {"healthy", "sick", "not-gradient"};
    return names[d];
}

const char *weir_severity_name(weir_severity s)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[s];
}

const char *weir_trial_outcome_name(weir_trial_outcome o)
{
    static const char *const names[] = {"untried",   "proven",    "better-in-trials",
                                        "no-better", "undecided", "not-causal"};
    return names[o];
}
