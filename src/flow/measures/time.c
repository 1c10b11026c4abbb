/* time: the gradient split into its time steps, for every recurrent line.
 *
 *   grad_h[t] = |dL/dh_t|, grad_c[t] = |dL/dc_t|    total, through later steps too
 *   contribution[t] = |g_t|,  g = sum_t g_t = dL/dW
 *   share[t] = <g_t, g> / <g, g>                    signed; they sum to 1
 */
#include "base/intl.h"
#include "flow/recorder.h"

static void begin(weir_measure *m)
{
    weir_flow_record *record = m->recorder->record;
    for (size_t i = 0; i < record->lines; i++) {
        weir_line_flow *flow = &m->recorder->sample->line[i];
        size_t T = record->line[i].T;
        flow->grad_h = weir_record_numbers(record, T);
        flow->contribution_ih = weir_record_numbers(record, T);
        flow->contribution_hh = weir_record_numbers(record, T);
        flow->share_ih = weir_record_numbers(record, T);
        flow->share_hh = weir_record_numbers(record, T);
        bool cell = m->recorder->model->nodes[record->line[i].node].kind->states > 1;
        flow->grad_c = cell ? weir_record_numbers(record, T) : NULL;
    }
}

static void grad_time(weir_measure *m, size_t line, size_t t, double norm_h, double norm_c)
{
    weir_line_flow *flow = &m->recorder->sample->line[line];
    if (t >= m->recorder->record->line[line].T) return;
    if (flow->grad_h) flow->grad_h[t] = norm_h;
    if (flow->grad_c) flow->grad_c[t] = norm_c;
}

static void step_contribution(weir_measure *m, size_t line, size_t t, const weir_parameter *p,
                              double norm2, double share)
{
    weir_line_flow *flow = &m->recorder->sample->line[line];
    if (t >= m->recorder->record->line[line].T || p->role == WEIR_BIAS) return;
    bool hh = p->role == WEIR_RECURRENT_WEIGHT;
    double *norm = hh ? flow->contribution_hh : flow->contribution_ih;
    double *shares = hh ? flow->share_hh : flow->share_ih;
    if (norm) norm[t] = sqrt(norm2);
    if (shares) shares[t] = share;
}

const weir_measure_kind weir_measure_time = {
    .name = "time",
    .doc = N_("gradient norm at every time step, and each step's part of the weight gradient"),
    .wants = WEIR_WANTS_TIME | WEIR_WANTS_CONTRIBUTIONS | WEIR_WANTS_SHARES,
    .begin = begin,
    .grad_time = grad_time,
    .step_contribution = step_contribution,
};
