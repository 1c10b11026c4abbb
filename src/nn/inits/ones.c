/* ones: all 1. Source: torch.nn.init.ones_. */
#include "base/intl.h"
#include "nn/init.h"

static weir_status fill(const void *options, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    (void)options, (void)rng, (void)err;
    weir_fill_constant(p, 1);
    return WEIR_OK;
}

const weir_init_kind weir_init_ones = {
    .name = "ones",
    .doc = N_("all 1"),
    .fill = fill,
};
