/* cell: a simple recurrent net gives way to a gated one, gru or lstm, of the same hidden size.
 *
 * Controls: the same cell with its gradient cut at the old reach (the longer gradient taken away),
 * and the old net made so wide that it has as many parameters (the size taken away).
 * Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000 (forget gate); Cho et al. 2014. */
#include "base/intl.h"
#include "base/status.h"
#include "doctor/remedy.h"
#include "nn/layers/recurrent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static weir_status copy_option(const weir_yaml *from, const char *key, weir_text *to)
{
    const weir_yaml *value = weir_yaml_find(from, key);
    if (!value) return WEIR_OK;
    weir_text_printf(to, "%s%s: ", to->length > 1 ? ", " : "", key);
    weir_yaml_write_inline(value, to);
    return to->failed ? WEIR_MEMORY : WEIR_OK;
}

/* Every rnn becomes `kind`, with what the two have in common, and `extra` ("truncate: 8"). */
static weir_status swap_all(weir_config *config, const char *kind, const char *extra,
                            size_t *swapped, weir_error *err)
{
    static const char *const common[] = {"input_size", "hidden_size", "num_layers", "bidirectional",
                                         "bias", "output", "truncate"};
    for (size_t k = 0; weir_edit_node(config, k); k++) {
        weir_yaml *item = weir_edit_node(config, k);
        if (strcmp(weir_edit_kind(item), "rnn") != 0) continue;
        weir_text options = {0};
        weir_text_add(&options, "{");
        for (size_t i = 0; i < sizeof common / sizeof *common; i++)
            copy_option(item->child, common[i], &options);
        if (*extra) weir_text_printf(&options, ", %s", extra);
        weir_text_add(&options, "}");
        weir_status status = options.failed
                                 ? weir_fail_memory(err)
                                 : weir_edit_replace(config, item, kind, options.s, false, err);
        weir_text_free(&options);
        WEIR_TRY(status);
        ++*swapped;
    }
    return WEIR_OK;
}

static weir_status propose(const weir_case *c, weir_candidates *out, weir_error *err)
{
    static const char *const kinds[][2] = {{"gru", ""}, {"lstm", "forget_bias: 1"}};
    for (size_t i = 0; i < 2; i++) {
        size_t swapped = 0;
        weir_candidate *fresh;
        WEIR_TRY(weir_propose(&weir_remedy_cell, c, out, kinds[i][0], &fresh, err));
        if (!fresh) return WEIR_OK;
        WEIR_TRY(swap_all(fresh->config, kinds[i][0], kinds[i][1], &swapped, err));
        if (!swapped) weir_withdraw(out);
    }
    return WEIR_OK;
}

/* The old net's reach: as far as the control's gradient may go. */
static size_t old_reach(const weir_case *c)
{
    const weir_flow_record *r = c->facts->record;
    size_t reach = 0;
    for (size_t i = 0; c->facts->lag_sample && i < r->lines; i++)
        if (c->facts->lag_sample->lag[i].reach > reach) reach = c->facts->lag_sample->lag[i].reach;
    return reach ? reach : 1;
}

static weir_status cut_control(const weir_case *c, const weir_candidate *candidate,
                               weir_config **out, char *what, size_t room, weir_error *err)
{
    *out = weir_config_copy(candidate->config);
    if (!*out) return weir_fail_memory(err);
    bool every_step =
        c->facts->record->loss_at_every_step; /* then cuts are half as far away on average */
    size_t reach = every_step ? 2 * old_reach(c) : old_reach(c);
    char value[32];
    snprintf(value, sizeof value, "%zu", reach);
    for (size_t k = 0; weir_edit_node(*out, k); k++) {
        weir_yaml *item = weir_edit_node(*out, k);
        if (!strcmp(weir_edit_kind(item), "gru") || !strcmp(weir_edit_kind(item), "lstm"))
            WEIR_TRY(weir_edit_set(*out, item, "truncate", value, err));
    }
    snprintf(what, room,
             every_step
                 ? _("same cell, gradient cut every %zu steps: on average as far as the old net "
                     "reached")
                 : _("same cell, gradient cut after %zu steps, as far as the old net reached"),
             reach);
    return WEIR_OK;
}

/* The width at which an rnn has `wanted` parameters. A layer reads I numbers, or the H of all
 * directions of the layer below: D H (I + H + 2) + (layers - 1) D H (D H + H + 2) = wanted, where
 * both 2 are the biases. */
static size_t width_for(const weir_recurrent *o, double I, double wanted)
{
    double D = o->bidirectional ? 2 : 1, above = (double)o->num_layers - 1, b = o->bias ? 2 : 0;
    double square = D * (1 + above * (D + 1)), line = D * (I + b) + above * D * b;
    return (size_t)lround((-line + sqrt(line * line + 4 * square * wanted)) / (2 * square));
}

/* What the configuration says of an rnn. */
static weir_status read_rnn(const weir_config *config, const weir_yaml *item, weir_recurrent *o,
                            weir_error *err)
{
    static const char *const also[] = {"name", "from", "init", NULL};
    weir_arena arena = {0};
    weir_status status = weir_config_options(config, item->child, weir_layer_rnn.options, also, o,
                                             &arena, err);
    weir_arena_free(&arena);
    return status;
}

/* Three or four gates: three or four times the parameters. */
static weir_status wide_control(const weir_case *c, const weir_candidate *candidate,
                                weir_config **out, char *what, size_t room, weir_error *err)
{
    double gates = !strcmp(candidate->variant, "gru") ? 3 : 4;
    const weir_flow_record *r = c->facts->record;
    *out = weir_config_copy(c->config);
    if (!*out) return weir_fail_memory(err);
    for (size_t i = 0; i < r->nodes; i++) {
        weir_yaml *item = weir_edit_node(*out, i);
        if (!item || strcmp(r->node[i].kind, "rnn") != 0) continue;
        weir_recurrent rnn;
        char value[32];
        WEIR_TRY(read_rnn(*out, item, &rnn, err));
        snprintf(value, sizeof value, "%zu",
                 width_for(&rnn, (double)r->node[i].fan_in, gates * (double)r->node[i].parameters));
        WEIR_TRY(weir_edit_set(*out, item, "hidden_size", value, err));
        snprintf(what, room, _("the old net with hidden_size %s: as many parameters, no gates"),
                 value);
    }
    return weir_edit_infer(*out, err);
}

static weir_status control(const weir_case *c, const weir_candidate *candidate, size_t k,
                           weir_config **out, char *what, size_t room, weir_error *err)
{
    if (k == 0) return cut_control(c, candidate, out, what, room, err);
    if (k == 1) return wide_control(c, candidate, out, what, room, err);
    return WEIR_OK;
}

const weir_remedy_kind weir_remedy_cell = {
    .name = "cell",
    .doc = N_("a gated cell in place of the simple recurrence"),
    .source = "Hochreiter & Schmidhuber 1997; Cho et al. 2014",
    .when = N_("the task needs more than the recurrence remembers"),
    .propose = propose,
    .control = control,
};
