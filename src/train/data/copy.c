/* copy: ten symbols, a long pause, a signal, and the ten symbols are to be said again.
 *
 *   steps 0 .. 9        symbols 0 .. 7, drawn independently           target blank (8)
 *   steps 10 .. T+9     blanks, the last of them the signal (9)       target blank (8)
 *   steps T+10 .. T+19  blanks                                        target the ten symbols
 *
 * x [T+20,B,10] one-hot, or ids [T+20,B]; target [T+20,B], nine classes. All steps count. Knowing
 * only where it stands, a net reaches the cross entropy 10 ln 8 / (T + 20).
 * Source: Hochreiter & Schmidhuber 1997 (the idea); Arjovsky, Shah & Bengio, "Unitary evolution
 * recurrent neural networks", 2016, section 5.1 (this form).
 */
#include "base/intl.h"
#include "train/data/drawn.h"

enum { SYMBOLS = 8, BLANK = 8, SIGNAL = 9, WORDS = 10, LENGTH = 10 };

struct copy {
    weir_drawn drawn;
    size_t delay;
    bool one_hot;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct copy, delay, "100", 1,
                     N_("T, steps between the symbols and the answer")),
    WEIR_OPTION_BOOL(struct copy, one_hot, "true",
                     N_("x is vectors; false: token ids, for an embedding")),
    WEIR_DRAWN_OPTIONS(struct copy),
    {0}};

static weir_status open_copy(weir_data *data, weir_error *err)
{
    const struct copy *o = data->options;
    size_t steps = o->delay + 2 * LENGTH, B = o->drawn.batch_size;
    data->target = (weir_shape){.dtype = WEIR_INT32, .rank = 2, .dim = {steps, B}};
    data->x = o->one_hot ? weir_shape_of(3, steps, B, (size_t)WORDS) : data->target;
    data->hints = (weir_hints){.vocabulary = o->one_hot ? 0 : WORDS, .outputs = SYMBOLS + 1};
    data->in_step = true;
    return weir_drawn_open(data, &o->drawn, err);
}

/* What sequence shows at step t of T + 20. */
static int32_t shown(const int32_t symbols[LENGTH], size_t t, size_t delay)
{
    if (t < LENGTH) return symbols[t];
    return t == LENGTH + delay - 1 ? SIGNAL : BLANK;
}

static weir_status batch_copy(const weir_data *data, weir_split split, uint64_t index,
                              weir_arena *arena, weir_batch *batch, weir_error *err)
{
    const struct copy *o = data->options;
    weir_status status = weir_drawn_batch(data, arena, batch, err);
    weir_rng rng = weir_drawn_rng(data, split, index);
    size_t steps = data->x.dim[0], B = data->x.dim[1];
    for (size_t b = 0; !status && b < B; b++) {
        int32_t symbols[LENGTH];
        for (size_t k = 0; k < LENGTH; k++) symbols[k] = (int32_t)weir_rng_below(&rng, SYMBOLS);
        for (size_t t = 0; t < steps; t++) {
            int32_t word = shown(symbols, t, o->delay);
            bool answer = t >= steps - LENGTH;
            batch->target.i[t * B + b] = answer ? symbols[t - (steps - LENGTH)] : BLANK;
            if (o->one_hot)
                batch->x.f[(t * B + b) * WORDS + (size_t)word] = R(1.0);
            else
                batch->x.i[t * B + b] = word;
        }
    }
    return status;
}

const weir_data_kind weir_data_copy = {
    .name = "copy",
    .doc = N_("ten symbols to be repeated after a long pause"),
    .options_size = sizeof(struct copy),
    .options = options,
    .open = open_copy,
    .batch = batch_copy,
};
