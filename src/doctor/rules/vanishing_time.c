/* vanishing-time: the gradient of a step's loss dies before it reaches the far end of the window.
 *
 * Evidence: reach, the smallest lag k with G(k) < 0.01, against the window: where the net does not
 * learn, any step out of reach may be the one it needs; where it learns, it is worth a word when
 * half of them are. Source: Hochreiter 1991; Bengio, Simard & Frasconi 1994; Pascanu, Mikolov &
 * Bengio 2013.
 * A short memory is a fact about a net; it is a fault only where the task needs more. So it is a
 * note while the net learns, a warning while nobody can tell, and an error when the net was given
 * all its steps and has not left the best constant predictor.
 */
#include "base/intl.h"
#include "doctor/rules/lags.h"

#include <math.h>
#include <stdio.h>

static double distance(const weir_facts *f)
{
    size_t line;
    const weir_lag_flow *lag = weir_longest_reach(f, &line);
    if (!lag || lag->reach >= lag->lags) return 0;
    return log((double)lag->lags) - log((double)(lag->reach ? lag->reach : 1));
}

static const char *what_it_means(const weir_facts *f, weir_severity severity)
{
    if (severity == WEIR_NOTE)
        return _("The net learns, so this is a fact about it, not a fault, unless the task needs "
                 "more.");
    if (severity == WEIR_WARNING)
        return _("It has not learned yet: whether this is why, the trials must tell.");
    return f->complete
               ? _("The net had all its steps and still does no better than a constant guess.")
               : _("Its loss has become worse than it was at the start.");
}

static bool judge(const weir_facts *f, weir_finding *out)
{
    size_t line = 0;
    const weir_lag_flow *lag = weir_longest_reach(f, &line);
    if (!lag || lag->reach >= lag->lags) return false;
    bool fails = weir_fails(f);
    double bound = (double)lag->lags / (fails ? 1 : 2);
    if (!((double)lag->reach < bound)) return false;
    out->severity = weir_severity_of(f, true);
    const char *kind = f->record->node[f->record->line[line].node].kind;
    weir_finding_cause(
        out,
        _("Back in time the gradient of this %s is below 1/e of what it was at lag %zu, and below "
          "1 %% at lag %zu; the window has %zu steps. %s"),
        kind, lag->horizon, lag->reach, lag->lags, what_it_means(f, out->severity));
    weir_finding_evidence(
        out, "reach", (double)lag->reach, bound,
        fails ? _("what lies farther back in the window has no say in what is learned")
              : _("below half the window, its far half has no say in what is learned"));
    weir_finding_evidence(out, "horizon", (double)lag->horizon, (double)lag->reach,
                          _("smallest lag with less than 1/e of the gradient; for orientation"));
    weir_finding_evidence(out, "half_life", lag->half_life, (double)lag->lags / 2,
                          _("steps in which it halves on average over all lags; for orientation"));
    weir_finding_outcome(out, f);
    weir_finding_layer(out, f->record->line[line].node);
    weir_finding_time(out, lag->horizon);
    weir_finding_time(out, lag->reach);
    weir_finding_step(out, f->lag_sample->step);
    return true;
}

static const char *const remedies[] = {"cell", "forget_bias", "init", "learning_rate", NULL};

const weir_rule_kind weir_rule_vanishing_time = {
    .name = "vanishing-time",
    .doc = N_("the gradient dies on its way back in time: far steps are not learned from"),
    .remedies = remedies,
    .judge = judge,
    .distance = distance,
};
