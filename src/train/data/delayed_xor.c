/* delayed_xor: a bit, a pause, another bit; did they differ?
 *
 *   x [delay+2,B,1]: the first and the last step -1 or 1, zeros between;   target: their exclusive
 *   or, as a class [B] where the loss wants classes, else a number 0 or 1 [B,1]; the loss is at
 *   the last step. Either bit alone says nothing: without memory the cross entropy stays at ln 2.
 */
#include "base/intl.h"
#include "train/data/drawn.h"
#include "train/data/table.h"

struct delayed_xor {
    weir_drawn drawn;
    size_t delay;
    int classes;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct delayed_xor, delay, "20", 0, N_("steps between the two bits")),
    WEIR_CLASSES_OPTION(struct delayed_xor, classes),
    WEIR_DRAWN_OPTIONS(struct delayed_xor),
    {0}};

static weir_status open_delayed_xor(weir_data *data, weir_error *err)
{
    const struct delayed_xor *o = data->options;
    size_t B = o->drawn.batch_size;
    bool classes = weir_data_wants_classes(data, o->classes, true);
    data->x = weir_shape_of(3, o->delay + 2, B, (size_t)1);
    data->target = weir_shape_of(classes ? 1 : 2, B, (size_t)1);
    data->target.dtype = classes ? WEIR_INT32 : WEIR_FLOAT;
    data->hints.outputs = classes ? 2 : 1;
    return weir_drawn_open(data, &o->drawn, err);
}

static weir_status batch_delayed_xor(const weir_data *data, weir_split split, uint64_t index,
                                     weir_arena *arena, weir_batch *batch, weir_error *err)
{
    weir_status status = weir_drawn_batch(data, arena, batch, err);
    weir_rng rng = weir_drawn_rng(data, split, index);
    size_t T = data->x.dim[0], B = data->x.dim[1];
    for (size_t b = 0; !status && b < B; b++) {
        size_t first = weir_rng_below(&rng, 2), last = weir_rng_below(&rng, 2);
        batch->x.f[b] = first ? R(1.0) : R(-1.0);
        batch->x.f[(T - 1) * B + b] = last ? R(1.0) : R(-1.0);
        if (data->target.dtype == WEIR_INT32)
            batch->target.i[b] = first != last;
        else
            batch->target.f[b] = first != last ? R(1.0) : R(0.0);
    }
    return status;
}

const weir_data_kind weir_data_delayed_xor = {
    .name = "delayed_xor",
    .doc = N_("whether two bits far apart in time differ"),
    .options_size = sizeof(struct delayed_xor),
    .options = options,
    .open = open_delayed_xor,
    .batch = batch_delayed_xor,
};
