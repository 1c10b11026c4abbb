/* batchnorm: a batch normalisation between every linear layer and its activation.
 *
 * Control: the same layers with their statistics frozen: the running mean and variance, as they
 * stood at the start, are used in training too, so that nothing is normalised.
 * Source: Ioffe & Szegedy 2015. */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <stdio.h>
#include <string.h>

/* From the end, so that indices before stay true. */
static weir_status insert_all(const weir_case *c, weir_config *config, bool frozen,
                              size_t *inserted, weir_error *err)
{
    const weir_flow_record *r = c->facts->record;
    for (size_t i = r->nodes; i-- > 1;) {
        const weir_record_node *node = &r->node[i];
        bool follows = node->part == WEIR_ACTIVATION && node->inputs == 1 &&
                       node->input[0] == i - 1;
        weir_yaml *fresh;
        if (!follows || strcmp(r->node[i - 1].kind, "linear") != 0) continue;
        WEIR_TRY(weir_edit_insert(config, i - 1, "batchnorm1d", NULL, &fresh, err));
        if (frozen) WEIR_TRY(weir_edit_put(config, fresh, "frozen", "true", err));
        ++*inserted;
    }
    return WEIR_OK;
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    size_t inserted = 0;
    weir_candidate *fresh;
    WEIR_TRY(
        weir_propose(&weir_remedy_batchnorm, c, out, _("before every activation"), &fresh, err));
    if (!fresh) return WEIR_OK;
    WEIR_TRY(insert_all(c, fresh->config, false, &inserted, err));
    if (!inserted) weir_withdraw(out);
    return WEIR_OK;
}

static weir_status control(const weir_case *c, const weir_candidate *candidate, size_t k,
                           weir_config **out, char *what, size_t room, weir_error *err)
{
    size_t inserted = 0;
    (void)candidate;
    if (k > 0) return WEIR_OK;
    *out = weir_config_copy(c->config);
    if (!*out) return weir_fail_memory(err);
    WEIR_TRY(weir_edit_pin(*out, err));
    snprintf(what, room, "%s",
             _("statistics frozen: running mean and variance, never the batch's"));
    return insert_all(c, *out, true, &inserted, err);
}

const weir_remedy_kind weir_remedy_batchnorm = {
    .name = "batchnorm",
    .doc = N_("batch normalisation before every activation"),
    .source = "Ioffe & Szegedy 2015",
    .when = N_("dense layers with activations; batches of more than a few examples"),
    .propose = propose,
    .control = control,
};
