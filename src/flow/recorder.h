/* flow/recorder.h - the standard probe: fills a flow record while a net trains.
 *
 *   begin(step) -> probe      full on sampled steps, nothing on the others
 *   ... forward, backward ... measures listen through the probe
 *   tape(pass)                measures that walk back again over the live tape
 *   ... clip, update ...
 *   end(step, loss, ...)      one more point of the loss curve
 *
 * Each measure is one file in measures/ and one line in its list.def.
 */
#ifndef WEIR_FLOW_RECORDER_H
#define WEIR_FLOW_RECORDER_H

#include "nn/pass.h"
#include "record/record.h"

typedef struct weir_recorder weir_recorder;
typedef struct weir_measure weir_measure;

/* Hooks as in weir_probe, called on sampled steps with m->recorder->sample to be filled; all
 * optional (default: nothing happens). */
typedef struct weir_measure_kind {
    const char *name, *doc;
    unsigned wants; /* of the probe */
    bool costly;    /* walks back over the tape: taken on a quarter of the samples and the last */
    /* m->self, from the record's memory. WEIR_MEMORY when there is none. */
    weir_status (*open)(weir_measure *m);
    void (*begin)(weir_measure *m);
    void (*activation)(weir_measure *m, const weir_node *node, const weir_tensor *z,
                       const weir_tensor *y);
    void (*gates)(weir_measure *m, size_t line, size_t gate, size_t rows, size_t n, size_t stride,
                  const real *value, real (*slope)(real value), double largest);
    void (*grad_out)(weir_measure *m, const weir_node *node, const weir_tensor *dy);
    void (*grad_time)(weir_measure *m, size_t line, size_t t, double norm_h, double norm_c);
    void (*step_contribution)(weir_measure *m, size_t line, size_t t,
                              const weir_parameter *parameter, double norm2, double share);
    void (*grad_param)(weir_measure *m, const weir_parameter *parameter);
    void (*update)(weir_measure *m, const weir_parameter *parameter, double delta_norm,
                   double value_norm);
    weir_status (*tape)(weir_measure *m, weir_pass *pass, const weir_tensor *dy, weir_error *err);
} weir_measure_kind;

struct weir_measure {
    const weir_measure_kind *kind;
    weir_recorder *recorder;
    void *self;
};

struct weir_recorder {
    const weir_model *model;
    weir_flow_record *record;
    weir_sample *sample; /* of the step under way, or NULL */
    bool costly;         /* this sample takes the costly measures too */
    size_t measures;
    weir_measure *measure;
    weir_probe probe;
    size_t *first_line; /* [nodes] the record's first line of each recurrent node */
};

extern const weir_measure_kind *const weir_measure_kinds[];

/* Describes the net in the record (which must be fresh) and opens every measure. The recorder lives
 * in the record's memory. NULL when there is none. */
weir_recorder *weir_recorder_new(const weir_model *model, weir_flow_record *record);

/* What to watch step `step` with: NULL when it is not sampled. */
const weir_probe *weir_recorder_begin(weir_recorder *r, uint64_t step, bool sampled, bool costly);
weir_status weir_recorder_tape(weir_recorder *r, weir_pass *pass, const weir_tensor *dy,
                               weir_error *err);
weir_status weir_recorder_end(weir_recorder *r, const weir_loss_point *point);

/* After a step whose loss or gradient was not finite: finds the first such number in the order in
 * which it spread (input, targets, parameters, activations, loss, gradients). */
void weir_recorder_nonfinite(weir_recorder *r, const weir_pass *pass, const weir_tensor *target,
                             uint64_t step, double loss);

/* The record's line of a moment. */
size_t weir_recorder_line(const weir_recorder *r, const weir_moment *where);

#define WEIR_MEASURE(name) extern const weir_measure_kind weir_measure_##name;
#include "flow/measures/list.def"
#undef WEIR_MEASURE

#endif
