#include "train/data/drawn.h"

#include "base/intl.h"
#include "base/status.h"

#include <string.h>

static uint64_t batches_of(size_t n, size_t batch_size)
{
    return n / batch_size + (n % batch_size != 0);
}

weir_status weir_drawn_open(weir_data *data, const weir_drawn *drawn, weir_error *err)
{
    double numbers = 1;
    for (size_t i = 0; i < data->x.rank; i++) numbers *= (double)data->x.dim[i];
    if (numbers * sizeof(real) > (double)(SIZE_MAX / 4))
        return weir_config_fail(data->config, weir_data_key(data, "batch_size"), err,
                                _("a batch would have %g numbers; set batch_size or the length to "
                                  "less"),
                                numbers);
    data->batches[WEIR_TRAIN] = batches_of(drawn->n, drawn->batch_size);
    data->batches[WEIR_VALID] = batches_of(drawn->n_validation, drawn->batch_size);
    return WEIR_OK;
}

weir_status weir_drawn_batch(const weir_data *data, weir_arena *arena, weir_batch *batch,
                             weir_error *err)
{
    *batch = (weir_batch){.x = weir_tensor_alloc(arena, &data->x),
                          .target = weir_tensor_alloc(arena, &data->target)};
    if (!batch->x.data || !batch->target.data) return weir_fail_memory(err);
    size_t size = data->x.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    memset(batch->x.data, 0, weir_count(&batch->x) * size);
    return WEIR_OK;
}

weir_rng weir_drawn_rng(const weir_data *data, weir_split split, uint64_t index)
{
    if (split == WEIR_VALID) index %= data->batches[WEIR_VALID];
    return weir_rng_make(data->seed, WEIR_FOR_DATA, (uint32_t)split, index);
}
