/* bce_with_logits: y are logits, targets 0 to 1, for every element; s(y) = 1 / (1 + e^-y).
 *
 *   l     = p t (-ln s(y)) + (1 - t) (-ln s(-y))        p: pos_weight of the feature
 *   dl/dy = (1 - t) s(y) - p t s(-y)
 *
 * -ln s(y) = ln(1 + e^-y) keeps all its digits on both sides: large numbers are never subtracted.
 * A row is guessed right when y > 0 agrees with t > 0.5 in all of its features.
 * Source: torch.nn.BCEWithLogitsLoss.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/loss.h"

struct bce {
    weir_loss_common common;
    weir_reals pos_weight;
};

static const weir_option options[] = {
    WEIR_LOSS_COMMON_OPTIONS(struct bce),
    WEIR_OPTION_REALS(struct bce, pos_weight, "",
                      N_("a factor on the targets 1: one number, or one for each feature")),
    {0}};

static weir_status check(const void *o, const weir_shape *y, const weir_shape *target,
                         weir_error *err)
{
    const struct bce *bce = o;
    size_t count = bce->pos_weight.count, F = weir_shape_features(y);
    WEIR_TRY(weir_loss_check_same(o, y, target, err));
    if (count > 1 && count != F)
        return weir_fail(err, WEIR_USAGE, _("pos_weight has %zu numbers for %zu features"), count,
                         F);
    return WEIR_OK;
}

static double pos_weight(const struct bce *bce, size_t j)
{
    size_t count = bce->pos_weight.count;
    return count ? bce->pos_weight.v[count > 1 ? j : 0] : 1;
}

/* -ln s(y) */
static double minus_log_sigmoid(double y)
{
    return (y < 0 ? -y : 0) + log1p(exp(-fabs(y)));
}

static double sigmoid(double y)
{
    double e = exp(-fabs(y));
    return (y >= 0 ? 1 : e) / (1 + e);
}

/* One row: returns the sum of its l; writes factor * dl/dy and scale * l where they are wanted. */
static double row(const struct bce *bce, size_t F, const real *y, const real *t, double factor,
                  real *dy, real *parts)
{
    double sum = 0;
    for (size_t j = 0; j < F; j++) {
        double yes = pos_weight(bce, j) * (double)t[j], no = 1 - (double)t[j], z = (double)y[j];
        double l = yes * minus_log_sigmoid(z) + no * minus_log_sigmoid(-z);
        sum += l;
        if (dy) dy[j] = (real)(factor * (no * sigmoid(z) - yes * sigmoid(-z)));
        if (parts) parts[j] = (real)(bce->common.scale * l);
    }
    return sum;
}

static bool guessed(size_t F, const real *y, const real *t)
{
    for (size_t j = 0; j < F; j++)
        if ((y[j] > R(0.0)) != (t[j] > R(0.5))) return false;
    return true;
}

static void apply(const void *o, const weir_loss_input *in, weir_loss_result *result, real *dy,
                  real *parts)
{
    const struct bce *bce = o;
    size_t rows = weir_shape_rows(&in->y->shape), F = weir_shape_features(&in->y->shape);
    *result = (weir_loss_result){.counted = weir_loss_rows(in)};
    result->weight = (double)(result->counted * F);
    double factor = weir_loss_factor(&bce->common, result->weight), sum = 0;
    for (size_t r = 0; r < rows; r++) {
        const real *y = in->y->f + r * F, *t = in->target->f + r * F;
        real *dy_r = dy ? dy + r * F : NULL, *parts_r = parts ? parts + r * F : NULL;
        if (weir_row_counts(in, r)) {
            sum += row(bce, F, y, t, factor, dy_r, parts_r);
            result->correct += guessed(F, y, t);
            continue;
        }
        for (size_t j = 0; j < F; j++) {
            if (dy) dy_r[j] = R(0.0);
            if (parts) parts_r[j] = R(0.0);
        }
    }
    result->value = factor * sum;
}

/* s(c) in proportion to p times the targets 1, feature by feature; at least a millionth of all on
 * either side, so that c stays a number. */
static void constant(const void *o, const weir_loss_input *in, size_t F, double *c)
{
    size_t rows = weir_shape_rows(&in->y->shape);
    for (size_t j = 0; j < F; j++) {
        double yes = 0, no = 0;
        for (size_t r = 0; r < rows; r++) {
            if (!weir_row_counts(in, r)) continue;
            yes += pos_weight(o, j) * (double)in->target->f[r * F + j];
            no += 1 - (double)in->target->f[r * F + j];
        }
        double least = 1e-6 * (yes + no);
        c[j] = yes + no > 0 ? log(fmax(yes, least) / fmax(no, least)) : 0;
    }
}

const weir_loss_kind weir_loss_bce_with_logits = {
    .name = "bce_with_logits",
    .doc = N_("binary cross entropy of logits, for targets 0 to 1"),
    .options_size = sizeof(struct bce),
    .options = options,
    .shares = true,
    .guesses = true,
    .check = check,
    .apply = apply,
    .constant = constant,
};
