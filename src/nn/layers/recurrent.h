/* nn/layers/recurrent.h - what rnn, lstm and gru share: the time loop, layers, directions, lengths.
 *
 * A kind gives its cell: one step forward, one step backward. The loop owns everything else:
 *
 *   line = one layer in one direction: its own weights, states and gates
 *     h    [T+1,B,H]  states. Forward: slot 0 is the initial one, step t ends in slot t+1.
 *                     Reverse: slot T is the initial one, step t ends in slot t.
 *     gate [T,B,GH]   gate values after their nonlinearity, gates side by side
 *     x    [T,B,I]    what the layer reads: the node's input, or the layer below
 *
 * Where a machine has the kernels for it a line goes by panels (nn/panels/panels.h), to the same
 * numbers but for rounding; sequences of several lengths go by this loop.
 *
 * Beyond a sequence's length its state stands still and its output is 0, as in a packed sequence.
 */
#ifndef WEIR_NN_LAYERS_RECURRENT_H
#define WEIR_NN_LAYERS_RECURRENT_H

#include "base/simd.h"
#include "nn/panels/kernels.h"
#include "nn/pass.h"

enum { WEIR_MAX_GATES = 4 };

/* The options of all three; each kind lists those it has. */
typedef struct weir_recurrent {
    size_t input_size, hidden_size, num_layers, truncate;
    bool bidirectional, bias;
    int output;       /* sequence, last */
    int nonlinearity; /* rnn */
    double forget_bias; /* lstm; NaN: left as drawn */
} weir_recurrent;

#define WEIR_RECURRENT_OPTIONS                                                                 \
    WEIR_OPTION_SIZE(weir_recurrent, input_size, "0", 0, N_("inputs; 0: as its input has")),    \
    WEIR_OPTION_SIZE(weir_recurrent, hidden_size, NULL, 1, N_("units in the state")),           \
    WEIR_OPTION_SIZE(weir_recurrent, num_layers, "1", 1, N_("layers on top of each other")),    \
    WEIR_OPTION_BOOL(weir_recurrent, bidirectional, "false", N_("a second line runs backwards")), \
    WEIR_OPTION_BOOL(weir_recurrent, bias, "true", N_("add learned biases")),                   \
    WEIR_OPTION_CHOICE(weir_recurrent, output, "sequence", "sequence|last",                     \
                       N_("hand on every step, or each sequence's last")),                      \
    WEIR_OPTION_SIZE(weir_recurrent, truncate, "0", 0,                                          \
                     N_("cut the gradient every so many steps, counted from the last; 0: never"))

/* One step of one line. Everything [B,H] or [B,GH]. */
typedef struct weir_cell_step {
    const weir_recurrent *options;
    size_t B, H;
    real *gate;          /* in: W_ih x + b_ih (+ recurrent, unless separate); out: gate values */
    const real *rec;     /* W_hh h + b_hh, if separate */
    const real *h_prev, *c_prev;
    real *h, *c;         /* out */
    real *extra;         /* [B,H], if the cell keeps one: out */
} weir_cell_step;

typedef struct weir_cell_back {
    const weir_recurrent *options;
    size_t B, H;
    const real *gate, *extra, *h_prev, *c_prev, *h, *c; /* as forward left them */
    const real *dh; /* total dL/dh_t */
    const real *dc_later; /* dL/dc_t through later steps */
    real *dc;       /* out: total dL/dc_t */
    real *dgate;    /* out: gradient of W_ih x + b_ih */
    real *drec;     /* out: gradient of W_hh h + b_hh (the same memory, unless separate) */
    real *dh_prev;  /* out: the part of dL/dh_{t-1} that does not go through W_hh */
    real *dc_prev;  /* out */
} weir_cell_back;

typedef struct weir_cell {
    size_t gates;
    weir_panel_cell panel; /* the same cell in tiles */
    bool separate; /* the recurrent product is kept apart from the input's */
    bool extra;
    struct {
        const char *name;
        real (*slope)(real value); /* the nonlinearity's derivative, from its value */
        double largest;
    } gate[WEIR_MAX_GATES];
    void (*forward)(const weir_cell_step *step);
    void (*backward)(const weir_cell_back *step);
} weir_cell;

/* Slopes from values, for the gate tables and the cells. */
static inline real weir_sigmoid_slope(real y)
{
    return y * (R(1.0) - y);
}
static inline real weir_tanh_slope(real y)
{
    return (R(1.0) - y) * (R(1.0) + y);
}
static inline real weir_relu_slope(real y)
{
    return y > R(0.0) ? R(1.0) : R(0.0);
}

/* The hooks of the layer kinds. */
weir_status weir_recurrent_infer(void *options, const weir_shape *const in[],
                                 const weir_hints *hints, weir_error *err);
weir_status weir_recurrent_shape(const void *options, const weir_shape *const in[], size_t inputs,
                                 weir_shape *out, weir_error *err);
weir_status weir_recurrent_build(weir_node *node, const weir_shape *const in[], size_t gates);
weir_status weir_recurrent_forward(const weir_node *node, weir_pass *pass,
                                   const weir_tensor *const in[], weir_tensor *out,
                                   const weir_cell *cell);
weir_status weir_recurrent_backward(const weir_node *node, weir_pass *pass,
                                    const weir_tensor *const in[], const weir_tensor *dout,
                                    weir_tensor din[], const weir_cell *cell);

/* --- inside the loop: recurrent.c writes it, recurrent_backward.c reads it -------------------- */

typedef struct weir_line {
    const real *x;                   /* [T,B,I] */
    real *gate, *extra;              /* [T,B,GH], [T,B,H] or NULL */
    const weir_panel_kernels *kernels; /* NULL: by the loop here; else there is no gate, but */
    float *panel_gate;               /* nn/panels/kernels.h */
    real *state[WEIR_MAX_STATES];    /* h, c: [T+1,B,H]; c NULL where the cell has none */
    size_t I;
} weir_line;

typedef struct weir_recurrent_tape {
    size_t T, B, H, D, layers; /* D directions */
    weir_line *line;           /* [layers * D], layer by layer */
} weir_recurrent_tape;

/* A line's parameters: weight_ih, weight_hh, then bias_ih, bias_hh (NULL without bias). */
typedef struct weir_line_params {
    weir_parameter *w_ih, *w_hh, *b_ih, *b_hh;
} weir_line_params;
weir_line_params weir_line_param(const weir_node *node, size_t line);

/* The state before and after step t of a line: a [B,H] slice of its states. */
static inline real *weir_state_before(const weir_recurrent_tape *k, const real *state,
                                      size_t direction, size_t t)
{
    return (real *)(uintptr_t)(state + (direction ? t + 1 : t) * k->B * k->H);
}
static inline real *weir_state_after(const weir_recurrent_tape *k, const real *state,
                                     size_t direction, size_t t)
{
    return (real *)(uintptr_t)(state + (direction ? t : t + 1) * k->B * k->H);
}

static inline bool weir_row_ended(const weir_pass *pass, size_t b, size_t t)
{
    return pass->lengths && t >= (size_t)pass->lengths[b];
}

#endif
