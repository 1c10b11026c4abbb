/* xavier_uniform: W ~ U(-sqrt(3) std, sqrt(3) std), std = gain sqrt(2 / (fan_in + fan_out)).
 * Source: Glorot & Bengio 2010, eq. 16; torch.nn.init.xavier_uniform_. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/inits/fan.h"

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    WEIR_TRY(weir_init_check_matrix(p, err));
    double bound = sqrt(3.0) * weir_xavier_std(o, p);
    weir_fill_uniform(p, rng, -bound, bound);
    return WEIR_OK;
}

const weir_init_kind weir_init_xavier_uniform = {
    .name = "xavier_uniform",
    .doc = N_("keeps the variance between forward and backward, for tanh and sigmoid, uniform"),
    .options_size = sizeof(struct weir_xavier),
    .options = weir_xavier_options,
    .fill = fill,
};
