/* Every kind of data when memory runs out: at each allocation in turn, opening or the first batch
 * fails with a status, and nothing is left behind. */
#include "tests/data.h"

#include "formats/npy.h"
#include "formats/npz.h"

static size_t left; /* allocations that still succeed */
static long live;   /* blocks handed out and not given back */

static void *scarce(void *p, size_t size)
{
    if (!size) {
        live -= p != NULL;
        free(p);
        return NULL;
    }
    if (!left) return NULL;
    left--;
    void *q = realloc(p, size);
    live += q && !p;
    return q;
}

static weir_status use(const weir_config *config, weir_error *err)
{
    weir_data *data;
    weir_arena arena = {0};
    weir_batch batch;
    weir_status status = weir_data_open(config, 1, &data, err);
    for (weir_split s = WEIR_TRAIN; !status && s <= WEIR_VALID; s++)
        status = data->kind->batch(data, s, 0, &arena, &batch, err);
    weir_arena_free(&arena);
    weir_data_close(data);
    return status;
}

static void write_files(void)
{
    float x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    weir_array a = weir_array_of(WEIR_F32, x, 2, (size_t[]){4, 2});
    weir_named_array both[] = {{"x", a}, {"y", a}};
    weir_error err = {0};
    assert_ok(weir_npy_write(path_of("a.npy"), &a, &err), err);
    assert_ok(weir_npz_write(path_of("a.npz"), both, 2, &err), err);
    write_words("a.csv", "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,z\n");
    write_words("a.txt", "\xe5\xa0\xb0 a text that is just long enough for a window or two");
    write_file("gb.txt", "\xb5\xcc\xb0\xd3 and some more words", 24);
    write_file("images", "\0\0\x8\3\0\0\0\2\0\0\0\1\0\0\0\2abcd", 20);
    write_file("labels", "\0\0\x8\1\0\0\0\2\1\0", 10);
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "data: {kind: text, path: a.txt, seq_len: 3, batch_size: 2, validation: 0.3}",
        "data: {kind: text, path: gb.txt, context: 3, batch_size: 2, validation: 0.5}",
        "data: {kind: csv, path: a.csv, columns: [a, b], target: c, classes: true}",
        "data: {kind: csv, path: a.csv, columns: b, seq_len: 1, validation: 0, normalize: minmax}",
        "data: {kind: npy, x: a.npy, y: a.npy}",
        "data: {kind: npy, path: a.npz}",
        "data: {kind: idx, images: images, labels: labels}",
        "data: {kind: inline, x: [[1], [2]], y: [1, 2], normalize: standardize}",
        "data: {kind: circles, n: 10}",
        "data: {kind: blobs, n: 10, centers: 2}",
        "data: {kind: xor}",
        "data: {kind: spirals, n: 10}",
        "data: {kind: generated, generator: sine, n: 10}",
        "data: {kind: adding, seq_len: 5}",
        "data: {kind: copy, delay: 5}",
        "data: {kind: temporal_order}",
        "data: {kind: delayed_xor}",
    };
    write_files();
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        weir_config *config;
        weir_error err = {0};
        left = SIZE_MAX;
        assert_ok(weir_config_parse(configs[i], path_of("net.yaml"), &config, &err), err);
        long before = live;
        size_t allowed = 0;
        weir_status status = WEIR_MEMORY;
        for (; status; allowed++) {
            weir_error e = {0};
            left = allowed;
            status = use(config, &e);
            if (status && status != WEIR_MEMORY) fail_msg("%s: %s", configs[i], e.text);
            if (live != before) fail_msg("%s: %ld blocks are left", configs[i], live - before);
            assert_true(allowed < 1000);
        }
        assert_true(allowed > 1);
        weir_config_free(config);
    }
    assert_int_equal(live, 0);
    left = SIZE_MAX;
}

static int run(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_may_run_out_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    left = SIZE_MAX;
    weir_set_allocator(scarce);
    return run_with_folder(run);
}
