/* forget_bias: an LSTM starts with open forget gates.
 * Source: Gers et al. 2000; Jozefowicz et al. 2015. */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <stdio.h>
#include <string.h>

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    static const char *const values[] = {"1", "3"};
    for (size_t i = 0; i < 2; i++) {
        char variant[60];
        size_t set = 0;
        snprintf(variant, sizeof variant, _("forget_bias %s"), values[i]);
        weir_candidate *fresh;
        WEIR_TRY(weir_propose(&weir_remedy_forget_bias, c, out, variant, &fresh, err));
        if (!fresh) return WEIR_OK;
        for (size_t k = 0; weir_edit_node(fresh->config, k); k++) {
            weir_yaml *item = weir_edit_node(fresh->config, k);
            if (strcmp(weir_edit_kind(item), "lstm") != 0) continue;
            WEIR_TRY(weir_edit_set(fresh->config, item, "forget_bias", values[i], err));
            set++;
        }
        if (!set) weir_withdraw(out);
    }
    return WEIR_OK;
}

const weir_remedy_kind weir_remedy_forget_bias = {
    .name = "forget_bias",
    .doc = N_("the LSTM's forget gates start open"),
    .source = "Gers et al. 2000; Jozefowicz et al. 2015",
    .when = N_("an LSTM forgets too fast at the start"),
    .propose = propose,
};
