/* The loss on fixed batches, and what the best constant predictor reaches on them. */
#include "base/status.h"
#include "tensor/vec.h"
#include "train/trainer.h"

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
    size_t F = weir_shape_features(&y->shape), rows = weir_shape_rows(&y->shape);
    *c = weir_tensor_alloc(&t->eval_pass->arena, &y->shape);
    for (size_t r = 0; c->f && r < rows; r++)
        for (size_t j = 0; j < F; j++) c->f[r * F + j] = (real)t->constant[j];
    return c->f ? WEIR_OK : WEIR_MEMORY;
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

/* The rows of a batch's targets that count, behind what is gathered already. */
static size_t gather_rows(const weir_batch *batch, bool classes, size_t F, size_t rows,
                          weir_tensor *all)
{
    weir_tensor shape_only = batch->target;
    if (classes) shape_only.shape.dim[shape_only.shape.rank++] = 1; /* [T,B] as rows of one */
    weir_loss_input in = {&shape_only, NULL, batch->lengths};
    size_t n = weir_shape_rows(&shape_only.shape);
    for (size_t r = 0; r < n; r++) {
        if (!weir_row_counts(&in, r)) continue;
        if (classes)
            all->i[rows++] = batch->target.i[r];
        else
            weir_vec_copy(F, batch->target.f + r * F, all->f + F * rows++);
    }
    return rows;
}

/* Every row of F numbers, or every class, is as the first. */
static bool all_the_same(const weir_tensor *all, bool classes, size_t F, size_t rows)
{
    bool same = rows > 0;
    for (size_t r = 1; r < rows && same; r++)
        for (size_t j = 0; j < (classes ? 1 : F) && same; j++)
            same = classes ? all->i[r] == all->i[0]
                           : !(all->f[r * F + j] < all->f[j]) && !(all->f[r * F + j] > all->f[j]);
    return same;
}

/* The constant that fits the training data best: from as many training targets as tell it well. */
static weir_status find_constant(weir_trainer *t, weir_error *err)
{
    enum { TARGETS = 1 << 17 };
    bool classes = t->loss.kind->classes;
    size_t F = weir_shape_features(&t->model->nodes[t->model->count - 1].shape), rows = 0;
    weir_shape shape = t->data->target;
    size_t batches = TARGETS / weir_shape_count(&shape) + 1;
    if (batches > t->data->batches[WEIR_TRAIN]) batches = t->data->batches[WEIR_TRAIN];
    size_t most = weir_shape_count(&shape) * batches;
    weir_tensor all = weir_tensor_alloc(&t->arena, &(weir_shape){shape.dtype, 1, {most}});
    double *constant = weir_arena_calloc(&t->arena, F, sizeof *constant);
    if (!all.data || !constant) return weir_fail_memory(err);
    for (size_t i = 0; i < batches; i++) {
        weir_batch batch = {0};
        weir_arena_reset(&t->eval_batch);
        WEIR_TRY(t->data->kind->batch(t->data, WEIR_TRAIN, i, &t->eval_batch, &batch, err));
        rows = gather_rows(&batch, classes, F, rows, &all);
    }
    t->same_targets = all_the_same(&all, classes, F, rows);
    all.shape = classes ? (weir_shape){WEIR_INT32, 1, {rows}} : weir_shape_of(2, rows, F);
    weir_tensor y = {.shape = weir_shape_of(2, rows, F)};
    weir_loss_input in = {&y, &all, NULL};
    t->loss.kind->constant(t->loss.options, &in, F, constant);
    t->constant = constant;
    y.f = weir_arena_alloc(&t->eval_batch, rows * F * sizeof(real));
    if (!y.f) return weir_fail_memory(err);
    for (size_t i = 0; i < rows * F; i++) y.f[i] = (real)constant[i % F];
    weir_loss_result result;
    t->loss.kind->apply(t->loss.options, &in, &result, NULL, NULL);
    t->constant_train_loss = weir_loss_mean(t->loss.options, &result);
    return WEIR_OK;
}

weir_status weir_trainer_evaluate(weir_trainer *t, size_t batches, weir_eval_point *point,
                                  weir_error *err)
{
    struct tally sum = {0};
    if (!t->constant) WEIR_TRY(find_constant(t, err));
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
