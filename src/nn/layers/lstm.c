/* lstm: long short-term memory. Gates i, f, g, o stand side by side, as in PyTorch.
 *
 *   forward   a = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
 *             i, f, o = sigmoid(a_i, a_f, a_o),  g = tanh(a_g)
 *             c_t = f c_{t-1} + i g,  h_t = o tanh(c_t)
 *   backward  dc_t = dc_t of later steps + dh_t o (1 - tanh(c_t)^2)
 *             da_i = dc_t g i (1 - i),  da_f = dc_t c_{t-1} f (1 - f),  da_g = dc_t i (1 - g^2)
 *             da_o = dh_t tanh(c_t) o (1 - o),  dc_{t-1} = dc_t f,  dh_{t-1} = da W_hh
 *
 * Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000; torch.nn.LSTM.
 */
#include "base/intl.h"
#include "nn/layers/recurrent.h"
#include "tensor/vec.h"

static const weir_option options[] = {
    WEIR_RECURRENT_OPTIONS,
    WEIR_OPTION_REAL(weir_recurrent, forget_bias, "", -1e6, 1e6,
                     N_("where the forget gate's bias starts; not given: as init draws it")),
    {0}};

static weir_status build(weir_node *node, const weir_shape *const in[])
{
    return weir_recurrent_build(node, in, 4);
}

/* The two biases of the forget gate add up to forget_bias. */
static void initialised(weir_node *node)
{
    const weir_recurrent *o = node->options;
    if (isnan(o->forget_bias) || !o->bias) return;
    size_t H = o->hidden_size;
    for (size_t line = 0; line < o->num_layers * (o->bidirectional ? 2 : 1); line++) {
        weir_line_params p = weir_line_param(node, line);
        for (size_t j = H; j < 2 * H; j++) {
            p.b_ih->value[j] = (real)o->forget_bias;
            p.b_hh->value[j] = R(0.0);
        }
    }
}

WEIR_WIDE static void cell_forward(const weir_cell_step *s)
{
    size_t H = s->H;
    for (size_t b = 0; b < s->B; b++) {
        real *gate = s->gate + b * 4 * H, *i = gate, *f = gate + H, *g = gate + 2 * H,
             *o = gate + 3 * H, *h = s->h + b * H, *c = s->c + b * H;
        const real *c_prev = s->c_prev + b * H;
        weir_vec_sigmoid(2 * H, i, i);
        weir_vec_tanh(H, g, g);
        weir_vec_sigmoid(H, o, o);
        for (size_t j = 0; j < H; j++) c[j] = f[j] * c_prev[j] + i[j] * g[j];
        weir_vec_tanh(H, c, h);
        for (size_t j = 0; j < H; j++) h[j] *= o[j];
    }
}

WEIR_WIDE static void cell_backward(const weir_cell_back *s)
{
    size_t H = s->H;
    weir_vec_tanh(s->B * H, s->c, s->dh_prev); /* scratch: tanh(c_t) */
    for (size_t b = 0; b < s->B; b++) {
        const real *i = s->gate + b * 4 * H, *f = i + H, *g = i + 2 * H, *o = i + 3 * H;
        const real *dh = s->dh + b * H, *c_prev = s->c_prev + b * H, *tc = s->dh_prev + b * H;
        const real *dc_later = s->dc_later + b * H;
        real *dc = s->dc + b * H, *dc_prev = s->dc_prev + b * H;
        real *di = s->dgate + b * 4 * H, *df = di + H, *dg = di + 2 * H, *d_o = di + 3 * H;
        for (size_t j = 0; j < H; j++) {
            dc[j] = dc_later[j] + dh[j] * o[j] * weir_tanh_slope(tc[j]);
            di[j] = dc[j] * g[j] * weir_sigmoid_slope(i[j]);
            df[j] = dc[j] * c_prev[j] * weir_sigmoid_slope(f[j]);
            dg[j] = dc[j] * i[j] * weir_tanh_slope(g[j]);
            d_o[j] = dh[j] * tc[j] * weir_sigmoid_slope(o[j]);
            dc_prev[j] = dc[j] * f[j];
        }
    }
    weir_vec_zero(s->B * H, s->dh_prev);
}

static const weir_cell cell = {
    .gates = 4,
    .panel = WEIR_PANEL_LSTM,
    .gate = {{"input", weir_sigmoid_slope, 0.25},
             {"forget", weir_sigmoid_slope, 0.25},
             {"cell", weir_tanh_slope, 1},
             {"output", weir_sigmoid_slope, 0.25}},
    .forward = cell_forward,
    .backward = cell_backward,
};

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    return weir_recurrent_forward(node, pass, in, out, &cell);
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    (void)out;
    return weir_recurrent_backward(node, pass, in, dout, din, &cell);
}

static const char *const examples[] = {
    "{hidden_size: 3}", "{hidden_size: 2, num_layers: 2, bidirectional: true, forget_bias: 1}",
    "{hidden_size: 3, bias: false, output: last}",
    "{hidden_size: 2, bidirectional: true, output: last}", NULL};

const weir_layer_kind weir_layer_lstm = {
    .name = "lstm",
    .doc = N_("long short-term memory: gates decide what the cell keeps"),
    .part = WEIR_RECURRENT,
    .options_size = sizeof(weir_recurrent),
    .options = options,
    .infer = weir_recurrent_infer,
    .shape = weir_recurrent_shape,
    .build = build,
    .initialised = initialised,
    .forward = forward,
    .backward = backward,
    .states = 2,
    .examples = examples,
};
