/* cross_entropy: y are logits [rows, C], targets class numbers, p = softmax(y).
 *
 *   l_r  = w_t (1 - e) (-ln p_t) + e/C sum_c w_c (-ln p_c)        t the target, e label_smoothing
 *   dl/dy_c = p_c S - (1 - e) w_t [c = t] - e/C w_c,   S = (1 - e) w_t + e/C sum_c w_c
 *
 * The mean divides by the summed w_t of the rows that count; a target equal to ignore_index does
 * not. Source: torch.nn.CrossEntropyLoss.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/loss.h"

#include <string.h>

struct cross_entropy {
    weir_loss_common common;
    double label_smoothing;
    int64_t ignore_index;
    weir_reals weight;
};

static const weir_option options[] = {
    WEIR_LOSS_COMMON_OPTIONS(struct cross_entropy),
    WEIR_OPTION_REAL(struct cross_entropy, label_smoothing, "0", 0, 1,
                     N_("share of the target spread evenly over all classes")),
    WEIR_OPTION_INT(struct cross_entropy, ignore_index, "-100", N_("targets that do not count")),
    WEIR_OPTION_REALS(struct cross_entropy, weight, "", N_("a weight for each class")),
    {0}};

static weir_status check(const void *o, const weir_shape *y, const weir_shape *target,
                         weir_error *err)
{
    const struct cross_entropy *ce = o;
    size_t C = weir_shape_features(y);
    if (target->dtype != WEIR_INT32)
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("cross_entropy wants class numbers as targets; the data have numbers: "
                           "use mse, mae or bce_with_logits"));
    if (weir_shape_rows(y) != weir_shape_count(target) || y->rank != target->rank + 1)
        return weir_loss_fail_shapes(y, target, err);
    if (ce->weight.count && ce->weight.count != C)
        return weir_fail(err, WEIR_USAGE, _("weight has %zu numbers for %zu classes"),
                         ce->weight.count, C);
    return WEIR_OK;
}

static double class_weight(const struct cross_entropy *ce, size_t c)
{
    return ce->weight.count ? ce->weight.v[c] : 1;
}

static bool counts(const struct cross_entropy *ce, const weir_loss_input *in, size_t r)
{
    return in->target->i[r] != ce->ignore_index && weir_row_counts(in, r);
}

static double total_weight(const struct cross_entropy *ce, const weir_loss_input *in, size_t rows,
                           size_t *counted)
{
    double weight = 0;
    *counted = 0;
    for (size_t r = 0; r < rows; r++) {
        if (!counts(ce, in, r)) continue;
        weight += class_weight(ce, (size_t)in->target->i[r]);
        ++*counted;
    }
    return weight;
}

/* ln sum e^(y - most), and where y is largest (the first of equals). Kept apart from the largest y,
 * and its 1 apart from the others' sum: a sure guess still has its small loss, and large y cost no
 * digits. */
static double log_sum_exp(size_t C, const real *y, size_t *largest)
{
    size_t best = 0;
    for (size_t c = 1; c < C; c++)
        if (y[c] > y[best]) best = c;
    double others = 0;
    for (size_t c = 0; c < C; c++)
        if (c != best) others += (double)r_exp(y[c] - y[best]);
    *largest = best;
    return log1p(others);
}

/* One row: returns l and, if dy, writes factor * dl/dy. */
static double row(const struct cross_entropy *ce, size_t C, const real *y, size_t t, double factor,
                  real *dy, size_t *largest)
{
    double lse = log_sum_exp(C, y, largest), most = (double)y[*largest], e = ce->label_smoothing;
    double wt = class_weight(ce, t), spread = e / (double)C;
    double l = (1 - e) * wt * (lse + (most - (double)y[t])), all = 0;
    for (size_t c = 0; e > 0 && c < C; c++) {
        all += class_weight(ce, c);
        l += spread * class_weight(ce, c) * (lse + (most - (double)y[c]));
    }
    if (!dy) return l;
    double S = (1 - e) * wt + spread * all, others = 0;
    for (size_t c = 0; c < C; c++) {
        double p = (double)r_exp((real)((double)y[c] - most - lse));
        if (c != t) others += p;
        dy[c] = (real)(factor * (S * p - spread * (e > 0 ? class_weight(ce, c) : 0)));
    }
    /* For the target by way of 1 - p_t = sum of the others: exact where p_t is close to 1. */
    dy[t] = (real)(factor * (spread * (all - wt) - S * others));
    return l;
}

static void apply(const void *o, const weir_loss_input *in, weir_loss_result *result, real *dy,
                  real *parts)
{
    const struct cross_entropy *ce = o;
    size_t rows = weir_shape_rows(&in->y->shape), C = weir_shape_features(&in->y->shape);
    *result = (weir_loss_result){0};
    result->weight = total_weight(ce, in, rows, &result->counted);
    double factor = weir_loss_factor(&ce->common, result->weight);
    double sum = 0;
    for (size_t r = 0; r < rows; r++) {
        if (!counts(ce, in, r)) {
            if (dy) memset(dy + r * C, 0, C * sizeof *dy);
            if (parts) parts[r] = R(0.0);
            continue;
        }
        size_t t = (size_t)in->target->i[r], guess;
        double l = row(ce, C, in->y->f + r * C, t, factor, dy ? dy + r * C : NULL, &guess);
        sum += l;
        if (parts) parts[r] = (real)(ce->common.scale * l);
        result->correct += guess == t;
    }
    result->value = factor * sum;
}

/* p_c in proportion to the weight that stands before -ln p_c in the loss; a class without any gets
 * a millionth of all, so that its logit stays a number. */
static void constant(const void *o, const weir_loss_input *in, size_t C, double *c)
{
    const struct cross_entropy *ce = o;
    size_t rows = weir_count(in->target), counted;
    double e = ce->label_smoothing, all = 0;
    total_weight(ce, in, rows, &counted);
    for (size_t k = 0; k < C; k++) c[k] = (double)counted * class_weight(ce, k) * e / (double)C;
    for (size_t r = 0; r < rows; r++) {
        if (!counts(ce, in, r)) continue;
        size_t t = (size_t)in->target->i[r];
        c[t] += (1 - e) * class_weight(ce, t);
    }
    for (size_t k = 0; k < C; k++) all += c[k];
    for (size_t k = 0; k < C; k++) c[k] = all > 0 ? log(fmax(c[k] / all, 1e-6)) : 0;
}

static bool nats(const void *o)
{
    const struct cross_entropy *ce = o;
    return ce->label_smoothing <= 0 && !ce->weight.count;
}

const weir_loss_kind weir_loss_cross_entropy = {
    .name = "cross_entropy",
    .doc = N_("softmax and negative log likelihood, for classes"),
    .options_size = sizeof(struct cross_entropy),
    .options = options,
    .classes = true,
    .guesses = true,
    .check = check,
    .apply = apply,
    .nats = nats,
    .constant = constant,
};
