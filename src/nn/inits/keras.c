/* keras: what Keras' layers do by themselves.
 *
 *   kernels             ~ U(-sqrt(6 / (fan_in + fan_out)), ..)       glorot_uniform
 *   recurrent kernels   orthogonal as a whole: all gates of one LSTM or GRU are one matrix [G H, H]
 *                       with orthonormal columns, so each gate's block alone shrinks
 *   biases              0; of an LSTM's forget gate 1, as b_ih + b_hh   (unit_forget_bias)
 *   Embedding           ~ U(-0.05, 0.05);  normalisers: scale 1, shift 0;  PReLU: 0
 *
 * Source: the defaults of tf.keras.layers and tf.keras.initializers.
 */
#include "base/intl.h"
#include "nn/init.h"

#include <string.h>

/* An LSTM's gates are i, f, g, o; its bias_ih carries the 1, bias_hh stays 0. */
static void fill_bias(weir_parameter *p)
{
    weir_fill_constant(p, 0);
    if (p->gates != 4 || strncmp(p->local, "bias_ih", 7) != 0) return;
    size_t H = p->count / p->gates;
    for (size_t j = H; j < 2 * H; j++) p->value[j] = R(1.0);
}

static weir_status fill(const void *options, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    (void)options, (void)err;
    double bound = sqrt(6.0 / (double)(p->fan_in + p->fan_out));
    switch (p->role) {
    case WEIR_WEIGHT: weir_fill_uniform(p, rng, -bound, bound); break;
    case WEIR_RECURRENT_WEIGHT: return weir_fill_orthogonal(p, rng, 1, 1);
    case WEIR_BIAS: fill_bias(p); break;
    case WEIR_EMBEDDING: weir_fill_uniform(p, rng, -0.05, 0.05); break;
    case WEIR_NORM_WEIGHT: weir_fill_constant(p, 1); break;
    case WEIR_NORM_BIAS:
    case WEIR_SLOPE: weir_fill_constant(p, 0); break;
    }
    return WEIR_OK;
}

const weir_init_kind weir_init_keras = {
    .name = "keras",
    .doc = N_("each layer as Keras starts it"),
    .preset = true,
    .fill = fill,
};
