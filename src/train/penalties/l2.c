/* l2: lambda sum w^2, dL/dw += 2 lambda w. Draws large weights towards 0.
 * Source: Hoerl & Kennard 1970; Krogh & Hertz 1992. */
#include "tensor/vec.h"
#include "train/penalty.h"

struct l2 {
    weir_penalty_common common;
};

static const weir_option options[] = {WEIR_PENALTY_COMMON_OPTIONS(struct l2), {0}};

static double apply(const void *o, weir_pass *pass)
{
    const struct l2 *l2 = o;
    const weir_model *m = pass->model;
    double sum = 0;
    for (size_t k = 0; k < m->params_count; k++) {
        const weir_parameter *p = &m->params[k];
        if (!weir_is_penalized(p)) continue;
        sum += weir_vec_squares(p->count, p->value);
        weir_vec_axpy(p->count, (real)(2 * l2->common.lambda), p->value, p->grad);
    }
    return l2->common.lambda * sum;
}

const weir_penalty_kind weir_penalty_l2 = {
    .name = "l2",
    .doc = N_("the summed squares of the weights"),
    .options_size = sizeof(struct l2),
    .options = options,
    .apply = apply,
};
