/* adding: the sum of two marked numbers in a long sequence of them.
 *
 *   x[t] = (u_t, m_t), u_t uniform in [0,1), m_t = 1 at one step of the first half and at one of
 *   the second, else 0;   target [B,1] = the sum of the two marked u; the loss is at the last step
 *
 * Predicting 1 gives the mean square error 2 Var(u) = 1/6.
 * Source: Hochreiter & Schmidhuber, "Long short-term memory", 1997, section 5.4, in the form with a
 * fixed length and a marker in each half (Arjovsky, Shah & Bengio, "Unitary evolution recurrent
 * neural networks", 2016).
 */
#include "base/intl.h"
#include "train/data/drawn.h"

struct adding {
    weir_drawn drawn;
    size_t seq_len;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct adding, seq_len, "100", 2, N_("steps of a sequence")),
    WEIR_DRAWN_OPTIONS(struct adding),
    {0}};

static weir_status open_adding(weir_data *data, weir_error *err)
{
    const struct adding *o = data->options;
    data->x = weir_shape_of(3, o->seq_len, o->drawn.batch_size, (size_t)2);
    data->target = weir_shape_of(2, o->drawn.batch_size, (size_t)1);
    data->hints.outputs = 1;
    return weir_drawn_open(data, &o->drawn, err);
}

/* Sequence b of x [T,B,2]; returns the sum. */
static real draw(size_t T, size_t B, size_t b, weir_rng *rng, real *x)
{
    size_t half = T / 2;
    size_t marked[2] = {weir_rng_below(rng, half), half + weir_rng_below(rng, T - half)};
    real sum = R(0.0);
    for (size_t t = 0; t < T; t++) {
        real *step = x + (t * B + b) * 2;
        step[0] = (real)weir_rng_uniform(rng);
        step[1] = t == marked[0] || t == marked[1] ? R(1.0) : R(0.0);
        sum += step[0] * step[1];
    }
    return sum;
}

static weir_status batch_adding(const weir_data *data, weir_split split, uint64_t index,
                                weir_arena *arena, weir_batch *batch, weir_error *err)
{
    weir_status status = weir_drawn_batch(data, arena, batch, err);
    weir_rng rng = weir_drawn_rng(data, split, index);
    size_t T = data->x.dim[0], B = data->x.dim[1];
    for (size_t b = 0; !status && b < B; b++)
        batch->target.f[b] = draw(T, B, b, &rng, batch->x.f);
    return status;
}

const weir_data_kind weir_data_adding = {
    .name = "adding",
    .doc = N_("the sum of two marked numbers in a long sequence"),
    .options_size = sizeof(struct adding),
    .options = options,
    .open = open_adding,
    .batch = batch_adding,
};
