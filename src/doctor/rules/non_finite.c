/* non-finite: a number is NaN or infinite. The first one, in the order in which it spread, tells
 * whether it came from the data, from weights that had grown, from the loss or from the
 * gradient. */
#include "base/intl.h"
#include "doctor/rule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double distance(const weir_facts *f)
{
    const weir_flow_record *r = f->record;
    bool validates = !r->evals || isfinite(r->eval[r->evals - 1].loss);
    return r->nonfinite.found || !validates ? (double)INFINITY : 0;
}

/* The loss was on its way up: a thousand times what it was at first, the step before. */
static bool had_grown(const weir_flow_record *r)
{
    return r->losses > 1 && fabs(r->loss[r->losses - 2].loss) > 1e3 * fabs(r->loss[0].loss);
}

static void name_cause(const weir_facts *f, weir_finding *out)
{
    const weir_nonfinite *n = &f->record->nonfinite;
    const weir_flow_record *r = f->record;
    unsigned long long step = n->step + 1; /* people count from 1 */
    double before = r->losses > 1 ? r->loss[r->losses - 2].grad_norm : (double)NAN;
    char when[64] = "";
    if (n->time != SIZE_MAX) snprintf(when, sizeof when, _(", time step %zu"), n->time);
    if (!strcmp(n->tensor, "input")) {
        out->gradient = false;
        weir_finding_cause(
            out,
            _("The data of training step %llu%s hold a NaN or an infinity: it came in "
              "with the input, not from the gradient. Clean the data, or leave such rows out."),
            step, when);
    } else if (!strcmp(n->tensor, "target")) {
        out->gradient = false;
        weir_finding_cause(
            out,
            _("The targets of training step %llu%s hold a NaN or an infinity: it came in with the "
              "data, not from the gradient. Clean the data, or leave such rows out."),
            step, when);
    } else if (!strcmp(n->tensor, "parameter")) {
        weir_finding_cause(
            out,
            _("At training step %llu the parameter %s is no longer finite: the update "
              "before it was too large (gradient norm %.3g, learning rate %.3g)."),
            step, n->where, before, r->losses > 1 ? r->loss[r->losses - 2].lr : 0.0);
    } else if (!strcmp(n->tensor, "activation")) {
        weir_finding_cause(
            out,
            _("At training step %llu the output of layer \"%s\"%s is the first that is "
              "not finite, with finite inputs and weights: the signal grew beyond what "
              "a number holds."),
            step, n->where, when);
    } else if (!strcmp(n->tensor, "loss") && had_grown(r)) {
        weir_finding_cause(
            out,
            _("At training step %llu the loss is not finite: in the steps before, the net's output "
              "had grown until the loss (%.3g, from %.3g) left the range of numbers."),
            step, r->loss[r->losses - 2].loss, r->loss[0].loss);
    } else if (!strcmp(n->tensor, "loss")) {
        out->gradient = false;
        weir_finding_cause(
            out,
            _("At training step %llu the loss is not finite, though the net's output "
              "is: the loss function itself overflowed, or took the logarithm of 0."),
            step);
    } else if (n->node + 1 == r->nodes) {
        weir_finding_cause(
            out,
            _("At training step %llu the gradient at \"%s\"%s, next to the loss, is the first "
              "number that is not finite: what the net computed on its way forward is finite, but "
              "far too large."),
            step, n->where, when);
    } else {
        weir_finding_cause(
            out,
            _("At training step %llu the gradient at \"%s\"%s is the first number that "
              "is not finite; the forward pass was: it grew on its way back."),
            step, n->where, when);
    }
}

/* All is finite in training, but not on the validation data. */
static bool judge_validation(const weir_facts *f, weir_finding *out)
{
    const weir_flow_record *r = f->record;
    if (!r->evals || isfinite(r->eval[r->evals - 1].loss)) return false;
    bool from_the_start = !isfinite(r->eval[0].loss);
    out->severity = WEIR_ERROR;
    out->gradient = !from_the_start;
    weir_finding_cause(out, "%s",
                       from_the_start
                           ? _("The loss on the validation data is not finite, though all numbers "
                               "in training are: these data hold a NaN or an infinity, or numbers "
                               "far beyond those that the net was trained on.")
                           : _("The loss on the validation data is no longer finite, though all "
                               "numbers in training were: the last updates were too large."));
    weir_finding_evidence(out, "validation_loss", r->eval[r->evals - 1].loss, (double)INFINITY,
                          _("every number of a run must be finite"));
    weir_finding_step(out, r->eval[r->evals - 1].step);
    return true;
}

static bool judge(const weir_facts *f, weir_finding *out)
{
    const weir_nonfinite *n = &f->record->nonfinite;
    if (!n->found) return judge_validation(f, out);
    out->severity = WEIR_ERROR;
    name_cause(f, out);
    weir_finding_evidence(out, "finite_steps", (double)n->step, (double)f->wanted,
                          _("every number of a run must be finite, in all its steps"));
    if (n->node != SIZE_MAX) weir_finding_layer(out, n->node);
    if (n->time != SIZE_MAX) weir_finding_time(out, n->time);
    weir_finding_step(out, n->step);
    return true;
}

static const char *const remedies[] = {"clip", "init", "learning_rate", NULL};

const weir_rule_kind weir_rule_non_finite = {
    .name = "non-finite",
    .doc = N_("a number is NaN or infinite: the first one, and where it came from"),
    .remedies = remedies,
    .judge = judge,
    .distance = distance,
};
