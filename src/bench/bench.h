/* bench/bench.h - what can be timed. One net is one file in nets/ and one line in nets/list.def.
 * The room builds nets from configurations and calls passes; the command shows what came out. */
#ifndef WEIR_BENCH_BENCH_H
#define WEIR_BENCH_BENCH_H

#include "base/text.h"
#include "nn/pass.h"
#include "weir/bench.h"

typedef struct weir_bench_kind {
    weir_bench_net net;
    /* The layers as a list of YAML, "  - relu\n" each. */
    void (*model)(const weir_bench_size *size, weir_text *yaml);
    weir_shape (*x)(const weir_bench_size *size);
} weir_bench_kind;

extern const weir_bench_kind *const weir_bench_kinds[];

/* Operations of the matrix products and convolutions of one step, forward and backward (work.c). */
double weir_step_operations(const weir_model *model, bool input_grad);

/* Operations per second of fused multiplications on every thread that is set; NaN where no kernels
 * know how (work.c). */
double weir_peak_rate(void);

#define WEIR_BENCH(name) extern const weir_bench_kind weir_bench_##name;
#include "bench/nets/list.def"
#undef WEIR_BENCH

#endif
