/* weir/finding.h - plain structs: what the doctor says. Findings, prescriptions, and the report
 * that holds both. Made by weir/doctor.h. */
#ifndef WEIR_FINDING_H
#define WEIR_FINDING_H

#include "weir/record.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

struct weir_config; /* weir/config.h */

typedef enum weir_severity { WEIR_NOTE, WEIR_WARNING, WEIR_ERROR } weir_severity;

typedef struct weir_evidence {
    const char *metric;
    double value, threshold;
    const char *why; /* why that threshold, one sentence */
} weir_evidence;

enum { WEIR_MAX_EVIDENCE = 6, WEIR_MAX_WHERE = 64, WEIR_MAX_REMEDIES = 12 };

typedef struct weir_finding {
    const char *name; /* "vanishing-depth", .. */
    weir_severity severity;
    weir_severity at_first; /* before the trials had their say */
    char since_trials[300]; /* why the severity is no longer that; "" where it is */
    bool gradient;    /* a fault of the gradient flow, not of the data or the loss */
    char cause[400]; /* one sentence */
    size_t layers, layer[WEIR_MAX_WHERE];  /* indices of nodes */
    size_t times, time[WEIR_MAX_WHERE];    /* time steps */
    size_t steps;
    uint64_t step[WEIR_MAX_WHERE];         /* training steps */
    size_t evidences;
    weir_evidence evidence[WEIR_MAX_EVIDENCE];
    size_t remedies;
    const char *remedy[WEIR_MAX_REMEDIES]; /* worth trying, best first */
    double distance; /* of the leading evidence from healthy, in natural log units; 0: healthy */
} weir_finding;

typedef enum weir_diagnosis { WEIR_HEALTHY, WEIR_SICK, WEIR_NOT_GRADIENT } weir_diagnosis;

/* "healthy", "sick", "not-gradient". */
const char *weir_diagnosis_name(weir_diagnosis diagnosis);
const char *weir_severity_name(weir_severity severity); /* "note", "warning", "error" */

typedef enum weir_trial_outcome {
    WEIR_UNTRIED,
    WEIR_PROVEN,           /* loss and flow better over at least 5 fresh seeds, 95 % interval; every
                            * control, where the remedy has one, lost the gain */
    WEIR_BETTER_IN_TRIALS, /* better, but not proven: not taken to fresh seeds, or a control or the
                            * flow could not be told from the noise there */
    WEIR_NO_BETTER,
    WEIR_UNDECIDED,        /* within the noise, or neither run left the constant predictor */
    WEIR_NOT_CAUSAL        /* better, but the control kept the gain: the finding is not why */
} weir_trial_outcome;

/* "proven", "better-in-trials", "no-better", "undecided", "not-causal", "untried". */
const char *weir_trial_outcome_name(weir_trial_outcome outcome);

/* How one net ended in one trial. */
typedef struct weir_trial_result {
    double loss;     /* on the fixed evaluation batches */
    double accuracy; /* NaN where there is none */
    double distance; /* of the finding's leading evidence from healthy, in log units */
    bool learned;    /* left the constant predictor */
    bool diverged;   /* a number was not finite */
    bool ran_away;   /* that, or the loss is above ten times the best constant guess's, and above
                      * what it was before the first step */
} weir_trial_result;

typedef struct weir_matched_trial {
    uint64_t seed;
    bool fresh; /* not seen when the candidate was chosen */
    weir_trial_result before, after;
} weir_matched_trial;

/* The same remedy with its mechanism switched off. */
typedef struct weir_control {
    const char *what; /* "gradient cut every 8 steps", "hidden_size 214, the same parameters" */
    size_t seeds, learned; /* of which so many left the constant predictor */
    double loss;      /* mean over the fresh seeds */
    double kept;      /* share of the gain, ln(loss before / after), that stays without the
                       * mechanism; 1: all */
    double kept_of_loss; /* the same of what the loss itself gained */
    bool gain_stays;  /* more than three quarters of it, in the loss and in its logarithm, and more
                       * than half beyond the noise: then the finding is not the cause */
    bool gain_lost;   /* more than half of it, in both, and the treated net is better than this
                       * beyond the noise. Neither: it is part of the cause, or nobody can tell */
} weir_control;

enum { WEIR_MAX_CONTROLS = 3 };

typedef struct weir_prescription {
    const char *remedy;  /* "batchnorm", "cell", .. */
    const char *variant; /* in words: "relu with kaiming_normal" */
    const char *finding; /* the finding it was tried for */
    const char *source;  /* paper */
    struct weir_config *config; /* the whole changed configuration */
    char *patch;         /* what changed, as a diff */
    bool recommended;
    bool rescues; /* on fresh seeds the untreated net did not leave the constant predictor, and the
                   * treated one did: worth having, whatever the outcome says of the reason */
    bool rescues_otherwise; /* and it did so without mending what the finding measures */
    weir_trial_outcome outcome;
    uint64_t steps; /* how long the trials were */
    size_t trials;
    weir_matched_trial *trial;
    size_t controls;
    weir_control control[WEIR_MAX_CONTROLS];
    double loss_before, loss_after; /* means over the deciding seeds */
    double gain, gain_low, gain_high; /* ln(loss before / after) and its 95 % interval: 0.1 is
                                       * a loss 10 % lower */
    size_t parameters_before, parameters_after;
    double step_seconds_before, step_seconds_after;
    char note[400]; /* what to know: the true cause of a gain, why undecided; "" for nothing */
} weir_prescription;

/* What became of the net as it is in the trials, at their longest. */
typedef struct weir_untreated {
    uint64_t steps;
    size_t trials, learned; /* seeds; those that left the constant predictor */
} weir_untreated;

typedef struct weir_report {
    weir_diagnosis diagnosis;
    size_t findings;
    weir_finding *finding;
    size_t prescriptions; /* recommended ones first */
    weir_prescription *prescription;
    weir_flow_record *record; /* of the untreated run */
    struct weir_config *config;
    uint64_t steps_wanted; /* what the configuration asks for: train.steps */
    weir_untreated untreated;
    bool learned; /* the untreated net: where three seeds of four learned in the trials, or had all
                   * their steps and did not, that; else as it was watched */
    bool stopped; /* the budget ran out, or the caller stopped: not everything was tried */
    double seconds;
} weir_report;

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
