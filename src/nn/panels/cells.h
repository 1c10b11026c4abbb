/* nn/panels/cells.h - the gate arithmetic of lstm, gru and rnn, in vectors: the equations stand in
 * layers/lstm.c, gru.c and rnn.c. For kernels.c alone. */
#ifndef WEIR_NN_PANELS_CELLS_H
#define WEIR_NN_PANELS_CELLS_H

#include "nn/panels/kernels.h"
#include "nn/panels/lanes.h"

ALWAYS lanes sigmoid_slope(lanes y) { return y * (1.0f - y); }
ALWAYS lanes tanh_slope(lanes y) { return (1.0f - y) * (1.0f + y); }

ALWAYS void store_gates(float *gate, lanes a, lanes b, lanes c, lanes d)
{
    store(gate, a);
    store(gate + LANES, b);
    store(gate + 2 * LANES, c);
    store(gate + 3 * LANES, d);
}

/* --- lstm ------------------------------------------------------------------------------------- */

ALWAYS void lstm_forward(const lanes a[4], lanes c_prev, float *gate, lanes *h, lanes *c)
{
    lanes i = sigmoid(a[0]), f = sigmoid(a[1]), g = tanh_of(a[2]), o = sigmoid(a[3]);
    *c = madd(f, c_prev, i * g);
    *h = o * tanh_of(*c);
    store_gates(gate, i, f, g, o);
}

/* dc: in from the step behind; out: total, and what goes to the step before in *dc_prev. */
ALWAYS void lstm_backward(lanes dh, lanes *dc, lanes *dc_prev, const float *gate, lanes c,
                          lanes c_prev, float *dgate)
{
    lanes i = load(gate), f = load(gate + LANES), g = load(gate + 2 * LANES),
          o = load(gate + 3 * LANES), t = tanh_of(c);
    *dc = madd(dh * o, tanh_slope(t), *dc);
    *dc_prev = *dc * f;
    store_gates(dgate, *dc * g * sigmoid_slope(i), *dc * c_prev * sigmoid_slope(f),
                *dc * i * tanh_slope(g), dh * t * sigmoid_slope(o));
}

/* --- gru -------------------------------------------------------------------------------------- */

ALWAYS void gru_forward(const lanes a[4], lanes h_prev, float *gate, lanes *h)
{
    lanes r = sigmoid(a[0]), z = sigmoid(a[1]), u = a[3], n = tanh_of(madd(r, u, a[2]));
    *h = madd(z, h_prev, (1.0f - z) * n);
    store_gates(gate, r, z, n, u);
}

/* *pass: what reaches the state before without W_hh. The last vector is du, for W_hn. */
ALWAYS void gru_backward(lanes dh, lanes *pass, const float *gate, lanes h_prev, float *dgate)
{
    lanes r = load(gate), z = load(gate + LANES), n = load(gate + 2 * LANES),
          u = load(gate + 3 * LANES);
    lanes dn = dh * (1.0f - z) * tanh_slope(n);
    *pass = dh * z;
    store_gates(dgate, dn * u * sigmoid_slope(r), dh * (h_prev - n) * sigmoid_slope(z), dn, dn * r);
}

/* --- rnn -------------------------------------------------------------------------------------- */

ALWAYS lanes rnn_forward(weir_panel_cell cell, lanes a)
{
    if (cell == WEIR_PANEL_TANH) return tanh_of(a);
    if (cell == WEIR_PANEL_SIGMOID) return sigmoid(a);
    return choose(a <= 0.0f, splat(0), a); /* NaN stays */
}

ALWAYS lanes rnn_backward(weir_panel_cell cell, lanes dh, lanes h)
{
    if (cell == WEIR_PANEL_TANH) return dh * tanh_slope(h);
    if (cell == WEIR_PANEL_SIGMOID) return dh * sigmoid_slope(h);
    return dh * choose(h > 0.0f, splat(1), splat(0));
}

#endif
