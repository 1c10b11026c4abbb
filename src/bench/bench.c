#include "bench/bench.h"

#include "base/clock.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/status.h"
#include "tensor/vec.h"
#include "train/trainer.h"

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

/* The sizes of both structs by turn. */
static const struct {
    const char *name;
    size_t offset;
} sizes[] = {
    {"seq", offsetof(weir_bench_size, seq)},       {"batch", offsetof(weir_bench_size, batch)},
    {"input", offsetof(weir_bench_size, input)},   {"hidden", offsetof(weir_bench_size, hidden)},
    {"layers", offsetof(weir_bench_size, layers)}, {"depth", offsetof(weir_bench_size, depth)},
    {"width", offsetof(weir_bench_size, width)},
};

static weir_status settle_sizes(const weir_bench_net *net, const weir_bench_size *asked,
                                weir_bench_size *out, weir_error *err)
{
    *out = net->size;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t wish = *(const size_t *)((const char *)asked + sizes[i].offset);
        size_t *size = (size_t *)(void *)((char *)out + sizes[i].offset);
        if (wish && !*size)
            return weir_fail(err, WEIR_USAGE, _("%s has no size called %s"), net->name,
                             sizes[i].name);
        if (wish) *size = wish;
    }
    return WEIR_OK;
}

/* --- the net ---------------------------------------------------------------------------------- */

struct bench {
    weir_arena arena;
    weir_config *config;
    weir_model *model;
    weir_pass *pass;
    weir_tensor x, dy;
    weir_probe probe;
    double heard; /* what the probe hears, so that it is used */
};

static void close_bench(struct bench *b)
{
    weir_pass_free(b->pass);
    weir_model_free(b->model);
    weir_config_free(b->config);
    weir_arena_free(&b->arena);
}

static weir_status draw(struct bench *b, const weir_shape *shape, uint32_t which, double scale,
                        weir_tensor *out)
{
    *out = weir_tensor_alloc(&b->arena, shape);
    if (!out->data) return WEIR_MEMORY;
    weir_rng rng = weir_rng_make(1, WEIR_FOR_DATA, which, 0);
    for (size_t i = 0; i < weir_count(out); i++)
        out->f[i] = (real)(scale * weir_rng_normal(&rng));
    return WEIR_OK;
}

static weir_status build(struct bench *b, const weir_bench_kind *kind, const weir_bench_size *size,
                         weir_error *err)
{
    weir_text yaml = {0};
    weir_init_list inits = {0};
    weir_data data = {.x = kind->x(size)};
    weir_text_add(&yaml, "model:\n");
    kind->model(size, &yaml);
    weir_status status = yaml.failed ? weir_fail_memory(err)
                                     : weir_config_parse(yaml.s, "bench", &b->config, err);
    weir_text_free(&yaml);
    WEIR_TRY(status);
    WEIR_TRY(weir_assemble(b->config, &data, 1, &b->arena, &b->model, &inits, err));
    const weir_shape *y = &b->model->nodes[b->model->count - 1].shape;
    b->pass = weir_pass_new(b->model);
    if (!b->pass || draw(b, &data.x, 0, 1, &b->x) ||
        draw(b, y, 1, 1 / (double)weir_shape_count(y), &b->dy))
        return weir_fail_memory(err);
    b->pass->train = true;
    return WEIR_OK;
}

/* --- telemetry -------------------------------------------------------------------------------- */

static void on_grad_out(void *self, const weir_node *node, const weir_tensor *dy)
{
    struct bench *b = self;
    (void)node;
    b->heard += weir_vec_norm2(weir_count(dy), dy->f);
}

static void on_grad_time(void *self, const weir_moment *where, double norm_h, double norm_c)
{
    struct bench *b = self;
    (void)where;
    b->heard += norm_h + norm_c;
}

static void on_contribution(void *self, const weir_moment *where, const weir_parameter *p,
                            double norm2, double share, const real *matrix)
{
    struct bench *b = self;
    (void)where, (void)p, (void)share, (void)matrix;
    b->heard += norm2;
}

static void listen(struct bench *b, weir_telemetry telemetry)
{
    b->probe = (weir_probe){.self = b, .wants = WEIR_WANTS_GRAD_OUT | WEIR_WANTS_TIME,
                            .grad_out = on_grad_out, .grad_time = on_grad_time,
                            .step_contribution = on_contribution};
    if (telemetry == WEIR_TELEMETRY_FULL) b->probe.wants |= WEIR_WANTS_CONTRIBUTIONS;
    b->pass->probe = telemetry == WEIR_TELEMETRY_OFF ? NULL : &b->probe;
}

/* --- the steps -------------------------------------------------------------------------------- */

static weir_status step(struct bench *b, weir_error *err)
{
    weir_vec_zero(b->model->weights, b->model->grads);
    WEIR_TRY(weir_pass_forward(b->pass, &b->x, err));
    WEIR_TRY(weir_pass_backward(b->pass, &b->dy, err));
    weir_pass_settle(b->pass);
    return WEIR_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Peak and steps by turns of a quarter of the time: both see the same machine. */
static weir_status take_steps(struct bench *b, const weir_bench_options *o, double *ms,
                              weir_bench_result *r, weir_error *err)
{
    enum { TURNS = 4 };
    for (int i = 0; i < WARM_UP; i++) WEIR_TRY(step(b, err));
    r->peak_gflops = weir_peak_rate() * 1e-9;
    bool stopped = false;
    for (int turn = 0; turn < TURNS && !stopped; turn++) {
        double end = weir_now() + o->seconds / TURNS;
        size_t least = LEAST_ROUNDS * (size_t)(turn + 1) / TURNS;
        while (!stopped && r->rounds < MOST_ROUNDS && (r->rounds < least || weir_now() < end)) {
            double begin = weir_now();
            WEIR_TRY(step(b, err));
            ms[r->rounds++] = 1e3 * (weir_now() - begin);
            stopped = o->stop && o->stop(o->self);
        }
        r->peak_gflops = fmax(r->peak_gflops, weir_peak_rate() * 1e-9);
    }
    return WEIR_OK;
}

static double peak_rss_mb(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) ? (double)NAN : (double)usage.ru_maxrss * 1024e-6;
}

static void summarize(double *ms, weir_bench_result *r)
{
    size_t n = r->rounds;
    qsort(ms, n, sizeof *ms, ascending);
    r->min_ms = ms[0];
    r->low_ms = ms[n / 4];
    r->median_ms = n % 2 ? ms[n / 2] : 0.5 * (ms[n / 2 - 1] + ms[n / 2]);
    r->high_ms = ms[3 * n / 4];
    r->gflops = r->gflop / r->median_ms * 1e3;
    r->peak_rss_mb = peak_rss_mb();
}

weir_status weir_bench(const weir_bench_options *options, weir_bench_result *result,
                       weir_error *err)
{
    const weir_bench_kind *kind;
    struct bench b = {0};
    weir_bench_result r = {0};
    WEIR_TRY(find_net(options->net, &kind, err));
    WEIR_TRY(settle_sizes(&kind->net, &options->size, &r.size, err));
    double *ms = weir_calloc(MOST_ROUNDS, sizeof *ms);
    weir_status status = ms ? build(&b, kind, &r.size, err) : weir_fail_memory(err);
    if (!status) {
        b.pass->want_dx = options->input_grad;
        r.parameters = b.model->weights;
        r.gflop = weir_step_operations(b.model, options->input_grad) * 1e-9;
        listen(&b, options->telemetry);
        status = take_steps(&b, options, ms, &r, err);
    }
    if (!status) {
        summarize(ms, &r);
        *result = r;
    }
    close_bench(&b);
    weir_free(ms);
    return status;
}
