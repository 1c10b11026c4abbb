#include "base/intl.h"
#include "bench/bench.h"

/* [B, input] -> depth times (linear to width, relu) -> linear to 10 classes */
static void model(const weir_bench_size *s, weir_text *yaml)
{
    for (size_t i = 0; i < s->depth; i++)
        weir_text_printf(yaml, "  - linear: { out_features: %zu }\n  - relu\n", s->width);
    weir_text_add(yaml, "  - linear: { out_features: 10 }\n");
}

static weir_shape x(const weir_bench_size *s)
{
    return weir_shape_of(2, s->batch, s->input);
}

const weir_bench_kind weir_bench_mlp = {
    .net = {"mlp", N_("linear layers with ReLU, and ten classes"),
            {.batch = 128, .input = 784, .depth = 8, .width = 512}},
    .model = model,
    .x = x,
};
