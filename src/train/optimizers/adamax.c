/* adamax: adam with the largest gradient of late in place of the root mean square.
 *
 *   d = g + weight_decay w                     (-g with maximize)
 *   m = b1 m + (1 - b1) d
 *   u = max(b2 u, |d| + eps)
 *   w -= lr / (1 - b1^step) m / u
 *
 * Source: Kingma & Ba 2015, algorithm 2; torch.optim.Adamax, which adds the eps inside the maximum.
 */
#include "train/optimizers/moments.h"

struct adamax {
    weir_optimizer_common common;
    weir_reals betas;
    double eps;
};

static const weir_option options[] = {
    WEIR_OPTIMIZER_COMMON_OPTIONS(struct adamax, "2e-3", "0"),
    WEIR_ADAM_OPTIONS(struct adamax),
    {0}};

static weir_status check(const void *o, weir_error *err)
{
    const struct adamax *a = o;
    return weir_check_betas(&a->betas, err);
}

static size_t slots(const void *o)
{
    (void)o;
    return 2;
}

static void update(const void *o, double lr, uint64_t step, size_t n, real *restrict w,
                   const real *restrict g, real *const slot[])
{
    const struct adamax *a = o;
    double beta1 = a->betas.v[0];
    const real rate = (real)(lr / (1 - pow(beta1, (double)step)));
    const real b1 = (real)beta1, c1 = (real)(1 - beta1), b2 = (real)a->betas.v[1];
    const real sign = a->common.maximize ? R(-1.0) : R(1.0), eps = (real)a->eps;
    const real decay = (real)a->common.weight_decay;
    real *restrict m = slot[0], *restrict u = slot[1]; /* [n] */
    for (size_t i = 0; i < n; i++) {
        real d = sign * g[i] + decay * w[i], now = r_abs(d) + eps;
        m[i] = b1 * m[i] + c1 * d;
        u[i] = now <= b2 * u[i] ? b2 * u[i] : now; /* a NaN stays */
        w[i] -= rate * m[i] / u[i];
    }
}

const weir_optimizer_kind weir_optimizer_adamax = {
    .name = "adamax",
    .doc = N_("adam with the largest gradient of late in place of the root mean square"),
    .options_size = sizeof(struct adamax),
    .options = options,
    .check = check,
    .slots = slots,
    .update = update,
};
