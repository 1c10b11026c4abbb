/* Options, rounds and figures of a benchmark. */
#include "bench/bench.h"

#include "base/clock.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { LEAST_ROUNDS = 5, MOST_ROUNDS = 10000, WARM_UP = 3 };

#define WEIR_BENCH(name) &weir_bench_##name,
const weir_bench_kind *const weir_bench_kinds[] = {
#include "bench/nets/list.def"
    NULL};
#undef WEIR_BENCH

weir_bench_options weir_bench_options_init(void)
{
    return (weir_bench_options){.input_grad = true, .seconds = 2};
}

const weir_bench_net *weir_bench_net_at(size_t index)
{
    size_t count = sizeof weir_bench_kinds / sizeof *weir_bench_kinds - 1;
    return index < count ? &weir_bench_kinds[index]->net : NULL;
}

static const struct {
    const char *name;
    size_t offset;
} sizes[] = {
    {"seq", offsetof(weir_bench_size, seq)},       {"batch", offsetof(weir_bench_size, batch)},
    {"input", offsetof(weir_bench_size, input)},   {"hidden", offsetof(weir_bench_size, hidden)},
    {"layers", offsetof(weir_bench_size, layers)}, {"depth", offsetof(weir_bench_size, depth)},
    {"width", offsetof(weir_bench_size, width)},
};

const char *weir_bench_size_at(size_t index)
{
    return index < sizeof sizes / sizeof *sizes ? sizes[index].name : NULL;
}

size_t *weir_bench_size_of(weir_bench_size *size, size_t index)
{
    return (size_t *)(void *)((char *)size + sizes[index].offset);
}

/* --- what is asked for ------------------------------------------------------------------------ */

static weir_status find_net(const char *name, const weir_bench_kind **kind, weir_error *err)
{
    weir_text known = {0};
    for (size_t n = 0; weir_bench_kinds[n]; n++) {
        *kind = weir_bench_kinds[n];
        if (name && !strcmp((*kind)->net.name, name)) return WEIR_OK;
    }
    for (size_t n = 0; weir_bench_kinds[n]; n++)
        weir_text_printf(&known, "%s%s", n ? ", " : "", weir_bench_kinds[n]->net.name);
    weir_fail(err, WEIR_USAGE, _("\"%s\" is no net that can be timed: %s"), name ? name : "",
              known.s ? known.s : "");
    weir_text_free(&known);
    return WEIR_USAGE;
}

static weir_status settle_sizes(const weir_bench_net *net, const weir_bench_size *asked,
                                weir_bench_size *out, weir_error *err)
{
    weir_bench_size wish = *asked;
    *out = net->size;
    for (size_t i = 0; weir_bench_size_at(i); i++) {
        size_t n = *weir_bench_size_of(&wish, i), *size = weir_bench_size_of(out, i);
        if (n && !*size)
            return weir_fail(err, WEIR_USAGE, _("%s has no size called %s"), net->name,
                             weir_bench_size_at(i));
        if (n) *size = n;
    }
    return WEIR_OK;
}

/* --- the rounds ------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool stopped(const weir_bench_options *o)
{
    return o->stop && o->stop(o->self);
}

/* Warm-up takes no longer than the rounds. */
static weir_status take_rounds(weir_bench_step *b, const weir_bench_options *o, double *ms,
                               weir_bench_result *r, weir_error *err)
{
    double begin = weir_now();
    for (int i = 0; i < WARM_UP && (!i || weir_now() - begin < o->seconds); i++) {
        WEIR_TRY(weir_bench_take(b, err));
        if (stopped(o)) return WEIR_OK;
    }
    r->peak_gflops = weir_peak_rate() * 1e-9;
    double end = weir_now() + o->seconds;
    while (r->rounds < LEAST_ROUNDS || (r->rounds < MOST_ROUNDS && weir_now() < end)) {
        begin = weir_now();
        WEIR_TRY(weir_bench_take(b, err));
        ms[r->rounds++] = 1e3 * (weir_now() - begin);
        if (stopped(o)) break;
    }
    r->peak_gflops = fmax(r->peak_gflops, weir_peak_rate() * 1e-9);
    return WEIR_OK;
}

static double peak_rss_mb(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) ? (double)NAN : (double)usage.ru_maxrss * 1024e-6;
}

void weir_bench_summarize(double *ms, weir_bench_result *r)
{
    size_t n = r->rounds;
    r->peak_rss_mb = peak_rss_mb();
    if (!n) return;
    qsort(ms, n, sizeof *ms, ascending);
    r->min_ms = ms[0];
    r->low_ms = ms[n / 4];
    r->median_ms = n % 2 ? ms[n / 2] : 0.5 * (ms[n / 2 - 1] + ms[n / 2]);
    r->high_ms = ms[3 * n / 4];
    r->gflops = r->gflop / r->median_ms * 1e3;
}

weir_status weir_bench(const weir_bench_options *options, weir_bench_result *result,
                       weir_error *err)
{
    const weir_bench_kind *kind;
    weir_bench_step step = {0};
    weir_bench_result r = {0};
    WEIR_TRY(find_net(options->net, &kind, err));
    WEIR_TRY(settle_sizes(&kind->net, &options->size, &r.size, err));
    double *ms = weir_calloc(MOST_ROUNDS, sizeof *ms);
    weir_status status = ms ? weir_bench_open(&step, kind, &r.size, err) : weir_fail_memory(err);
    if (!status) {
        step.pass->want_dx = options->input_grad;
        weir_bench_listen(&step, options->telemetry);
        r.parameters = step.model->weights;
        r.gflop = weir_step_operations(step.model, options->input_grad) * 1e-9;
        status = take_rounds(&step, options, ms, &r, err);
    }
    if (!status) {
        weir_bench_summarize(ms, &r);
        *result = r;
    }
    weir_bench_close(&step);
    weir_free(ms);
    return status;
}
