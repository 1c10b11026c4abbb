/* nn/model.h - a net: an array of nodes, each with the indices of its inputs.
 *
 *   model -> nodes[]  : kind, options, inputs         forward walks up, backward walks down
 *         -> params[] : name, shape, value, grad      all values in one array, all gradients in one
 *         -> buffers[]: name, value                    running statistics
 */
#ifndef WEIR_NN_MODEL_H
#define WEIR_NN_MODEL_H

#include "nn/init.h"
#include "nn/layer.h"
#include "nn/layers/channels.h"

enum { WEIR_MAX_INPUTS = 16 };
#define WEIR_INPUT SIZE_MAX /* as a node's input: the batch itself */

struct weir_node {
    weir_model *model;
    const weir_layer_kind *kind;
    const char *name;  /* as configured, else its index: "3" */
    const char *place; /* "net.yaml:7:5", for sentences */
    size_t index;
    void *options;
    size_t inputs;
    const size_t *input; /* indices of earlier nodes, or WEIR_INPUT */
    size_t first_param, params;
    size_t first_buffer, buffers;
    weir_shape shape;     /* of its output, at the batch the model was built for */
    int channels;         /* WEIR_CHANNELS_FIRST or LAST: what a unit of its output is */
    bool trains;          /* it or a node before it has parameters: a gradient must reach it */
    weir_init_list inits; /* this node's own, before the model's */
};

struct weir_model {
    weir_arena arena; /* everything below */
    weir_hints hints;
    weir_shape x; /* the input's shape as built */
    size_t count, room;
    weir_node *nodes;
    size_t params_count, params_room;
    weir_parameter *params;
    size_t buffers_count, buffers_room;
    weir_buffer *buffers;
    size_t weights;      /* numbers in all parameters together */
    real *values, *grads; /* [weights], parameter after parameter */
};

/* One node to add. Strings and options must live as long as the model (take them from its
 * arena). */
typedef struct weir_node_spec {
    const weir_layer_kind *kind;
    const char *name;  /* NULL: its index */
    const char *place; /* NULL: no place to tell */
    void *options;     /* a filled options struct */
    const char *const *from; /* names of its inputs; "x" is the batch. NULL: the node before */
    size_t from_count;
    weir_init_list inits;
} weir_node_spec;

/* An empty net for batches of shape x. NULL when there is no memory. */
weir_model *weir_model_new(const weir_shape *x, const weir_hints *hints);
void weir_model_free(weir_model *model);

/* Checks shapes and declares parameters. On error the model can only be freed. */
weir_status weir_model_add(weir_model *model, const weir_node_spec *spec, weir_error *err);

/* Lays out the parameters; call once after the last node. */
weir_status weir_model_finish(weir_model *model, weir_error *err);

/* Draws every parameter (streams keyed by seed and parameter) and sets every buffer. `defaults`
 * holds for parameters whose node says nothing. */
weir_status weir_model_init(weir_model *model, const weir_init_list *defaults, uint64_t seed,
                            weir_error *err);

/* From a layer's build(): one parameter or buffer more. Sizes as for weir_shape_of. */
weir_status weir_declare(weir_node *node, const char *local, weir_role role, weir_shape shape,
                         size_t fan_in, size_t fan_out, size_t gates);
weir_status weir_declare_buffer(weir_node *node, const char *local, size_t count, real initial,
                                bool whole);

/* The node's k-th parameter or buffer, in the order of declaration. */
static inline weir_parameter *weir_param(const weir_node *node, size_t k)
{
    return &node->model->params[node->first_param + k];
}
static inline weir_buffer *weir_node_buffer(const weir_node *node, size_t k)
{
    return &node->model->buffers[node->first_buffer + k];
}

/* The largest |f'| of an activation node, as it stands now. */
static inline double weir_largest_slope(const weir_node *node)
{
    return node->kind->steepest ? node->kind->steepest(node) : node->kind->largest_slope;
}

/* By name; NULL when there is none. */
weir_node *weir_model_node(const weir_model *model, const char *name);
weir_parameter *weir_model_param(const weir_model *model, const char *name);

#endif
