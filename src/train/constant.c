/* The best constant predictor: what a net without inputs would learn. A net that does no better has
 * not learned. */
#include "base/status.h"
#include "tensor/vec.h"
#include "train/constant.h"

/* The constant guesses: one, or, where every window is at the same place of its task, one for each
 * step. */
struct guesses {
    size_t steps, B; /* row r of the targets is at step r / B */
};

static struct guesses guesses_of(const weir_trainer *t)
{
    const weir_shape *target = &t->data->target;
    if (!t->data->in_step || target->rank < 2) return (struct guesses){1, 1};
    return (struct guesses){target->dim[0], target->dim[1]};
}

void weir_constant_guess(const weir_trainer *t, size_t rows, size_t F, real *y)
{
    struct guesses g = guesses_of(t);
    for (size_t r = 0; r < rows; r++) {
        const double *constant = t->constant + r / g.B % g.steps * F;
        for (size_t j = 0; j < F; j++) y[r * F + j] = (real)constant[j];
    }
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

/* As many training targets as tell the constant well: all [rows, F] or [rows], one batch after the
 * other. */
static weir_status gather(weir_trainer *t, size_t F, weir_tensor *all, weir_error *err)
{
    enum { TARGETS = 1 << 17, EACH_STEP = 2000 };
    bool classes = t->loss.kind->classes;
    weir_shape shape = t->data->target;
    size_t batches = TARGETS / weir_shape_count(&shape) + 1, rows = 0;
    struct guesses g = guesses_of(t);
    if (batches > t->data->batches[WEIR_TRAIN]) batches = t->data->batches[WEIR_TRAIN];
    if (g.steps > 1) batches = EACH_STEP / g.B + 1; /* drawn data: there is no end of them */
    size_t most = weir_shape_count(&shape) * batches;
    *all = weir_tensor_alloc(&t->arena, &(weir_shape){shape.dtype, 1, {most}});
    if (!all->data) return weir_fail_memory(err);
    for (size_t i = 0; i < batches; i++) {
        weir_batch batch = {0};
        weir_arena_reset(&t->eval_batch);
        WEIR_TRY(t->data->kind->batch(t->data, WEIR_TRAIN, i, &t->eval_batch, &batch, err));
        rows = gather_rows(&batch, classes, F, rows, all);
    }
    all->shape = classes ? (weir_shape){WEIR_INT32, 1, {rows}} : weir_shape_of(2, rows, F);
    return WEIR_OK;
}

/* Those of one step. */
static weir_tensor at_step(const weir_tensor *all, struct guesses g, size_t step, size_t F,
                           weir_arena *arena)
{
    bool classes = all->shape.dtype == WEIR_INT32;
    weir_tensor some = {.shape = all->shape};
    some.shape.dim[0] = all->shape.dim[0] / g.steps;
    some = weir_tensor_alloc(arena, &some.shape);
    for (size_t n = 0; some.data && n < some.shape.dim[0]; n++) {
        size_t r = (n / g.B * g.steps + step) * g.B + n % g.B;
        if (classes)
            some.i[n] = all->i[r];
        else
            weir_vec_copy(F, all->f + r * F, some.f + F * n);
    }
    return some;
}

/* The constant that fits the training data best. */
weir_status weir_constant_find(weir_trainer *t, weir_error *err)
{
    bool classes = t->loss.kind->classes;
    size_t F = weir_shape_features(&t->model->nodes[t->model->count - 1].shape);
    struct guesses g = guesses_of(t);
    weir_tensor all;
    double *constant = weir_arena_calloc(&t->arena, g.steps * F, sizeof *constant);
    if (!constant) return weir_fail_memory(err);
    WEIR_TRY(gather(t, F, &all, err));
    size_t rows = all.shape.dim[0];
    t->same_targets = all_the_same(&all, classes, F, rows);
    for (size_t step = 0; step < g.steps; step++) {
        weir_arena_reset(&t->eval_batch);
        weir_tensor some = g.steps > 1 ? at_step(&all, g, step, F, &t->eval_batch) : all;
        weir_tensor y = {.shape = weir_shape_of(2, some.shape.dim[0], F)};
        if (!some.data) return weir_fail_memory(err);
        t->loss.kind->constant(t->loss.options, &(weir_loss_input){&y, &some, NULL}, F,
                               constant + step * F);
    }
    t->constant = constant;
    weir_tensor y = weir_tensor_alloc(&t->eval_batch, &(weir_shape){WEIR_FLOAT, 2, {rows, F}});
    if (!y.f) return weir_fail_memory(err);
    weir_constant_guess(t, rows, F, y.f);
    weir_loss_result result;
    t->loss.kind->apply(t->loss.options, &(weir_loss_input){&y, &all, NULL}, &result, NULL, NULL);
    t->constant_train_loss = weir_loss_mean(t->loss.options, &result);
    return WEIR_OK;
}
