/* The kinds of data that stand in a row: texts and sequences drawn afresh; and the shuffle. */
#include "tests/data.h"

#include "base/memory.h"
#include "base/text.h"

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
    double chi = 0, expected = (double)EPOCHS / (double)N;
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

static void text_may_not_carry_state(void **state)
{
    (void)state;
    write_words("short.txt", "the quick brown fox jumps over the lazy dog");
    weir_data *d = open_data("data: {kind: text, path: short.txt, seq_len: 3, batch_size: 2, "
                             "carry_state: false, validation: 0}", 1);
    weir_arena arena = {0};
    for (uint64_t w = 0; w < d->batches[WEIR_TRAIN]; w++)
        assert_false(get(d, WEIR_TRAIN, w, &arena).continues);
    weir_batch a = get(d, WEIR_TRAIN, 2, &arena), b = get(d, WEIR_VALID, 2, &arena);
    assert_same_batch(&a, &b); /* validation: 0 sees the whole text */
    weir_arena_free(&arena);
    weir_data_close(d);
}

/* A validation part too short for every stream has fewer. */
static void text_validation_has_fewer_streams(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'a', sizeof text);
    text[7] = 'b';
    write_file("a.txt", text, sizeof text);
    weir_data *d = open_data("data: {kind: text, path: a.txt, seq_len: 10, batch_size: 8}", 1);
    weir_arena arena = {0};
    weir_batch train = get(d, WEIR_TRAIN, 0, &arena), valid = get(d, WEIR_VALID, 0, &arena);
    assert_shape(&train.x, "[10,8]");
    assert_shape(&valid.x, "[10,3]"); /* 40 symbols, 39 of them with a next one */
    assert_int_equal(d->batches[WEIR_VALID], 1);
    assert_true(d->hints.vocabulary == 2 && d->hints.outputs == 2);
    weir_arena_free(&arena);
    weir_data_close(d);
}

/* With context every place of the training text is met once an epoch, in another order each time.
 * */
static void text_context_is_what_stands_before(void **state)
{
    (void)state;
    enum { N = 120, C = 4, B = 9, TRAIN = 108, PLACES = TRAIN - C };
    char text[N];
    for (size_t i = 0; i < N; i++) text[i] = (char)(i + 1); /* a byte tells where it stands */
    write_file("bytes", text, N);
    weir_data *d = open_data("data: {kind: text, path: bytes, unit: byte, context: 4, "
                             "batch_size: 9}", 1);
    weir_arena arena = {0};
    assert_int_equal(d->batches[WEIR_TRAIN], PLACES / B);
    size_t first[2] = {0};
    for (uint64_t epoch = 0; epoch < 2; epoch++) {
        bool seen[N] = {false};
        for (uint64_t k = 0; k < d->batches[WEIR_TRAIN]; k++) {
            weir_batch batch = get(d, WEIR_TRAIN, epoch * d->batches[WEIR_TRAIN] + k, &arena);
            assert_false(batch.continues);
            for (size_t b = 0; b < B; b++) {
                size_t place = (size_t)batch.target.i[b]; /* ids are in the order of the bytes */
                assert_true(place >= C && place < TRAIN && !seen[place]);
                seen[place] = true;
                if (k == 0 && b == 0) first[epoch] = place;
                for (size_t i = 0; i < C; i++)
                    assert_int_equal(batch.x.i[b * C + i], place - C + i);
            }
        }
    }
    assert_int_not_equal(first[0], first[1]);
    weir_batch valid = get(d, WEIR_VALID, 0, &arena);
    for (size_t b = 0; b < valid.target.shape.dim[0]; b++)
        assert_true(valid.target.i[b] >= TRAIN + C && valid.target.i[b] < N);
    weir_arena_free(&arena);
    weir_data_close(d);
}

static void text_refuses(void **state)
{
    (void)state;
    char text[200];
    memset(text, 'x', sizeof text);
    write_file("x.txt", text, sizeof text);
    write_file("none.txt", "", 0);
    write_file("latin.txt", "caf\xe9\n", 5);
    static const char *const cases[][2] = {
        {"seq_len: 100", "net.yaml:1:"},
        {"seq_len: 100", "the text has 200 symbols, 180 of them for training, and 3201 are "
                              "needed: set seq_len to 5 or less"},
        {"seq_len: 50, batch_size: 1", "20 of them for validation, and 51 are needed"},
        {"context: 180", "181 are needed: set context to 179 or less"},
        {"validation: 0.95", "between 0 and 0.9"},
        {"seq_len: 0", "at least 1"},
        {"unit: word", "one of char|byte"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml, "data: {kind: text, path: x.txt, %s}", cases[i][0]);
        assert_refused(yaml, WEIR_USAGE, cases[i][1]);
    }
    assert_refused("data: {kind: text, path: no.txt}", WEIR_IO, "no.txt: cannot open");
    assert_refused("data: {kind: text, path: .}", WEIR_IO, "is a directory");
    assert_refused("data: {kind: text, path: none.txt}", WEIR_IO, "is empty");
    assert_refused("data: {kind: text, path: latin.txt}", WEIR_IO, "byte 3 (0xe9)");
    assert_refused("data: {kind: text, path: latin.txt}", WEIR_IO, "unit: byte");
}

/* --- drawn tasks ------------------------------------------------------------------------------ */

/* The same numbers for the same index, whoever asked for what before; others for another index,
 * seed or split; validation comes round. */
static void drawn_batches_are_keyed(void **state)
{
    (void)state;
    static const char *const tasks[] = {
        "data: {kind: adding, seq_len: 10, batch_size: 4, n_validation: 10}",
        "data: {kind: copy, delay: 5, batch_size: 4, n_validation: 10}",
        "data: {kind: copy, delay: 5, one_hot: false, batch_size: 4, n_validation: 10}",
        "data: {kind: temporal_order, seq_len: 10, longest: 30, batch_size: 4, n_validation: 10}",
        "data: {kind: delayed_xor, delay: 3, batch_size: 40, n_validation: 100}",
    };
    for (size_t k = 0; k < sizeof tasks / sizeof *tasks; k++) {
        weir_data *d = open_data(tasks[k], 5), *same = open_data(tasks[k], 5);
        weir_data *other = open_data(tasks[k], 6);
        weir_arena arena = {0};
        weir_batch a = get(d, WEIR_TRAIN, 3, &arena), b = get(d, WEIR_TRAIN, 4, &arena);
        weir_batch c = get(same, WEIR_TRAIN, 3, &arena), e = get(other, WEIR_TRAIN, 3, &arena);
        weir_batch v = get(d, WEIR_VALID, 0, &arena), w = get(d, WEIR_VALID, 3, &arena);
        weir_batch t = get(d, WEIR_TRAIN, 0, &arena);
        assert_same_batch(&a, &c);
        assert_same_batch(&v, &w); /* a fourth batch is the first again */
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

static void copy_copies(void **state)
{
    (void)state;
    enum { DELAY = 7, T = DELAY + 20, B = 6 };
    weir_data *d = open_data("data: {kind: copy, delay: 7, batch_size: 6, one_hot: false}", 1);
    weir_data *hot = open_data("data: {kind: copy, delay: 7, batch_size: 6}", 1);
    weir_arena arena = {0};
    assert_true(d->hints.vocabulary == 10 && d->hints.outputs == 9 && hot->hints.vocabulary == 0);
    weir_batch batch = get(d, WEIR_TRAIN, 5, &arena), vectors = get(hot, WEIR_TRAIN, 5, &arena);
    assert_shape(&batch.x, "[27,6]");
    assert_shape(&vectors.x, "[27,6,10]");
    for (size_t b = 0; b < B; b++)
        for (size_t t = 0; t < T; t++) {
            int32_t x = batch.x.i[t * B + b], y = batch.target.i[t * B + b];
            if (t < 10) assert_true(x >= 0 && x < 8 && y == 8);
            if (t >= 10) assert_int_equal(x, t == 9 + DELAY ? 9 : 8);
            if (t >= 10 + DELAY) assert_int_equal(y, batch.x.i[(t - 10 - DELAY) * B + b]);
            if (t < 10 + DELAY) assert_int_equal(y, 8);
            for (size_t w = 0; w < 10; w++)
                assert_near(vectors.x.f[(t * B + b) * 10 + w], w == (size_t)x, 0);
        }
    weir_arena_free(&arena);
    weir_data_close(d);
    weir_data_close(hot);
}

/* Knowing the step alone: certain before the answer, one of eight in it. The symbols are even, so
 * the frequencies of N symbols are within 5 standard errors of 1/8. */
static void copy_symbols_are_even(void **state)
{
    (void)state;
    enum { B = 100, ROUNDS = 20, N = B * ROUNDS * 10 };
    weir_data *d = open_data("data: {kind: copy, delay: 1, batch_size: 100, one_hot: false}", 3);
    weir_arena arena = {0};
    double count[8] = {0};
    for (uint64_t i = 0; i < ROUNDS; i++) {
        weir_batch batch = get(d, WEIR_TRAIN, i, &arena);
        for (size_t k = 0; k < 10 * B; k++) count[batch.x.i[k]]++;
        weir_arena_reset(&arena);
    }
    for (size_t k = 0; k < 8; k++)
        assert_near(count[k] / (double)N, 1.0 / 8, 5 * sqrt(1.0 / 8 * 7 / 8 / (double)N));
    weir_arena_free(&arena);
    weir_data_close(d);
}

static void temporal_order_orders(void **state)
{
    (void)state;
    enum { B = 50, ROUNDS = 40 };
    weir_data *d = open_data("data: {kind: temporal_order, seq_len: 20, longest: 57, "
                             "batch_size: 50}", 1);
    weir_arena arena = {0};
    size_t classes[4] = {0}, shortest = 1000, longest = 0;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        weir_batch batch = get(d, WEIR_TRAIN, i, &arena);
        size_t L = batch.x.shape.dim[0];
        if (L < shortest) shortest = L;
        if (L > longest) longest = L;
        for (size_t b = 0; b < B; b++) {
            int32_t marks[2] = {-1, -1};
            for (size_t t = 0; t < L; t++) {
                const real *x = batch.x.f + (t * B + b) * 6;
                size_t word = 0, ones = 0;
                for (size_t w = 0; w < 6; w++)
                    if (x[w] == R(1.0)) word = w, ones++;
                assert_int_equal(ones, 1);
                if (word >= 2) continue;
                double tenth = 10 * (double)t / (double)L;
                assert_true((tenth >= 1 && tenth < 2) || (tenth >= 5 && tenth < 6));
                assert_int_equal(marks[tenth >= 5], -1); /* one of each */
                marks[tenth >= 5] = (int32_t)word;
            }
            assert_int_equal(batch.target.i[b], 2 * marks[0] + marks[1]);
            classes[batch.target.i[b]]++;
        }
        weir_arena_reset(&arena);
    }
    assert_true(shortest >= 20 && longest <= 57 && shortest < 30 && longest > 47);
    for (size_t k = 0; k < 4; k++)
        assert_near((double)classes[k] / (B * ROUNDS), 0.25, 5 * sqrt(0.25 * 0.75 / (B * ROUNDS)));
    weir_arena_free(&arena);
    weir_data_close(d);
}

static void delayed_xor_differs(void **state)
{
    (void)state;
    enum { B = 64 };
    weir_data *d = open_data("{data: {kind: delayed_xor, delay: 3, batch_size: 64}, "
                             "train: {loss: cross_entropy}}", 1);
    weir_data *n = open_data("{data: {kind: delayed_xor, delay: 3, batch_size: 64}, "
                             "train: {loss: {bce_with_logits: {}}}}", 1);
    weir_arena arena = {0};
    weir_batch batch = get(d, WEIR_TRAIN, 0, &arena), numbers = get(n, WEIR_TRAIN, 0, &arena);
    assert_shape(&batch.x, "[5,64,1]");
    assert_shape(&batch.target, "[64]");
    assert_shape(&numbers.target, "[64,1]");
    assert_true(d->hints.outputs == 2 && n->hints.outputs == 1);
    size_t ones = 0;
    for (size_t b = 0; b < B; b++) {
        for (size_t t = 1; t < 4; t++) assert_near(batch.x.f[t * B + b], 0, 0);
        real first = batch.x.f[b], last = batch.x.f[4 * B + b];
        assert_true(fabs((double)first) == 1 && fabs((double)last) == 1);
        assert_int_equal(batch.target.i[b], first != last);
        assert_near(numbers.target.f[b], first != last, 0);
        ones += first != last;
    }
    assert_true(ones > 0 && ones < B);
    weir_arena_free(&arena);
    weir_data_close(d);
    weir_data_close(n);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffled_is_a_permutation),
        cmocka_unit_test(shuffled_is_even),
        cmocka_unit_test(opening_says_what_is_wrong),
        cmocka_unit_test(text_streams_are_the_text),
        cmocka_unit_test(text_may_not_carry_state),
        cmocka_unit_test(text_validation_has_fewer_streams),
        cmocka_unit_test(text_context_is_what_stands_before),
        cmocka_unit_test(text_refuses),
        cmocka_unit_test(drawn_batches_are_keyed),
        cmocka_unit_test(adding_adds),
        cmocka_unit_test(copy_copies),
        cmocka_unit_test(copy_symbols_are_even),
        cmocka_unit_test(temporal_order_orders),
        cmocka_unit_test(delayed_xor_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
