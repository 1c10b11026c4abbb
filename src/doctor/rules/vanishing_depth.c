/* vanishing-depth: the gradient shrinks layer by layer, and the first layers do not learn.
 *
 * Evidence: the factor per layer (Bengio et al. 1994; Glorot & Bengio 2010), and its product over
 * all layers. The bound is the scatter of a net whose factor is 1: ln of the product has a variance
 * of 5/4 sum 1/width over the layers (Hanin & Nica 2020), three deviations of it, and at least a
 * hundred times.
 */
#include "base/intl.h"
#include "doctor/rules/depth.h"

#include <math.h>

static double distance(const weir_facts *f)
{
    if (f->layers < 3) return 0;
    if (isnan(f->depth_total)) return (double)NAN;
    return fmax(0, -log(f->depth_total) - weir_depth_bound(f));
}

static void name_cause(const weir_facts *f, weir_finding *out)
{
    weir_factor_split split = weir_split_factors(f);
    if (f->depth_total <= 0) {
        weir_finding_cause(out, "%s",
                           _("The gradient is exactly 0 at the first layers: nothing at all "
                             "comes back to them, as with weights that are all 0 or units that "
                             "are all off."));
        return;
    }
    if (split.activation && split.slopes < 1 && split.slopes <= split.weights)
        weir_finding_cause(
            out,
            _("On the way back every layer multiplies the gradient by %.2g: the slopes "
              "of %s by %.2g, the weights by %.2g. From the last of %zu layers to the first that "
              "leaves %.1g of it: the first layers hardly move."),
            f->depth_gain, split.activation, split.slopes, split.weights, f->layers,
            f->depth_total);
    else if (split.weights < 1)
        weir_finding_cause(
            out,
            _("On the way back every layer multiplies the gradient by %.2g, above all "
              "through weights that are too small (they alone: %.2g). From the last of %zu layers "
              "to the first that leaves %.1g of it: the first layers hardly move."),
            f->depth_gain, split.weights, f->layers, f->depth_total);
    else
        weir_finding_cause(
            out,
            _("On the way back every layer multiplies the gradient by %.2g. From the last of %zu "
              "layers to the first that leaves %.1g of it: the first layers hardly move."),
            f->depth_gain, f->layers, f->depth_total);
}

static bool judge(const weir_facts *f, weir_finding *out)
{
    double bound = exp(-weir_depth_bound(f));
    if (f->layers < 3 || !f->depth_sample || !(f->depth_total < bound)) return false;
    out->severity = weir_severity_of(f, false);
    name_cause(f, out);
    weir_finding_evidence(out, "depth_gain", f->depth_gain,
                          pow(bound, 1.0 / (double)(f->layers - 1)),
                          _("the factor per layer that would reach the bound below"));
    weir_finding_evidence(out, "depth_total", f->depth_total, bound,
                          /* xgettext:no-c-format */
                          _("a well-initialised net of these widths stays above this in 99.9 % of "
                            "draws (three deviations of its scatter)"));
    weir_finding_outcome(out, f);
    double top = f->depth_sample->node[f->layer[f->layers - 1]].grad_norm;
    for (size_t i = 0; i < f->layers; i++)
        if (f->depth_sample->node[f->layer[i]].grad_norm < bound * top)
            weir_finding_layer(out, f->layer[i]);
    weir_finding_step(out, f->depth_sample->step);
    return true;
}

static const char *const remedies[] = {"batchnorm", "residual", "activation", "init", NULL};

const weir_rule_kind weir_rule_vanishing_depth = {
    .name = "vanishing-depth",
    .doc = N_("the gradient shrinks from layer to layer until the first ones do not learn"),
    .remedies = remedies,
    .judge = judge,
    .distance = distance,
};
