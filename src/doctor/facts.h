/* doctor/facts.h - what every rule wants to know of a record, computed once. */
#ifndef WEIR_DOCTOR_FACTS_H
#define WEIR_DOCTOR_FACTS_H

#include "weir/finding.h"

typedef enum weir_outcome {
    WEIR_LEARNS,      /* better than the best constant predictor, beyond the noise */
    WEIR_STUCK,       /* it has not left what the best constant predictor reaches */
    WEIR_RUNS_AWAY,   /* worse than that and than it began, beyond the noise; or not finite */
    WEIR_UNKNOWN      /* there is no evaluation to tell */
} weir_outcome;

typedef struct weir_facts {
    const weir_flow_record *record;
    weir_outcome outcome;
    double gain, noise; /* constant loss - loss on the evaluation batches; what it must exceed */
    uint64_t wanted;    /* the steps its configuration asks for */
    bool complete;      /* the run took them all */
    bool no_gradient;   /* exactly 0 at every step: the loss does not depend on the weights */
    bool data_fault;    /* the data are ill, and make a judgement of the gradient idle: nothing to
                         * learn in them, or numbers that are not finite */

    /* depth: layers are the nodes with weights, first to last */
    size_t layers, *layer;
    double depth_gain;   /* mean factor of |dL/dy| per layer on the way back */
    double depth_total;  /* from the last layer to the first: depth_gain ^ (layers - 1) */
    const weir_sample *depth_sample; /* where it was taken, or NULL */
    double depth_scatter; /* standard deviation of ln depth_total in a well-initialised net */

    /* time: the newest sample that has lag profiles, or NULL */
    const weir_sample *lag_sample;
    const weir_sample *last; /* the newest sample, or NULL */
} weir_facts;

/* *facts points into the record. WEIR_MEMORY when there is none; free with weir_facts_free. */
weir_status weir_facts_gather(const weir_flow_record *record, uint64_t steps_wanted,
                              weir_facts *facts);
void weir_facts_free(weir_facts *facts);

#endif
