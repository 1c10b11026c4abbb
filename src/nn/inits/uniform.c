/* uniform: W ~ U(a, b). Source: torch.nn.init.uniform_. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/init.h"

struct uniform {
    double a, b;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct uniform, a, "0", -1e30, 1e30, N_("lower end")),
    WEIR_OPTION_REAL(struct uniform, b, "1", -1e30, 1e30, N_("upper end")),
    {0}};

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    const struct uniform *u = o;
    if (u->a > u->b)
        return weir_fail(err, WEIR_USAGE, _("a is %g, but must not be above b, %g"), u->a, u->b);
    weir_fill_uniform(p, rng, u->a, u->b);
    return WEIR_OK;
}

const weir_init_kind weir_init_uniform = {
    .name = "uniform",
    .doc = N_("uniform numbers between a and b"),
    .options_size = sizeof(struct uniform),
    .options = options,
    .fill = fill,
};
