/* normal: W ~ N(mean, std^2). Source: torch.nn.init.normal_. */
#include "base/intl.h"
#include "nn/init.h"

struct normal {
    double mean, std;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct normal, mean, "0", -1e30, 1e30, N_("mean")),
    WEIR_OPTION_REAL(struct normal, std, "1", 0, 1e30, N_("standard deviation")),
    {0}};

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    const struct normal *n = o;
    (void)err;
    weir_fill_normal(p, rng, n->mean, n->std);
    return WEIR_OK;
}

const weir_init_kind weir_init_normal = {
    .name = "normal",
    .doc = N_("Gaussian numbers of a given mean and standard deviation"),
    .options_size = sizeof(struct normal),
    .options = options,
    .fill = fill,
};
