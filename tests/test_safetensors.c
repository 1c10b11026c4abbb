/* safetensors: there and back, cut off anywhere, and damaged. */
#include "tests/torture.h"

#include "formats/safetensors.h"

static weir_status read_safetensors(const void *data, size_t size, weir_error *err)
{
    weir_safetensors s;
    weir_status status = weir_safetensors_read(data, size, "a.safetensors", &s, err);
    for (size_t i = 0; !status && i < s.count; i++) look_at(&s.arrays[i].array);
    weir_safetensors_close(&s);
    return status;
}

static void safetensors_there_and_back(void **state)
{
    (void)state;
    float w[3] = {1, 2, 3};
    double d[2] = {0.1, 1e-300};
    int64_t n = ((int64_t)1 << 62) + 1;
    weir_named_array arrays[] = {{"0.weight", weir_array_of(WEIR_F32, w, 2, (size_t[]){3, 1})},
                                 {"state", weir_array_of(WEIR_F64, d, 1, (size_t[]){2})},
                                 {"steps", weir_array_of(WEIR_I64, &n, 0, NULL)},
                                 {"none", weir_array_of(WEIR_F32, NULL, 1, (size_t[]){0})}};
    weir_words words[] = {{"format", "weir"}, {"note", "\xe5\xa0\xb0 \"quoted\""}};
    weir_safetensors s;
    weir_error err = {0};
    const char *path = path_of("a.safetensors");
    assert_ok(weir_safetensors_write(path, arrays, 4, words, 2, &err), err);
    assert_ok(weir_safetensors_open(path, &s, &err), err);
    assert_int_equal(s.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const weir_array *a = weir_safetensors_find(&s, arrays[i].name), *b = &arrays[i].array;
        assert_true(a && a->type == b->type && a->rank == b->rank && a->count == b->count);
        size_t width = weir_number_size(b->type);
        assert_int_equal((uintptr_t)a->data % width, 0);
        if (a->count) assert_memory_equal(a->data, b->data, a->count * width);
    }
    assert_string_equal(weir_safetensors_word(&s, "note"), words[1].value);
    assert_null(weir_safetensors_word(&s, "nothing"));
    weir_safetensors_close(&s);
    torture_file(read_safetensors, "a.safetensors");

    arrays[1].name = arrays[0].name;
    assert_int_equal(weir_safetensors_write(path, arrays, 4, words, 2, &err), WEIR_IO);
    weir_error none = {0}; /* and the old file is still there */
    assert_ok(weir_safetensors_open(path, &s, &none), none);
    weir_safetensors_close(&s);
}

/* Whatever the header's length, numbers lie at multiples of their size. */
static void safetensors_are_aligned(void **state)
{
    (void)state;
    double d = 1;
    weir_named_array array = {"d", weir_array_of(WEIR_F64, &d, 0, NULL)};
    for (size_t n = 0; n < 9; n++) {
        char note[] = "123456789";
        note[n] = '\0';
        weir_safetensors s;
        weir_error err = {0};
        const char *path = path_of("aligned");
        assert_ok(weir_safetensors_write(path, &array, 1, &(weir_words){"n", note}, 1, &err), err);
        assert_ok(weir_safetensors_open(path, &s, &err), err);
        assert_int_equal((uintptr_t)s.arrays[0].array.data % 8, 0);
        weir_safetensors_close(&s);
    }
}

/* A file with this header and eight bytes of numbers. */
static size_t make_safetensors(const char *header, char *out)
{
    size_t n = strlen(header);
    memset(out, 0, 8);
    out[0] = (char)n;
    out[1] = (char)(n >> 8);
    memcpy(out + 8, header, n);
    memset(out + 8 + n, 0, 8);
    return n + 16;
}

static void safetensors_refuses(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"a\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}}", "BF16"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "do not fit"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "outside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "outside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", "outside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
         "do not fit"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "gap"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "header knows 4"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "overlaps"},
        {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "data_offsets"},
        {"{\"a\":7}", "dtype"},
        {"{\"__metadata__\":{\"a\":1}}", "map of words"},
        {"{\"a\":", "not JSON"},
        {"[1,2]", "not a safetensors file"},
    };
    char file[512];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(read_safetensors, file, make_safetensors(cases[i][0], file), cases[i][1]);
    memset(file, 0xff, sizeof file);
    assert_refused(read_safetensors, file, sizeof file, "not a safetensors file");
}

/* Allocations until memory is gone. */
static size_t allocations;

static void *limited(void *p, size_t size)
{
    if (size == 0) {
        free(p);
        return NULL;
    }
    return allocations && allocations-- ? realloc(p, size) : NULL;
}

static void safetensors_without_memory(void **state)
{
    (void)state;
    const char *path = path_of("memory");
    float x[3] = {1, 2, 3};
    weir_named_array array = {"x", weir_array_of(WEIR_F32, x, 1, (size_t[]){3})};
    weir_status status = WEIR_MEMORY;
    size_t failures = 0;
    for (; status == WEIR_MEMORY && failures < 20; failures++) {
        weir_error err = {0};
        allocations = failures;
        weir_set_allocator(limited);
        status = weir_safetensors_write(path, &array, 1, NULL, 0, &err);
        weir_set_allocator(NULL);
        assert_true(status == WEIR_OK || !strcmp(err.text, "out of memory"));
        assert_int_equal(access(path, F_OK) == 0, status == WEIR_OK);
    }
    assert_int_equal(status, WEIR_OK);
    assert_true(failures > 3); /* the parts, the header, the file's name */
}

static void missing_empty_and_folders(void **state)
{
    (void)state;
    write_file("empty", "", 0);
    static const char *const says[][2] = {{"not-there", "cannot open"}, {"empty", "empty: is not"},
                                          {".", "is a directory"}};
    for (size_t i = 0; i < 3; i++) {
        weir_error err = {0};
        weir_safetensors s;
        assert_int_equal(weir_safetensors_open(path_of(says[i][0]), &s, &err), WEIR_IO);
        assert_non_null(strstr(err.text, says[i][1]));
        weir_safetensors_close(&s);
    }
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safetensors_there_and_back),
        cmocka_unit_test(safetensors_are_aligned),
        cmocka_unit_test(safetensors_refuses),
        cmocka_unit_test(safetensors_without_memory),
        cmocka_unit_test(missing_empty_and_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
