#include "base/intl.h"
#include "bench/nets/sequence.h"

static void model(const weir_bench_size *size, weir_text *yaml)
{
    weir_bench_sequence_model("lstm", size, yaml);
}

const weir_bench_kind weir_bench_lstm = {
    .net = {"lstm", N_("LSTM layers over sequences"), WEIR_BENCH_SEQUENCE},
    .model = model,
    .x = weir_bench_sequence_x,
};
