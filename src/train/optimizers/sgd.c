/* sgd: gradient descent, with momentum.
 *
 *   d = g + weight_decay w                     (-g with maximize)
 *   b = d in the first step, then momentum b + (1 - dampening) d
 *   w -= lr d            without momentum
 *   w -= lr b            with momentum
 *   w -= lr (d + momentum b)   with nesterov
 *
 * Source: torch.optim.SGD; Sutskever et al. 2013 for nesterov.
 */
#include "base/status.h"
#include "train/optimizer.h"

struct sgd {
    weir_optimizer_common common;
    double momentum, dampening;
    bool nesterov;
};

static const weir_option options[] = {
    WEIR_OPTIMIZER_COMMON_OPTIONS(struct sgd, "1e-3", "0"),
    WEIR_OPTION_REAL(struct sgd, momentum, "0", 0, 1e30,
                     N_("share of the step before that is kept")),
    WEIR_OPTION_REAL(struct sgd, dampening, "0", -1e30, 1e30,
                     N_("share of the gradient that does not enter the momentum")),
    WEIR_OPTION_BOOL(struct sgd, nesterov, "false", N_("look ahead along the momentum")),
    {0}};

static weir_status check(const void *o, weir_error *err)
{
    const struct sgd *sgd = o;
    if (sgd->nesterov && !(sgd->momentum > 0 && sgd->dampening == 0))
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("nesterov needs a momentum above 0 and a dampening of 0"));
    return WEIR_OK;
}

static size_t slots(const void *o)
{
    const struct sgd *sgd = o;
    return sgd->momentum > 0;
}

static void plain(const struct sgd *sgd, double lr, size_t n, real *restrict w,
                  const real *restrict g)
{
    const real sign = sgd->common.maximize ? R(-1.0) : R(1.0), rate = (real)lr;
    const real decay = (real)sgd->common.weight_decay;
    for (size_t i = 0; i < n; i++) w[i] -= rate * (sign * g[i] + decay * w[i]);
}

static void update(const void *o, double lr, uint64_t step, size_t n, real *restrict w,
                   const real *restrict g, real *const slot[])
{
    const struct sgd *sgd = o;
    if (!(sgd->momentum > 0)) {
        plain(sgd, lr, n, w, g);
        return;
    }
    const real sign = sgd->common.maximize ? R(-1.0) : R(1.0), rate = (real)lr;
    const real decay = (real)sgd->common.weight_decay;
    const real keep = (real)sgd->momentum; /* of nothing, in the first step */
    const real take = step > 1 ? (real)(1 - sgd->dampening) : R(1.0);
    const real own = sgd->nesterov ? R(1.0) : R(0.0);
    const real along = sgd->nesterov ? (real)sgd->momentum : R(1.0);
    real *restrict b = slot[0]; /* [n] */
    for (size_t i = 0; i < n; i++) {
        real d = sign * g[i] + decay * w[i];
        b[i] = keep * b[i] + take * d;
        w[i] -= rate * (own * d + along * b[i]);
    }
}

const weir_optimizer_kind weir_optimizer_sgd = {
    .name = "sgd",
    .doc = N_("gradient descent, with momentum"),
    .options_size = sizeof(struct sgd),
    .options = options,
    .check = check,
    .slots = slots,
    .update = update,
};
