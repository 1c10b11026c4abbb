/* The kinds of data: what they promise about their batches, and what they say when a file is wrong. */
#include "tests/test.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "train/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/weir-data-XXXXXX";

/* A file in the test's folder; the path is good until the next call. */
static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const void *data, size_t size)
{
    weir_error err = {0};
    assert_ok(weir_file_write(path_of(name), data, size, &err), err);
}

static weir_status try_open(const char *yaml, uint64_t seed, weir_data **data, weir_error *err)
{
    weir_config *config;
    weir_error bad = {0};
    assert_ok(weir_config_parse(yaml, path_of("net.yaml"), &config, &bad), bad);
    weir_status status = weir_data_open(config, seed, data, err);
    weir_config_free(config);
    return status;
}

static weir_data *open_data(const char *yaml, uint64_t seed)
{
    weir_data *data;
    weir_error err = {0};
    assert_ok(try_open(yaml, seed, &data, &err), err);
    return data;
}

/* Opening fails with this status, and the sentence names what matters. */
static void assert_refused(const char *yaml, weir_status status, const char *says)
{
    weir_data *data;
    weir_error err = {0};
    weir_status got = try_open(yaml, 1, &data, &err);
    if (got != status || !strstr(err.text, says))
        fail_msg("%s: status %d, \"%s\"; expected %d and \"%s\"", yaml, got, err.text, status, says);
    assert_null(data);
}

static weir_batch get(const weir_data *data, weir_split split, uint64_t index, weir_arena *arena)
{
    weir_batch batch;
    weir_error err = {0};
    assert_ok(data->kind->batch(data, split, index, arena, &batch, &err), err);
    return batch;
}

static void assert_same_batch(const weir_batch *a, const weir_batch *b)
{
    size_t x = a->x.shape.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    size_t y = a->target.shape.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    assert_true(weir_shape_equal(&a->x.shape, &b->x.shape));
    assert_true(weir_shape_equal(&a->target.shape, &b->target.shape));
    assert_memory_equal(a->x.data, b->x.data, x * weir_count(&a->x));
    assert_memory_equal(a->target.data, b->target.data, y * weir_count(&a->target));
    assert_int_equal(a->continues, b->continues);
}

static bool same_batch(const weir_batch *a, const weir_batch *b)
{
    size_t x = a->x.shape.dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    return weir_shape_equal(&a->x.shape, &b->x.shape) &&
           memcmp(a->x.data, b->x.data, x * weir_count(&a->x)) == 0;
}

/* --- what they share -------------------------------------------------------------------------- */

static void shuffled_is_a_permutation(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 255, 257, 1000, 4097};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        for (uint64_t epoch = 0; epoch < 5; epoch++) {
            size_t n = sizes[k], moved = 0;
            unsigned char *seen = weir_calloc(n, 1);
            for (size_t i = 0; i < n; i++) {
                uint64_t j = weir_shuffled(7, epoch, n, i);
                assert_true(j < n && !seen[j]);
                seen[j] = 1;
                moved += j != i;
            }
            if (n >= 15) assert_true(moved > n / 2); /* a fixed point is one in n */
            weir_free(seen);
        }
    }
    assert_int_not_equal(weir_shuffled(7, 0, 1000000, 5), weir_shuffled(7, 1, 1000000, 5));
    assert_int_not_equal(weir_shuffled(7, 0, 1000000, 5), weir_shuffled(8, 0, 1000000, 5));
    uint64_t huge = UINT64_MAX - 3; /* an index beyond any table */
    assert_true(weir_shuffled(7, 0, huge, huge - 1) < huge);
}

/* Where an example lands is spread evenly: chi squared with 15 degrees of freedom, mean 15 and
 * deviation sqrt(30); beyond 15 + 6 sqrt(30) is one in some millions. */
static void shuffled_is_even(void **state)
{
    (void)state;
    enum { N = 16, EPOCHS = 8000 };
    size_t count[N] = {0};
    for (uint64_t epoch = 0; epoch < EPOCHS; epoch++) count[weir_shuffled(3, epoch, N, 5)]++;
    double chi = 0, expected = (double)EPOCHS / N;
    for (size_t i = 0; i < N; i++) {
        double d = (double)count[i] - expected;
        chi += d * d / expected;
    }
    assert_near(chi, 15, 6 * sqrt(30));
}

static void opening_says_what_is_wrong(void **state)
{
    (void)state;
    assert_refused("model: []", WEIR_USAGE, "\"data\"");
    assert_refused("data: text", WEIR_USAGE, "map");
    assert_refused("data: {path: a.txt}", WEIR_USAGE, "kind");
    assert_refused("data: {kind: txt}", WEIR_USAGE, "did you mean \"text\"");
    assert_refused("data: {kind: adding, seq_length: 3}", WEIR_USAGE, "seq_len");
    assert_refused("data:\n  kind: text\n", WEIR_USAGE, "path");
}

/* --- text ------------------------------------------------------------------------------------- */

static void text_streams_are_the_text(void **state)
{
    (void)state;
    enum { N = 1000, T = 7, B = 4 };
    char text[N];
    for (size_t i = 0; i < N; i++) text[i] = (char)('a' + (i * i + i / 26) % 26);
    write_file("plain.txt", text, N);
    weir_data *d = open_data("data: {kind: text, path: plain.txt, seq_len: 7, batch_size: 4}", 1);
    weir_arena arena = {0};
    size_t train = N - N / 10, length = (train - 1) / B;
    assert_int_equal(d->batches[WEIR_TRAIN], length / T);
    for (uint64_t w = 0; w < d->batches[WEIR_TRAIN]; w++) {
        weir_batch batch = get(d, WEIR_TRAIN, w, &arena);
        assert_int_equal(batch.continues, w > 0);
        for (size_t t = 0; t < T; t++)
            for (size_t b = 0; b < B; b++) {
                const char *x = d->symbols[batch.x.i[t * B + b]];
                const char *y = d->symbols[batch.target.i[t * B + b]];
                size_t at = b * length + w * T + t;
                assert_true(*x == text[at] && *y == text[at + 1]);
            }
    }
    weir_batch again = get(d, WEIR_TRAIN, d->batches[WEIR_TRAIN], &arena);
    weir_batch first = get(d, WEIR_TRAIN, 0, &arena);
    assert_same_batch(&again, &first); /* the next epoch begins, and nothing is carried into it */
    assert_false(again.continues);

    weir_batch valid = get(d, WEIR_VALID, 0, &arena);
    for (size_t t = 0; t < T; t++)
        assert_int_equal(*d->symbols[valid.x.i[t * B]], text[train + t]);
    weir_arena_free(&arena);
    weir_data_close(d);
}

/* --- drawn tasks ------------------------------------------------------------------------------ */

/* The same numbers for the same index, whoever asked for what before; others for another index, seed
 * or split; validation comes round. */
static void drawn_batches_are_keyed(void **state)
{
    (void)state;
    static const char *const tasks[] = {"data: {kind: adding, seq_len: 10, batch_size: 4, "
                                        "n_validation: 10}"};
    for (size_t k = 0; k < sizeof tasks / sizeof *tasks; k++) {
        weir_data *d = open_data(tasks[k], 5), *same = open_data(tasks[k], 5);
        weir_data *other = open_data(tasks[k], 6);
        weir_arena arena = {0};
        weir_batch a = get(d, WEIR_TRAIN, 3, &arena), b = get(d, WEIR_TRAIN, 4, &arena);
        weir_batch c = get(same, WEIR_TRAIN, 3, &arena), e = get(other, WEIR_TRAIN, 3, &arena);
        weir_batch v = get(d, WEIR_VALID, 0, &arena), w = get(d, WEIR_VALID, 3, &arena);
        weir_batch t = get(d, WEIR_TRAIN, 0, &arena);
        assert_same_batch(&a, &c);
        assert_same_batch(&v, &w); /* ten examples in fours: three batches */
        assert_false(same_batch(&a, &b) || same_batch(&a, &e) || same_batch(&v, &t));
        weir_arena_free(&arena);
        weir_data_close(d);
        weir_data_close(same);
        weir_data_close(other);
    }
}

static void adding_adds(void **state)
{
    (void)state;
    enum { T = 20, B = 50, N = 200 };
    weir_data *d = open_data("data: {kind: adding, seq_len: 20, batch_size: 50}", 1);
    weir_arena arena = {0};
    double squares = 0;
    for (uint64_t i = 0; i < N; i++) {
        weir_batch batch = get(d, WEIR_TRAIN, i, &arena);
        for (size_t b = 0; b < B; b++) {
            real sum = R(0.0);
            size_t marks[2] = {0};
            for (size_t t = 0; t < T; t++) {
                const real *x = batch.x.f + (t * B + b) * 2;
                assert_true(x[0] >= R(0.0) && x[0] <= R(1.0));
                if (x[1] == R(1.0)) marks[t >= T / 2]++, sum += x[0];
            }
            assert_true(marks[0] == 1 && marks[1] == 1);
            assert_near(sum, batch.target.f[b], 0);
            squares += ((double)sum - 1) * ((double)sum - 1);
        }
        weir_arena_reset(&arena);
    }
    /* (u + v - 1)^2 has the mean 1/6 and the variance E(z^4) - 1/36 = 1/15 - 1/36 = 7/180. */
    assert_near(squares / (N * B), 1.0 / 6, 5 * sqrt(7.0 / 180 / (N * B)));
    weir_arena_free(&arena);
    weir_data_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffled_is_a_permutation),
        cmocka_unit_test(shuffled_is_even),
        cmocka_unit_test(opening_says_what_is_wrong),
        cmocka_unit_test(text_streams_are_the_text),
        cmocka_unit_test(drawn_batches_are_keyed),
        cmocka_unit_test(adding_adds),
    };
    if (!mkdtemp(folder)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) || failed;
}
