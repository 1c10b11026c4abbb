/* mse: l = (y - t)^2 for every element; dl/dy = 2 (y - t).
 * Source: torch.nn.MSELoss. */
#include "base/intl.h"
#include "nn/loss.h"

#include <string.h>

struct mse {
    weir_loss_common common;
};

static const weir_option options[] = {WEIR_LOSS_COMMON_OPTIONS(struct mse), {0}};

static void apply(const void *o, const weir_loss_input *in, weir_loss_result *result, real *dy,
                  real *parts)
{
    const struct mse *mse = o;
    size_t rows = weir_shape_rows(&in->y->shape), F = weir_shape_features(&in->y->shape);
    size_t counted = weir_loss_rows(in);
    double weight = (double)(counted * F), sum = 0;
    double factor = weir_loss_factor(&mse->common, weight);
    for (size_t r = 0; r < rows; r++) {
        bool counts = weir_row_counts(in, r);
        for (size_t i = r * F; i < (r + 1) * F; i++) {
            double d = counts ? (double)in->y->f[i] - (double)in->target->f[i] : 0;
            sum += d * d;
            if (dy) dy[i] = (real)(factor * 2 * d);
            if (parts) parts[i] = (real)(mse->common.scale * d * d);
        }
    }
    *result = (weir_loss_result){.value = factor * sum, .weight = weight, .counted = counted};
}

/* The mean of the targets, feature by feature. */
static void constant(const void *o, const weir_loss_input *in, size_t F, double *c)
{
    (void)o;
    size_t rows = weir_shape_rows(&in->y->shape), counted = weir_loss_rows(in);
    memset(c, 0, F * sizeof *c);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < F && weir_row_counts(in, r); j++)
            c[j] += (double)in->target->f[r * F + j] / (double)counted;
}

const weir_loss_kind weir_loss_mse = {
    .name = "mse",
    .doc = N_("mean squared error"),
    .options_size = sizeof(struct mse),
    .options = options,
    .check = weir_loss_check_same,
    .apply = apply,
    .constant = constant,
};
