/* What the trials mean for the findings.
 *
 *   the untreated net, taken further     raises what was open where it had all its steps and is
 *                                        stuck; lowers it where it learns after all
 *   a proven remedy, its control lost    the finding limits the net: a warning; where the net did
 *                                        not learn and now does, an error
 *   a rescue for another reason          the finding is not why: it is withdrawn
 */
#include "base/intl.h"
#include "doctor/verify.h"

#include <stdio.h>
#include <string.h>

/* Three seeds of four agree. */
static bool most(size_t some, size_t of)
{
    return of > 0 && 4 * some >= 3 * of;
}

static bool learns(const weir_report *r)
{
    return most(r->untreated.learned, r->untreated.trials);
}

static bool had_its_time(const weir_report *r)
{
    return r->untreated.steps >= r->steps_wanted &&
           most(r->untreated.trials - r->untreated.learned, r->untreated.trials);
}

/* What speaks of one finding. */
struct word {
    const weir_prescription *helps, *rescues, *rescues_otherwise;
};

static struct word word_of(const weir_report *r, const weir_finding *f)
{
    struct word w = {0};
    for (size_t k = r->prescriptions; k-- > 0;) {
        const weir_prescription *p = &r->prescription[k];
        if (strcmp(p->finding, f->name) != 0) continue;
        bool proven = p->outcome == WEIR_PROVEN && p->controls;
        if (proven) w.helps = p;
        if (proven && p->rescues) w.rescues = p;
        if (p->outcome == WEIR_NOT_CAUSAL && p->rescues) w.rescues_otherwise = p;
    }
    return w;
}

static void set(weir_finding *f, weir_severity severity, const char *why)
{
    f->severity = severity;
    snprintf(f->since_trials, sizeof f->since_trials, "%s", why);
}

/* The plateau test, for a net that was still stuck when it was watched. */
static void weigh_outcome(const weir_report *r, weir_finding *f)
{
    const weir_untreated *u = &r->untreated;
    char why[sizeof f->since_trials];
    if (had_its_time(r) && f->severity != WEIR_ERROR) {
        snprintf(why, sizeof why,
                 _("The untreated net was given all its %llu steps, with %zu seeds: with %zu of "
                   "them it does no better than a constant guess."),
                 (unsigned long long)u->steps, u->trials, u->trials - u->learned);
        set(f, WEIR_ERROR, why);
    } else if (learns(r) && f->severity != WEIR_NOTE) {
        snprintf(why, sizeof why,
                 _("In %llu steps the untreated net learns after all, with %zu of %zu seeds."),
                 (unsigned long long)u->steps, u->learned, u->trials);
        set(f, WEIR_NOTE, why);
    }
}

static void weigh_finding(const weir_report *r, const weir_facts *facts, weir_finding *f)
{
    struct word word = word_of(r, f);
    if (facts->outcome == WEIR_STUCK) weigh_outcome(r, f);
    bool open = facts->outcome != WEIR_LEARNS && !learns(r);
    if (open && word.rescues && f->severity != WEIR_ERROR)
        set(f, WEIR_ERROR, _("A remedy for it rescues the net, and with the remedy's mechanism "
                             "switched off the net stays as it was."));
    else if (word.helps && f->severity == WEIR_NOTE)
        set(f, WEIR_WARNING, _("A remedy for it helps, and with the remedy's mechanism switched "
                               "off the gain is gone."));
    else if (open && !word.helps && word.rescues_otherwise && f->severity != WEIR_NOTE)
        set(f, WEIR_NOTE, _("Withdrawn: a remedy makes the net learn, but not by mending this; it "
                            "is not why the net did not learn."));
}

void weir_weigh(weir_report *r, const weir_facts *facts)
{
    bool fails = r->record->diverged || facts->nothing_to_learn || had_its_time(r) ||
                 (facts->complete && weir_fails(facts));
    for (size_t i = 0; i < r->findings; i++) weigh_finding(r, facts, &r->finding[i]);
    if (learns(r) || had_its_time(r)) r->learned = learns(r);
    if (facts->outcome == WEIR_STUCK && learns(r)) fails = facts->nothing_to_learn;
    r->diagnosis = weir_diagnosis_of(r->finding, r->findings, fails);
    weir_findings_sort(r->finding, r->findings);
}
