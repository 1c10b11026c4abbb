/* exploding-depth: the gradient grows layer by layer on the way back.
 *
 * Evidence and bound as for vanishing-depth, on the other side (Glorot & Bengio 2010; Hanin & Nica
 * 2020). A net that learns all the same gets a note: batch norm does this to a deep plain net (Yang
 * et al. 2019), and clipping or Adam live with it.
 */
#include "base/intl.h"
#include "doctor/rules/depth.h"

#include <math.h>
#include <stdio.h>

static double distance(const weir_facts *f)
{
    if (f->layers < 3) return 0;
    if (f->record->diverged) return (double)INFINITY;
    if (isnan(f->depth_total)) return (double)NAN;
    return fmax(0, log(f->depth_total) - weir_depth_bound(f));
}

static void name_cause(const weir_facts *f, weir_finding *out)
{
    weir_factor_split split = weir_split_factors(f);
    char factors[160] = "";
    if (split.activation && isfinite(split.slopes) && isfinite(split.weights))
        snprintf(factors, sizeof factors, _(" (its weights by %.3g, the slopes of %s by %.3g)"),
                 split.weights, split.activation, split.slopes);
    weir_finding_cause(
        out,
        _("On the way back every layer multiplies the gradient by %.3g%s; from the last of %zu "
          "layers to the first it grows %.2g times, so that no one learning rate suits both."),
        f->depth_gain, factors, f->layers, f->depth_total);
}

static bool judge(const weir_facts *f, weir_finding *out)
{
    double bound = exp(weir_depth_bound(f));
    if (f->layers < 3 || !f->depth_sample || !(f->depth_total > bound)) return false;
    out->severity = weir_severity_of(f, false);
    name_cause(f, out);
    weir_finding_evidence(out, "depth_gain", f->depth_gain,
                          pow(bound, 1.0 / (double)(f->layers - 1)),
                          _("the factor per layer that would reach the bound below"));
    weir_finding_evidence(out, "depth_total", f->depth_total, bound,
                          /* xgettext:no-c-format */
                          _("a well-initialised net of these widths stays below this in 99.9 % of "
                            "draws (three deviations of its scatter)"));
    weir_finding_outcome(out, f);
    double top = f->depth_sample->node[f->layer[f->layers - 1]].grad_norm;
    for (size_t i = 0; i < f->layers; i++)
        if (f->depth_sample->node[f->layer[i]].grad_norm > bound * top)
            weir_finding_layer(out, f->layer[i]);
    weir_finding_step(out, f->depth_sample->step);
    return true;
}

static const char *const remedies[] = {"init", "clip", "learning_rate", "batchnorm", NULL};

const weir_rule_kind weir_rule_exploding_depth = {
    .name = "exploding-depth",
    .doc = N_("the gradient grows from layer to layer on the way back"),
    .remedies = remedies,
    .judge = judge,
    .distance = distance,
};
