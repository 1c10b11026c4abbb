#include "bench/nets/sequence.h"

weir_shape weir_bench_sequence_x(const weir_bench_size *size)
{
    return weir_shape_of(3, size->seq, size->batch, size->input);
}

void weir_bench_sequence_model(const char *kind, const weir_bench_size *size, weir_text *yaml)
{
    weir_text_printf(yaml, "  - %s: { hidden_size: %zu, num_layers: %zu }\n", kind, size->hidden,
                     size->layers);
}
