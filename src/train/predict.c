/* The net's output for inputs that a program hands in. */
#include "base/intl.h"
#include "base/status.h"
#include "tensor/vec.h"
#include "train/trainer.h"

#include <math.h>

/* Which size of the input is the batch: the second of a sequence, [T,B,F] or ids [T,B], else the
 * first. Ids that a net reads all at once, [B,n], have one target for each row. */
static size_t batch_axis(const weir_data *data)
{
    if (data->x.dtype == WEIR_INT32) return data->target.rank > 1 ? 1 : 0;
    return data->x.rank == 3 ? 1 : 0;
}

static weir_status to_ids(const weir_trainer *t, const real *x, size_t n, int32_t *ids,
                          weir_error *err)
{
    size_t vocabulary = t->data->hints.vocabulary;
    for (size_t i = 0; i < n; i++) {
        double id = (double)x[i];
        if (!(id >= 0 && id < (double)vocabulary && id == floor(id)))
            return weir_fail(err, WEIR_USAGE, _("x[%zu] is %g; the net reads ids below %zu"), i, id,
                             vocabulary);
        ids[i] = (int32_t)id;
    }
    return WEIR_OK;
}

weir_status weir_trainer_predict(weir_trainer *t, const weir_real *x, size_t batch,
                                 const weir_real **y, size_t *count, weir_error *err)
{
    weir_pass *pass = t->eval_pass;
    weir_tensor in = {.shape = t->data->x};
    if (batch == 0) return weir_fail(err, WEIR_USAGE, "%s", _("a batch of 0 has no output"));
    in.shape.dim[batch_axis(t->data)] = batch;
    weir_arena_reset(&t->eval_batch);
    in = weir_tensor_alloc(&t->eval_batch, &in.shape);
    if (!in.data) return weir_fail_memory(err);
    if (in.shape.dtype == WEIR_INT32)
        WEIR_TRY(to_ids(t, x, weir_count(&in), in.i, err));
    else
        weir_vec_copy(weir_count(&in), x, in.f);
    pass->lengths = NULL;
    weir_carry_in(&t->eval_carry, pass, false);
    WEIR_TRY(weir_pass_forward(pass, &in, err));
    *y = weir_pass_output(pass)->f;
    *count = weir_count(weir_pass_output(pass));
    return WEIR_OK;
}
