/* gru: gated recurrent unit. Gates r, z, n stand side by side, as in PyTorch: the reset gate is
 * applied after the recurrent product, which has its own bias.
 *
 *   forward   r, z = sigmoid(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)
 *             u = W_hn h_{t-1} + b_hn,  n = tanh(W_in x_t + b_in + r u)
 *             h_t = (1 - z) n + z h_{t-1}
 *   backward  da_n = dh_t (1 - z) (1 - n^2),  du = da_n r
 *             da_r = da_n u r (1 - r),  da_z = dh_t (h_{t-1} - n) z (1 - z)
 *             dh_{t-1} = dh_t z + [da_r, da_z, du] W_hh
 *
 * Source: Cho et al. 2014; torch.nn.GRU.
 */
#include "base/intl.h"
#include "nn/layers/recurrent.h"
#include "tensor/vec.h"

static const weir_option options[] = {WEIR_RECURRENT_OPTIONS, {0}};

static weir_status build(weir_node *node, const weir_shape *const in[])
{
    return weir_recurrent_build(node, in, 3);
}

WEIR_WIDE static void cell_forward(const weir_cell_step *s)
{
    size_t H = s->H;
    for (size_t b = 0; b < s->B; b++) {
        real *r = s->gate + b * 3 * H, *z = r + H, *n = r + 2 * H, *h = s->h + b * H;
        const real *rec = s->rec + b * 3 * H, *h_prev = s->h_prev + b * H;
        real *u = s->extra + b * H;
        weir_vec_add(2 * H, rec, r);
        weir_vec_sigmoid(2 * H, r, r);
        weir_vec_copy(H, rec + 2 * H, u);
        for (size_t j = 0; j < H; j++) n[j] += r[j] * u[j];
        weir_vec_tanh(H, n, n);
        for (size_t j = 0; j < H; j++) h[j] = (R(1.0) - z[j]) * n[j] + z[j] * h_prev[j];
    }
}

WEIR_WIDE static void cell_backward(const weir_cell_back *s)
{
    size_t H = s->H;
    for (size_t b = 0; b < s->B; b++) {
        const real *r = s->gate + b * 3 * H, *z = r + H, *n = r + 2 * H, *u = s->extra + b * H;
        const real *dh = s->dh + b * H, *h_prev = s->h_prev + b * H;
        real *dr = s->dgate + b * 3 * H, *dz = dr + H, *dn = dr + 2 * H;
        real *rec = s->drec + b * 3 * H, *dh_prev = s->dh_prev + b * H;
        for (size_t j = 0; j < H; j++) {
            dn[j] = dh[j] * (R(1.0) - z[j]) * weir_tanh_slope(n[j]);
            dr[j] = dn[j] * u[j] * weir_sigmoid_slope(r[j]);
            dz[j] = dh[j] * (h_prev[j] - n[j]) * weir_sigmoid_slope(z[j]);
            rec[j] = dr[j];
            rec[H + j] = dz[j];
            rec[2 * H + j] = dn[j] * r[j];
            dh_prev[j] = dh[j] * z[j];
        }
    }
}

static const weir_cell cell = {
    .gates = 3,
    .panel = WEIR_PANEL_GRU,
    .separate = true,
    .extra = true,
    .gate = {{"reset", weir_sigmoid_slope, 0.25},
             {"update", weir_sigmoid_slope, 0.25},
             {"new", weir_tanh_slope, 1}},
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
    "{hidden_size: 3}", "{hidden_size: 2, num_layers: 2, bidirectional: true}",
    "{hidden_size: 3, bias: false, output: last}",
    "{hidden_size: 2, bidirectional: true, output: last}", NULL};

const weir_layer_kind weir_layer_gru = {
    .name = "gru",
    .doc = N_("gated recurrent unit: two gates, one state"),
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
