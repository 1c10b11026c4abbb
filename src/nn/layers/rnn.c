/* rnn: the simple recurrent net.
 *
 *   forward   a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh,   h_t = f(a_t)
 *   backward  da_t = dh_t f'(a_t),   dh_{t-1} = da_t W_hh
 *
 * f is tanh, relu or sigmoid. Source: Elman 1990; torch.nn.RNN.
 */
#include "base/intl.h"
#include "nn/layers/recurrent.h"
#include "tensor/vec.h"

static const weir_option options[] = {
    WEIR_RECURRENT_OPTIONS,
    WEIR_OPTION_CHOICE(weir_recurrent, nonlinearity, "tanh", "tanh|relu|sigmoid",
                       N_("what the state passes through at every step")),
    {0}};

static weir_status build(weir_node *node, const weir_shape *const in[])
{
    return weir_recurrent_build(node, in, 1);
}

static void finish(const weir_cell_step *s)
{
    weir_vec_copy(s->B * s->H, s->gate, s->h);
}
static void tanh_forward(const weir_cell_step *s)
{
    weir_vec_tanh(s->B * s->H, s->gate, s->gate);
    finish(s);
}
static void sigmoid_forward(const weir_cell_step *s)
{
    weir_vec_sigmoid(s->B * s->H, s->gate, s->gate);
    finish(s);
}
static void relu_forward(const weir_cell_step *s)
{
    for (size_t i = 0; i < s->B * s->H; i++)
        if (s->gate[i] <= R(0.0)) s->gate[i] = R(0.0);
    finish(s);
}

WEIR_WIDE static void tanh_backward(const weir_cell_back *s)
{
    for (size_t i = 0; i < s->B * s->H; i++) s->dgate[i] = s->dh[i] * weir_tanh_slope(s->gate[i]);
    weir_vec_zero(s->B * s->H, s->dh_prev);
}
WEIR_WIDE static void sigmoid_backward(const weir_cell_back *s)
{
    for (size_t i = 0; i < s->B * s->H; i++)
        s->dgate[i] = s->dh[i] * weir_sigmoid_slope(s->gate[i]);
    weir_vec_zero(s->B * s->H, s->dh_prev);
}
WEIR_WIDE static void relu_backward(const weir_cell_back *s)
{
    for (size_t i = 0; i < s->B * s->H; i++) s->dgate[i] = s->dh[i] * weir_relu_slope(s->gate[i]);
    weir_vec_zero(s->B * s->H, s->dh_prev);
}

static const weir_cell cells[] = {
    {.gates = 1, .panel = WEIR_PANEL_TANH, .gate = {{"h", weir_tanh_slope, 1}},
     .forward = tanh_forward, .backward = tanh_backward},
    {.gates = 1, .panel = WEIR_PANEL_RELU, .gate = {{"h", weir_relu_slope, 1}},
     .forward = relu_forward, .backward = relu_backward},
    {.gates = 1, .panel = WEIR_PANEL_SIGMOID, .gate = {{"h", weir_sigmoid_slope, 0.25}},
     .forward = sigmoid_forward, .backward = sigmoid_backward},
};

static const weir_cell *cell_of(const weir_node *node)
{
    return &cells[((const weir_recurrent *)node->options)->nonlinearity];
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    return weir_recurrent_forward(node, pass, in, out, cell_of(node));
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    (void)out;
    return weir_recurrent_backward(node, pass, in, dout, din, cell_of(node));
}

static const char *const examples[] = {
    "{hidden_size: 3}",
    "{hidden_size: 2, nonlinearity: sigmoid, num_layers: 2, bidirectional: true}",
    "{hidden_size: 3, nonlinearity: relu, bias: false, output: last}",
    "{hidden_size: 2, bidirectional: true, output: last}",
    NULL};

const weir_layer_kind weir_layer_rnn = {
    .name = "rnn",
    .doc = N_("a simple recurrent net: h_t = f(W_ih x_t + W_hh h_{t-1} + b)"),
    .part = WEIR_RECURRENT,
    .options_size = sizeof(weir_recurrent),
    .options = options,
    .infer = weir_recurrent_infer,
    .shape = weir_recurrent_shape,
    .build = build,
    .forward = forward,
    .backward = backward,
    .states = 1,
    .examples = examples,
};
