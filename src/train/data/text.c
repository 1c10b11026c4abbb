/* text: the next character of a text, or its next byte.
 *
 *   without context   x, target [T,B]: the text is cut into B contiguous streams of equal length,
 *                     and batch w is the w-th window of T steps of each; target is x one step later
 *   context: n        x [B,n], target [B]: the n characters before a place, and the one there
 *
 * The last part of the text (validation, a tenth) is cut the same way for validation, into fewer
 * streams if it is too short for B; with validation: 0 both splits are the whole text.
 */
#include "base/intl.h"
#include "base/status.h"
#include "formats/symbols.h"
#include "train/data.h"

struct text {
    const char *path;
    size_t seq_len, batch_size, context;
    int unit;
    bool carry_state;
    double validation;
};

static const weir_option options[] = {
    WEIR_OPTION_STRING(struct text, path, NULL, N_("the file, in UTF-8 or GB18030")),
    WEIR_OPTION_SIZE(struct text, seq_len, "100", 1, N_("steps of a window")),
    WEIR_OPTION_SIZE(struct text, batch_size, "32", 1, N_("streams, or examples, side by side")),
    WEIR_OPTION_SIZE(struct text, context, "0", 0,
                     N_("for nets without recurrence: how many symbols to see; 0: windows")),
    WEIR_OPTION_CHOICE(struct text, unit, "char", "char|byte", N_("what a symbol is")),
    WEIR_OPTION_BOOL(struct text, carry_state, "true",
                     N_("hand states on from window to window of an epoch")),
    WEIR_OPTION_REAL(struct text, validation, "0.1", 0, 0.9,
                     N_("share of the text, at its end, kept for validation")),
    {0}};

/* What a split sees of the text. */
struct part {
    size_t first, count; /* symbols */
    size_t streams, length; /* without context: how many, and the symbols of each */
};

struct corpus {
    weir_symbols text;
    struct part part[2];
};

static void cut(struct corpus *c, const struct text *o)
{
    size_t held_out = (size_t)(o->validation * (double)c->text.count);
    c->part[WEIR_TRAIN] = (struct part){.count = c->text.count - held_out};
    c->part[WEIR_VALID] = c->part[WEIR_TRAIN];
    if (o->validation > 0)
        c->part[WEIR_VALID] = (struct part){.first = c->text.count - held_out, .count = held_out};
}

static weir_status fail_short(const weir_data *data, const struct part *p, size_t streams,
                              size_t needed, weir_error *err)
{
    const struct text *o = data->options;
    const struct corpus *c = data->self;
    const char *window = o->context ? "context" : "seq_len";
    const char *part = p == &c->part[WEIR_VALID] ? _("validation") : _("training");
    size_t longest = p->count > streams ? (p->count - 1) / streams : 0;
    if (longest == 0)
        return weir_config_fail(data->config, weir_data_key(data, "path"), err,
                                _("the text has %zu symbols, %zu of them for %s, and %zu are "
                                  "needed: take a longer text, or set validation to another share"),
                                c->text.count, p->count, part, needed);
    return weir_config_fail(data->config, weir_data_key(data, window), err,
                            _("the text has %zu symbols, %zu of them for %s, and %zu are needed: "
                              "set %s to %zu or less, or batch_size or validation to fit"),
                            c->text.count, p->count, part, needed, window, longest);
}

/* Windows: every stream must hold one, and one symbol more follows the last as its target. */
static weir_status cut_streams(weir_data *data, weir_split split, weir_error *err)
{
    const struct text *o = data->options;
    struct part *p = &((struct corpus *)data->self)->part[split];
    size_t T = o->seq_len, usable = p->count ? p->count - 1 : 0;
    p->streams = o->batch_size;
    if (split == WEIR_VALID && usable / T < p->streams) p->streams = usable / T ? usable / T : 1;
    p->length = usable / p->streams;
    data->batches[split] = p->length / T;
    return p->length >= T ? WEIR_OK : fail_short(data, p, p->streams, p->streams * T + 1, err);
}

static weir_status cut_places(weir_data *data, weir_split split, weir_error *err)
{
    const struct text *o = data->options;
    struct part *p = &((struct corpus *)data->self)->part[split];
    if (p->count <= o->context) return fail_short(data, p, 1, o->context + 1, err);
    size_t places = p->count - o->context;
    p->streams = places < o->batch_size ? places : o->batch_size;
    data->batches[split] = places / p->streams;
    return WEIR_OK;
}

static weir_shape ids_shape(size_t rank, size_t a, size_t b)
{
    return (weir_shape){.dtype = WEIR_INT32, .rank = rank, .dim = {a, b}};
}

static void set_shapes(const weir_data *data, size_t B, weir_shape *x, weir_shape *target)
{
    const struct text *o = data->options;
    *x = o->context ? ids_shape(2, B, o->context) : ids_shape(2, o->seq_len, B);
    *target = o->context ? ids_shape(1, B, 0) : *x;
}

static weir_status open_text(weir_data *data, weir_error *err)
{
    const struct text *o = data->options;
    struct corpus *c = data->self = weir_arena_calloc(&data->arena, 1, sizeof *c);
    const char *path = weir_data_path(data, "path", o->path);
    if (!c || !path) return weir_fail_memory(err);
    WEIR_TRY(weir_symbols_open(path, o->unit ? WEIR_BYTES : WEIR_CHARACTERS, &c->text, err));
    cut(c, o);
    for (weir_split split = WEIR_TRAIN; split <= WEIR_VALID; split++)
        WEIR_TRY((o->context ? cut_places : cut_streams)(data, split, err));
    set_shapes(data, c->part[WEIR_TRAIN].streams, &data->x, &data->target);
    data->hints = (weir_hints){c->text.vocabulary, c->text.vocabulary};
    data->symbols = c->text.symbols;
    return WEIR_OK;
}

/* Column b of x and target [T,B] is stream b. */
static void read_windows(const struct corpus *c, const struct part *p, size_t window, size_t T,
                         weir_batch *batch)
{
    size_t B = p->streams;
    for (size_t b = 0; b < B; b++) {
        size_t at = p->first + b * p->length + window * T;
        weir_symbols_ids(&c->text, at, T, B, batch->x.i + b);
        weir_symbols_ids(&c->text, at + 1, T, B, batch->target.i + b);
    }
}

static void read_places(const weir_data *data, weir_split split, uint64_t index, weir_batch *batch)
{
    const struct corpus *c = data->self;
    const struct part *p = &c->part[split];
    size_t n = ((const struct text *)data->options)->context, B = p->streams;
    uint64_t seed = split == WEIR_TRAIN ? data->seed : 0; /* validation is the same for all seeds */
    uint64_t epoch = split == WEIR_TRAIN ? index / data->batches[split] : 0;
    uint64_t first = index % data->batches[split] * B;
    for (size_t b = 0; b < B; b++) {
        size_t at = p->first + (size_t)weir_shuffled(seed, epoch, p->count - n, first + b);
        weir_symbols_ids(&c->text, at, n, 1, batch->x.i + b * n);
        weir_symbols_ids(&c->text, at + n, 1, 1, batch->target.i + b);
    }
}

static weir_status batch_text(const weir_data *data, weir_split split, uint64_t index,
                              weir_arena *arena, weir_batch *batch, weir_error *err)
{
    const struct text *o = data->options;
    const struct corpus *c = data->self;
    const struct part *p = &c->part[split];
    weir_shape x, target;
    set_shapes(data, p->streams, &x, &target);
    *batch = (weir_batch){.x = weir_tensor_alloc(arena, &x),
                          .target = weir_tensor_alloc(arena, &target)};
    if (!batch->x.data || !batch->target.data) return weir_fail_memory(err);
    uint64_t window = index % data->batches[split];
    if (o->context) {
        read_places(data, split, index, batch);
    } else {
        read_windows(c, p, (size_t)window, o->seq_len, batch);
        batch->continues = o->carry_state && window > 0;
    }
    return WEIR_OK;
}

static void close_text(weir_data *data)
{
    weir_symbols_close(&((struct corpus *)data->self)->text);
}

const weir_data_kind weir_data_text = {
    .name = "text",
    .doc = N_("a text, of which the next character is to be told"),
    .options_size = sizeof(struct text),
    .options = options,
    .open = open_text,
    .batch = batch_text,
    .close = close_text,
};
