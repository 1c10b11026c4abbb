/* Benchmarks: what a net is, what a step computes; nothing about how fast. */
#include "tests/test.h"

#include "bench/bench.h"
#include "nn/panels/panels.h"
#include "tensor/vec.h"

#include <math.h>

static weir_bench_options brief(const char *net)
{
    weir_bench_options o = weir_bench_options_init();
    o.net = net;
    o.seconds = 0;
    return o;
}

static bool at_once(void *self)
{
    (void)self;
    return true;
}

static bool after_some(void *self)
{
    int *left = self;
    return --*left <= 0;
}

/* Small, so that it is quick. */
static weir_bench_size tiny(const weir_bench_net *net)
{
    weir_bench_size s = net->size;
    s.batch = 2;
    if (s.seq) s.seq = 5;
    if (s.hidden) s.hidden = 8;
    if (s.width) s.width = 8;
    return s;
}

/* Every net takes a step forward and backward, and is listened to as much as is asked for. */
static void every_net(void **state)
{
    (void)state;
    size_t nets = 0;
    for (; weir_bench_net_at(nets); nets++) {
        weir_bench_size size = tiny(weir_bench_net_at(nets));
        weir_bench_step step;
        weir_error err = {0};
        assert_int_equal(weir_bench_open(&step, weir_bench_kinds[nets], &size, &err), WEIR_OK);
        size_t nodes = step.model->count, T = size.seq, parts = T * step.model->params_count;
        for (int t = WEIR_TELEMETRY_OFF; t <= WEIR_TELEMETRY_SHARES; t++) {
            step.pass->want_dx = t % 2;
            weir_bench_listen(&step, (weir_telemetry)t);
            assert_int_equal(weir_bench_take(&step, &err), WEIR_OK);
            assert_true(weir_vec_squares(step.model->weights, step.model->grads) > 0);
            assert_int_equal(step.pass->dx.data != NULL, t % 2);
            assert_int_equal(step.grads, t >= WEIR_TELEMETRY_NORMS ? nodes : 0);
            assert_int_equal(step.times, t >= WEIR_TELEMETRY_NORMS ? T : 0);
            assert_int_equal(step.contributions, t >= WEIR_TELEMETRY_FULL ? parts : 0);
        }
        weir_bench_close(&step);
    }
    assert_int_equal(nets, 6);
}

static void every_size_has_a_name(void **state)
{
    (void)state;
    weir_bench_size s = {0};
    size_t count = 0;
    for (; weir_bench_size_at(count); count++) *weir_bench_size_of(&s, count) = count + 1;
    assert_int_equal(count, sizeof s / sizeof(size_t));
    assert_int_equal(s.seq, 1);
    assert_int_equal(s.width, 7);
}

static void figures(void **state)
{
    (void)state;
    double odd[] = {5, 1, 4, 2, 3}, even[] = {8, 2, 6, 4};
    weir_bench_result r = {.rounds = 5, .gflop = 6};
    weir_bench_summarize(odd, &r);
    assert_true(r.median_ms == 3 && r.min_ms == 1 && r.low_ms == 2 && r.high_ms == 4);
    assert_near(r.gflops, 2000, 1e-9);
    r.rounds = 4;
    weir_bench_summarize(even, &r);
    assert_true(r.median_ms == 5 && r.min_ms == 2 && r.low_ms == 4 && r.high_ms == 8);
    assert_true(r.peak_rss_mb > 1);
}

/* Steps cannot be faster than the peak; a processor has 2 to 128 operations in a cycle. */
static void peak(void **state)
{
    (void)state;
    weir_bench_options o = brief("lstm");
    weir_bench_result r;
    o.size.batch = 4;
    o.size.seq = 4;
    assert_int_equal(weir_bench(&o, &r, NULL), WEIR_OK);
    assert_int_equal(r.rounds, 5);
    if (!weir_panels_widest()) {
        assert_true(isnan(r.peak_gflops));
        return;
    }
    assert_true(r.gflops < r.peak_gflops);
    assert_true(r.peak_gflops > 1 && r.peak_gflops < 128 * 6.0 * weir_threads());
}

/* Asked to stop, it stops: before a round, or after the first. */
static void stops(void **state)
{
    (void)state;
    weir_bench_options o = brief("mlp");
    weir_bench_result r;
    o.size.width = 4;
    o.stop = at_once;
    assert_int_equal(weir_bench(&o, &r, NULL), WEIR_OK);
    assert_int_equal(r.rounds, 0);
    int left = 2;
    o.self = &left;
    o.stop = after_some;
    assert_int_equal(weir_bench(&o, &r, NULL), WEIR_OK);
    assert_int_equal(r.rounds, 1);
}

/* Counted by hand: 2 operations for each weight and row, in three products; the input's may be left
 * out. */
static void operations(void **state)
{
    (void)state;
    static const struct {
        const char *net;
        weir_bench_size size;
        double with, without;
    } cases[] = {
        {"lstm", {.seq = 3, .batch = 2, .input = 5, .hidden = 7},
         3 * 2 * 6.0 * 28 * (5 + 7), 2 * 6.0 * 28 * (2 * 5 + 3 * 7)},
        {"gru", {.seq = 3, .batch = 2, .input = 5, .hidden = 7, .layers = 2},
         3 * 2 * 6.0 * 21 * (5 + 7 + 7 + 7), 2 * 6.0 * 21 * (2 * 5 + 3 * 21)},
        {"mlp", {.batch = 4, .input = 3, .depth = 2, .width = 6},
         3 * 2 * 4.0 * (18 + 36 + 60), 2 * 4.0 * (2 * 18 + 3 * (36 + 60))},
        {"lenet", {.batch = 1}, 3 * 2 * (784.0 * 150 + 100 * 2400 + 400 * 120 + 120 * 84 + 840),
         2 * (2 * 784.0 * 150 + 3 * (100.0 * 2400 + 400 * 120 + 120 * 84 + 840))},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        weir_bench_options o = brief(cases[i].net);
        weir_bench_result r;
        o.size = cases[i].size;
        assert_int_equal(weir_bench(&o, &r, NULL), WEIR_OK);
        assert_near(r.gflop, 1e-9 * cases[i].with, 1e-18);
        assert_int_equal(r.rounds, 5);
        o.input_grad = false;
        assert_int_equal(weir_bench(&o, &r, NULL), WEIR_OK);
        assert_near(r.gflop, 1e-9 * cases[i].without, 1e-18);
    }
}

static weir_shape two_ways_x(const weir_bench_size *size)
{
    return weir_shape_of(3, size->seq, size->batch, size->input);
}

static void two_ways(const weir_bench_size *size, weir_text *yaml)
{
    weir_text_printf(yaml, "  - lstm: { hidden_size: %zu, bidirectional: true, num_layers: 2 }\n",
                     size->hidden);
}

/* Both directions of the first layer read the input, and no other layer does. */
static void operations_of_two_directions(void **state)
{
    (void)state;
    const weir_bench_kind kind = {.model = two_ways, .x = two_ways_x};
    const weir_bench_size size = {.seq = 3, .batch = 2, .input = 5, .hidden = 7};
    weir_bench_step step;
    weir_error err = {0};
    assert_int_equal(weir_bench_open(&step, &kind, &size, &err), WEIR_OK);
    double input = 2 * 28.0 * 5, others = 2 * 28.0 * (7 + 14 + 7);
    assert_near(weir_step_operations(step.model, true), 2 * 6 * 3 * (input + others), 1e-9);
    assert_near(weir_step_operations(step.model, false), 2 * 6 * (2 * input + 3 * others), 1e-9);
    weir_bench_close(&step);
}

/* ResNet-20 has 0.27 M parameters (He et al. 2016, table 6), and 2752 more with its projections. */
static void resnet(void **state)
{
    (void)state;
    weir_bench_options o = brief("resnet20");
    weir_bench_result r;
    o.size.batch = 2;
    o.stop = at_once;
    assert_int_equal(weir_bench(&o, &r, NULL), WEIR_OK);
    assert_int_equal(r.parameters, 269722 + 16 * 32 + 32 * 64 + 2 * (32 + 64));
}

static void refused(void **state)
{
    (void)state;
    weir_bench_options o = brief("lstm");
    weir_bench_result r;
    weir_error err = {0};
    o.size.width = 4;
    assert_int_equal(weir_bench(&o, &r, &err), WEIR_USAGE);
    assert_non_null(strstr(err.text, "width"));
    err = (weir_error){0};
    o = brief("lstn");
    assert_int_equal(weir_bench(&o, &r, &err), WEIR_USAGE);
    assert_true(strstr(err.text, "lstn") && strstr(err.text, "resnet20"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_net),
        cmocka_unit_test(every_size_has_a_name),
        cmocka_unit_test(figures),
        cmocka_unit_test(peak),
        cmocka_unit_test(stops),
        cmocka_unit_test(operations),
        cmocka_unit_test(operations_of_two_directions),
        cmocka_unit_test(resnet),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
