/* temporal_order: in which order two marks came among many distractors.
 *
 *   x [L,B,6] one-hot: marks 0 and 1, distractors 2 .. 5; a mark at one step of [0.1 L, 0.2 L) and
 *   one at a step of [0.5 L, 0.6 L), distractors elsewhere;   target [B] = 2 first + second, at
 *   the last step. Guessing costs ln 4.
 *
 * With `longest` every batch has a length of its own, evenly drawn from seq_len .. longest.
 * Source: Hochreiter & Schmidhuber 1997, section 5.6 (experiment 6a), in the form of Pascanu,
 * Mikolov & Bengio, "On the difficulty of training recurrent neural networks", 2013.
 */
#include "base/intl.h"
#include "base/status.h"
#include "train/data/drawn.h"

enum { MARKS = 2, WORDS = 6, SHORTEST = 10 };

struct temporal_order {
    weir_drawn drawn;
    size_t seq_len, longest;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct temporal_order, seq_len, "50", SHORTEST, N_("steps of a sequence")),
    WEIR_OPTION_SIZE(struct temporal_order, longest, "0", 0,
                     N_("draw a length from seq_len to this for every batch; 0: seq_len")),
    WEIR_DRAWN_OPTIONS(struct temporal_order),
    {0}};

static weir_status open_temporal_order(weir_data *data, weir_error *err)
{
    const struct temporal_order *o = data->options;
    size_t L = o->longest ? o->longest : o->seq_len;
    if (L < o->seq_len)
        return weir_config_fail(data->config, weir_data_key(data, "longest"), err,
                                _("longest is %zu, less than seq_len %zu"), L, o->seq_len);
    data->x = weir_shape_of(3, L, o->drawn.batch_size, (size_t)WORDS);
    data->target = weir_shape_of(1, o->drawn.batch_size);
    data->target.dtype = WEIR_INT32;
    data->hints.outputs = MARKS * MARKS;
    return weir_drawn_open(data, &o->drawn, err);
}

/* A step of [a L, (a + 1) L) tenths; L is at least ten, so there is one. */
static size_t draw_step(weir_rng *rng, size_t L, size_t a)
{
    size_t from = (L * a + 9) / 10, to = (L * (a + 1) + 9) / 10;
    return from + weir_rng_below(rng, to - from);
}

/* Sequence b of x [L,B,6], which is zero; returns the class. */
static int32_t draw(size_t L, size_t B, size_t b, weir_rng *rng, real *x)
{
    size_t at[2] = {draw_step(rng, L, 1), draw_step(rng, L, 5)};
    size_t mark[2] = {weir_rng_below(rng, MARKS), weir_rng_below(rng, MARKS)};
    for (size_t t = 0; t < L; t++) {
        size_t word = MARKS + weir_rng_below(rng, WORDS - MARKS);
        if (t == at[0]) word = mark[0];
        if (t == at[1]) word = mark[1];
        x[(t * B + b) * WORDS + word] = R(1.0);
    }
    return (int32_t)(MARKS * mark[0] + mark[1]);
}

static weir_status batch_temporal_order(const weir_data *data, weir_split split, uint64_t index,
                                        weir_arena *arena, weir_batch *batch, weir_error *err)
{
    const struct temporal_order *o = data->options;
    weir_status status = weir_drawn_batch(data, arena, batch, err);
    weir_rng rng = weir_drawn_rng(data, split, index);
    size_t B = data->x.dim[1];
    size_t L = o->seq_len + weir_rng_below(&rng, data->x.dim[0] - o->seq_len + 1);
    batch->x.shape.dim[0] = L;
    for (size_t b = 0; !status && b < B; b++)
        batch->target.i[b] = draw(L, B, b, &rng, batch->x.f);
    return status;
}

const weir_data_kind weir_data_temporal_order = {
    .name = "temporal_order",
    .doc = N_("the order of two marks among distractors"),
    .options_size = sizeof(struct temporal_order),
    .options = options,
    .open = open_temporal_order,
    .batch = batch_temporal_order,
};
