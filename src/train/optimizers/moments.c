/* Adam's step, for adam and adamw.
 *
 *   d = g + decay w                            (-g with maximize)
 *   m = b1 m + (1 - b1) d                      a running mean
 *   v = b2 v + (1 - b2) d^2                    a running mean square
 *   x = max(x, v)                              amsgrad only, takes v's place
 *   w = keep w - lr / (1 - b1^step) m / (sqrt(v) / sqrt(1 - b2^step) + eps)
 *
 * Source: Kingma & Ba 2015, algorithm 1; Reddi et al. 2018 for amsgrad; torch.optim.Adam, whose
 * maximum is taken before the correction of v.
 */
#include "train/optimizers/moments.h"

#include "base/status.h"

weir_status weir_check_betas(const weir_reals *betas, weir_error *err)
{
    bool fit = betas->count == 2;
    for (size_t i = 0; i < betas->count; i++) fit &= betas->v[i] >= 0 && betas->v[i] < 1;
    if (fit) return WEIR_OK;
    return weir_fail(err, WEIR_USAGE, "%s", _("betas are two numbers, each from 0 to below 1"));
}

weir_status weir_adam_check(const void *o, weir_error *err)
{
    const struct weir_adam *a = o;
    return weir_check_betas(&a->betas, err);
}

size_t weir_adam_slots(const void *o)
{
    const struct weir_adam *a = o;
    return (size_t)2 + a->amsgrad;
}

void weir_adam_step(const struct weir_adam *o, double keep, double decay, double lr, uint64_t step,
                    size_t n, real *restrict w, const real *restrict g, real *const slot[])
{
    double beta1 = o->betas.v[0], beta2 = o->betas.v[1];
    const real rate = (real)(lr / (1 - pow(beta1, (double)step)));
    const real root = (real)sqrt(1 - pow(beta2, (double)step));
    const real b1 = (real)beta1, c1 = (real)(1 - beta1), b2 = (real)beta2, c2 = (real)(1 - beta2);
    const real k = (real)keep, l = (real)decay, eps = (real)o->eps;
    const real sign = o->common.maximize ? R(-1.0) : R(1.0);
    real *restrict m = slot[0], *restrict v = slot[1];   /* [n] */
    real *restrict x = o->amsgrad ? slot[2] : NULL;      /* [n] */
    for (size_t i = 0; i < n; i++) {
        real d = sign * g[i] + l * w[i];
        m[i] = b1 * m[i] + c1 * d;
        real square = v[i] = b2 * v[i] + c2 * d * d;
        if (x) square = x[i] = square <= x[i] ? x[i] : square; /* a NaN stays */
        w[i] = k * w[i] - rate * m[i] / (r_sqrt(square) / root + eps);
    }
}
