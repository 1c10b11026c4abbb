/* What the doctor says, for the terminal. */
#include "base/intl.h"
#include "show/show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Remedies were tried, and none was better. */
static bool nothing_helped(const weir_report *report)
{
    size_t tried = 0;
    for (size_t i = 0; i < report->prescriptions; i++) {
        const weir_prescription *p = &report->prescription[i];
        bool better = p->outcome == WEIR_PROVEN || p->outcome == WEIR_BETTER_IN_TRIALS ||
                      p->outcome == WEIR_NOT_CAUSAL;
        if (better || p->rescues) return false;
        tried += p->trials;
    }
    return tried > 0;
}

/* The first prescription is one to take: proven, or a rescue for whatever reason. */
static bool worth_taking(const weir_report *report)
{
    const weir_prescription *first = report->prescription;
    return report->prescriptions && (first->recommended || first->rescues);
}

static bool had_its_steps(const weir_report *report)
{
    return report->untreated.trials && report->untreated.steps >= report->steps_wanted;
}

/* healthy, in the words that fit what was found and tried. */
static const char *healthy_words(const weir_report *report)
{
    bool proven = report->prescriptions && report->prescription[0].recommended;
    bool limited = false;
    for (size_t i = 0; i < report->findings; i++)
        limited |= report->finding[i].severity == WEIR_WARNING;
    if (report->stopped && !report->prescriptions && !report->untreated.trials)
        return _("stopped early: nothing wrong was seen in these few steps");
    if (!report->learned)
        return worth_taking(report)
                   ? _("it has not learned yet; with the first prescription it does better")
               : report->untreated.learned && had_its_steps(report)
                   ? _("healthy so far, but whether it learns depends on the seed")
                   : _("healthy so far, but it has not learned yet: more steps must tell");
    if (proven) return _("healthy, but held back: the first prescription is proven to help");
    return limited ? _("healthy: it learns, whatever the warnings say")
                   : _("healthy: nothing keeps the gradient from doing its work");
}

static bool any_gradient(const weir_flow_record *r)
{
    for (size_t i = 0; i < r->losses; i++)
        if (!(r->loss[i].grad_norm <= 0)) return true;
    return !r->losses;
}

/* What a net that does not learn reaches, and where to look when neither the gradient nor a finding
 * is why. */
static void show_plateau(weir_canvas *c, const weir_report *report)
{
    const weir_flow_record *r = report->record;
    char line[300], loss[32], constant[32];
    if (report->findings && report->finding[0].severity == WEIR_ERROR) return;
    if (r->same_targets) {
        weir_text_add(c->out, "  ");
        weir_paint_wrapped(c, 2, 2,
                           _("There is nothing to learn: all targets of the training data are "
                             "the same."));
        return;
    }
    if (!any_gradient(r)) {
        weir_text_add(c->out, "  ");
        weir_paint_wrapped(c, 2, 2,
                           _("The gradient of all weights is exactly 0 at every step: nothing is "
                             "learned. A softmax over one output does that."));
        return;
    }
    if (!r->evals || !isfinite(r->eval[r->evals - 1].loss)) return;
    snprintf(line, sizeof line,
             _("As it was watched its loss is %s, that of a constant guess %s. Look at the "
               "learning rate, the scale of the data, and whether the targets belong to the "
               "inputs."),
             weir_number(r->eval[r->evals - 1].loss, loss),
             weir_number(r->constant_loss, constant));
    weir_text_add(c->out, "  ");
    weir_paint_wrapped(c, 2, 2, line);
}

void weir_show_verdict(weir_canvas *c, const weir_report *report)
{
    static const weir_ink inks[] = {WEIR_GREEN, WEIR_RED, WEIR_YELLOW};
    bool healthy = report->diagnosis == WEIR_HEALTHY;
    bool open = healthy && (!report->learned || worth_taking(report));
    const char *words = healthy ? healthy_words(report)
                        : report->diagnosis == WEIR_SICK
                            ? _("sick: the gradient flow keeps this net from learning")
                            : _("not-gradient: it does not learn, and the gradient flow is not "
                                "why");
    weir_text_add(c->out, "\n");
    weir_paint(c, WEIR_BOLD, "%s", _("Verdict: "));
    weir_paint_wrapped_in(c, open ? WEIR_YELLOW : inks[report->diagnosis], 2,
                          weir_text_columns(_("Verdict: ")), words);
    if (report->diagnosis == WEIR_NOT_GRADIENT) show_plateau(c, report);
    if (report->diagnosis != WEIR_SICK || !nothing_helped(report)) return;
    weir_text_add(c->out, "  ");
    weir_paint_wrapped(c, 2, 2,
                       _("But no remedy that was tried helped: perhaps more than the gradient is "
                         "wrong, or these data hold nothing to be learned."));
}

static void show_severity(weir_canvas *c, const weir_finding *f, weir_severity severity)
{
    static const weir_ink inks[] = {WEIR_BLUE, WEIR_YELLOW, WEIR_RED};
    weir_text_add(c->out, "  ");
    weir_paint(c, inks[severity], "%s", weir_severity_name(severity));
    weir_text_add(c->out, "  ");
    weir_paint(c, WEIR_BOLD, "%s\n    ", f->name);
}

static void show_finding(weir_canvas *c, const weir_finding *f)
{
    char value[32], threshold[32];
    show_severity(c, f, f->at_first);
    weir_paint_wrapped(c, 4, 4, f->cause);
    for (size_t i = 0; i < f->evidences; i++) {
        const weir_evidence *e = &f->evidence[i];
        char line[400];
        snprintf(line, sizeof line, _("%s %s (bound %s): %s"), e->metric,
                 weir_number(e->value, value), weir_number(e->threshold, threshold), _(e->why));
        weir_text_add(c->out, c->utf8 ? "    · " : "    - ");
        weir_paint_wrapped(c, 6, 6, line);
    }
}

void weir_show_findings(weir_canvas *c, const weir_report *report)
{
    weir_paint_heading(c, _("Findings"));
    if (!report->findings) weir_text_printf(c->out, _("  none\n"));
    for (size_t i = 0; i < report->findings; i++) show_finding(c, &report->finding[i]);
}

static const char *loss_in_words(double loss, char room[32])
{
    return isfinite(loss) ? weir_number(loss, room) : _("diverged");
}

static const char *arrow(const weir_canvas *c)
{
    return c->utf8 ? "→" : "->";
}

/* How much lower, or higher, a loss is that changed by a factor of exp(-gain): "4.2". */
static const char *percent(double gain, char room[32])
{
    double share = gain >= 0 ? -expm1(-gain) : expm1(-gain);
    snprintf(room, 32, share >= 1 ? "%.0f" : share > 0.99 ? "%.4g" : "%.2g", 100 * share);
    return room;
}

/* The untreated net's loss is no number to compare with: it counts as so much, and no more. */
static bool ran_away(const weir_prescription *p)
{
    bool any = false;
    for (size_t k = 0; k < p->trials; k++) any |= p->trial[k].before.ran_away;
    return any;
}

/* Short runs tell no time per step. */
static bool diverged(const weir_prescription *p)
{
    bool any = false;
    for (size_t k = 0; k < p->trials; k++)
        any |= p->trial[k].before.diverged || p->trial[k].after.diverged;
    return any;
}

/* "loss 4.17 -> 3.02   (20 to 30 % lower, 95 %)   300 steps" */
static void show_losses(weir_canvas *c, const weir_prescription *p)
{
    char a[32], b[32], low[32], high[32];
    bool comparable = isfinite(p->gain_low);
    weir_text_printf(c->out, _("      loss %s %s %s"), loss_in_words(p->loss_before, a), arrow(c),
                     loss_in_words(p->loss_after, b));
    if (comparable && p->gain_low > 0 && ran_away(p))
        weir_text_printf(c->out, _("   (lower beyond the noise, 95 %%)"));
    else if (comparable && p->gain_low >= 0 &&
             !strcmp(percent(p->gain_low, low), percent(p->gain_high, high)))
        weir_text_printf(c->out, _("   (%s %% lower, 95 %%)"), low);
    else if (comparable && p->gain_low >= 0)
        weir_text_printf(c->out, _("   (%s to %s %% lower, 95 %%)"), low, high);
    else if (comparable && p->gain_high > 0 && !ran_away(p))
        weir_text_printf(c->out, _("   (%s %% higher to %s %% lower, 95 %%)"),
                         percent(p->gain_low, low), percent(p->gain_high, high));
    weir_text_printf(c->out, _("   %llu steps\n"), (unsigned long long)p->steps);
}

static void show_costs(weir_canvas *c, const weir_prescription *p)
{
    double ratio = p->step_seconds_after / p->step_seconds_before;
    bool same = ratio > 0.8 && ratio < 1.25; /* clocks of short steps are not better than that */
    weir_text_printf(c->out, _("      parameters %zu %s %zu"), p->parameters_before, arrow(c),
                     p->parameters_after);
    if (diverged(p))
        weir_text_add(c->out, "\n");
    else if (same)
        weir_text_printf(c->out, _(", time per step about the same\n"));
    else
        weir_text_printf(c->out, _(", time per step x %.2g\n"), ratio);
}

static void show_patch_line(weir_canvas *c, const char *line, size_t length, bool rest)
{
    weir_ink ink = *line == '+' ? WEIR_GREEN : *line == '-' ? WEIR_RED : WEIR_DIM;
    weir_text_add(c->out, "      ");
    if (rest)
        weir_paint(c, ink, "%c   ...\n", *line);
    else
        weir_paint(c, ink, "%.*s\n", (int)length, line);
}

/* Of every run of lines of one sign the first few: those from `from` to `to` to the canvas, unless
 * that is NULL; returns how many there are in all. */
static size_t walk_patch(weir_canvas *c, const char *patch, size_t from, size_t to)
{
    enum { FEW = 4 };
    size_t shown = 0, run = 0;
    char sign = 0;
    for (const char *line = patch; *line;) {
        size_t n = strcspn(line, "\n");
        run = *line == sign ? run + 1 : 1;
        sign = *line;
        if (run <= FEW + 1) {
            if (c && shown >= from && shown < to) show_patch_line(c, line, n, run > FEW);
            shown++;
        }
        line += n + (line[n] == '\n');
    }
    return shown;
}

/* The patch in short: `most` lines, the last ones among them. */
static void show_patch(weir_canvas *c, const char *patch, size_t most)
{
    enum { LAST = 3 };
    size_t all = walk_patch(NULL, patch, 0, 0), first = all > most ? most - LAST : all;
    walk_patch(c, patch, 0, first);
    if (first == all) return;
    weir_paint(c, WEIR_DIM, _("      ... %zu more lines; --json shows all\n"), all - most);
    walk_patch(c, patch, all - LAST, all);
}

static void show_controls(weir_canvas *c, const weir_prescription *p)
{
    for (size_t i = 0; i < p->controls; i++) {
        const weir_control *k = &p->control[i];
        char line[400];
        if (k->seeds)
            snprintf(line, sizeof line, _("control, %s: %.0f %% of the gain stays"), k->what,
                     100 * fmin(fmax(k->kept, 0), 9.99));
        else
            snprintf(line, sizeof line, _("control, %s: it makes no net here"), k->what);
        weir_text_add(c->out, "      ");
        weir_paint_wrapped(c, 6, 6, line);
    }
}

/* What there is something to say about; the rest is listed below it, a line each. */
static bool worth_telling(const weir_prescription *p)
{
    return p->outcome != WEIR_UNDECIDED && p->outcome != WEIR_NO_BETTER;
}

static void show_prescription(weir_canvas *c, const weir_prescription *p, size_t number)
{
    bool good = p->outcome == WEIR_PROVEN || p->outcome == WEIR_BETTER_IN_TRIALS;
    weir_text_printf(c->out, "  %zu ", number);
    weir_paint(c, WEIR_BOLD, "%s", p->remedy);
    weir_text_printf(c->out, ": %s  ", p->variant);
    weir_paint(c, p->outcome == WEIR_PROVEN ? WEIR_GREEN : good ? WEIR_YELLOW : WEIR_DIM, "%s\n",
               weir_trial_outcome_name(p->outcome));
    char against[300];
    snprintf(against, sizeof against, _("against %s; %s"), p->finding, p->source);
    weir_text_add(c->out, "      ");
    weir_paint_wrapped(c, 6, 6, against);
    if (p->trials) show_losses(c, p);
    if (good) show_costs(c, p);
    show_controls(c, p);
    if (p->note[0]) {
        weir_text_add(c->out, "      ");
        weir_paint_wrapped(c, 6, 6, p->note);
    }
    if (good || p->outcome == WEIR_UNTRIED) show_patch(c, p->patch, 12);
}

static void show_without_gain(weir_canvas *c, const weir_report *report)
{
    enum { NAME = 39 };
    char name[240], a[32], b[32];
    bool first = true;
    for (size_t i = 0; i < report->prescriptions; i++) {
        const weir_prescription *p = &report->prescription[i];
        if (worth_telling(p)) continue;
        if (first)
            weir_text_printf(c->out,
                             _("  tried without a clear gain (steps, loss before %s after):\n"),
                             arrow(c));
        first = false;
        snprintf(name, sizeof name, "%s: %s", p->remedy, p->variant);
        weir_text_printf(c->out, " %2zu ", i + 1);
        weir_paint_cell(c, WEIR_PLAIN, NAME, name);
        if (weir_text_columns(name) >= NAME)
            weir_text_printf(c->out, "\n%*s", NAME + 4, "");
        weir_paint(c, WEIR_DIM, "%-9s %llu: %s %s %s\n", weir_trial_outcome_name(p->outcome),
                   (unsigned long long)p->steps, loss_in_words(p->loss_before, a), arrow(c),
                   loss_in_words(p->loss_after, b));
        if (!p->note[0]) continue;
        weir_text_add(c->out, "    ");
        weir_paint_wrapped(c, 4, 4, p->note);
    }
}

void weir_show_prescriptions(weir_canvas *c, const weir_report *report)
{
    if (!report->prescriptions) return;
    const weir_untreated *u = &report->untreated;
    weir_paint_heading(c, _("Prescriptions"));
    if (u->trials)
        weir_text_printf(c->out, _("  untreated, %zu of %zu seeds learn within %llu steps\n"),
                         u->learned, u->trials, (unsigned long long)u->steps);
    for (size_t i = 0; i < report->prescriptions; i++)
        if (worth_telling(&report->prescription[i]))
            show_prescription(c, &report->prescription[i], i + 1);
    show_without_gain(c, report);
    if (report->stopped)
        weir_text_printf(c->out, _("  Stopped early: not everything was tried to the end.\n"));
}

void weir_show_weighed(weir_canvas *c, const weir_report *report)
{
    bool first = true;
    for (size_t i = 0; i < report->findings; i++) {
        const weir_finding *f = &report->finding[i];
        if (!f->since_trials[0]) continue;
        if (first) weir_paint_heading(c, _("Findings, since the trials"));
        first = false;
        show_severity(c, f, f->severity);
        weir_paint_wrapped(c, 4, 4, f->since_trials);
    }
}

static bool any_outcome(const weir_report *report, weir_trial_outcome outcome)
{
    for (size_t i = 0; i < report->prescriptions; i++)
        if (report->prescription[i].outcome == outcome) return true;
    return false;
}

void weir_show_next(weir_canvas *c, const weir_report *report, const weir_next *next)
{
    bool open = report->diagnosis == WEIR_HEALTHY && !report->learned;
    bool undecided = report->diagnosis == WEIR_SICK && any_outcome(report, WEIR_UNDECIDED);
    weir_paint_heading(c, _("What to do next"));
    if (next->written)
        weir_paint_command(c, _("train the net that was written:"), "%s", next->written);
    else if (worth_taking(report))
        weir_paint_command(c, _("write the first prescription's configuration to a file:"),
                           "%s --apply 1", next->same);
    else if (any_outcome(report, WEIR_UNTRIED))
        weir_paint_command(c, _("let it try the remedies:"), "%s", next->again);
    else if (open || undecided)
        weir_paint_command(c, open ? _("give it more time:") : _("try the remedies for longer:"),
                           "%s", next->longer);
    if (report->learned && report->diagnosis == WEIR_HEALTHY)
        weir_paint_command(c, _("train it to the end:"), "%s", next->train);
    weir_paint_command(c, _("everything as JSON:"), "%s --json", next->same);
}
