/* bench/bench.h - what can be timed. One net is one file in nets/ and one line in nets/list.def.
 * The room builds nets from configurations and calls passes; the command shows what came out.
 *
 *   bench.c   options, rounds, figures        step.c   a net, its step, who listens meanwhile
 *   work.c    how much a step computes, and how fast this machine could at best
 */
#ifndef WEIR_BENCH_BENCH_H
#define WEIR_BENCH_BENCH_H

#include "base/text.h"
#include "config/config.h"
#include "nn/pass.h"
#include "weir/bench.h"

typedef struct weir_bench_kind {
    weir_bench_net net;
    /* The layers as a list of YAML, "  - relu\n" each. */
    void (*model)(const weir_bench_size *size, weir_text *yaml);
    weir_shape (*x)(const weir_bench_size *size);
} weir_bench_kind;

extern const weir_bench_kind *const weir_bench_kinds[];

/* A net that is ready to be timed. */
typedef struct weir_bench_step {
    weir_arena arena;
    weir_config *config;
    weir_model *model;
    weir_pass *pass;
    weir_tensor x, dy;
    weir_probe probe;
    size_t grads, times, contributions; /* how often the probe was told of each */
} weir_bench_step;

/* To be closed in any case. */
weir_status weir_bench_open(weir_bench_step *step, const weir_bench_kind *kind,
                            const weir_bench_size *size, weir_error *err);
void weir_bench_listen(weir_bench_step *step, weir_telemetry telemetry);
weir_status weir_bench_take(weir_bench_step *step, weir_error *err);
void weir_bench_close(weir_bench_step *step);

/* Median, quartiles and rates from the times of r->rounds rounds, which are sorted. */
void weir_bench_summarize(double *ms, weir_bench_result *r);

/* Operations of the matrix products and convolutions of one step, forward and backward. */
double weir_step_operations(const weir_model *model, bool input_grad);

/* Operations per second of fused multiplications on every thread that is set; NaN where no kernels
 * know how. */
double weir_peak_rate(void);

#define WEIR_BENCH(name) extern const weir_bench_kind weir_bench_##name;
#include "bench/nets/list.def"
#undef WEIR_BENCH

#endif
