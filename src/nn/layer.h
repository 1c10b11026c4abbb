/* nn/layer.h - what a layer is. One layer is one file in layers/ and one line in layers/list.def.
 *
 *                in[0] .. in[n-1]              dout
 *                       |                        |
 *            forward -> out            backward -> din[0] .. din[n-1], and parameter gradients +=
 *
 * Shapes: T time, B batch, F features. Dense data is [B,F], a sequence [T,B,F], images [B,C,H,W]
 * (C channels, H height, W width); class numbers and token ids are int32. A layer that works on
 * single features treats all leading sizes as rows.
 */
#ifndef WEIR_NN_LAYER_H
#define WEIR_NN_LAYER_H

#include "base/option.h"
#include "tensor/tensor.h"
#include "weir/record.h"

typedef struct weir_node weir_node;
typedef struct weir_model weir_model;
typedef struct weir_pass weir_pass;
typedef struct weir_layer_kind weir_layer_kind;

/* What the data lets a layer leave open. */
typedef struct weir_hints {
    size_t vocabulary; /* token ids are below this; 0: the input is not ids */
    size_t outputs;    /* features the loss wants from the last layer */
} weir_hints;

/* What a parameter is for; initialisers and penalties ask. */
typedef enum weir_role {
    WEIR_WEIGHT,
    WEIR_RECURRENT_WEIGHT,
    WEIR_BIAS,
    WEIR_EMBEDDING,
    WEIR_NORM_WEIGHT, /* scale of a normaliser */
    WEIR_NORM_BIAS,   /* its shift */
    WEIR_SLOPE        /* PReLU */
} weir_role;

typedef struct weir_parameter {
    const char *name; /* "0.weight", as PyTorch's state_dict */
    const char *local; /* "weight": the part behind the node's name */
    size_t node;
    weir_role role;
    weir_shape shape;
    size_t count;
    real *value, *grad;
    size_t fan_in, fan_out;
    size_t gates;  /* equal blocks of rows, one per gate; 1 for most */
    size_t hidden; /* of a recurrent layer: its hidden_size; else 0 */
} weir_parameter;

/* State that is saved but not trained: running statistics. */
typedef struct weir_buffer {
    const char *name;
    size_t node, count;
    real *value, initial;
    bool whole; /* a count, an integer in files */
} weir_buffer;

struct weir_layer_kind {
    const char *name;
    const char *doc; /* one sentence */
    weir_part part;
    size_t options_size;
    const weir_option *options;
    bool many_inputs; /* two or more inputs instead of one */
    bool channels_first; /* its output is [B,C,..]: a unit is a channel, not one of the last size */

    /* (optional) Fills options that were left open, from the input and from what the data needs. */
    weir_status (*infer)(void *options, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err);
    /* Pure: the output's shape, or WEIR_USAGE with a sentence when the inputs do not fit. */
    weir_status (*shape)(const void *options, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err);
    /* (optional, default no parameters) Declares parameters and buffers with weir_declare(). */
    weir_status (*build)(weir_node *node, const weir_shape *const in[]);
    /* (optional) After the initialisers have run: a forget bias, for one. */
    void (*initialised)(weir_node *node);

    /* Writes out (allocated; a view of in[0] is allowed: set out->data). What backward needs
     * besides in and out goes to weir_pass_save(). */
    weir_status (*forward)(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out);
    /* Adds to parameter gradients (if pass->param_grads) and writes din[k].f where it is not NULL.
     * May be called several times after one forward. */
    weir_status (*backward)(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[]);

    /* (optional, WEIR_ACTIVATION only) slope[i] = f'(z[i]); the largest |f'| there is. */
    void (*slope)(const weir_node *node, size_t n, const real *z, real *slope);
    double largest_slope;
    /* (optional, default largest_slope) The same, where options or learned numbers decide it. */
    double (*steepest)(const weir_node *node);

    /* (WEIR_RECURRENT) How many arrays the state consists of: 1, or 2 for an LSTM's h and c. */
    size_t states;

    /* Small configurations of this layer, for the tests that loop over the registry. */
    const char *const *examples;
};

/* Every layer of layers/list.def, NULL-terminated; the one called name, or NULL. */
extern const weir_layer_kind *const weir_layer_kinds[];
const weir_layer_kind *weir_layer_find(const char *name);

#define WEIR_LAYER(name) extern const weir_layer_kind weir_layer_##name;
#include "nn/layers/list.def"
#undef WEIR_LAYER

#endif
