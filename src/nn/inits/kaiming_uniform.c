/* kaiming_uniform: W ~ U(-sqrt(3) std, sqrt(3) std), std = gain(nonlinearity) / sqrt(fan).
 * Source: He et al. 2015, eq. 10; torch.nn.init.kaiming_uniform_. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/inits/fan.h"

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    WEIR_TRY(weir_init_check_matrix(p, err));
    double bound = sqrt(3.0) * weir_kaiming_std(o, p);
    weir_fill_uniform(p, rng, -bound, bound);
    return WEIR_OK;
}

const weir_init_kind weir_init_kaiming_uniform = {
    .name = "kaiming_uniform",
    .doc = N_("keeps the variance through ReLU, uniform"),
    .options_size = sizeof(struct weir_kaiming),
    .options = weir_kaiming_options,
    .fill = fill,
};
