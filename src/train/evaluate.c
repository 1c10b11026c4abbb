/* The loss on fixed batches, and what the best constant predictor reaches on them. */
#include "base/status.h"
#include "tensor/vec.h"
#include "train/constant.h"

#include <math.h>

/* Sums over independent examples of gain = constant loss - loss. */
struct tally {
    double loss, constant; /* weighted sums of the batches' means, whatever the reduction */
    double weight;
    double n, gain, gain2; /* per example */
    size_t counted, correct;
};

/* y [rows, F] = the constant, in the pass's memory. */
static weir_status constant_output(weir_trainer *t, const weir_tensor *y, weir_tensor *c)
{
    *c = weir_tensor_alloc(&t->eval_pass->arena, &y->shape);
    if (!c->f) return WEIR_MEMORY;
    weir_constant_guess(t, weir_shape_rows(&y->shape), weir_shape_features(&y->shape), c->f);
    return WEIR_OK;
}

/* Adds one batch. Independent examples are the columns of the batch: steps of one sequence are not
 * independent of each other. */
static weir_status tally_batch(weir_trainer *t, const weir_batch *batch, struct tally *sum)
{
    const weir_tensor *y = weir_pass_output(t->eval_pass);
    size_t n = weir_count(y); /* at least as many as parts of any loss */
    real *parts = weir_tape_reals(t->eval_pass, n), *flat = weir_tape_reals(t->eval_pass, n);
    weir_tensor c;
    if (!parts || !flat || constant_output(t, y, &c)) return WEIR_MEMORY;
    weir_loss_input in = {y, &batch->target, batch->lengths},
                    in_c = {&c, &batch->target, batch->lengths};
    weir_loss_result net, constant;
    t->loss.kind->apply(t->loss.options, &in, &net, NULL, parts);
    t->loss.kind->apply(t->loss.options, &in_c, &constant, NULL, flat);
    if (!net.counted) return WEIR_OK;
    sum->loss += weir_loss_mean(t->loss.options, &net) * net.weight;
    sum->constant += weir_loss_mean(t->loss.options, &constant) * constant.weight;
    sum->weight += net.weight;
    sum->counted += net.counted;
    sum->correct += net.correct;

    size_t rows = weir_shape_rows(&y->shape), per_row = t->loss.kind->classes ? 1 : n / rows;
    size_t B = y->shape.rank >= 3 ? y->shape.dim[1] : rows, T = rows / B;
    for (size_t b = 0; b < B; b++) {
        double gain = 0;
        for (size_t s = 0; s < T; s++)
            for (size_t k = 0; k < per_row; k++) {
                size_t i = (s * B + b) * per_row + k;
                gain += (double)flat[i] - (double)parts[i];
            }
        gain *= (double)B / net.weight; /* as one example's mean */
        sum->n++;
        sum->gain += gain;
        sum->gain2 += gain * gain;
    }
    return WEIR_OK;
}

weir_status weir_trainer_evaluate(weir_trainer *t, size_t batches, weir_eval_point *point,
                                  weir_error *err)
{
    struct tally sum = {0};
    if (!t->constant) WEIR_TRY(weir_constant_find(t, err));
    if (!batches) batches = t->options.eval_batches;
    weir_pass *pass = t->eval_pass;
    for (size_t i = 0; i < batches && i < t->data->batches[WEIR_VALID]; i++) {
        weir_batch batch = {0};
        weir_arena_reset(&t->eval_batch);
        WEIR_TRY(t->data->kind->batch(t->data, WEIR_VALID, i, &t->eval_batch, &batch, err));
        pass->lengths = batch.lengths;
        weir_carry_in(&t->eval_carry, pass, batch.continues && i > 0);
        WEIR_TRY(weir_pass_forward(pass, &batch.x, err));
        if (weir_carry_out(&t->eval_carry, pass) || tally_batch(t, &batch, &sum))
            return weir_fail_memory(err);
    }
    double mean = sum.gain / sum.n, variance = (sum.gain2 / sum.n - mean * mean);
    *point = (weir_eval_point){
        .step = t->step,
        .loss = sum.loss / sum.weight,
        .gain = mean,
        .error = sum.n > 1 ? sqrt((variance > 0 ? variance : 0) / (sum.n - 1)) : (double)INFINITY,
        .accuracy = t->loss.kind->guesses ? (double)sum.correct / (double)sum.counted
                                          : (double)NAN};
    t->constant_loss = sum.constant / sum.weight;
    return WEIR_OK;
}

double weir_trainer_constant_loss(weir_trainer *t)
{
    weir_eval_point point;
    if (isnan(t->constant_loss) && weir_trainer_evaluate(t, 0, &point, NULL)) return (double)NAN;
    return t->constant_loss;
}
