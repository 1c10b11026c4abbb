/* doctor/rule.h - what a rule is. One rule is one file in rules/ and one line in its list.def.
 *
 * A rule judges a flow record, never a live model; it writes a finding and never prints. No rule
 * rests on an absolute gradient size: multiply the loss by a constant and the verdict stays.
 */
#ifndef WEIR_DOCTOR_RULE_H
#define WEIR_DOCTOR_RULE_H

#include "doctor/facts.h"

typedef struct weir_rule_kind {
    const char *name, *doc;
    const char *const *remedies; /* worth trying, best first; NULL-terminated */
    /* Whether there is something to tell; fills the finding but for name and remedies. It starts as
     * a fault of the gradient; a rule that finds another origin clears that. */
    bool (*judge)(const weir_facts *facts, weir_finding *finding);
    /* How far the leading evidence is from healthy, in natural log units; 0 is healthy, infinity
     * where nothing flows at all. Also asked of records in which the rule finds nothing: where its
     * bound depends on whether the net learns, the distance does not, so that a trial that learns
     * is measured as one that does not. */
    double (*distance)(const weir_facts *facts);
} weir_rule_kind;

extern const weir_rule_kind *const weir_rule_kinds[];
const weir_rule_kind *weir_rule_find(const char *name);

/* Whether the net's outcome is impaired: stuck at the constant predictor, or worse. */
bool weir_fails(const weir_facts *facts);
/* The run failed: it diverged, its data are ill, no gradient ever came, or it had all its steps and
 * its outcome is impaired. */
bool weir_run_failed(const weir_facts *facts);
/* note: it learns, or nobody can tell; error: it runs away, or had its time and is stuck. Stuck in
 * a run that is not over: a warning at first, and for a fault over depth an error from step 100
 * on. */
weir_severity weir_severity_of(const weir_facts *facts, bool over_time);

/* Errors before warnings before notes; among equals the order of list.def. */
void weir_findings_sort(weir_finding *findings, size_t n);

/* fails: the net diverged, or had all its steps and does no better than a constant guess. */
weir_diagnosis weir_diagnosis_of(const weir_finding *findings, size_t n, bool fails);

/* Helpers for rules. */
void weir_finding_evidence(weir_finding *f, const char *metric, double value, double threshold,
                           const char *why);
/* The evidence of the plateau test, where it could be taken. */
void weir_finding_outcome(weir_finding *f, const weir_facts *facts);
void weir_finding_layer(weir_finding *f, size_t node);
void weir_finding_time(weir_finding *f, size_t t);
void weir_finding_step(weir_finding *f, uint64_t step);
void weir_finding_cause(weir_finding *f, const char *format, ...) WEIR_PRINTF(2, 3);

#define WEIR_RULE(name) extern const weir_rule_kind weir_rule_##name;
#include "doctor/rules/list.def"
#undef WEIR_RULE

#endif
