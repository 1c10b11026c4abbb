/* kaiming_normal: W ~ N(0, std^2), std = gain(nonlinearity) / sqrt(fan).
 * Source: He et al. 2015, eq. 10; torch.nn.init.kaiming_normal_. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/inits/fan.h"

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    WEIR_TRY(weir_init_check_matrix(p, err));
    weir_fill_normal(p, rng, 0, weir_kaiming_std(o, p));
    return WEIR_OK;
}

const weir_init_kind weir_init_kaiming_normal = {
    .name = "kaiming_normal",
    .doc = N_("keeps the variance through ReLU, Gaussian"),
    .options_size = sizeof(struct weir_kaiming),
    .options = weir_kaiming_options,
    .fill = fill,
};
