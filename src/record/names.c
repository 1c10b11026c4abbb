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
    static const char *const phrases[][2] = {{"input", N_("the input%s")},
                                             {"target", N_("the targets%s")},
                                             {"loss", N_("the loss%s")},
                                             {"activation", N_("the output of %s")},
                                             {"gradient", N_("the gradient of %s")},
                                             {"parameter", N_("the parameter %s")}};
    enum { NAMELESS = 3, LAST = 5 };
    const weir_nonfinite *n = &r->nonfinite;
    char name[300], kind[80] = "", time[60] = "";
    size_t i = 0;
    while (i < LAST && n->tensor && strcmp(phrases[i][0], n->tensor) != 0) i++;
    if (!n->found) {
        snprintf(buffer, room, "%s", _("loss or gradient"));
        return buffer;
    }
    if (n->node < r->nodes && !strcmp(n->where, r->node[n->node].name))
        snprintf(kind, sizeof kind, " (%s)", r->node[n->node].kind);
    if (n->time != SIZE_MAX) snprintf(time, sizeof time, _(", time step %zu"), n->time);
    snprintf(name, sizeof name, "%s%s", i < NAMELESS ? "" : n->where, kind);
    int used = snprintf(buffer, room, _(phrases[i][1]), name);
    if (used >= 0 && (size_t)used < room) snprintf(buffer + used, room - (size_t)used, "%s", time);
    return buffer;
}
