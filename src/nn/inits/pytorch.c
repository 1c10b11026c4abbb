/* pytorch: what PyTorch's layers do by themselves.
 *
 *   Linear, Conv   weight, bias ~ U(-1/sqrt(fan_in), 1/sqrt(fan_in))
 *   RNN, LSTM, GRU   all ~ U(-1/sqrt(hidden_size), 1/sqrt(hidden_size))
 *   Embedding  ~ N(0, 1);  normalisers: scale 1, shift 0;  PReLU: 0.25
 *
 * Source: reset_parameters() of each module in torch.nn.
 */
#include "base/intl.h"
#include "nn/init.h"

static weir_status fill(const void *options, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    (void)options, (void)err;
    double bound = 1.0 / sqrt((double)(p->hidden ? p->hidden : p->fan_in));
    switch (p->role) {
    case WEIR_EMBEDDING: weir_fill_normal(p, rng, 0, 1); break;
    case WEIR_NORM_WEIGHT: weir_fill_constant(p, 1); break;
    case WEIR_NORM_BIAS: weir_fill_constant(p, 0); break;
    case WEIR_SLOPE: weir_fill_constant(p, 0.25); break;
    case WEIR_WEIGHT:
    case WEIR_RECURRENT_WEIGHT:
    case WEIR_BIAS: weir_fill_uniform(p, rng, -bound, bound); break;
    }
    return WEIR_OK;
}

const weir_init_kind weir_init_pytorch = {
    .name = "pytorch",
    .doc = N_("each layer as PyTorch starts it"),
    .preset = true,
    .fill = fill,
};
