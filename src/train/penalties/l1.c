/* l1: lambda sum |w|, dL/dw += lambda sign(w), where sign(0) = 0. Drives weights to exactly 0.
 * Source: Tibshirani 1996. */
#include "tensor/vec.h"
#include "train/penalty.h"

struct l1 {
    weir_penalty_common common;
};

static const weir_option options[] = {WEIR_PENALTY_COMMON_OPTIONS(struct l1), {0}};

static double apply(const void *o, weir_pass *pass)
{
    const struct l1 *l1 = o;
    const weir_model *m = pass->model;
    const real lambda = (real)l1->common.lambda;
    double sum = 0;
    for (size_t k = 0; k < m->params_count; k++) {
        const weir_parameter *p = &m->params[k];
        if (!weir_is_penalized(p)) continue;
        sum += weir_vec_norm1(p->count, p->value);
        for (size_t i = 0; i < p->count; i++)
            p->grad[i] += p->value[i] > R(0.0) ? lambda : p->value[i] < R(0.0) ? -lambda : R(0.0);
    }
    return l1->common.lambda * sum;
}

const weir_penalty_kind weir_penalty_l1 = {
    .name = "l1",
    .doc = N_("the summed absolute values of the weights"),
    .options_size = sizeof(struct l1),
    .options = options,
    .apply = apply,
};
