/* nn/pass.h - one pass through a net, and its tape: what backward needs to remember.
 *
 *   forward(x)            fills tape[node].out, and what layers save
 *   backward(dy)          fills tape[node].dout, adds to parameter gradients
 *
 * Forward memory lives in `arena` until the next forward, backward memory in `work` until the next
 * backward; after the first round at the largest shape neither touches the heap.
 */
#ifndef WEIR_NN_PASS_H
#define WEIR_NN_PASS_H

#include "nn/model.h"
#include "nn/probe.h"

enum { WEIR_MAX_STATES = 2 };

/* Recurrent states of one node, each [layers * directions, B, H]. NULL where nobody gave or wants
 * one: initial states are then zero. */
typedef struct weir_states {
    const real *initial[WEIR_MAX_STATES]; /* in: handed in by the caller before forward */
    real *final[WEIR_MAX_STATES];         /* out: in the pass's memory, until the next forward */
    real *grad_initial[WEIR_MAX_STATES];  /* out: dL/d initial, until the next backward */
    size_t count;                         /* numbers in each */
} weir_states;

typedef struct weir_tape {
    weir_tensor out;
    weir_tensor dout; /* f is NULL while no gradient has arrived */
    void *saved;      /* the layer's own struct */
    weir_states states;
} weir_tape;

struct weir_pass {
    weir_model *model;
    weir_arena arena, work;
    weir_tape *tape; /* [model->count] */
    weir_tensor x, dx;

    /* Set by the caller before forward. */
    bool train;             /* dropout draws, batch norm uses the batch */
    bool want_dx;           /* fill dx, the gradient of a float input */
    bool param_grads;       /* backward adds to parameter gradients (default true) */
    uint64_t seed, step;    /* what dropout's masks are keyed by */
    const int32_t *lengths; /* [B] steps of each sequence, or NULL: all T */
    const weir_probe *probe; /* or NULL */
};

/* NULL when there is no memory. */
weir_pass *weir_pass_new(weir_model *model);
void weir_pass_free(weir_pass *pass);

/* The output of the last node is tape[count-1].out. WEIR_USAGE when x does not fit. */
weir_status weir_pass_forward(weir_pass *pass, const weir_tensor *x, weir_error *err);

/* dy: the gradient of the last node's output. It must not lie in pass->work. */
weir_status weir_pass_backward(weir_pass *pass, const weir_tensor *dy, weir_error *err);

/* The two halves of a backward pass, for measures that stop in between: from the node `from` with
 * the gradient dy of its output down to the node `to` (0: to the end). */
weir_status weir_pass_backward_between(weir_pass *pass, size_t from, const weir_tensor *dy,
                                       size_t to, weir_error *err);

/* The step is over: tape and gradients are forgotten, and their memory becomes one block each, so
 * that the next step of this shape asks for none. */
void weir_pass_settle(weir_pass *pass);

static inline weir_tensor *weir_pass_output(const weir_pass *pass)
{
    return &pass->tape[pass->model->count - 1].out;
}

/* From a layer's forward: memory that lives as long as the tape. */
static inline void *weir_pass_save(weir_pass *pass, const weir_node *node, size_t size)
{
    return pass->tape[node->index].saved = weir_arena_calloc(&pass->arena, 1, size);
}
static inline void *weir_pass_saved(const weir_pass *pass, const weir_node *node)
{
    return pass->tape[node->index].saved;
}
static inline real *weir_tape_reals(weir_pass *pass, size_t count)
{
    return weir_arena_alloc(&pass->arena, count * sizeof(real));
}
/* From a layer's backward: scratch until the next backward. */
static inline real *weir_work_reals(weir_pass *pass, size_t count)
{
    return weir_arena_alloc(&pass->work, count * sizeof(real));
}

/* Every call of a probe stands behind this question. WEIR_BLIND builds without probe calls, to
 * measure what they cost when nobody watches (bench/). */
static inline bool weir_probe_wants(const weir_pass *pass, unsigned what)
{
#ifdef WEIR_BLIND
    return (void)pass, (void)what, false;
#else
    return pass->probe && (pass->probe->wants & what);
#endif
}

#endif
