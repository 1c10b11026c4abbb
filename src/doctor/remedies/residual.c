/* residual: shortcuts past layers of equal width. Two forms are proposed:
 *
 *   before the activation  z_l = z_{l-1} + W f(z_{l-1})  (He et al. 2016, "Identity mappings")
 *   behind the activation  y_l = y_{l-1} + f(W y_{l-1})  (He et al. 2015, "Deep residual learning")
 *
 * Control: the same shortcuts detached from the backward pass: forward is equal, but the gradient
 * takes the long way.
 */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <stdio.h>
#include <string.h>

/* A block ends at node i and starts from the output of node *start, which has the same width. */
typedef bool ends_block(const weir_flow_record *r, size_t i, size_t *start);

static bool is_linear(const weir_flow_record *r, size_t i)
{
    return !strcmp(r->node[i].kind, "linear");
}

/* The node that i reads, if it reads one alone. */
static bool before(const weir_flow_record *r, size_t i, size_t *node)
{
    if (r->node[i].inputs != 1 || r->node[i].input[0] == SIZE_MAX) return false;
    *node = r->node[i].input[0];
    return true;
}

/* linear .. linear, with nothing but activations and normalisers between. */
static bool ends_at_linear(const weir_flow_record *r, size_t i, size_t *start)
{
    size_t k = i;
    if (!is_linear(r, i)) return false;
    while (before(r, k, &k)) {
        if (is_linear(r, k)) {
            *start = k;
            return r->node[k].features == r->node[i].features;
        }
        if (r->node[k].part != WEIR_ACTIVATION && r->node[k].part != WEIR_NORMALISER) return false;
    }
    return false;
}

/* activation .. linear, activation. */
static bool ends_at_activation(const weir_flow_record *r, size_t i, size_t *start)
{
    size_t linear;
    if (r->node[i].part != WEIR_ACTIVATION || !before(r, i, &linear) || !is_linear(r, linear) ||
        !before(r, linear, start))
        return false;
    return r->node[*start].features == r->node[i].features &&
           r->node[*start].part == WEIR_ACTIVATION;
}

static ends_block *const forms[] = {ends_at_linear, ends_at_activation};
static const char *const form_names[] = {N_("shortcuts before the activations"),
                                         N_("shortcuts behind the activations")};

/* From the end, so that indices before stay true. A block that starts where another ends starts
 * from that one's sum. */
static weir_status insert_all(const weir_flow_record *r, weir_config *config, ends_block *ends,
                              bool detach, size_t *inserted, weir_error *err)
{
    for (size_t i = r->nodes; i-- > 1;) {
        size_t start, ignored;
        char name[32], chained[32];
        const char *from = chained;
        weir_yaml *add;
        if (!ends(r, i, &start)) continue;
        snprintf(name, sizeof name, "sum%zu", i);
        snprintf(chained, sizeof chained, "sum%zu", start);
        if (!ends(r, start, &ignored)) from = weir_edit_name(config, start);
        if (!from) return weir_fail_memory(err);
        WEIR_TRY(weir_edit_insert(config, i, "add", name, &add, err));
        WEIR_TRY(weir_edit_put(config, add, "from", from, err));
        if (detach) WEIR_TRY(weir_edit_put(config, add, "detach", "true", err));
        ++*inserted;
    }
    return WEIR_OK;
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        size_t inserted = 0;
        weir_candidate *fresh;
        WEIR_TRY(weir_propose(&weir_remedy_residual, c, out, _(form_names[k]), &fresh, err));
        if (!fresh) return WEIR_OK;
        WEIR_TRY(insert_all(c->facts->record, fresh->config, forms[k], false, &inserted, err));
        if (!inserted) weir_withdraw(out);
    }
    return WEIR_OK;
}

static weir_status control(const weir_case *c, const weir_candidate *candidate, size_t k,
                           weir_config **out, char *what, size_t room, weir_error *err)
{
    size_t inserted = 0, form = strcmp(candidate->variant, _(form_names[0])) ? 1 : 0;
    if (k > 0) return WEIR_OK;
    *out = weir_config_copy(c->config);
    if (!*out) return weir_fail_memory(err);
    WEIR_TRY(weir_edit_pin(*out, err));
    snprintf(what, room, "%s", _("shortcuts detached from the backward pass"));
    return insert_all(c->facts->record, *out, forms[form], true, &inserted, err);
}

const weir_remedy_kind weir_remedy_residual = {
    .name = "residual",
    .doc = N_("shortcuts that carry the gradient past the layers"),
    .source = "He et al. 2016",
    .when = N_("several layers of equal width"),
    .propose = propose,
    .control = control,
};
