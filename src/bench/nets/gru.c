#include "base/intl.h"
#include "bench/bench.h"

static void model(const weir_bench_size *s, weir_text *yaml)
{
    weir_text_printf(yaml, "  - gru: { hidden_size: %zu, num_layers: %zu }\n", s->hidden,
                     s->layers);
}

static weir_shape x(const weir_bench_size *s)
{
    return weir_shape_of(3, s->seq, s->batch, s->input);
}

const weir_bench_kind weir_bench_gru = {
    .net = {"gru", N_("GRU layers over sequences"),
            {.seq = 100, .batch = 32, .input = 128, .hidden = 256, .layers = 1}},
    .model = model,
    .x = x,
};
