/* rmsprop: steps divided by a running root mean square of the gradient.
 *
 *   d = g + weight_decay w                     (-g with maximize)
 *   s = alpha s + (1 - alpha) d^2
 *   a = alpha a + (1 - alpha) d                centered only
 *   q = d / (sqrt(s) + eps)                    centered: sqrt(s - a^2)
 *   b = momentum b + q,   w -= lr b            (w -= lr q without momentum)
 *
 * Where rounding makes s - a^2 negative it counts as 0. Source: Tieleman & Hinton 2012, Graves 2013
 * for centered; torch.optim.RMSprop.
 */
#include "train/optimizer.h"

struct rmsprop {
    weir_optimizer_common common;
    double alpha, eps, momentum;
    bool centered;
};

static const weir_option options[] = {
    WEIR_OPTIMIZER_COMMON_OPTIONS(struct rmsprop, "1e-2", "0"),
    WEIR_OPTION_REAL(struct rmsprop, alpha, "0.99", 0, 1, N_("how slowly the mean square follows")),
    WEIR_OPTION_REAL(struct rmsprop, eps, "1e-8", 0, 1e30, N_("added to the root")),
    WEIR_OPTION_REAL(struct rmsprop, momentum, "0", 0, 1e30,
                     N_("share of the step before that is kept")),
    WEIR_OPTION_BOOL(struct rmsprop, centered, "false",
                     N_("divide by the standard deviation instead")),
    {0}};

/* s, then b if there is momentum, then a if centered. */
static size_t slots(const void *o)
{
    const struct rmsprop *r = o;
    return (size_t)1 + (r->momentum > 0) + r->centered;
}

/* One step; a and b are NULL where they are not kept. Inlined once for every case of that, since a
 * loop that asks anew for every number is not vectorised. */
static inline void walk(const struct rmsprop *r, double lr, size_t n, real *restrict w,
                        const real *restrict g, real *restrict s, real *restrict b,
                        real *restrict a)
{
    const real sign = r->common.maximize ? R(-1.0) : R(1.0), rate = (real)lr;
    const real decay = (real)r->common.weight_decay, eps = (real)r->eps;
    const real keep = (real)r->alpha, take = (real)(1 - r->alpha), along = (real)r->momentum;
    for (size_t i = 0; i < n; i++) {
        real d = sign * g[i] + decay * w[i];
        real variance = s[i] = keep * s[i] + take * d * d;
        if (a) {
            a[i] = keep * a[i] + take * d;
            variance -= a[i] * a[i];
            variance = variance < R(0.0) ? R(0.0) : variance;
        }
        real q = d / (r_sqrt(variance) + eps);
        if (b) q = b[i] = along * b[i] + q;
        w[i] -= rate * q;
    }
}

static void update(const void *o, double lr, uint64_t step, size_t n, real *w, const real *g,
                   real *const slot[])
{
    const struct rmsprop *r = o;
    (void)step;
    if (r->momentum > 0 && r->centered)
        walk(r, lr, n, w, g, slot[0], slot[1], slot[2]);
    else if (r->momentum > 0)
        walk(r, lr, n, w, g, slot[0], slot[1], NULL);
    else if (r->centered)
        walk(r, lr, n, w, g, slot[0], NULL, slot[1]);
    else
        walk(r, lr, n, w, g, slot[0], NULL, NULL);
}

const weir_optimizer_kind weir_optimizer_rmsprop = {
    .name = "rmsprop",
    .doc = N_("steps divided by a running root mean square of the gradient"),
    .options_size = sizeof(struct rmsprop),
    .options = options,
    .slots = slots,
    .update = update,
};
