/* The words of findings and trials, as they stand in JSON, and of what is not finite. */
#include "record/record.h"
#include "weir/finding.h"

#include "base/intl.h"

#include <stdio.h>
#include <string.h>

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

char *weir_nonfinite_words(const weir_flow_record *r, char *buffer, size_t room)
{
    static const struct {
        const char *tensor, *words;
        bool named;
    } phrases[] = {{"input", N_("the input"), false},
                   {"activation", N_("the output of"), true},
                   {"loss", N_("the loss"), false},
                   {"gradient", N_("the gradient of"), true},
                   {"parameter", N_("the parameter"), true}};
    const weir_nonfinite *n = &r->nonfinite;
    char kind[80] = "", time[60] = "";
    size_t i = 0;
    while (i < 4 && n->tensor && strcmp(phrases[i].tensor, n->tensor) != 0) i++;
    if (!n->found) {
        snprintf(buffer, room, "%s", _("loss or gradient"));
        return buffer;
    }
    if (n->node < r->nodes && !strcmp(n->where, r->node[n->node].name))
        snprintf(kind, sizeof kind, " (%s)", r->node[n->node].kind);
    if (n->time != SIZE_MAX) snprintf(time, sizeof time, _(", time step %zu"), n->time);
    bool named = phrases[i].named;
    snprintf(buffer, room, "%s%s%s%s%s", _(phrases[i].words), named ? " " : "",
             named ? n->where : "", kind, time);
    return buffer;
}
