/* init: the weights are drawn anew, so that the signal keeps its size: kaiming for rectifiers,
 * xavier for squashing functions, orthogonal weights, and the identity for a relu recurrence.
 * Source: Glorot & Bengio 2010; He et al. 2015; Saxe et al. 2014; Le, Jaitly & Hinton 2015
 * (IRNN). */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <string.h>

struct choice {
    const char *variant, *weights, *recurrent;
};

static const struct choice dense[] = {
    {"kaiming_normal", "{kaiming_normal: {nonlinearity: relu}}", NULL},
    {"xavier_uniform", "xavier_uniform", NULL},
    {"orthogonal", "{orthogonal: {gain: 1}}", NULL},
};
static const struct choice recurrent[] = {
    {N_("xavier_uniform, recurrent orthogonal"), "xavier_uniform", "orthogonal"},
    {N_("recurrent identity"), "xavier_uniform", "identity"},
};

/* Every `init:` in the model gives way to one at the top. */
static weir_status replace_all(weir_config *config, const struct choice *choice, weir_error *err)
{
    for (size_t k = 0; weir_edit_node(config, k); k++) {
        weir_yaml *map = weir_edit_node(config, k)->child;
        weir_yaml *init = map ? weir_yaml_find(map, "init") : NULL;
        if (init) weir_yaml_remove(map, init);
    }
    weir_yaml *old = weir_yaml_find(config->root, "init");
    if (old) weir_yaml_remove(config->root, old);
    WEIR_TRY(weir_config_set(config, "init.weight", choice->weights, err));
    if (choice->recurrent)
        WEIR_TRY(weir_config_set(config, "init.weight_hh", choice->recurrent, err));
    return weir_config_set(config, "init.bias", "zeros", err);
}

static weir_status propose_list(const weir_case *c, const struct choice *list, size_t n,
                                weir_candidates *out, weir_error *err)
{
    for (size_t i = 0; i < n; i++) {
        weir_candidate *fresh;
        WEIR_TRY(weir_propose(&weir_remedy_init, c, out, _(list[i].variant), &fresh, err));
        if (!fresh) return WEIR_OK;
        WEIR_TRY(replace_all(fresh->config, &list[i], err));
    }
    return WEIR_OK;
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    bool loops = c->facts->record->lines > 0;
    return loops ? propose_list(c, recurrent, sizeof recurrent / sizeof *recurrent, out, err)
                 : propose_list(c, dense, sizeof dense / sizeof *dense, out, err);
}

const weir_remedy_kind weir_remedy_init = {
    .name = "init",
    .doc = N_("weights drawn so that the signal keeps its size"),
    .source = "Glorot & Bengio 2010; He et al. 2015; Saxe et al. 2014; Le et al. 2015",
    .when = N_("the weights, not the slopes, shrink or stretch the gradient"),
    .propose = propose,
};
