/* weir/doctor.h - judging a flow record, prescribing changes, and proving them by matched trials.
 *
 *   weir_doctor(config, NULL, &report, &err);
 *   for (size_t i = 0; i < report->findings; i++) puts(report->finding[i].cause);
 */
#ifndef WEIR_DOCTOR_H
#define WEIR_DOCTOR_H

#include "weir/finding.h"
#include "weir/train.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

/* Judges a record. steps_wanted: how long the run was meant to be (the plateau test speaks only of
 * a run that had its time). Writes at most `room` findings, leading ones first; returns how
 * many. */
size_t weir_diagnose(const weir_flow_record *record, uint64_t steps_wanted, weir_finding *findings,
                     size_t room, weir_diagnosis *diagnosis);

/* What the doctor is doing, for progress: called now and then from the calling thread. Return false
 * to stop: what is known so far is reported. */
typedef bool weir_doctor_progress(void *self, const char *doing, size_t done, size_t of);

/* Called once, before the first trial: the report has its record, findings and diagnosis, and no
 * prescriptions yet. It belongs to the doctor. Return false to do without the trials. */
typedef bool weir_doctor_diagnosed(void *self, const weir_report *report);

typedef struct weir_doctor_options {
    uint64_t seed;  /* 0: the configuration's */
    uint64_t steps; /* of the observed run; 0: the configuration's doctor.steps, else 300, at most
                     * train.steps */
    bool trials;    /* default true; false: only diagnose */
    double budget_seconds; /* 0: none. Decides only whether another round of trials starts */
    uint64_t budget_steps; /* 0: none. Training steps over all trials */
    size_t max_trials;     /* candidates; 0: all */
    const weir_arrays *arrays; /* NULL: the configuration's data */
    weir_doctor_progress *progress;
    weir_doctor_diagnosed *diagnosed;
    void *self; /* handed to both */
} weir_doctor_options;

weir_doctor_options weir_doctor_options_init(void);

/* The whole of it. A run that diverges is a finding, not an error. options may be NULL.
 * Errors as weir_trainer_new. Free with weir_report_free. */
weir_status weir_doctor(const weir_config *config, const weir_doctor_options *options,
                        weir_report **report, weir_error *err);
void weir_report_free(weir_report *report);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
