/* residual: a shortcut around every layer whose input and output have the same width.
 *
 * Control: the same shortcuts, detached from the backward pass: forward is equal, but the gradient
 * takes the long way.
 * Source: He et al. 2016. */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"

#include <stdio.h>
#include <string.h>

/* Is node i an activation (or the linear itself, if none follows) that ends a block of equal width?
 * *start is the node whose output the block reads. */
static bool ends_block(const weir_flow_record *r, size_t i, size_t *start)
{
    const weir_record_node *node = &r->node[i];
    if (node->part != WEIR_ACTIVATION || node->inputs != 1 || node->input[0] != i - 1) return false;
    const weir_record_node *linear = &r->node[i - 1];
    if (strcmp(linear->kind, "linear") != 0 || linear->inputs != 1 || linear->input[0] == SIZE_MAX)
        return false;
    *start = linear->input[0];
    return r->node[*start].features == node->features && r->node[*start].part != WEIR_WEIGHTED;
}

static weir_status insert_all(const weir_case *c, weir_config *config, bool detach,
                              size_t *inserted, weir_error *err)
{
    const weir_flow_record *r = c->facts->record;
    for (size_t i = r->nodes; i-- > 1;) {
        size_t start;
        char options[100];
        if (!ends_block(r, i, &start)) continue;
        /* chained: a block starts where the one before has been added up */
        size_t ignored;
        bool chained = start > 0 && ends_block(r, start, &ignored);
        const char *name = weir_edit_name(config, start);
        if (!name) return weir_fail_memory(err);
        snprintf(options, sizeof options, "{name: sum%zu, from: %s%s%s}", i, chained ? "sum" : "",
                 name, detach ? ", detach: true" : "");
        if (chained)
            snprintf(options, sizeof options, "{name: sum%zu, from: sum%zu%s}", i, start,
                     detach ? ", detach: true" : "");
        WEIR_TRY(weir_edit_insert(config, weir_edit_node(config, i), "add", options, err));
        ++*inserted;
    }
    return WEIR_OK;
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    size_t inserted = 0;
    weir_candidate *fresh =
        weir_propose(&weir_remedy_residual, c, out, _("a shortcut around every layer"));
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
    snprintf(what, room, "%s", _("shortcuts detached from the backward pass"));
    return insert_all(c, *out, true, &inserted, err);
}

const weir_remedy_kind weir_remedy_residual = {
    .name = "residual",
    .doc = N_("shortcuts that carry the gradient past the layers"),
    .source = "He et al. 2016",
    .when = N_("several layers of equal width"),
    .propose = propose,
    .control = control,
};
