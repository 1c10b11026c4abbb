/* learning_rate: a smaller step, or a larger one where nothing moves.
 * Source: Bengio 2012, "Practical recommendations for gradient-based training". */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <math.h>
#include <stdio.h>

/* Where the rate stands: train.lr, or the optimizer's own. */
static weir_status set_rate(weir_config *config, const char *value, weir_error *err)
{
    const weir_yaml *optimizer = weir_config_find(config, "train.optimizer");
    bool named = optimizer && optimizer->type == WEIR_YAML_MAP && optimizer->child;
    char path[100] = "train.lr";
    if (named && !weir_config_find(config, "train.lr"))
        snprintf(path, sizeof path, "train.optimizer.%.60s.lr", optimizer->child->key);
    return weir_config_set(config, path, value, err);
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    static const double factors[] = {0.1, 0.01, 10};
    const weir_flow_record *r = c->facts->record;
    double lr = r->losses ? r->loss[0].lr : 0;
    for (size_t i = 0; i < r->losses; i++) lr = fmax(lr, r->loss[i].lr);
    bool runs_away = c->facts->outcome == WEIR_RUNS_AWAY;
    for (size_t i = 0; i < 3 && lr > 0; i++) {
        if (runs_away && factors[i] > 1) continue;
        char value[32], variant[60];
        snprintf(value, sizeof value, "%.3g", lr * factors[i]);
        snprintf(variant, sizeof variant, _("lr %s instead of %.3g"), value, lr);
        weir_candidate *fresh;
        WEIR_TRY(weir_propose(&weir_remedy_learning_rate, c, out, variant, &fresh, err));
        if (!fresh) return WEIR_OK;
        WEIR_TRY(set_rate(fresh->config, value, err));
    }
    return WEIR_OK;
}

const weir_remedy_kind weir_remedy_learning_rate = {
    .name = "learning_rate",
    .doc = N_("a smaller or larger step"),
    .source = "Bengio 2012",
    .when = N_("the loss runs away, units die early, or what is far back is learned slowly"),
    .propose = propose,
};
