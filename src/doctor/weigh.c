/* What the trials mean for the findings: how the untreated net fared when it was taken further, and
 * what the remedies have shown.
 *
 *   all its steps, and stuck          the finding is an error
 *   learns after all                  it is a note
 *   a remedy that mends it helps      the finding limits the net: a warning; where the net does not
 *                                     learn without it, an error
 *   a remedy rescues otherwise        the finding is not why: it is withdrawn
 *
 * A run that diverged, and a fault of the data, stay what they are.
 */
#include "doctor/weigh.h"

#include "base/intl.h"
#include "doctor/stats.h"

#include <stdio.h>
#include <string.h>

/* --- the untreated net ------------------------------------------------------------------------ */

static bool learns(const weir_report *r)
{
    return weir_most(r->untreated.learned, r->untreated.trials);
}

static bool is_stuck(const weir_report *r)
{
    const weir_untreated *u = &r->untreated;
    return u->steps >= r->steps_wanted && weir_most(u->trials - u->learned, u->trials);
}

static weir_severity weigh_outcome(const weir_report *r, weir_finding *f, bool watched_learned)
{
    const weir_untreated *u = &r->untreated;
    unsigned long long steps = u->steps;
    if (is_stuck(r) && watched_learned)
        snprintf(f->since_trials, sizeof f->since_trials,
                 _("The net that was watched did learn; but with %zu of %zu seeds, given all its "
                   "%llu steps, it ends no better than a constant guess."),
                 u->trials - u->learned, u->trials, steps);
    else if (is_stuck(r))
        snprintf(f->since_trials, sizeof f->since_trials,
                 _("With %zu of %zu seeds the untreated net, given all its %llu steps, does no "
                   "better than a constant guess."),
                 u->trials - u->learned, u->trials, steps);
    else if (learns(r))
        snprintf(f->since_trials, sizeof f->since_trials,
                 _("With %zu of %zu seeds the untreated net learns after all, in %llu steps."),
                 u->learned, u->trials, steps);
    return is_stuck(r) ? WEIR_ERROR : learns(r) ? WEIR_NOTE : f->at_first;
}

/* --- the remedies ----------------------------------------------------------------------------- */

/* What they say of one finding. */
struct word {
    bool helps, rescues, speaks_for, rescues_otherwise;
};

static struct word word_of(const weir_report *r, const weir_finding *f)
{
    struct word w = {0};
    for (size_t k = 0; k < r->prescriptions; k++) {
        const weir_prescription *p = &r->prescription[k];
        if (strcmp(p->finding, f->name) != 0) continue;
        bool proven = p->outcome == WEIR_PROVEN;
        w.helps |= proven && p->controls;
        w.rescues |= proven && p->controls && p->rescues;
        w.speaks_for |= proven || (p->outcome == WEIR_BETTER_IN_TRIALS && p->rescues);
        w.rescues_otherwise |= p->rescues_otherwise;
    }
    return w;
}

static weir_severity weigh_remedies(const weir_report *r, weir_finding *f, weir_severity severity)
{
    struct word w = word_of(r, f);
    bool learned = r->learned;
    const char *why = NULL;
    if (w.rescues && !learned && severity != WEIR_ERROR) {
        severity = WEIR_ERROR;
        why = _("A remedy for it rescues the net, and with the remedy's mechanism switched off "
                "the net stays as it was.");
    } else if (w.helps && severity == WEIR_NOTE) {
        severity = WEIR_WARNING;
        why = _("A remedy for it helps, and with the remedy's mechanism switched off the gain is "
                "gone.");
    } else if (w.rescues_otherwise && !w.speaks_for && !learned && severity != WEIR_NOTE) {
        severity = WEIR_NOTE;
        why = _("Withdrawn: a remedy makes the net learn, and does so without mending this. It "
                "need not be why the net did not learn.");
    }
    if (why) snprintf(f->since_trials, sizeof f->since_trials, "%s", why);
    return severity;
}

static void weigh_finding(const weir_report *r, weir_finding *f, bool watched_learned)
{
    if (!f->gradient) return;
    f->severity = weigh_remedies(r, f, weigh_outcome(r, f, watched_learned));
    if (f->severity == f->at_first) *f->since_trials = '\0';
}

void weir_weigh(weir_report *r, const weir_facts *facts)
{
    bool told = is_stuck(r) || learns(r), failed = weir_run_failed(facts);
    bool settled = r->record->diverged || facts->data_fault;
    if (told && !settled) {
        r->learned = learns(r);
        failed = is_stuck(r);
    }
    for (size_t k = 0; k < r->prescriptions; k++) /* from the plateau that it leaves by itself? */
        r->prescription[k].rescues &= !learns(r);
    for (size_t i = 0; i < r->findings && !settled; i++)
        weigh_finding(r, &r->finding[i], facts->outcome == WEIR_LEARNS);
    r->diagnosis = weir_diagnosis_of(r->finding, r->findings, failed);
    weir_findings_sort(r->finding, r->findings);
}
