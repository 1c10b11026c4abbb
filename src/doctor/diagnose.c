/* Rules over a record: findings, their order, and the verdict. */
#include "base/intl.h"
#include "doctor/rule.h"
#include "weir/doctor.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WEIR_RULE(name) &weir_rule_##name,
const weir_rule_kind *const weir_rule_kinds[] = {
#include "doctor/rules/list.def"
    NULL};
#undef WEIR_RULE

const weir_rule_kind *weir_rule_find(const char *name)
{
    for (size_t i = 0; weir_rule_kinds[i]; i++)
        if (!strcmp(weir_rule_kinds[i]->name, name)) return weir_rule_kinds[i];
    return NULL;
}

void weir_finding_evidence(weir_finding *f, const char *metric, double value, double threshold,
                           const char *why)
{
    if (f->evidences < WEIR_MAX_EVIDENCE)
        f->evidence[f->evidences++] = (weir_evidence){metric, value, threshold, why};
}

void weir_finding_outcome(weir_finding *f, const weir_facts *facts)
{
    if (isfinite(facts->gain))
        weir_finding_evidence(
            f, "loss_gain", facts->gain, facts->noise,
            _("to count as learning, the loss must beat the best constant guess by "
              "three standard errors and 2 %"));
}

bool weir_fails(const weir_facts *facts)
{
    return facts->outcome == WEIR_STUCK || facts->outcome == WEIR_RUNS_AWAY;
}

bool weir_run_failed(const weir_facts *f)
{
    return f->record->diverged || f->data_fault || f->no_gradient || (f->complete && weir_fails(f));
}

weir_severity weir_severity_of(const weir_facts *f, bool over_time)
{
    enum { SOON = 100 };
    if (f->no_gradient) return WEIR_ERROR;
    if (!weir_fails(f)) return WEIR_NOTE;
    if (f->outcome == WEIR_RUNS_AWAY || f->complete) return WEIR_ERROR;
    return !over_time && f->record->steps >= SOON ? WEIR_ERROR : WEIR_WARNING;
}

void weir_finding_layer(weir_finding *f, size_t node)
{
    if (f->layers < WEIR_MAX_WHERE) f->layer[f->layers++] = node;
}
void weir_finding_time(weir_finding *f, size_t t)
{
    if (f->times < WEIR_MAX_WHERE) f->time[f->times++] = t;
}
void weir_finding_step(weir_finding *f, uint64_t step)
{
    if (f->steps < WEIR_MAX_WHERE) f->step[f->steps++] = step;
}

void weir_finding_cause(weir_finding *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->cause, sizeof f->cause, format, args);
    va_end(args);
}

void weir_findings_sort(weir_finding *f, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && f[j].severity > f[j - 1].severity; j--) {
            weir_finding kept = f[j];
            f[j] = f[j - 1];
            f[j - 1] = kept;
        }
}

/* The rule's; and a net that runs away may only want a smaller step, whatever else it shows. */
static void name_remedies(const weir_facts *facts, const weir_rule_kind *rule, weir_finding *f)
{
    static const char smaller_step[] = "learning_rate";
    bool has_it = false;
    for (size_t k = 0; rule->remedies[k]; k++) has_it |= !strcmp(rule->remedies[k], smaller_step);
    if (facts->outcome == WEIR_RUNS_AWAY && !has_it) f->remedy[f->remedies++] = smaller_step;
    for (size_t k = 0; rule->remedies[k] && f->remedies < WEIR_MAX_REMEDIES; k++)
        f->remedy[f->remedies++] = rule->remedies[k];
}

weir_diagnosis weir_diagnosis_of(const weir_finding *f, size_t n, bool fails)
{
    bool sick = false;
    for (size_t i = 0; i < n; i++) {
        sick |= f[i].gradient && f[i].severity == WEIR_ERROR;
        fails |= f[i].severity == WEIR_ERROR;
    }
    return sick ? WEIR_SICK : fails ? WEIR_NOT_GRADIENT : WEIR_HEALTHY;
}

size_t weir_diagnose(const weir_flow_record *record, uint64_t steps_wanted, weir_finding *findings,
                     size_t room, weir_diagnosis *diagnosis)
{
    weir_facts facts;
    size_t n = 0;
    *diagnosis = WEIR_HEALTHY;
    if (weir_facts_gather(record, steps_wanted, &facts)) return 0;
    for (size_t i = 0; weir_rule_kinds[i] && n < room; i++) {
        const weir_rule_kind *rule = weir_rule_kinds[i];
        weir_finding *f = &findings[n];
        memset(f, 0, sizeof *f);
        f->gradient = true;
        if (!rule->judge(&facts, f)) continue;
        if (facts.data_fault && f->gradient) { /* the others tell nothing of such data */
            if (rule != &weir_rule_non_finite) continue;
            f->gradient = false;
        }
        f->name = rule->name;
        f->at_first = f->severity;
        f->distance = rule->distance(&facts);
        if (f->gradient) name_remedies(&facts, rule, f);
        n++;
    }
    *diagnosis = weir_diagnosis_of(findings, n, weir_run_failed(&facts));
    weir_findings_sort(findings, n);
    weir_facts_free(&facts);
    return n;
}
