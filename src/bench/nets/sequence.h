/* bench/nets/sequence.h - what the recurrent nets share. */
#ifndef WEIR_BENCH_NETS_SEQUENCE_H
#define WEIR_BENCH_NETS_SEQUENCE_H

#include "bench/bench.h"

#define WEIR_BENCH_SEQUENCE {.seq = 100, .batch = 32, .input = 128, .hidden = 256, .layers = 1}

/* [T,B,input] -> layers of `kind`, [T,B,hidden] */
weir_shape weir_bench_sequence_x(const weir_bench_size *size);
void weir_bench_sequence_model(const char *kind, const weir_bench_size *size, weir_text *yaml);

#endif
