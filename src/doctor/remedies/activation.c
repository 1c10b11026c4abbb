/* activation: squashing functions (or a dying ReLU) give way to relu, leaky_relu, elu or prelu,
 * with the weights drawn for them. Gates of recurrent layers are never touched.
 * Source: He et al. 2015; Clevert et al. 2016 (ELU). */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <stdio.h>
#include <string.h>

struct choice {
    const char *kind, *options, *init;
};

static const struct choice choices[] = {
    {"relu", "{}", "{kaiming_normal: {nonlinearity: relu}}"},
    {"leaky_relu", "{negative_slope: 0.1}", "{kaiming_normal: {nonlinearity: leaky_relu, a: 0.1}}"},
    {"elu", "{}", "{kaiming_normal: {nonlinearity: relu}}"},
    {"prelu", "{}", "{kaiming_normal: {nonlinearity: leaky_relu, a: 0.25}}"},
};

/* Replaces every activation but of this kind; draws the linear layers anew. Returns how many. */
static weir_status swap_all(const weir_case *c, weir_config *config, const struct choice *choice,
                            size_t *swapped, weir_error *err)
{
    const weir_flow_record *r = c->facts->record;
    for (size_t i = 0; i < r->nodes; i++) {
        weir_yaml *item = weir_edit_node(config, i);
        if (!item) break;
        if (r->node[i].part == WEIR_ACTIVATION && i + 1 < r->nodes &&
            strcmp(r->node[i].kind, choice->kind) != 0) {
            WEIR_TRY(weir_edit_replace(config, item, choice->kind, choice->options, false, err));
            ++*swapped;
        } else if (r->node[i].part == WEIR_WEIGHTED && !strcmp(r->node[i].kind, "linear")) {
            WEIR_TRY(weir_edit_set(config, item, "init", choice->init, err));
        }
    }
    return WEIR_OK;
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        char variant[100];
        size_t swapped = 0;
        snprintf(variant, sizeof variant, _("%s with kaiming_normal"), choices[i].kind);
        weir_candidate *fresh;
        WEIR_TRY(weir_propose(&weir_remedy_activation, c, out, variant, &fresh, err));
        if (!fresh) return WEIR_OK;
        WEIR_TRY(swap_all(c, fresh->config, &choices[i], &swapped, err));
        if (!swapped) weir_withdraw(out);
    }
    return WEIR_OK;
}

const weir_remedy_kind weir_remedy_activation = {
    .name = "activation",
    .doc = N_("another activation, with weights drawn for it"),
    .source = "He et al. 2015; Clevert et al. 2016",
    .when = N_("the slopes of the activations shrink the gradient, or units are dead"),
    .propose = propose,
};
