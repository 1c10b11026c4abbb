/* zeros: all 0. Source: torch.nn.init.zeros_. */
#include "base/intl.h"
#include "nn/init.h"

static weir_status fill(const void *options, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    (void)options, (void)rng, (void)err;
    weir_fill_constant(p, 0);
    return WEIR_OK;
}

const weir_init_kind weir_init_zeros = {
    .name = "zeros",
    .doc = N_("all 0"),
    .fill = fill,
};
