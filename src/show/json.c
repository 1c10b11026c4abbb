/* Records and reports as JSON. Names stay English. */
#include "show/show.h"

#include <math.h>
#include <stdio.h>

static const char *flag_of(double x)
{
    return isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

void weir_json_number(json_t *object, const char *name, double value)
{
    json_object_set_new(object, name, isfinite(value) ? json_real(value) : json_null());
    if (isfinite(value)) return;
    char flag[80];
    snprintf(flag, sizeof flag, "%s_flag", name);
    json_object_set_new(object, flag, json_string(flag_of(value)));
}

static json_t *numbers(const double *x, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; x && i < n; i++)
        json_array_append_new(list, isfinite(x[i]) ? json_real(x[i]) : json_null());
    return list;
}

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* --- the flow record -------------------------------------------------------------------------- */

static json_t *describe_nodes(const weir_flow_record *r)
{
    static const char *const parts[] = {"plumbing", "weighted", "activation", "normaliser",
                                        "recurrent"};
    json_t *list = json_array();
    for (size_t i = 0; i < r->nodes; i++) {
        const weir_record_node *n = &r->node[i];
        json_t *inputs = json_array();
        for (size_t k = 0; k < n->inputs; k++)
            json_array_append_new(inputs, n->input[k] == SIZE_MAX ? json_string("x")
                                                                  : count(n->input[k]));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", n->name,
                                              "kind", n->kind, "part", parts[n->part], "inputs",
                                              inputs, "features", count(n->features), "parameters",
                                              count(n->parameters)));
    }
    return list;
}

static json_t *sample_nodes(const weir_flow_record *r, const weir_sample *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->nodes; i++) {
        json_t *o = json_pack("{s:s}", "name", r->node[i].name);
        weir_json_number(o, "mean", s->node[i].mean);
        weir_json_number(o, "variance", s->node[i].variance);
        weir_json_number(o, "grad_norm", s->node[i].grad_norm);
        weir_json_number(o, "grad_rms", s->node[i].grad_rms);
        if (r->node[i].part == WEIR_ACTIVATION) {
            weir_json_number(o, "saturated", s->node[i].saturated);
            weir_json_number(o, "dead", s->node[i].dead);
        }
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *sample_params(const weir_flow_record *r, const weir_sample *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->params; i++) {
        const weir_param_flow *p = &s->param[i];
        json_t *o = json_pack("{s:s}", "name", r->param[i].name);
        weir_json_number(o, "grad_norm", p->grad_norm);
        weir_json_number(o, "value_norm", p->value_norm);
        weir_json_number(o, "update_ratio", p->delta_norm / p->value_norm);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *lag_profile(const weir_lag_flow *lag)
{
    json_t *o = json_pack("{s:o, s:o, s:o, s:b, s:b}", "lags", count(lag->lags), "horizon",
                          count(lag->horizon), "reach", count(lag->reach), "horizon_reached",
                          lag->horizon < lag->lags, "reach_reached", lag->reach < lag->lags);
    weir_json_number(o, "half_life", lag->half_life);
    weir_json_number(o, "gain", lag->gain);
    json_object_set_new(o, "h", numbers(lag->h, lag->lags));
    if (lag->c) json_object_set_new(o, "c", numbers(lag->c, lag->lags));
    json_object_set_new(o, "joint", numbers(lag->joint, lag->lags));
    return o;
}

static json_t *sample_lines(const weir_flow_record *r, const weir_sample *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->lines; i++) {
        const weir_record_line *line = &r->line[i];
        const weir_line_flow *f = &s->line[i];
        json_t *gates = json_array();
        json_t *o = json_pack("{s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "node",
                              r->node[line->node].name, "layer", count(line->layer), "reverse",
                              line->direction == 1, "grad_h", numbers(f->grad_h, line->T),
                              "contribution_ih", numbers(f->contribution_ih, line->T),
                              "contribution_hh", numbers(f->contribution_hh, line->T), "share_ih",
                              numbers(f->share_ih, line->T), "share_hh",
                              numbers(f->share_hh, line->T), "gates", gates);
        if (f->grad_c) json_object_set_new(o, "grad_c", numbers(f->grad_c, line->T));
        for (size_t g = 0; g < line->gates; g++) {
            json_t *gate = json_pack("{s:s}", "name", line->gate[g]);
            weir_json_number(gate, "mean", f->gate_mean[g]);
            weir_json_number(gate, "saturated", f->gate_saturated[g]);
            json_array_append_new(gates, gate);
        }
        if (s->lag) json_object_set_new(o, "lag", lag_profile(&s->lag[i]));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *samples(const weir_flow_record *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->samples; i++) {
        const weir_sample *s = &r->sample[i];
        json_t *o = json_pack("{s:o, s:o, s:o, s:o}", "step", count(s->step), "nodes",
                              sample_nodes(r, s), "parameters", sample_params(r, s), "lines",
                              sample_lines(r, s));
        weir_json_number(o, "loss", s->loss);
        weir_json_number(o, "depth_gain", weir_depth_gain(r, s, NULL));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *curves(const weir_flow_record *r)
{
    json_t *losses = json_array(), *penalties = json_array(), *norms = json_array();
    json_t *clips = json_array(), *evals = json_array();
    for (size_t i = 0; i < r->losses; i++) {
        const weir_loss_point *p = &r->loss[i];
        json_array_append_new(losses, isfinite(p->loss) ? json_real(p->loss) : json_null());
        json_array_append_new(penalties,
                              isfinite(p->penalty) ? json_real(p->penalty) : json_null());
        json_array_append_new(norms,
                              isfinite(p->grad_norm) ? json_real(p->grad_norm) : json_null());
        json_array_append_new(clips, json_real(p->clip));
    }
    for (size_t i = 0; i < r->evals; i++) {
        json_t *o = json_pack("{s:o}", "step", count(r->eval[i].step));
        weir_json_number(o, "loss", r->eval[i].loss);
        weir_json_number(o, "gain", r->eval[i].gain);
        weir_json_number(o, "error", r->eval[i].error);
        weir_json_number(o, "accuracy", r->eval[i].accuracy);
        json_array_append_new(evals, o);
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "loss", losses, "penalty", penalties, "grad_norm",
                     norms, "clip", clips, "eval", evals);
}

static json_t *clipping(const weir_flow_record *r)
{
    size_t engaged = 0;
    double sum = 0;
    for (size_t i = 0; i < r->losses; i++) {
        if (r->loss[i].clip >= 1) continue;
        engaged++;
        sum += r->loss[i].clip;
    }
    json_t *o = json_object();
    weir_json_number(o, "max_norm", r->clip_max_norm);
    weir_json_number(o, "engaged", r->losses ? (double)engaged / (double)r->losses : (double)NAN);
    weir_json_number(o, "mean_factor", engaged ? sum / (double)engaged : 1);
    return o;
}

static json_t *nonfinite(const weir_flow_record *r)
{
    const weir_nonfinite *n = &r->nonfinite;
    if (!n->found) return json_null();
    return json_pack("{s:o, s:s, s:s, s:o}", "step", count(n->step), "tensor", n->tensor, "where",
                     n->where, "time", n->time == SIZE_MAX ? json_null() : count(n->time));
}

json_t *weir_json_flow(const weir_flow_record *r)
{
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o}",
                          "source", r->source,
                          "seed", count(r->seed), "steps", count(r->steps), "window",
                          count(r->window), "nodes", describe_nodes(r), "diverged", r->diverged,
                          "same_targets", r->same_targets, "clipping", clipping(r),
                          "first_nonfinite", nonfinite(r), "curves", curves(r), "samples",
                          samples(r));
    if (o) weir_json_number(o, "constant_loss", r->constant_loss);
    return o;
}

/* --- the report ------------------------------------------------------------------------------- */

static json_t *finding(const weir_flow_record *r, const weir_finding *f)
{
    json_t *layers = json_array(), *times = json_array(), *steps = json_array();
    json_t *evidence = json_array(), *remedies = json_array();
    for (size_t i = 0; i < f->layers; i++)
        json_array_append_new(layers, json_string(r->node[f->layer[i]].name));
    for (size_t i = 0; i < f->times; i++) json_array_append_new(times, count(f->time[i]));
    for (size_t i = 0; i < f->steps; i++) json_array_append_new(steps, count(f->step[i]));
    for (size_t i = 0; i < f->evidences; i++) {
        json_t *e = json_pack("{s:s, s:s}", "metric", f->evidence[i].metric, "why",
                              f->evidence[i].why);
        weir_json_number(e, "value", f->evidence[i].value);
        weir_json_number(e, "threshold", f->evidence[i].threshold);
        json_array_append_new(evidence, e);
    }
    for (size_t i = 0; i < f->remedies; i++)
        json_array_append_new(remedies, json_string(f->remedy[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:o, s:o, s:o}, s:o, s:o}", "name", f->name,
                     "severity", weir_severity_name(f->severity), "severity_before_trials",
                     weir_severity_name(f->at_first), "since_trials", f->since_trials, "cause",
                     f->cause, "where", "layers", layers, "times", times, "steps", steps,
                     "evidence", evidence, "remedies", remedies);
}

static json_t *result(const weir_trial_result *t)
{
    json_t *o = json_pack("{s:b, s:b, s:b}", "learned", t->learned, "diverged", t->diverged,
                          "ran_away", t->ran_away);
    weir_json_number(o, "loss", t->loss);
    weir_json_number(o, "accuracy", t->accuracy);
    weir_json_number(o, "distance", t->distance);
    return o;
}

static json_t *control(const weir_control *c)
{
    json_t *o = json_pack("{s:s, s:o, s:o, s:b, s:b}", "what", c->what, "seeds", count(c->seeds),
                          "learned", count(c->learned), "gain_stays", c->gain_stays, "gain_lost",
                          c->gain_lost);
    weir_json_number(o, "loss", c->loss);
    weir_json_number(o, "kept", c->kept);
    weir_json_number(o, "kept_of_loss", c->kept_of_loss);
    return o;
}

static json_t *prescription(const weir_prescription *p)
{
    json_t *trials = json_array(), *controls = json_array();
    for (size_t i = 0; i < p->trials; i++)
        json_array_append_new(trials, json_pack("{s:o, s:b, s:o, s:o}", "seed",
                                                count(p->trial[i].seed), "fresh", p->trial[i].fresh,
                                                "before", result(&p->trial[i].before), "after",
                                                result(&p->trial[i].after)));
    for (size_t i = 0; i < p->controls; i++)
        json_array_append_new(controls, control(&p->control[i]));
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:o, s:o, s:{s:o}, s:o, s:o, "
                          "s:s}",
                          "remedy", p->remedy, "variant", p->variant, "finding", p->finding,
                          "source", p->source, "patch", p->patch, "recommended", p->recommended,
                          "rescues", p->rescues, "outcome", weir_trial_outcome_name(p->outcome),
                          "steps", count(p->steps), "trials", trials, "control", "arms", controls,
                          "parameters_before", count(p->parameters_before), "parameters_after",
                          count(p->parameters_after), "note", p->note);
    if (!o) return NULL;
    weir_json_number(o, "gain", p->gain);
    weir_json_number(o, "gain_low", p->gain_low);
    weir_json_number(o, "gain_high", p->gain_high);
    weir_json_number(o, "loss_before", p->loss_before);
    weir_json_number(o, "loss_after", p->loss_after);
    weir_json_number(o, "step_seconds_before", p->step_seconds_before);
    weir_json_number(o, "step_seconds_after", p->step_seconds_after);
    return o;
}

json_t *weir_json_report(const weir_report *report)
{
    json_t *findings = json_array(), *prescriptions = json_array();
    for (size_t i = 0; i < report->findings; i++)
        json_array_append_new(findings, finding(report->record, &report->finding[i]));
    for (size_t i = 0; i < report->prescriptions; i++)
        json_array_append_new(prescriptions, prescription(&report->prescription[i]));
    json_t *untreated = json_pack("{s:o, s:o, s:o}", "steps", count(report->untreated.steps),
                                  "trials", count(report->untreated.trials), "learned",
                                  count(report->untreated.learned));
    return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:b, s:f, s:o}", "verdict",
                     weir_diagnosis_name(report->diagnosis), "learned", report->learned,
                     "steps_wanted", count(report->steps_wanted), "untreated_trials", untreated,
                     "findings", findings, "prescriptions", prescriptions, "stopped",
                     report->stopped, "seconds", report->seconds, "flow",
                     weir_json_flow(report->record));
}
