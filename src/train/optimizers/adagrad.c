/* adagrad: steps divided by the root of the summed squares of all gradients so far.
 *
 *   d = g + weight_decay w                     (-g with maximize)
 *   s = s + d^2,   s starts with initial_accumulator_value
 *   w -= lr / (1 + (step - 1) lr_decay) d / (sqrt(s) + eps)
 *
 * Source: Duchi et al. 2011; torch.optim.Adagrad.
 */
#include "train/optimizer.h"

struct adagrad {
    weir_optimizer_common common;
    double lr_decay, eps, initial_accumulator_value;
};

static const weir_option options[] = {
    WEIR_OPTIMIZER_COMMON_OPTIONS(struct adagrad, "1e-2", "0"),
    WEIR_OPTION_REAL(struct adagrad, lr_decay, "0", 0, 1e30,
                     N_("how fast the learning rate falls besides")),
    WEIR_OPTION_REAL(struct adagrad, eps, "1e-10", 0, 1e30, N_("added to the root")),
    WEIR_OPTION_REAL(struct adagrad, initial_accumulator_value, "0", 0, 1e30,
                     N_("what the sum of squares starts with")),
    {0}};

static size_t slots(const void *o)
{
    (void)o;
    return 1;
}

static double initial(const void *o, size_t slot)
{
    const struct adagrad *a = o;
    (void)slot;
    return a->initial_accumulator_value;
}

static void update(const void *o, double lr, uint64_t step, size_t n, real *restrict w,
                   const real *restrict g, real *const slot[])
{
    const struct adagrad *a = o;
    const real rate = (real)(lr / (1 + (double)(step - 1) * a->lr_decay)), eps = (real)a->eps;
    const real sign = a->common.maximize ? R(-1.0) : R(1.0);
    const real decay = (real)a->common.weight_decay;
    real *restrict s = slot[0]; /* [n] */
    for (size_t i = 0; i < n; i++) {
        real d = sign * g[i] + decay * w[i];
        s[i] += d * d;
        w[i] -= rate * d / (r_sqrt(s[i]) + eps);
    }
}

const weir_optimizer_kind weir_optimizer_adagrad = {
    .name = "adagrad",
    .doc = N_("steps divided by the root of all squared gradients so far"),
    .options_size = sizeof(struct adagrad),
    .options = options,
    .slots = slots,
    .initial = initial,
    .update = update,
};
