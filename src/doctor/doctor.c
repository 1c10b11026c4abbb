/* The whole visit: watch, diagnose, prescribe, verify, and weigh the findings again (weigh.c) by
 * what the trials have shown. */
#include "base/clock.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "doctor/verify.h"
#include "doctor/weigh.h"
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_FINDINGS = 16, USUAL_STEPS = 300 };

weir_doctor_options weir_doctor_options_init(void)
{
    return (weir_doctor_options){.trials = true};
}

/* What stands under `doctor:` in a configuration. */
struct settings {
    size_t steps, max_steps;
};

const weir_option weir_doctor_option_table[] = {
    WEIR_OPTION_SIZE(
        struct settings, steps, "0", 0,
        N_("of the observed run and of the first trials; 0: 300, at most train.steps")),
    WEIR_OPTION_SIZE(struct settings, max_steps, "0", 0,
                     N_("how far undecided trials may be prolonged; 0: train.steps")),
    {0}};

static weir_status read_settings(const weir_config *config, uint64_t wanted,
                                 const weir_doctor_options *o, struct settings *s, weir_error *err)
{
    weir_arena arena = {0};
    weir_status status = weir_config_options(config, weir_yaml_find(config->root, "doctor"),
                                             weir_doctor_option_table, NULL, s, &arena, err);
    weir_arena_free(&arena);
    if (o->steps) s->steps = o->steps;
    if (!s->steps) s->steps = USUAL_STEPS;
    if (s->steps > wanted) s->steps = wanted;
    if (!s->max_steps || s->max_steps > wanted) s->max_steps = wanted;
    return status;
}

/* The untreated run: trained and watched, with progress. */
static weir_status observe(weir_ward *ward, weir_trainer *t, uint64_t steps, weir_error *err)
{
    const weir_doctor_options *o = ward->options;
    WEIR_TRY(weir_trainer_watch(t, 0, NULL, err));
    weir_trainer_watch_until(t, steps, 0, 0);
    double told = weir_now();
    weir_train_event event = {.finite = true};
    while (weir_trainer_steps(t) < steps && event.finite) {
        WEIR_TRY(weir_trainer_step(t, &event, err));
        ward->steps_taken++;
        if (!o->progress || weir_now() - told < 0.1) continue;
        told = weir_now();
        if (!o->progress(o->self, _("watching it train"), event.step, steps)) {
            ward->stopped = true;
            weir_trainer_watch_until(t, event.step + 1, 0, 0); /* one more step, with everything */
            return weir_trainer_step(t, &event, err);
        }
    }
    return WEIR_OK;
}

/* --- candidates ------------------------------------------------------------------------------- */

static bool same_change(const weir_candidates *all, const weir_candidate *fresh)
{
    char *text = weir_config_text(fresh->config);
    bool same = false;
    for (size_t i = 0; text && i < all->count && !same; i++) {
        if (&all->item[i] == fresh) continue;
        char *other = weir_config_text(all->item[i].config);
        same = other && !strcmp(text, other);
        weir_free(other);
    }
    weir_free(text);
    return same;
}

static weir_status propose_all(const weir_config *config, const weir_facts *facts,
                               const weir_report *report, size_t most, weir_candidates *out,
                               weir_error *err)
{
    for (size_t i = 0; i < report->findings; i++) {
        weir_case sick = {config, facts, &report->finding[i]};
        for (size_t k = 0; k < report->finding[i].remedies; k++) {
            const weir_remedy_kind *remedy = weir_remedy_find(report->finding[i].remedy[k]);
            size_t before = out->count;
            if (!remedy) continue;
            WEIR_TRY(remedy->propose(&sick, out, err));
            while (before < out->count) /* the same change for two findings is tried once */
                if (same_change(out, &out->item[before])) {
                    weir_config_free(out->item[before].config);
                    for (size_t j = before; j + 1 < out->count; j++)
                        out->item[j] = out->item[j + 1];
                    out->count--;
                } else {
                    before++;
                }
            while (most && out->count > most) weir_withdraw(out);
        }
    }
    return WEIR_OK;
}

/* --- the order of prescriptions --------------------------------------------------------------- */

/* Proven ones first, then what makes the net learn for another reason, then the rest. */
static int rank(const weir_prescription *p)
{
    static const int of[] = {[WEIR_PROVEN] = 0, [WEIR_BETTER_IN_TRIALS] = 2, [WEIR_NOT_CAUSAL] = 3,
                             [WEIR_UNDECIDED] = 4, [WEIR_NO_BETTER] = 5, [WEIR_UNTRIED] = 6};
    return p->rescues && !p->recommended ? 1 : of[p->outcome];
}

static void sort_prescriptions(weir_prescription *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0; j--) {
            bool before = rank(&p[j]) < rank(&p[j - 1]) ||
                          (rank(&p[j]) == rank(&p[j - 1]) && p[j].loss_after < p[j - 1].loss_after);
            if (!before) break;
            weir_prescription kept = p[j];
            p[j] = p[j - 1];
            p[j - 1] = kept;
        }
}

/* --- the visit -------------------------------------------------------------------------------- */

static weir_status treat(weir_ward *ward, weir_report *report, const weir_facts *facts,
                         uint64_t seed, const struct settings *settings, weir_error *err)
{
    weir_candidates candidates = {0};
    weir_status status = propose_all(report->config, facts, report, ward->options->max_trials,
                                     &candidates, err);
    report->prescription = weir_calloc(candidates.count + 1, sizeof *report->prescription);
    if (!status && !report->prescription) status = weir_fail_memory(err);
    if (status) {
        weir_candidates_free(&candidates);
        return status;
    }
    report->prescriptions = candidates.count; /* these own the configurations from here on */
    weir_case sick = {report->config, facts, NULL};
    status = weir_verify(ward, &sick, &candidates, seed, settings->steps, settings->max_steps,
                         report->prescription, &report->untreated, err);
    if (status) return status;
    weir_weigh(report, facts);
    sort_prescriptions(report->prescription, report->prescriptions);
    return status;
}

static weir_status visit(weir_ward *ward, weir_trainer *trainer, weir_report *report,
                         weir_error *err)
{
    const weir_doctor_options *o = ward->options;
    struct settings settings = {0};
    weir_facts facts;
    uint64_t wanted = weir_trainer_steps_wanted(trainer);
    if (!wanted)
        return weir_config_fail(report->config, weir_config_find(report->config, "train.steps"),
                                err, "%s", _("without a training step there is nothing to see"));
    WEIR_TRY(read_settings(report->config, wanted, o, &settings, err));
    WEIR_TRY(observe(ward, trainer, settings.steps, err));
    report->record = weir_trainer_take_record(trainer);
    report->steps_wanted = wanted;
    report->finding = weir_calloc(MAX_FINDINGS, sizeof *report->finding);
    if (!report->finding) return weir_fail_memory(err);
    report->findings = weir_diagnose(report->record, wanted, report->finding, MAX_FINDINGS,
                                     &report->diagnosis);
    if (weir_facts_gather(report->record, wanted, &facts)) return weir_fail_memory(err);
    report->learned = facts.outcome == WEIR_LEARNS;
    if (o->diagnosed && !o->diagnosed(o->self, report)) ward->stopped = true;
    weir_status status = treat(ward, report, &facts, weir_trainer_seed(trainer), &settings, err);
    weir_facts_free(&facts);
    return status;
}

weir_status weir_doctor(const weir_config *config, const weir_doctor_options *options,
                        weir_report **out, weir_error *err)
{
    weir_doctor_options o = options ? *options : weir_doctor_options_init();
    weir_ward ward = {.options = &o, .started = weir_now()};
    weir_trainer_options trainer_options = weir_trainer_options_init();
    weir_trainer *trainer = NULL;
    trainer_options.seed = o.seed;
    trainer_options.arrays = o.arrays;
    *out = NULL;
    WEIR_TRY(weir_trainer_new(config, &trainer_options, &trainer, err));
    weir_report *report = weir_calloc(1, sizeof *report);
    weir_status status = report ? WEIR_OK : weir_fail_memory(err);
    if (!status && !(report->config = weir_config_copy(config))) status = weir_fail_memory(err);
    if (!status) status = visit(&ward, trainer, report, err);
    weir_trainer_free(trainer);
    if (status) {
        weir_report_free(report);
        return status;
    }
    report->stopped = ward.stopped;
    report->seconds = weir_now() - ward.started;
    *out = report;
    return WEIR_OK;
}

void weir_report_free(weir_report *r)
{
    if (!r) return;
    for (size_t i = 0; i < r->prescriptions; i++) {
        weir_prescription *p = &r->prescription[i];
        for (size_t k = 0; k < p->controls; k++) weir_free((char *)(uintptr_t)p->control[k].what);
        weir_free((char *)(uintptr_t)p->variant);
        weir_free(p->patch);
        weir_free(p->trial);
        weir_config_free(p->config);
    }
    weir_free(r->prescription);
    weir_free(r->finding);
    weir_record_free(r->record);
    weir_config_free(r->config);
    weir_free(r);
}
