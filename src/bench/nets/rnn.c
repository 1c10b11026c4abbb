#include "base/intl.h"
#include "bench/nets/sequence.h"

static void model(const weir_bench_size *size, weir_text *yaml)
{
    weir_bench_sequence_model("rnn", size, yaml);
}

const weir_bench_kind weir_bench_rnn = {
    .net = {"rnn", N_("simple recurrent layers, tanh, over sequences"), WEIR_BENCH_SEQUENCE},
    .model = model,
    .x = weir_bench_sequence_x,
};
