#include "nn/model.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "tensor/vec.h"

#include <stdio.h>
#include <string.h>

weir_model *weir_model_new(const weir_shape *x, const weir_hints *hints)
{
    weir_model *m = weir_calloc(1, sizeof *m);
    if (!m) return NULL;
    m->x = *x;
    m->hints = *hints;
    return m;
}

void weir_model_free(weir_model *m)
{
    if (!m) return;
    weir_free(m->nodes);
    weir_free(m->params);
    weir_free(m->buffers);
    weir_arena_free(&m->arena);
    weir_free(m);
}

/* Room for one more item in an array that doubles. */
static bool make_room(void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room) return true;
    size_t more = *room ? 2 * *room : 16;
    void *grown = weir_realloc(*items, more * size);
    if (!grown) return false;
    *items = grown;
    *room = more;
    return true;
}

weir_node *weir_model_node(const weir_model *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (!strcmp(m->nodes[i].name, name)) return &m->nodes[i];
    return NULL;
}

weir_parameter *weir_model_param(const weir_model *m, const char *name)
{
    for (size_t i = 0; i < m->params_count; i++)
        if (!strcmp(m->params[i].name, name)) return &m->params[i];
    return NULL;
}

/* "fc1.weight" in the model's arena; *local points behind the dot. */
static const char *full_name(const weir_node *node, const char *local, const char **behind)
{
    size_t n = strlen(node->name), size = n + strlen(local) + 2;
    char *name = weir_arena_alloc(&node->model->arena, size);
    if (!name) return NULL;
    snprintf(name, size, "%s.%s", node->name, local);
    if (behind) *behind = name + n + 1;
    return name;
}

weir_status weir_declare(weir_node *node, const char *local, weir_role role, weir_shape shape,
                         size_t fan_in, size_t fan_out, size_t gates)
{
    weir_model *m = node->model;
    if (!make_room((void **)&m->params, m->params_count, &m->params_room, sizeof *m->params))
        return WEIR_MEMORY;
    weir_parameter *p = &m->params[m->params_count];
    *p = (weir_parameter){.node = node->index, .role = role, .shape = shape, .gates = gates,
                          .count = weir_shape_count(&shape), .fan_in = fan_in, .fan_out = fan_out};
    p->name = full_name(node, local, &p->local);
    if (!p->name || p->count > WEIR_MOST_COUNT - m->weights) return WEIR_MEMORY;
    m->params_count++;
    m->weights += p->count;
    node->params++;
    return WEIR_OK;
}

weir_status weir_declare_buffer(weir_node *node, const char *local, size_t count, real initial,
                                bool whole)
{
    weir_model *m = node->model;
    if (!make_room((void **)&m->buffers, m->buffers_count, &m->buffers_room, sizeof *m->buffers))
        return WEIR_MEMORY;
    weir_buffer *b = &m->buffers[m->buffers_count];
    *b = (weir_buffer){.node = node->index, .count = count, .initial = initial, .whole = whole};
    b->name = full_name(node, local, NULL);
    b->value = weir_arena_calloc(&m->arena, count, sizeof(real));
    if (!b->name || !b->value) return WEIR_MEMORY;
    m->buffers_count++;
    node->buffers++;
    return WEIR_OK;
}

static weir_status find_input(const weir_model *m, const char *from, size_t *input, weir_error *err)
{
    if (!strcmp(from, "x")) {
        *input = WEIR_INPUT;
        return WEIR_OK;
    }
    const weir_node *node = weir_model_node(m, from);
    if (!node)
        return weir_fail(err, WEIR_USAGE, _("from: there is no earlier node \"%s\""), from);
    *input = node->index;
    return WEIR_OK;
}

/* Without `from` the node before. A single `from` of a node that joins several adds the node before
 * (`add: {from: block1}` is the block's end plus block1). */
static weir_status find_inputs(const weir_model *m, const weir_node_spec *spec, weir_node *node,
                               weir_error *err)
{
    bool and_previous = spec->from_count == 0 || (spec->kind->many_inputs && spec->from_count == 1);
    if (spec->from_count >= WEIR_MAX_INPUTS)
        return weir_fail(err, WEIR_USAGE, _("from: at most %d nodes can be joined"),
                         WEIR_MAX_INPUTS - 1);
    size_t *input = weir_arena_calloc(&node->model->arena, spec->from_count + 1, sizeof *input);
    if (!input) return WEIR_MEMORY;
    node->input = input;
    if (and_previous) input[node->inputs++] = m->count ? m->count - 1 : WEIR_INPUT;
    for (size_t i = 0; i < spec->from_count; i++)
        WEIR_TRY(find_input(m, spec->from[i], &input[node->inputs++], err));
    if (spec->kind->many_inputs ? node->inputs < 2 : node->inputs != 1)
        return weir_fail(err, WEIR_USAGE,
                         spec->kind->many_inputs ? _("from: name the node to join with")
                                                 : _("from: this layer takes one input"));
    return WEIR_OK;
}

/* Images and what moves windows over them have a channel for a unit; so has what follows, as long
 * as it works on single numbers. */
static int channels_of(const weir_node *node, const weir_shape *const in[])
{
    const weir_layer_kind *kind = node->kind;
    bool mixes = kind->part == WEIR_WEIGHTED || kind->part == WEIR_RECURRENT;
    if (kind->channels_first) return WEIR_CHANNELS_FIRST;
    if (mixes || !weir_shape_equal(in[0], &node->shape)) return WEIR_CHANNELS_LAST;
    if (node->input[0] != WEIR_INPUT) return node->model->nodes[node->input[0]].channels;
    return in[0]->rank > 3 ? WEIR_CHANNELS_FIRST : WEIR_CHANNELS_LAST;
}

static weir_status add_node(weir_model *m, const weir_node_spec *spec, weir_node *node,
                            weir_error *err)
{
    if (spec->name && weir_model_node(m, spec->name))
        return weir_fail(err, WEIR_USAGE, _("name: \"%s\" is taken"), spec->name);
    WEIR_TRY(find_inputs(m, spec, node, err));
    const weir_shape **in = weir_arena_alloc(&m->arena, node->inputs * sizeof *in);
    if (!in) return WEIR_MEMORY;
    for (size_t i = 0; i < node->inputs; i++) {
        size_t k = node->input[i];
        in[i] = k == WEIR_INPUT ? &m->x : &m->nodes[k].shape;
        node->trains |= k != WEIR_INPUT && m->nodes[k].trains;
    }
    const weir_layer_kind *kind = spec->kind;
    if (kind->infer) WEIR_TRY(kind->infer(node->options, in, &m->hints, err));
    WEIR_TRY(kind->shape(node->options, in, node->inputs, &node->shape, err));
    node->channels = channels_of(node, in);
    if (kind->build) WEIR_TRY(kind->build(node, in));
    node->trains |= node->params > 0;
    return WEIR_OK;
}

weir_status weir_model_add(weir_model *m, const weir_node_spec *spec, weir_error *err)
{
    if (!make_room((void **)&m->nodes, m->count, &m->room, sizeof *m->nodes))
        return weir_fail_memory(err);
    char index[24];
    snprintf(index, sizeof index, "%zu", m->count);
    weir_node *node = &m->nodes[m->count];
    *node = (weir_node){.model = m, .kind = spec->kind, .place = spec->place, .index = m->count,
                        .name = spec->name ? spec->name : weir_arena_strdup(&m->arena, index),
                        .options = spec->options, .first_param = m->params_count,
                        .first_buffer = m->buffers_count, .inits = spec->inits};
    if (!node->name) return weir_fail_memory(err);
    weir_status status = add_node(m, spec, node, err);
    if (status == WEIR_MEMORY) weir_fail_memory(err);
    if (status)
        weir_error_prefix(err, "%s%s%s: ", spec->place ? spec->place : "", spec->place ? ": " : "",
                          spec->kind->name);
    else
        m->count++;
    return status;
}

weir_status weir_model_finish(weir_model *m, weir_error *err)
{
    m->values = weir_arena_calloc(&m->arena, m->weights + 1, sizeof(real));
    m->grads = weir_arena_calloc(&m->arena, m->weights + 1, sizeof(real));
    if (!m->values || !m->grads)
        return weir_fail(err, WEIR_MEMORY,
                         _("no memory for the %zu parameters of this net: make its layers smaller"),
                         m->weights);
    size_t at = 0;
    for (size_t i = 0; i < m->params_count; i++) {
        m->params[i].value = m->values + at;
        m->params[i].grad = m->grads + at;
        at += m->params[i].count;
    }
    return WEIR_OK;
}

static const weir_init *choose_init(const weir_init_list *list, const weir_parameter *p)
{
    const weir_init *best = NULL;
    for (size_t i = 0; list && i < list->count; i++) {
        const weir_init *init = &list->item[i];
        size_t n = strlen(init->prefix);
        if (strncmp(p->local, init->prefix, n) == 0 && (!best || n >= strlen(best->prefix)))
            best = init;
    }
    return best;
}

/* What stands at the top level speaks of weights and biases. A normaliser and a learned slope start
 * in their own way unless a preset or their own node says otherwise. */
static const weir_init *choose_default(const weir_init_list *defaults, const weir_parameter *p)
{
    const weir_init *init = choose_init(defaults, p);
    bool own = p->role == WEIR_NORM_WEIGHT || p->role == WEIR_NORM_BIAS || p->role == WEIR_SLOPE;
    return init && own && !init->kind->preset ? NULL : init;
}

weir_status weir_model_init(weir_model *m, const weir_init_list *defaults, uint64_t seed,
                            weir_error *err)
{
    static const weir_init last_resort = {"", &weir_init_pytorch, NULL, NULL};
    for (size_t i = 0; i < m->params_count; i++) {
        weir_parameter *p = &m->params[i];
        const weir_init *init = choose_init(&m->nodes[p->node].inits, p);
        if (!init) init = choose_default(defaults, p);
        if (!init) init = &last_resort;
        weir_rng rng = weir_rng_make(seed, WEIR_FOR_INIT, (uint32_t)i, 0);
        weir_status status = init->kind->fill(init->options, p, &rng, err);
        if (status == WEIR_MEMORY) return weir_fail_memory(err);
        if (status) {
            weir_error_prefix(err, "%s%s%s (%s): ", init->place ? init->place : "",
                              init->place ? ": " : "", init->kind->name, p->name);
            return status;
        }
    }
    for (size_t i = 0; i < m->buffers_count; i++)
        for (size_t j = 0; j < m->buffers[i].count; j++)
            m->buffers[i].value[j] = m->buffers[i].initial;
    for (size_t i = 0; i < m->count; i++)
        if (m->nodes[i].kind->initialised) m->nodes[i].kind->initialised(&m->nodes[i]);
    weir_vec_zero(m->weights, m->grads);
    return WEIR_OK;
}
