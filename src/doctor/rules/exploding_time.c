/* exploding-time: the gradient grows on its way back in time.
 *
 * Evidence: the largest G(k) over the window. An orthogonal recurrence keeps it at 1; a hundred
 * times is a growth that one step of the far past outweighs everything near with. Source: Pascanu,
 * Mikolov & Bengio 2013, section 2. A net that learns all the same gets a note.
 */
#include "base/intl.h"
#include "doctor/rules/lags.h"

#include <math.h>

static const double BOUND = 100;

static double worst_growth(const weir_facts *f, size_t *line, size_t *k)
{
    double most = 0;
    for (size_t i = 0; f->lag_sample && i < f->record->lines; i++) {
        size_t at;
        double G = weir_largest_lag_gain(&f->lag_sample->lag[i], &at);
        if (G <= most) continue;
        most = G;
        *line = i;
        *k = at;
    }
    return most;
}

static double distance(const weir_facts *f)
{
    size_t line, k;
    if (f->record->diverged && f->record->lines) return (double)INFINITY;
    double most = worst_growth(f, &line, &k);
    return most > BOUND ? log(most / BOUND) : 0;
}

static bool judge(const weir_facts *f, weir_finding *out)
{
    size_t line = 0, k = 0;
    double most = worst_growth(f, &line, &k);
    if (!(most > BOUND)) return false;
    out->severity = weir_severity_of(f, true);
    weir_finding_cause(
        out,
        _("%zu steps back in time the gradient of this %s is %.2g times as large as "
          "where it starts: the recurrent weights stretch it at every step, and a single "
          "far step decides the direction of the update."),
        k, f->record->node[f->record->line[line].node].kind, most);
    weir_finding_evidence(
        out, "lag_gain", most, BOUND,
        _("a recurrence that keeps lengths stays at 1; a hundred times drowns every "
          "near step"));
    weir_finding_outcome(out, f);
    weir_finding_layer(out, f->record->line[line].node);
    weir_finding_time(out, k);
    weir_finding_step(out, f->lag_sample->step);
    return true;
}

static const char *const remedies[] = {"clip", "init", "learning_rate", "l2", NULL};

const weir_rule_kind weir_rule_exploding_time = {
    .name = "exploding-time",
    .doc = N_("the gradient grows on its way back in time"),
    .remedies = remedies,
    .judge = judge,
    .distance = distance,
};
