/* The kinds of data with a fixed number of examples: epochs and parts, points, formulas, inline. */
#include "tests/data.h"

#include "base/text.h"

/* --- epochs ----------------------------------------------------------------------------------- */

enum { N = 23 };

/* inline: x = 0 .. 22, y = 100 + x, with more keys. */
static weir_data *counted(const char *keys, uint64_t seed)
{
    weir_text yaml = {0};
    weir_text_printf(&yaml, "data: {kind: inline, %s, x: [", keys);
    for (int i = 0; i < N; i++) weir_text_printf(&yaml, "%d, ", i);
    weir_text_add(&yaml, "], y: [");
    for (int i = 0; i < N; i++) weir_text_printf(&yaml, "%d, ", 100 + i);
    weir_text_add(&yaml, "]}");
    weir_data *data = open_data(yaml.s, seed);
    weir_text_free(&yaml);
    return data;
}

/* Marks what an epoch of a split shows; every example at most once, with its own target. */
static size_t visit(const weir_data *d, weir_split split, uint64_t epoch, int *seen, size_t *order)
{
    weir_arena arena = {0};
    size_t count = 0;
    for (uint64_t k = 0; k < d->batches[split]; k++) {
        weir_batch batch = get(d, split, epoch * d->batches[split] + k, &arena);
        for (size_t b = 0; b < batch.x.shape.dim[0]; b++) {
            size_t i = (size_t)batch.x.f[b];
            assert_near(batch.target.f[b], 100 + i, 0);
            seen[i]++;
            if (order) order[count] = i;
            count++;
        }
    }
    weir_arena_free(&arena);
    return count;
}

static void epochs_are_permutations(void **state)
{
    (void)state;
    weir_data *d = counted("batch_size: 5, validation: 0.2", 1);
    size_t order[2][N];
    int valid[N] = {0};
    assert_int_equal(visit(d, WEIR_VALID, 0, valid, NULL), 4);
    for (uint64_t epoch = 0; epoch < 2; epoch++) {
        int seen[N] = {0};
        assert_int_equal(visit(d, WEIR_TRAIN, epoch, seen, order[epoch]), 19);
        for (size_t i = 0; i < N; i++) assert_int_equal(seen[i] + valid[i], 1);
    }
    assert_memory_not_equal(order[0], order[1], sizeof order[0]);
    int again[N] = {0};
    visit(d, WEIR_VALID, 7, again, NULL); /* validation is the same in every epoch */
    assert_memory_equal(again, valid, sizeof valid);
    weir_data_close(d);

    int other[N] = {0}; /* the examples for validation are drawn by the seed */
    d = counted("batch_size: 5, validation: 0.2", 2);
    visit(d, WEIR_VALID, 0, other, NULL);
    assert_memory_not_equal(other, valid, sizeof valid);
    weir_data_close(d);
}

static void parts_are_as_asked(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        size_t train, valid, batches;
    } cases[] = {{"batch_size: 5", 23, 23, 5},
                 {"batch_size: 5, drop_last: true", 20, 23, 4},
                 {"batch_size: 50, drop_last: true", 23, 23, 1},
                 {"batch_size: 5, n_train: 10", 10, 13, 2},
                 {"batch_size: 5, validation: 0.001", 22, 1, 5}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        weir_data *d = counted(cases[k].keys, 1);
        int train[N] = {0}, valid[N] = {0};
        assert_int_equal(visit(d, WEIR_TRAIN, 0, train, NULL), cases[k].train);
        assert_int_equal(visit(d, WEIR_VALID, 0, valid, NULL), cases[k].valid);
        assert_int_equal(d->batches[WEIR_TRAIN], cases[k].batches);
        for (int i = 0; k == 3 && i < N; i++) assert_int_equal(train[i], i < 10);
        weir_data_close(d);
    }
    weir_data *d = counted("batch_size: 23, shuffle: false", 1);
    size_t order[N];
    int seen[N] = {0};
    visit(d, WEIR_TRAIN, 3, seen, order);
    for (size_t i = 0; i < N; i++) assert_int_equal(order[i], i);
    weir_data_close(d);
}

static void normalized_by_the_training_part(void **state)
{
    (void)state;
    static const char *const keys[] = {"batch_size: 23, n_train: 11, normalize: standardize",
                                       "batch_size: 23, n_train: 11, normalize: minmax"};
    for (size_t k = 0; k < 2; k++) {
        weir_data *d = counted(keys[k], 1);
        weir_arena arena = {0};
        weir_batch batch = get(d, WEIR_TRAIN, 0, &arena), valid = get(d, WEIR_VALID, 0, &arena);
        for (size_t b = 0; b < 11; b++) { /* 0 .. 10: mean 5, variance 10 */
            double i = batch.target.f[b] - 100;
            assert_near(batch.x.f[b], k ? i / 10 : (i - 5) / sqrt(10), 1e-6);
        }
        assert_near(valid.x.f[0], k ? 1.1 : 6 / sqrt(10), 1e-6);
        weir_arena_free(&arena);
        weir_data_close(d);
    }
}

/* --- inline ----------------------------------------------------------------------------------- */

static void inline_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *loss, *x, *y, *x_shape, *y_shape;
        size_t outputs;
    } cases[] = {
        {"mse", "[[1, 2], [3, 4], [5, 6]]", "[[1], [2], [3]]", "[3,2]", "[3,1]", 1},
        {"mse", "[[1, 2], [3, 4], [5, 6]]", "[1, 2, 3]", "[3,2]", "[3,1]", 1},
        {"cross_entropy", "[[1, 2], [3, 4], [5, 6]]", "[0, 1, 3]", "[3,2]", "[3]", 4},
        {"cross_entropy", "[[1, 2], [3, 4], [5, 6]]", "[[0], [1], [2]]", "[3,2]", "[3]", 3},
        {"mse", "[[[1], [2]], [[3], [4]], [[5], [6]]]", "[[7], [8], [9]]", "[2,3,1]", "[3,1]", 1},
        {"mse", "[[[1], [2]], [[3], [4]], [[5], [6]]]", "[[[1], [2]], [[3], [4]], [[5], [6]]]",
         "[2,3,1]", "[2,3,1]", 1},
        {"cross_entropy", "[[[1], [2]], [[3], [4]], [[5], [6]]]", "[[0, 1], [1, 1], [1, 0]]",
         "[2,3,1]", "[2,3]", 2},
        {"mse", "[[[[1, 2]]], [[[3, 4]]]]", "[1, 2]", "[2,1,1,2]", "[2,1]", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, "{data: {kind: inline, shuffle: false, x: %s, y: %s}, train: "
                 "{loss: %s}}", cases[i].x, cases[i].y, cases[i].loss);
        weir_data *d = open_data(yaml, 1);
        weir_arena arena = {0};
        weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
        assert_shape(&batch.x, cases[i].x_shape);
        assert_shape(&batch.target, cases[i].y_shape);
        assert_true(weir_shape_equal(&d->x, &batch.x.shape));
        assert_true(weir_shape_equal(&d->target, &batch.target.shape));
        assert_int_equal(d->hints.outputs, cases[i].outputs);
        assert_int_equal(d->hints.vocabulary, 0);
        weir_arena_free(&arena);
        weir_data_close(d);
    }
}

/* [N][T][F] in the file, [T,B,F] in the batch: example b, step t is t B + b. */
static void inline_sequences_are_time_first(void **state)
{
    (void)state;
    weir_data *d = open_data("{data: {kind: inline, shuffle: false, x: [[[1], [2]], [[3], [4]], "
                             "[[5], [6]]], y: [[0, 1], [1, 0], [0, 0]]}, train: {loss: "
                             "cross_entropy}}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
    static const double x[] = {1, 3, 5, 2, 4, 6};
    static const int32_t y[] = {0, 1, 0, 1, 0, 0};
    for (size_t i = 0; i < 6; i++) {
        assert_near(batch.x.f[i], x[i], 0);
        assert_int_equal(batch.target.i[i], y[i]);
    }
    weir_arena_free(&arena);
    weir_data_close(d);
}

static void inline_refuses(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"data: {kind: inline, y: [1]}", "x is needed"},
        {"data: {kind: inline, x: [[1]]}", "y is needed"},
        {"data: {kind: inline, x: [[1], [2]], y: [1]}", "x has 2 examples, but y has 1"},
        {"data: {kind: inline, x: [[1, 2], [3]], y: [1, 2]}", "net.yaml:1:34: this list has 1"},
        {"data: {kind: inline, x: [[1], 2], y: [1, 2]}", "net.yaml:1:31: a list belongs here"},
        {"data: {kind: inline, x: [1, [2]], y: [1, 2]}", "net.yaml:1:29: a number belongs here"},
        {"data: {kind: inline, x: [[a]], y: [1]}", "net.yaml:1:27: \"a\" is not a number"},
        {"data: {kind: inline, x: [[.nan]], y: [1]}", "net.yaml:1:27: .nan is not a finite"},
        {"data: {kind: inline, x: [[1]], y: [-.inf]}", "net.yaml:1:36: -.inf is not a finite"},
        {"data: {kind: inline, x: [], y: [1]}", "numbers are needed"},
        {"data: {kind: inline, x: 3, y: [1]}", "a list of numbers"},
        {"data: {kind: inline, x: [[1], [2]], y: [1, 2], n_train: 3}", "there are 2 examples"},
        {"{data: {kind: inline, x: [1, 2], y: [[1, 2], [3, 4]]}, train: {loss: cross_entropy}}",
         "flat list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i][0], WEIR_USAGE, cases[i][1]);
    assert_refused("{data: {kind: inline, x: [1, 2], y: [0, 0.5]}, train: {loss: cross_entropy}}",
                   WEIR_IO, "[1] is 0.5, not a class number");
    weir_data *d = open_data("data: {kind: inline, x: [.nan, 1], y: [.inf, 2], allow_nonfinite: "
                             "true, shuffle: false}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
    assert_true(isnan(batch.x.f[0]) && isinf(batch.target.f[0]));
    weir_arena_free(&arena);
    weir_data_close(d);
}

/* --- points ----------------------------------------------------------------------------------- */

static void circles_are_round(void **state)
{
    (void)state;
    weir_data *d = open_data("data: {kind: circles, n: 101, noise: 0, factor: 0.5, validation: 0, "
                             "batch_size: 101}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
    size_t inner = 0;
    for (size_t b = 0; b < 101; b++) {
        double r = hypot((double)batch.x.f[2 * b], (double)batch.x.f[2 * b + 1]);
        assert_near(r, batch.target.i[b] ? 0.5 : 1, 1e-6);
        inner += (size_t)batch.target.i[b];
    }
    assert_int_equal(inner, 51);
    weir_arena_free(&arena);
    weir_data_close(d);
}

/* As a case file asks for it: a loss on one number, the first 700 of 1000, the points of one seed.
 * */
static void circles_for_one_output(void **state)
{
    (void)state;
    static const char yaml[] = "{data: {kind: circles, n: 1000, n_train: 700, noise: 0.1, factor: "
                               "0.8, random_state: 1, note: some words, batch_size: 128}, train: "
                               "{loss: bce_with_logits}}";
    weir_data *a = open_data(yaml, 1), *b = open_data(yaml, 2);
    weir_arena arena = {0};
    weir_batch x = get(a, WEIR_VALID, 0, &arena), y = get(b, WEIR_VALID, 0, &arena);
    assert_shape(&x.target, "[128,1]");
    assert_same_batch(&x, &y); /* random_state, not the seed of the run, */
    x = get(a, WEIR_TRAIN, 0, &arena), y = get(b, WEIR_TRAIN, 0, &arena);
    assert_false(same_batch(&x, &y)); /* which still shuffles */
    assert_true(a->batches[WEIR_TRAIN] == 6 && a->batches[WEIR_VALID] == 3);
    assert_int_equal(a->hints.outputs, 1);
    weir_arena_free(&arena);
    weir_data_close(a);
    weir_data_close(b);
}

static void blobs_lie_around_their_centers(void **state)
{
    (void)state;
    enum { POINTS = 3000 };
    static const double center[3][2] = {{-5, 0}, {5, 1}, {0, 9}};
    weir_data *d = open_data("data: {kind: blobs, n: 3000, centers: [[-5, 0], [5, 1], [0, 9]], "
                             "std: 0.5, validation: 0, batch_size: 3000}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
    double squares = 0;
    size_t count[3] = {0};
    for (size_t b = 0; b < POINTS; b++) {
        const double *c = center[batch.target.i[b]];
        count[batch.target.i[b]]++;
        for (size_t f = 0; f < 2; f++) {
            double e = (double)batch.x.f[2 * b + f] - c[f];
            squares += e * e;
        }
    }
    assert_true(count[0] == 1000 && count[1] == 1000 && d->hints.outputs == 3);
    /* the variance of 2 N normal numbers has the standard error s^2 sqrt(2 / 2N) */
    assert_near(squares / (2 * POINTS), 0.25, 5 * 0.25 * sqrt(1.0 / (double)POINTS));
    weir_arena_free(&arena);
    weir_data_close(d);

    d = open_data("{data: {kind: blobs, n: 50, centers: 5, features: 4, batch_size: 10}, train: "
                  "{loss: mse}}", 1);
    weir_batch hot = get(d, WEIR_TRAIN, 0, &arena);
    assert_shape(&hot.x, "[10,4]");
    assert_shape(&hot.target, "[10,5]"); /* one-hot, as the loss wants numbers */
    for (size_t b = 0; b < 10; b++) {
        double sum = 0;
        for (size_t c = 0; c < 5; c++) sum += at(&hot.target, b * 5 + c);
        assert_near(sum, 1, 0);
    }
    weir_arena_free(&arena);
    weir_data_close(d);
    assert_refused("data: {kind: blobs, centers: [1, 2]}", WEIR_USAGE, "lists of coordinates");
    assert_refused("data: {kind: blobs, centers: many}", WEIR_USAGE, "how many there are");
}

static void xor_and_spirals(void **state)
{
    (void)state;
    weir_data *d = open_data("data: {kind: xor}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
    assert_shape(&batch.x, "[4,2]");
    int corners = 0;
    for (size_t b = 0; b < 4; b++) {
        int x = (int)batch.x.f[2 * b], y = (int)batch.x.f[2 * b + 1];
        assert_int_equal(batch.target.i[b], x != y);
        corners |= 1 << (2 * x + y);
    }
    assert_int_equal(corners, 15);
    weir_data_close(d);

    d = open_data("data: {kind: spirals, n: 300, arms: 3, turns: 1, noise: 0, validation: 0, "
                  "batch_size: 300}", 1);
    batch = get(d, WEIR_TRAIN, 0, &arena);
    for (size_t b = 0; b < 300; b++) {
        double x = at(&batch.x, 2 * b), y = at(&batch.x, 2 * b + 1), r = hypot(x, y);
        double angle = 2 * M_PI * (r + batch.target.i[b] / 3.0);
        assert_near(x, r * cos(angle), 1e-5); /* r comes back from float32 to 1e-7, times 2 pi */
        assert_near(y, r * sin(angle), 1e-5);
    }
    weir_arena_free(&arena);
    weir_data_close(d);
    assert_refused("data: {kind: spirals, n: 3, arms: 4}", WEIR_USAGE, "at least as many points");
}

/* --- formulas --------------------------------------------------------------------------------- */

static weir_batch whole(const char *generator, weir_data **d, weir_arena *arena)
{
    char yaml[200];
    snprintf(yaml, sizeof yaml, "data: {kind: generated, generator: %s, n: 100, batch_size: 100, "
             "shuffle: false}", generator);
    *d = open_data(yaml, 1);
    return get(*d, WEIR_TRAIN, 0, arena);
}

static void formulas_hold(void **state)
{
    (void)state;
    weir_data *d;
    weir_arena arena = {0};
    weir_batch batch = whole("poly5", &d, &arena);
    double x = 0.05 * 40; /* row 40: x = 2 */
    assert_near(at(&batch.x, 40), x, 1e-6);
    assert_near(at(&batch.target, 40), 0.05 * (15.72807 * 2 - 7.273893 * 4 + 1.4912 * 8 -
                                               0.1384615 * 16 + 0.00474359 * 32), 1e-6);
    weir_data_close(d);

    batch = whole("sine", &d, &arena);
    for (size_t i = 0; i < 100; i++) assert_near(at(&batch.target, i), sin(at(&batch.x, i)), 1e-6);
    weir_data_close(d);

    batch = whole("threshold", &d, &arena);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(batch.target.i[i], batch.x.f[i] < R(20000.0));
    weir_data_close(d);

    batch = whole("grid", &d, &arena);
    assert_near(at(&batch.x, 2 * 99), 1, 0);
    assert_near(at(&batch.x, 2 * 12), 0.2, 1e-7); /* row 12 is (2, 3) of ten */
    assert_near(at(&batch.target, 2 * 12 + 1), 0.3, 1e-7);
    weir_data_close(d);

    batch = whole("parity_first", &d, &arena);
    assert_shape(&batch.x, "[5,100,1]");
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(batch.target.i[i], (int)batch.x.f[i] % 2);
    weir_data_close(d);

    batch = whole("second_coordinate", &d, &arena);
    assert_shape(&batch.x, "[100,30]");
    for (size_t i = 0; i < 100; i++) assert_near(at(&batch.target, i), at(&batch.x, 30 * i + 1), 0);
    weir_data_close(d);

    batch = whole("constant_vectors", &d, &arena);
    for (size_t i = 0; i < 100 * 128; i++) assert_near(at(&batch.x, i), i < 50 * 128, 0);
    assert_true(batch.target.i[49] == 1 && batch.target.i[50] == 0);
    weir_data_close(d);

    batch = whole("quadratic_noise", &d, &arena);
    assert_near(at(&batch.x, 10), 1, 1e-6);
    weir_data_close(d);
    weir_arena_free(&arena);
    assert_refused("data: {kind: generated}", WEIR_USAGE, "generator is needed");
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_are_permutations),
        cmocka_unit_test(parts_are_as_asked),
        cmocka_unit_test(normalized_by_the_training_part),
        cmocka_unit_test(inline_shapes),
        cmocka_unit_test(inline_sequences_are_time_first),
        cmocka_unit_test(inline_refuses),
        cmocka_unit_test(circles_are_round),
        cmocka_unit_test(circles_for_one_output),
        cmocka_unit_test(blobs_lie_around_their_centers),
        cmocka_unit_test(xor_and_spirals),
        cmocka_unit_test(formulas_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
