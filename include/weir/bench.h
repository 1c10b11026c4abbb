/* weir/bench.h - how long forward and backward of a well-known net take, on random numbers. What
 * else belongs to a training step is left out: loss, clipping, update.
 *
 *   weir_bench_options o = weir_bench_options_init();
 *   o.net = "lstm";
 *   weir_bench(&o, &result, &err);
 */
#ifndef WEIR_BENCH_H
#define WEIR_BENCH_H

#include "weir/base.h"

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

/* The sizes of a net. In options, 0 is the net's own default; what a net does not have stays 0. */
typedef struct weir_bench_size {
    size_t seq;    /* steps of a sequence, T */
    size_t batch;  /* examples side by side, B */
    size_t input;  /* features of the input */
    size_t hidden; /* hidden_size of a recurrent layer */
    size_t layers; /* recurrent layers on top of each other */
    size_t depth;  /* hidden layers of an MLP */
    size_t width;  /* units of each */
} weir_bench_size;

/* The index-th size by its name in weir_bench_size, NULL behind the last; and its place there. */
const char *weir_bench_size_at(size_t index);
size_t *weir_bench_size_of(weir_bench_size *size, size_t index);

/* What is measured while the net computes. */
typedef enum weir_telemetry {
    WEIR_TELEMETRY_OFF,
    WEIR_TELEMETRY_NORMS, /* |dL/dy| of every layer, |dL/dh_t| and |dL/dc_t| of every step */
    WEIR_TELEMETRY_FULL,  /* also |g_t|, every step's part in the gradient of each parameter of a
                           * recurrent layer */
    WEIR_TELEMETRY_SHARES /* also <g_t, g> / <g, g>, as a recorder does at sampled steps */
} weir_telemetry;

typedef struct weir_bench_options {
    const char *net; /* a name of weir_bench_net_at */
    weir_bench_size size;
    weir_telemetry telemetry;
    bool input_grad; /* the gradient of the net's input too (default) */
    double seconds;  /* to measure for, but at least 5 rounds and at most 10,000 (default 2) */
    /* (optional) Asked after every step; true ends the benchmark there, perhaps without a round. */
    bool (*stop)(void *self);
    void *self;
} weir_bench_options;

weir_bench_options weir_bench_options_init(void);

typedef struct weir_bench_result {
    weir_bench_size size; /* as it was */
    size_t rounds, parameters;
    double median_ms, min_ms, low_ms, high_ms; /* low, high: the quartiles */
    double gflop;       /* of the matrix products and convolutions of a step, 2 for each
                         * multiplication that is added */
    double gflops;      /* gflop over the median, per second */
    double peak_gflops; /* the best seen, before and after, of fused multiplications on as many
                         * threads, in the widest vectors this machine has; NaN where the build
                         * has no kernels for it: float64, or a processor without AVX2 */
    double peak_rss_mb; /* of the process, so far, in 10^6 bytes */
} weir_bench_result;

/* What can be measured: the index-th net, NULL behind the last. */
typedef struct weir_bench_net {
    const char *name, *doc; /* one sentence */
    weir_bench_size size; /* by default; 0: it has no such size */
} weir_bench_net;
const weir_bench_net *weir_bench_net_at(size_t index);

/* WEIR_USAGE for an unknown net or a size it does not have. */
weir_status weir_bench(const weir_bench_options *options, weir_bench_result *result,
                       weir_error *err);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
