/* The kinds of data that read tables from files: csv, npy and idx. */
#include "tests/data.h"

#include "base/text.h"
#include "formats/npy.h"
#include "formats/npz.h"

/* --- csv: tables ------------------------------------------------------------------------------ */

static void csv_table(void **state)
{
    (void)state;
    write_words("iris.csv", "5.1,3.5,setosa\n4.9,3,virginica\n4.7,3.2,setosa\n6,2,albus\n");
    weir_data *d = open_data("{data: {kind: csv, path: iris.csv, target: -1, validation: 0, "
                             "shuffle: false}, train: {loss: cross_entropy}}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
    static const int32_t classes[] = {1, 2, 1, 0};
    assert_shape(&batch.x, "[4,2]");
    assert_shape(&batch.target, "[4]");
    assert_memory_equal(batch.target.i, classes, sizeof classes);
    assert_near(at(&batch.x, 2), 4.9, 1e-6);
    assert_int_equal(d->hints.outputs, 3);
    weir_data_close(d);

    write_words("t.csv", "when;a;b;c\nmonday;1;2;10\ntuesday;3;4;9\nsunday;5;6;10.0\n");
    d = open_data("data: {kind: csv, path: t.csv, target: b, columns: [c, a], validation: 0, "
                  "shuffle: false}", 1);
    batch = get(d, WEIR_TRAIN, 0, &arena);
    static const double x[] = {10, 1, 9, 3, 10, 5};
    for (size_t i = 0; i < 6; i++) assert_near(at(&batch.x, i), x[i], 0);
    for (size_t i = 0; i < 3; i++) assert_near(at(&batch.target, i), 2 + 2 * i, 0);
    weir_data_close(d);

    /* numbers as classes: by value, and 10 is 10.0; without `columns` the days are left out */
    d = open_data("data: {kind: csv, path: t.csv, target: c, classes: true, validation: 0, "
                  "shuffle: false}", 1);
    batch = get(d, WEIR_TRAIN, 0, &arena);
    assert_shape(&batch.x, "[3,2]");
    assert_true(batch.target.i[0] == 1 && batch.target.i[1] == 0 && batch.target.i[2] == 1);
    weir_data_close(d);
    weir_arena_free(&arena);
}

static void csv_refuses(void **state)
{
    (void)state;
    write_words("t.csv", "a,b,c\n1,2,3\n4,nan,6\n7,,9\nx,1,2\n");
    static const struct {
        const char *keys;
        weir_status status;
        const char *says;
    } cases[] = {
        {"target: c, columns: b", WEIR_IO, "t.csv:3:3: \"nan\" is not a finite number"},
        {"target: b, columns: c", WEIR_IO, "t.csv:3:3: "},
        {"target: c, columns: a", WEIR_IO, "t.csv:5:1: \"x\" is not a number"},
        {"target: c, columns: b, allow_nonfinite: true, classes: true", WEIR_OK, ""},
        {"", WEIR_USAGE, "target is needed"},
        {"target: d", WEIR_USAGE, "column \"d\""},
        {"target: 3", WEIR_USAGE, "column \"3\""},
        {"target: -4", WEIR_USAGE, "column \"-4\""},
        {"target: [b, c], columns: a, classes: true", WEIR_USAGE, "classes stand in one column"},
        {"target: c, delimiter: ab", WEIR_USAGE, "one character"},
        {"target: c, columns: [a, b, c], header: maybe", WEIR_USAGE, "auto|true|false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml, "data: {kind: csv, path: t.csv%s%s}",
                 *cases[i].keys ? ", " : "", cases[i].keys);
        if (cases[i].status)
            assert_refused(yaml, cases[i].status, cases[i].says);
        else
            weir_data_close(open_data(yaml, 1));
    }
    write_words("head.csv", "a,b\n");
    assert_refused("data: {kind: csv, path: head.csv, target: a}", WEIR_IO, "no row of data");
    write_words("gap.csv", "a,b\n1,x\n2,\n");
    assert_refused("data: {kind: csv, path: gap.csv, target: b, classes: true}", WEIR_IO,
                   "gap.csv:3:3: this cell is empty");
    assert_refused("data: {kind: csv, path: no.csv, target: b}", WEIR_IO, "no.csv: cannot open");
}

/* --- csv: time series ------------------------------------------------------------------------- */

/* date, a = row, b = 1000 + row; 30 rows. */
static void write_series(void)
{
    weir_text words = {0};
    weir_text_add(&words, "date,a,b\n");
    for (int i = 0; i < 30; i++)
        weir_text_printf(&words, "2016-07-%02d,%d,%d\n", i + 1, i, 1000 + i);
    write_words("series.csv", words.s);
    weir_text_free(&words);
}

/* Windows of T rows: x[t] is row start + t, its target row start + t + horizon, all rows of a
 * window within its part; every start is there once. */
static void check_windows(const weir_data *d, weir_split split, size_t from, size_t to, size_t T,
                          size_t horizon, size_t stride)
{
    weir_arena arena = {0};
    bool seen[30] = {false};
    size_t count = 0;
    for (uint64_t k = 0; k < d->batches[split]; k++) {
        weir_batch batch = get(d, split, k, &arena);
        size_t B = batch.x.shape.dim[1];
        bool each = batch.target.shape.rank == 3;
        for (size_t b = 0; b < B; b++, count++) {
            size_t start = (size_t)batch.x.f[2 * b];
            assert_true(start >= from && start + T - 1 + horizon < to && !seen[start]);
            assert_int_equal((start - from) % stride, 0);
            seen[start] = true;
            for (size_t t = 0; t < T; t++) {
                assert_near(at(&batch.x, 2 * (t * B + b)), start + t, 0);
                assert_near(at(&batch.x, 2 * (t * B + b) + 1), 1000 + start + t, 0);
                if (each) assert_near(at(&batch.target, t * B + b), 1000 + start + t + horizon, 0);
            }
            if (!each) assert_near(at(&batch.target, b), 1000 + start + T - 1 + horizon, 0);
        }
    }
    assert_int_equal(count, (to - from - T - horizon) / stride + 1);
    weir_arena_free(&arena);
}

static void csv_series(void **state)
{
    (void)state;
    write_series();
    static const struct {
        const char *keys;
        size_t train, T, horizon, stride;
    } cases[] = {{"seq_len: 4, validation: 0.3", 21, 4, 1, 1},
                 {"seq_len: 4, n_train: 20, horizon: 3, stride: 2", 20, 4, 3, 2},
                 {"seq_len: 5, validation: 0.3, horizon: 0", 21, 5, 0, 1},
                 {"seq_len: 4, validation: 0.3, target_at: last, horizon: 2", 21, 4, 2, 1}};
    assert_refused("data: {kind: csv, path: series.csv, seq_len: 4}", WEIR_USAGE,
                   "30 rows, 3 of them for validation");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml, "data: {kind: csv, path: series.csv, target: b, batch_size: 4, "
                 "%s}", cases[i].keys);
        weir_data *d = open_data(yaml, 1);
        assert_shape(&(weir_tensor){.shape = d->x}, cases[i].T == 5 ? "[5,4,2]" : "[4,4,2]");
        check_windows(d, WEIR_TRAIN, 0, cases[i].train, cases[i].T, cases[i].horizon,
                      cases[i].stride);
        check_windows(d, WEIR_VALID, cases[i].train, 30, cases[i].T, cases[i].horizon,
                      cases[i].stride);
        weir_data_close(d);
    }
    weir_data *d = open_data("data: {kind: csv, path: series.csv, seq_len: 4, validation: 0}", 1);
    assert_int_equal(d->hints.outputs, 2); /* without target: both of its own columns */
    weir_data_close(d);
}

static void csv_series_is_normalized_by_its_training_rows(void **state)
{
    (void)state;
    write_series();
    weir_data *d = open_data("data: {kind: csv, path: series.csv, seq_len: 4, target: b, n_train: "
                             "21, normalize: standardize, shuffle: false}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena), valid = get(d, WEIR_VALID, 0, &arena);
    double deviation = sqrt((21.0 * 21 - 1) / 12); /* of 0 .. 20, around 10 */
    assert_near(at(&batch.x, 0), -10 / deviation, 1e-6);
    assert_near(at(&batch.target, 0), -9 / deviation, 1e-6); /* the next row's */
    assert_near(at(&valid.x, 0), 11 / deviation, 1e-6);
    weir_arena_free(&arena);
    weir_data_close(d);
}

/* --- npy -------------------------------------------------------------------------------------- */

static void save(const char *name, weir_number type, const void *v, size_t rank, size_t a, size_t b,
                 size_t c)
{
    weir_error err = {0};
    weir_array array = weir_array_of(type, v, rank, (size_t[]){a, b, c});
    assert_ok(weir_npy_write(path_of(name), &array, &err), err);
}

static void npy_data(void **state)
{
    (void)state;
    float x[24];
    int64_t labels[4] = {0, 2, 1, 0}, steps[12] = {0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1};
    for (size_t i = 0; i < 24; i++) x[i] = (float)i;
    save("x2.npy", WEIR_F32, x, 2, 4, 6, 0);
    save("x3.npy", WEIR_F32, x, 3, 4, 3, 2);
    save("y.npy", WEIR_I64, labels, 1, 4, 0, 0);
    save("yt.npy", WEIR_I64, steps, 2, 4, 3, 0);
    save("yf.npy", WEIR_F32, x, 3, 4, 3, 2);
    static const struct {
        const char *x, *y, *x_shape, *y_shape;
        size_t outputs;
    } cases[] = {{"x2.npy", "y.npy", "[4,6]", "[4]", 3},
                 {"x3.npy", "y.npy", "[3,4,2]", "[4]", 3},
                 {"x3.npy", "yt.npy", "[3,4,2]", "[3,4]", 2},
                 {"x3.npy", "yf.npy", "[3,4,2]", "[3,4,2]", 2},
                 {"x2.npy", "x2.npy", "[4,6]", "[4,6]", 6}};
    weir_arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml, "data: {kind: npy, x: %s, y: %s, validation: 0, shuffle: "
                 "false}", cases[i].x, cases[i].y);
        weir_data *d = open_data(yaml, 1);
        weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
        assert_shape(&batch.x, cases[i].x_shape);
        assert_shape(&batch.target, cases[i].y_shape);
        assert_int_equal(d->hints.outputs, cases[i].outputs);
        if (batch.x.shape.rank == 3) /* step 1 of example 2: [2][1][..] of the file */
            assert_near(at(&batch.x, (1 * 4 + 2) * 2), (2 * 3 + 1) * 2, 0);
        if (i == 2) assert_int_equal(batch.target.i[1 * 4 + 2], steps[2 * 3 + 1]);
        weir_data_close(d);
    }
    weir_named_array both[] = {{"inputs", weir_array_of(WEIR_F32, x, 2, (size_t[]){4, 6})},
                               {"y", weir_array_of(WEIR_I64, labels, 1, (size_t[]){4})}};
    weir_error err = {0};
    assert_ok(weir_npz_write(path_of("both.npz"), both, 2, &err), err);
    weir_data *d = open_data("{data: {kind: npy, path: both.npz, x: inputs, validation: 0}, train: "
                             "{loss: mse}}", 1);
    assert_int_equal(d->hints.outputs, 3); /* one-hot */
    weir_data_close(d);
    weir_arena_free(&arena);
}

static void npy_data_refuses(void **state)
{
    (void)state;
    float x[6] = {0, 1, 2, 3, NAN, 5};
    double wide[6] = {0, 1, 2, 3, 4, 1e300};
    int64_t labels[3] = {0, -1, 2};
    save("nan.npy", WEIR_F32, x, 2, 3, 2, 0);
    save("wide.npy", WEIR_F64, wide, 2, 3, 2, 0);
    save("ok.npy", WEIR_F32, x, 2, 2, 2, 0);
    save("l.npy", WEIR_I64, labels, 1, 3, 0, 0);
    save("none.npy", WEIR_F32, x, 2, 0, 2, 0);
    assert_refused("data: {kind: npy, x: nan.npy, y: l.npy}", WEIR_IO, "[1] is -1");
    assert_refused("data: {kind: npy, x: nan.npy, y: nan.npy}", WEIR_IO, "x[2, 0] is ");
    assert_refused("data: {kind: npy, x: ok.npy, y: l.npy}", WEIR_USAGE, "y has 3");
    assert_refused("data: {kind: npy, x: none.npy, y: none.npy}", WEIR_USAGE, "empty");
    assert_refused("data: {kind: npy, x: ok.npy, y: gone.npy}", WEIR_IO, "gone.npy: cannot open");
    assert_refused("data: {kind: npy, path: ok.npy}", WEIR_IO, "not an npz file");
    weir_data_close(open_data("data: {kind: npy, x: nan.npy, y: nan.npy, allow_nonfinite: true}",
                              1));
    if (sizeof(real) == 4) /* finite in the file, but not as a float */
        assert_refused("data: {kind: npy, x: wide.npy, y: wide.npy}", WEIR_IO, "x[2, 1] is 1e+300");
}

/* --- idx -------------------------------------------------------------------------------------- */

/* Three pictures of 2 x 3: numbers 0 .. 17; labels 4 0 1. */
static void write_pictures(void)
{
    unsigned char images[16 + 18] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3};
    for (unsigned char i = 0; i < 18; i++) images[16 + i] = (unsigned char)(i * 15);
    write_file("images", images, sizeof images);
    write_file("labels", "\0\0\x8\1\0\0\0\3\4\0\1", 11);
}

static void idx_data(void **state)
{
    (void)state;
    write_pictures();
    static const struct {
        const char *as, *shape;
        size_t place; /* of the number at picture 1, row 1, column 2 */
    } cases[] = {{"image", "[3,1,2,3]", 6 + 3 + 2},
                 {"flat", "[3,6]", 6 + 3 + 2},
                 {"rows", "[2,3,3]", (1 * 3 + 1) * 3 + 2},
                 {"pixels", "[6,3,1]", 5 * 3 + 1}};
    weir_arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml, "data: {kind: idx, images: images, labels: labels, as: %s, "
                 "validation: 0, shuffle: false}", cases[i].as);
        weir_data *d = open_data(yaml, 1);
        weir_batch batch = get(d, WEIR_TRAIN, 0, &arena);
        assert_shape(&batch.x, cases[i].shape);
        assert_near(at(&batch.x, cases[i].place), 11 * 15 / 255.0, 1e-7);
        assert_true(batch.target.i[0] == 4 && batch.target.i[2] == 1 && d->hints.outputs == 5);
        weir_data_close(d);
    }
    weir_data *d = open_data("data: {kind: idx, images: images, labels: labels, scale: false, "
                             "limit: 2, validation_images: images, validation_labels: labels}", 1);
    weir_batch batch = get(d, WEIR_VALID, 0, &arena);
    assert_shape(&batch.x, "[2,1,2,3]");
    assert_near(at(&batch.x, 11), 11 * 15, 0);
    assert_true(d->batches[WEIR_TRAIN] == 1 && d->batches[WEIR_VALID] == 2);
    weir_data_close(d);
    weir_arena_free(&arena);
}

static void idx_data_refuses(void **state)
{
    (void)state;
    write_pictures();
    write_file("cut", "\0\0\x8\3\0\0\0\3\0\0\0\2\0\0\0\3xyz", 19);
    write_file("two", "\0\0\x8\1\0\0\0\2\4\0", 10);
    assert_refused("data: {kind: idx, images: cut, labels: labels}", WEIR_IO, "cut: has 3 bytes");
    assert_refused("data: {kind: idx, images: images, labels: two}", WEIR_IO, "3 labels are");
    assert_refused("data: {kind: idx, images: labels, labels: labels}", WEIR_IO, "[N,H,W]");
    assert_refused("data: {kind: idx, images: images, labels: labels, validation_images: images}",
                   WEIR_USAGE, "go together");
    assert_refused("data: {kind: idx, images: images}", WEIR_USAGE, "labels is needed");
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_table),
        cmocka_unit_test(csv_refuses),
        cmocka_unit_test(csv_series),
        cmocka_unit_test(csv_series_is_normalized_by_its_training_rows),
        cmocka_unit_test(npy_data),
        cmocka_unit_test(npy_data_refuses),
        cmocka_unit_test(idx_data),
        cmocka_unit_test(idx_data_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
