/* saturation: squashing units sit in their flat ends, where the slope is below 1 % of its maximum.
 *
 * Evidence: the saturated share of the worst layer. Inputs of unit variance saturate 0.3 % of tanh
 * and nearly no sigmoid; the bound is half: then the layer passes less than half of what it could.
 * Source: Glorot & Bengio 2010, section 3.
 */
#include "base/intl.h"
#include "doctor/rule.h"

#include <math.h>
#include <string.h>

static const double BOUND = 0.5;

static bool squashes(const char *kind)
{
    static const char *const kinds[] = {"sigmoid", "tanh", "hardsigmoid", NULL};
    for (size_t i = 0; kinds[i]; i++)
        if (!strcmp(kinds[i], kind)) return true;
    return false;
}

/* The share of a node: its own, or of the state of its simple recurrent lines. */
static double share_of(const weir_facts *f, size_t node)
{
    const weir_flow_record *r = f->record;
    if (squashes(r->node[node].kind)) return f->last->node[node].saturated;
    double most = 0;
    for (size_t i = 0; i < r->lines; i++)
        if (r->line[i].node == node && r->line[i].gates == 1 && r->line[i].bounded)
            most = fmax(most, f->last->line[i].gate_saturated[0]);
    return most;
}

static double worst(const weir_facts *f, size_t *node)
{
    double most = 0;
    for (size_t i = 0; f->last && i < f->record->nodes; i++) {
        double share = share_of(f, i);
        if (share <= most) continue;
        most = share;
        *node = i;
    }
    return most;
}

static double distance(const weir_facts *f)
{
    size_t node;
    double most = worst(f, &node);
    return most > BOUND ? log((1 - BOUND) / fmax(1 - most, 1e-6)) : 0;
}

static bool judge(const weir_facts *f, weir_finding *out)
{
    size_t node = 0;
    double most = worst(f, &node);
    if (!(most > BOUND)) return false;
    const weir_record_node *n = &f->record->node[node];
    out->severity = weir_severity_of(f, false);
    weir_finding_cause(
        out,
        _("In layer \"%s\" (%s) %.0f %% of the values sit at the flat ends, where less "
          "than 1 %% of the largest slope is left: what comes in is too large."),
        n->name, n->kind, 100 * most);
    weir_finding_evidence(
        out, "saturated", most, BOUND,
        _("above one half the layer passes less than half of the gradient it could"));
    weir_finding_outcome(out, f);
    for (size_t i = 0; i < f->record->nodes; i++)
        if (share_of(f, i) > BOUND) weir_finding_layer(out, i);
    weir_finding_step(out, f->last->step);
    return true;
}

static const char *const remedies[] = {"init", "batchnorm", "activation", "learning_rate", "l2",
                                       NULL};

const weir_rule_kind weir_rule_saturation = {
    .name = "saturation",
    .doc = N_("squashing units sit in their flat ends"),
    .remedies = remedies,
    .judge = judge,
    .distance = distance,
};
