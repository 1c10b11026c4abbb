/* Benchmarks: what a net is, what a step computes; nothing about how fast. */
#include "tests/test.h"

#include "bench/bench.h"

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

/* Every net runs, with each telemetry, and counts in order. */
static void every_net(void **state)
{
    (void)state;
    size_t nets = 0;
    for (; weir_bench_net_at(nets); nets++) {
        weir_bench_options o = brief(weir_bench_net_at(nets)->name);
        o.size.batch = 2;
        if (weir_bench_net_at(nets)->size.seq) o.size.seq = 5;
        if (weir_bench_net_at(nets)->size.hidden) o.size.hidden = 8;
        if (weir_bench_net_at(nets)->size.width) o.size.width = 8;
        o.stop = at_once;
        for (int t = WEIR_TELEMETRY_OFF; t <= WEIR_TELEMETRY_FULL; t++) {
            weir_bench_result r;
            weir_error err = {0};
            o.telemetry = (weir_telemetry)t;
            assert_int_equal(weir_bench(&o, &r, &err), WEIR_OK);
            assert_int_equal(r.rounds, 1); /* stopped after the first */
            assert_true(r.median_ms > 0 && r.min_ms == r.median_ms);
            assert_true(r.gflop > 0 && fabs(r.gflops * r.median_ms / r.gflop - 1e3) < 1e-6);
            assert_true(r.parameters > 0 && r.peak_rss_mb > 1);
        }
    }
    assert_int_equal(nets, 6);
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
        cmocka_unit_test(operations),
        cmocka_unit_test(resnet),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
