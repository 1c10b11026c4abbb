/* mae: l = |y - t| for every element; dl/dy = sign(y - t), 0 where they are equal.
 * Source: torch.nn.L1Loss. */
#include "base/intl.h"
#include "nn/loss.h"

#include <string.h>

struct mae {
    weir_loss_common common;
};

static const weir_option options[] = {WEIR_LOSS_COMMON_OPTIONS(struct mae), {0}};

/* NaN stays NaN. */
static double sign(double d)
{
    return d > 0 ? 1 : d < 0 ? -1 : d;
}

static void apply(const void *o, const weir_loss_input *in, weir_loss_result *result, real *dy,
                  real *parts)
{
    const struct mae *mae = o;
    size_t rows = weir_shape_rows(&in->y->shape), F = weir_shape_features(&in->y->shape);
    size_t counted = weir_loss_rows(in);
    double weight = (double)(counted * F), sum = 0;
    double factor = weir_loss_factor(&mae->common, weight);
    for (size_t r = 0; r < rows; r++) {
        bool counts = weir_row_counts(in, r);
        for (size_t i = r * F; i < (r + 1) * F; i++) {
            double d = counts ? (double)in->y->f[i] - (double)in->target->f[i] : 0;
            sum += fabs(d);
            if (dy) dy[i] = (real)(factor * sign(d));
            if (parts) parts[i] = (real)(mae->common.scale * fabs(d));
        }
    }
    *result = (weir_loss_result){.value = factor * sum, .weight = weight, .counted = counted};
}

/* --- the median, without memory of its own --------------------------------------------------- */

/* A whole number that grows as x does. */
static uint64_t key_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double number_of(uint64_t key)
{
    uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static size_t count_below(const weir_loss_input *in, size_t j, uint64_t key)
{
    size_t rows = weir_shape_rows(&in->y->shape), F = weir_shape_features(&in->y->shape), below = 0;
    for (size_t r = 0; r < rows; r++)
        below += weir_row_counts(in, r) && key_of((double)in->target->f[r * F + j]) < key;
    return below;
}

/* The median of the targets (the lower of two), feature by feature: its key is the largest with at
 * most half of the others below it, and is found from its highest bit down. */
static void constant(const void *o, const weir_loss_input *in, size_t F, double *c)
{
    (void)o;
    size_t counted = weir_loss_rows(in);
    for (size_t j = 0; j < F; j++) {
        uint64_t key = 0;
        for (uint64_t bit = UINT64_C(1) << 63; bit && counted; bit >>= 1)
            if (count_below(in, j, key | bit) <= (counted - 1) / 2) key |= bit;
        c[j] = counted ? number_of(key) : 0;
    }
}

const weir_loss_kind weir_loss_mae = {
    .name = "mae",
    .doc = N_("mean absolute error"),
    .options_size = sizeof(struct mae),
    .options = options,
    .check = weir_loss_check_same,
    .apply = apply,
    .constant = constant,
};
