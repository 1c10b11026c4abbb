/* nn/loss.h - what a loss is. One loss is one file in losses/ and one line in losses/list.def.
 *
 * A loss compares the last node's output y [rows, F] with the targets: class numbers [rows]
 * (int32), or numbers [rows, F]. Rows are all leading sizes, step by step for a sequence.
 *
 *   L = scale * reduce_r l(y_r, target_r)   reduce: the mean (weighted where the loss has weights),
 *                                           the sum, or none (summed, parts handed out)
 */
#ifndef WEIR_NN_LOSS_H
#define WEIR_NN_LOSS_H

#include "base/option.h"
#include "tensor/tensor.h"

typedef enum weir_reduction { WEIR_MEAN, WEIR_SUM, WEIR_NONE } weir_reduction;

/* Every loss's options begin with these. */
typedef struct weir_loss_common {
    int reduction;
    double scale;
} weir_loss_common;

#define WEIR_LOSS_COMMON_OPTIONS(S)                                                     \
    {"reduction", WEIR_CHOICE, offsetof(S, common.reduction), "mean", 0, 0, "mean|sum|none", \
     N_("how the elements become one number")},                                         \
    {"scale", WEIR_REAL, offsetof(S, common.scale), "1", -1e300, 1e300, NULL,            \
     N_("a factor on the whole loss")}

typedef struct weir_loss_input {
    const weir_tensor *y, *target;
    const int32_t *lengths; /* [B] for y [T,B,F]: steps beyond a sequence's length do not count */
} weir_loss_input;

typedef struct weir_loss_result {
    double value;   /* the loss; for WEIR_NONE the sum of the parts */
    double weight; /* what the mean divided by: rows or elements counted, or summed class weights */
    size_t counted; /* rows that counted (not ignored, within their length) */
    size_t correct; /* of those, rows guessed right; for losses that have such a thing */
} weir_loss_result;

typedef struct weir_loss_kind {
    const char *name, *doc;
    size_t options_size;
    const weir_option *options;
    bool classes; /* targets are class numbers */
    bool shares;  /* targets are numbers from 0 to 1 */
    bool guesses; /* `correct` means something */

    /* WEIR_USAGE with a sentence when y and target do not fit. */
    weir_status (*check)(const void *options, const weir_shape *y, const weir_shape *target,
                         weir_error *err);
    /* Fills result; dy (as y) with dL/dy unless NULL; parts (one per element of the unreduced loss)
     * unless NULL. Allocates nothing. */
    void (*apply)(const void *options, const weir_loss_input *in, weir_loss_result *result,
                  real *dy, real *parts);
    /* (optional, default false) The mean loss is nothing but nats per row. */
    bool (*nats)(const void *options);
    /* The best constant output c [F] for these targets: what a net without inputs would learn. */
    void (*constant)(const void *options, const weir_loss_input *in, size_t F, double *c);
} weir_loss_kind;

/* A loss with its options. */
typedef struct weir_loss {
    const weir_loss_kind *kind;
    const void *options;
} weir_loss;

extern const weir_loss_kind *const weir_loss_kinds[];
const weir_loss_kind *weir_loss_find(const char *name);

/* Whether row r of a [T,B,..] output lies within its sequence. */
static inline bool weir_row_counts(const weir_loss_input *in, size_t r)
{
    if (!in->lengths || in->y->shape.rank < 3) return true;
    size_t B = in->y->shape.dim[1];
    return r / B < (size_t)in->lengths[r % B];
}

/* The loss per element that counts, times scale: the same number for every reduction, so that runs
 * can be compared. */
static inline double weir_loss_mean(const weir_loss_common *common, const weir_loss_result *result)
{
    if (common->reduction == WEIR_MEAN) return result->value;
    return result->weight != 0 ? result->value / result->weight : 0;
}

/* How many rows count. */
size_t weir_loss_rows(const weir_loss_input *in);

/* What each part is multiplied with on its way into the loss; 0 where nothing counts. */
static inline double weir_loss_factor(const weir_loss_common *common, double weight)
{
    if (common->reduction != WEIR_MEAN) return common->scale;
    return weight != 0 ? common->scale / weight : 0;
}

/* The sentence for an output that does not fit the targets. */
weir_status weir_loss_fail_shapes(const weir_shape *y, const weir_shape *target, weir_error *err);

/* The check of losses whose target has the shape of y. */
weir_status weir_loss_check_same(const void *options, const weir_shape *y, const weir_shape *target,
                                 weir_error *err);

#define WEIR_LOSS(name) extern const weir_loss_kind weir_loss_##name;
#include "nn/losses/list.def"
#undef WEIR_LOSS

#endif
