/* l2: a penalty on the squared weights, which limits how far they can grow.
 * Source: Krogh & Hertz 1992. */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <stdio.h>

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    if (weir_config_find(c->config, "train.penalties.l2")) return WEIR_OK;
    weir_candidate *fresh;
    WEIR_TRY(weir_propose(&weir_remedy_l2, c, out, _("lambda 1e-3"), &fresh, err));
    return fresh ? weir_config_set(fresh->config, "train.penalties.l2", "1e-3", err) : WEIR_OK;
}

const weir_remedy_kind weir_remedy_l2 = {
    .name = "l2",
    .doc = N_("a penalty on large weights"),
    .source = "Krogh & Hertz 1992",
    .when = N_("weights have grown large"),
    .propose = propose,
};
