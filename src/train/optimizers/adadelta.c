/* adadelta: steps in the unit of the weights: the ratio of two running root mean squares.
 *
 *   d = g + weight_decay w                     (-g with maximize)
 *   s = rho s + (1 - rho) d^2
 *   q = sqrt(a + eps) / sqrt(s + eps) d
 *   a = rho a + (1 - rho) q^2
 *   w -= lr q
 *
 * Source: Zeiler 2012, algorithm 1; torch.optim.Adadelta.
 */
#include "train/optimizer.h"

struct adadelta {
    weir_optimizer_common common;
    double rho, eps;
};

static const weir_option options[] = {
    WEIR_OPTIMIZER_COMMON_OPTIONS(struct adadelta, "1", "0"),
    WEIR_OPTION_REAL(struct adadelta, rho, "0.9", 0, 1, N_("how slowly the mean squares follow")),
    WEIR_OPTION_REAL(struct adadelta, eps, "1e-6", 0, 1e30,
                     N_("added to the mean squares; it sets the size of the first steps")),
    {0}};

static size_t slots(const void *o)
{
    (void)o;
    return 2;
}

static void update(const void *o, double lr, uint64_t step, size_t n, real *restrict w,
                   const real *restrict g, real *const slot[])
{
    const struct adadelta *ad = o;
    (void)step;
    const real sign = ad->common.maximize ? R(-1.0) : R(1.0), rate = (real)lr;
    const real decay = (real)ad->common.weight_decay, eps = (real)ad->eps;
    const real keep = (real)ad->rho, take = (real)(1 - ad->rho);
    real *restrict s = slot[0], *restrict a = slot[1]; /* [n] */
    for (size_t i = 0; i < n; i++) {
        real d = sign * g[i] + decay * w[i];
        s[i] = keep * s[i] + take * d * d;
        real q = r_sqrt(a[i] + eps) / r_sqrt(s[i] + eps) * d;
        a[i] = keep * a[i] + take * q * q;
        w[i] -= rate * q;
    }
}

const weir_optimizer_kind weir_optimizer_adadelta = {
    .name = "adadelta",
    .doc = N_("steps in the unit of the weights, without a learning rate to choose"),
    .options_size = sizeof(struct adadelta),
    .options = options,
    .slots = slots,
    .update = update,
};
