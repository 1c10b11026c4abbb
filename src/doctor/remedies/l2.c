/* l2: a penalty on the squared weights, which limits how far they can grow.
 * How much: a thousandth of the best constant guess's loss, so that it does not depend on the scale
 * of the loss. Source: Krogh & Hertz 1992. */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <math.h>
#include <stdio.h>

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    if (weir_config_find(c->config, "train.penalties.l2")) return WEIR_OK;
    double unit = fabs(c->facts->record->constant_loss);
    weir_candidate *fresh;
    char value[32], variant[64];
    snprintf(value, sizeof value, "%.1g", 1e-3 * (unit > 0 ? unit : 1));
    snprintf(variant, sizeof variant, _("lambda %s"), value);
    WEIR_TRY(weir_propose(&weir_remedy_l2, c, out, variant, &fresh, err));
    return fresh ? weir_config_set(fresh->config, "train.penalties.l2", value, err) : WEIR_OK;
}

const weir_remedy_kind weir_remedy_l2 = {
    .name = "l2",
    .doc = N_("a penalty on large weights"),
    .source = "Krogh & Hertz 1992",
    .when = N_("weights have grown large"),
    .propose = propose,
};
