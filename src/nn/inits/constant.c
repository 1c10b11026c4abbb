/* constant: all the same number. Source: torch.nn.init.constant_. */
#include "base/intl.h"
#include "nn/init.h"

struct constant {
    double val;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct constant, val, NULL, -1e30, 1e30, N_("the number")),
    {0}};

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    const struct constant *c = o;
    (void)rng, (void)err;
    weir_fill_constant(p, c->val);
    return WEIR_OK;
}

const weir_init_kind weir_init_constant = {
    .name = "constant",
    .doc = N_("all the same number"),
    .options_size = sizeof(struct constant),
    .options = options,
    .fill = fill,
};
