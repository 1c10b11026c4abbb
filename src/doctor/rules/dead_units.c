/* dead-units: units whose slope is 0 on every example: nothing they could learn from reaches them.
 *
 * Evidence: the share of dead units in the worst layer. In a deep ReLU net all examples come to
 * look alike, and then half of the units are off for all of them without harm; the bound is that
 * half plus three deviations of a coin tossed once for each unit. All units dead is dead at any
 * width.
 */
#include "base/intl.h"
#include "doctor/rule.h"

#include <math.h>

static double bound_of(const weir_record_node *node)
{
    return fmin(0.5 + 1.5 / sqrt((double)node->features), 0.999);
}

/* The layer that exceeds its bound most; false when none does. */
static bool worst(const weir_facts *f, size_t *node)
{
    double most = 0;
    for (size_t i = 0; f->last && i < f->record->nodes; i++) {
        double over = f->last->node[i].dead - bound_of(&f->record->node[i]);
        if (over > most) {
            most = over;
            *node = i;
        }
    }
    return most > 0;
}

static double distance(const weir_facts *f)
{
    size_t node = 0;
    if (!worst(f, &node)) return 0;
    double alive = 1 - f->last->node[node].dead;
    return log((1 - bound_of(&f->record->node[node])) / fmax(alive, 1e-6));
}

static bool judge(const weir_facts *f, weir_finding *out)
{
    size_t node = 0;
    if (!worst(f, &node)) return false;
    const weir_record_node *n = &f->record->node[node];
    out->severity = weir_severity_of(f, false);
    weir_finding_cause(
        out,
        _("In layer \"%s\" (%s) %.0f %% of the units are off for every example: their "
          "slope is 0, so no gradient passes them and they cannot come back."),
        n->name, n->kind, 100 * f->last->node[node].dead);
    weir_finding_evidence(out, "dead", f->last->node[node].dead, bound_of(n),
                          _("half the units of a deep ReLU net may be off for all examples; three "
                            "deviations above that is more than chance"));
    weir_finding_outcome(out, f);
    for (size_t i = 0; i < f->record->nodes; i++)
        if (f->last->node[i].dead > bound_of(&f->record->node[i])) weir_finding_layer(out, i);
    weir_finding_step(out, f->last->step);
    return true;
}

static const char *const remedies[] = {"activation", "learning_rate", "init", "batchnorm", NULL};

const weir_rule_kind weir_rule_dead_units = {
    .name = "dead-units",
    .doc = N_("units that are off for every example and cannot learn"),
    .remedies = remedies,
    .judge = judge,
    .distance = distance,
};
