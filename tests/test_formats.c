/* Arrays in files: npy, npz and idx, there and back, cut off anywhere, and damaged. */
#include "tests/torture.h"

#include "formats/idx.h"
#include "formats/npy.h"
#include "formats/npz.h"

static weir_status read_npy(const void *data, size_t size, weir_error *err)
{
    weir_array a;
    weir_status status = weir_npy_read(data, size, "a.npy", &a, err);
    if (!status) look_at(&a);
    return status;
}

static weir_status read_npz(const void *data, size_t size, weir_error *err)
{
    weir_npz npz;
    weir_status status = weir_npz_read(data, size, "a.npz", &npz, err);
    for (size_t i = 0; !status && i < npz.count; i++) look_at(&npz.arrays[i].array);
    weir_npz_close(&npz);
    return status;
}

static weir_status read_idx(const void *data, size_t size, weir_error *err)
{
    weir_idx idx;
    weir_status status = weir_idx_read(data, size, "a.idx", &idx, err);
    if (!status) look_at(&idx.array);
    weir_idx_close(&idx);
    return status;
}

/* --- npy -------------------------------------------------------------------------------------- */

/* A file as numpy.save writes it, version 1; the header is padded to 128 bytes. */
static size_t make_npy(const char *dict, const void *numbers, size_t size, char *out)
{
    int n = snprintf(out, 256, "%c%s%c%c%c%c%-117s\n", 0x93, "NUMPY", 1, 'Z', 118, 'Z', dict);
    assert_int_equal(n, 128);
    out[7] = out[9] = 0;
    memcpy(out + n, numbers, size);
    return (size_t)n + size;
}

static void npy_reads_every_type(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        unsigned char bytes[8];
        double value;
    } cases[] = {
        {"<f4", {0, 0, 0xc0, 0xbf}, -1.5},
        {"<f8", {0, 0, 0, 0, 0, 0, 0xf8, 0xbf}, -1.5},
        {">f4", {0xbf, 0xc0, 0, 0}, -1.5},
        {"|i1", {0xfe}, -2},
        {"|u1", {0xfe}, 254},
        {"|b1", {1}, 1},
        {"<i2", {0xfe, 0xff}, -2},
        {"<u2", {0xfe, 0xff}, 65534},
        {"<i4", {0xfe, 0xff, 0xff, 0xff}, -2},
        {"<u4", {0xfe, 0xff, 0xff, 0xff}, 4294967294},
        {"<i8", {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, -2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char dict[100], file[256];
        weir_error err = {0};
        weir_array a;
        snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (), }",
                 cases[i].type);
        size_t size = make_npy(dict, cases[i].bytes, (size_t)(cases[i].type[2] - '0'), file);
        assert_ok(weir_npy_read(file, size, "a.npy", &a, &err), err);
        assert_near(weir_array_number(&a, 0), cases[i].value, 0);
        real x;
        weir_array_reals(&a, 0, 1, &x);
        assert_near(x, (real)cases[i].value, 0);
    }
}

static void npy_there_and_back(void **state)
{
    (void)state;
    double doubles[6] = {1, -2.5, 1e300, 0, 5, 6};
    float floats[6] = {1, -2.5F, 1e-30F, 0, 5, 6};
    weir_array out[] = {weir_array_of(WEIR_F64, doubles, 2, (size_t[]){2, 3}),
                        weir_array_of(WEIR_F32, floats, 3, (size_t[]){1, 3, 2}),
                        weir_array_of(WEIR_F32, floats, 1, (size_t[]){6}),
                        weir_array_of(WEIR_F64, doubles, 0, NULL)};
    for (size_t k = 0; k < sizeof out / sizeof *out; k++) {
        weir_npy npy;
        weir_error err = {0};
        assert_ok(weir_npy_write(path_of("a.npy"), &out[k], &err), err);
        assert_ok(weir_npy_open(path_of("a.npy"), &npy, &err), err);
        assert_int_equal(npy.array.rank, out[k].rank);
        assert_int_equal(npy.array.count, out[k].count);
        assert_memory_equal(npy.array.dim, out[k].dim, sizeof npy.array.dim);
        assert_int_equal(npy.array.type, out[k].type);
        assert_memory_equal(npy.array.data, out[k].data,
                            out[k].count * weir_number_size(out[k].type));
        assert_int_equal((uintptr_t)npy.array.data % 64, 0);
        weir_npy_close(&npy);
        torture_file(read_npy, "a.npy");
    }
}

static void npy_refuses(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }", "Fortran"},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", "\"<f2\""},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "\"<c8\""},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "structured"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "cut off"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
         "cut off"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "header"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "header"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, }", "header"},
        {"{'descr': '<f4'", "header"},
        {"import os", "header"},
    };
    char file[256], numbers[8] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(read_npy, file, make_npy(cases[i][0], numbers, 8, file), cases[i][1]);
    assert_refused(read_npy, "a,b\n1,2\n", 8, "not an npy file");
}

/* --- npz -------------------------------------------------------------------------------------- */

/* What Python's zipfile made of w [2,3] f4 = 1 2 3 4 5 6.5, note.txt and n [] i8 = 2^53 + 1,
 * deflated, with the ZIP64 fields NumPy asks for. */
static const char deflated[] =
    "\x50\x4b\x03\x04\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\x2d\x8e\x1c\xe8\xff\xff"
    "\xff\xff\xff\xff\xff\xff\x05\x00\x14\x00\x77\x2e\x6e\x70\x79\x01\x00\x10\x00\x98"
    "\x00\x00\x00\x00\x00\x00\x00\x58\x00\x00\x00\x00\x00\x00\x00\x9b\xec\x17\xea\x1b"
    "\x10\xc9\xc8\x50\xc6\x50\xad\x9e\x92\x5a\x9c\x5c\xa4\x6e\xa5\xa0\x6e\x93\x66\xa2"
    "\xae\xa3\xa0\x9e\x96\x5f\x54\x52\x94\x98\x17\x9f\x5f\x94\x92\x0a\x12\x77\x4b\xcc"
    "\x29\x4e\x05\x8a\x17\x67\x24\x16\xa4\x02\xf9\x1a\x46\x3a\x0a\xc6\x9a\x3a\x0a\xb5"
    "\x0a\x64\x03\x2e\x06\x86\x06\x7b\x06\x06\x06\x07\x20\x02\xe2\x06\x20\x5e\x00\xc4"
    "\x17\x1c\x00\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\xac\x2a\x93"
    "\xd8\x02\x00\x00\x00\x02\x00\x00\x00\x08\x00\x00\x00\x6e\x6f\x74\x65\x2e\x74\x78"
    "\x74\x68\x69\x50\x4b\x03\x04\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\x06\x95\x1b"
    "\x3f\xff\xff\xff\xff\xff\xff\xff\xff\x05\x00\x14\x00\x6e\x2e\x6e\x70\x79\x01\x00"
    "\x10\x00\x88\x00\x00\x00\x00\x00\x00\x00\x48\x00\x00\x00\x00\x00\x00\x00\x9b\xec"
    "\x17\xea\x1b\x10\xc9\xc8\x50\xc6\x50\xad\x9e\x92\x5a\x9c\x5c\xa4\x6e\xa5\xa0\x6e"
    "\x93\x69\xa1\xae\xa3\xa0\x9e\x96\x5f\x54\x52\x94\x98\x17\x9f\x5f\x94\x92\x0a\x12"
    "\x77\x4b\xcc\x29\x4e\x05\x8a\x17\x67\x24\x16\xa4\x02\xf9\x1a\x9a\x3a\x0a\xb5\x0a"
    "\x14\x01\x2e\x46\x06\x10\x50\x60\x00\x00\x50\x4b\x01\x02\x2d\x03\x2d\x00\x00\x00"
    "\x08\x00\x00\x00\x21\x00\x2d\x8e\x1c\xe8\x58\x00\x00\x00\x98\x00\x00\x00\x05\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x77\x2e\x6e\x70"
    "\x79\x50\x4b\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\xac\x2a\x93"
    "\xd8\x02\x00\x00\x00\x02\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x80\x01\x8f\x00\x00\x00\x6e\x6f\x74\x65\x2e\x74\x78\x74\x50\x4b\x01\x02\x2d"
    "\x03\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\x06\x95\x1b\x3f\x48\x00\x00\x00\x88"
    "\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\xb7\x00\x00"
    "\x00\x6e\x2e\x6e\x70\x79\x50\x4b\x05\x06\x00\x00\x00\x00\x03\x00\x03\x00\x9c\x00"
    "\x00\x00\x36\x01\x00\x00\x00\x00";

static void npz_reads_deflated(void **state)
{
    (void)state;
    weir_npz npz;
    weir_error err = {0};
    assert_ok(weir_npz_read(deflated, sizeof deflated - 1, "a.npz", &npz, &err), err);
    assert_int_equal(npz.count, 2);
    const weir_array *w = weir_npz_find(&npz, "w"), *n = weir_npz_find(&npz, "n");
    assert_true(w && n && w->rank == 2 && w->dim[0] == 2 && w->dim[1] == 3);
    assert_near(weir_array_number(w, 5), 6.5, 0);
    assert_int_equal(weir_array_int(n, 0), ((int64_t)1 << 53) + 1);
    assert_null(weir_npz_find(&npz, "note"));
    weir_npz_close(&npz);
    torture(read_npz, deflated, sizeof deflated - 1);
}

/* A stored member in which a number or the directory is changed. */
static void npz_refuses(void **state)
{
    (void)state;
    float w[64] = {1};
    weir_named_array array = {"w", weir_array_of(WEIR_F32, w, 1, (size_t[]){64})};
    weir_error err = {0};
    weir_file file;
    unsigned char bytes[1024];
    assert_ok(weir_npz_write(path_of("w.npz"), &array, 1, &err), err);
    assert_ok(weir_file_open(path_of("w.npz"), &file, &err), err);
    size_t size = file.size, entry = size - 22 - 46 - 5; /* the directory's only one, "w.npy" */
    assert_true(size <= sizeof bytes);
    memcpy(bytes, file.data, size);
    weir_file_close(&file);
    assert_int_equal(read_copy(read_npz, bytes, size), WEIR_OK);
    bytes[entry - 1] ^= 1;
    assert_refused(read_npz, bytes, size, "checksum");
    bytes[entry - 1] ^= 1;
    bytes[entry + 21] = bytes[entry + 25] = 2; /* packed and unpacked: 512 bytes and more */
    assert_refused(read_npz, bytes, size, "reaches beyond");
    bytes[entry + 43] = 0x77;
    assert_refused(read_npz, bytes, size, "does not lie where");
    bytes[entry + 8] |= 1;
    assert_refused(read_npz, bytes, size, "encrypted");
}

static void npz_there_and_back(void **state)
{
    (void)state;
    float w[3] = {1, 2, 3};
    int64_t n = INT64_MIN;
    weir_named_array arrays[] = {{"0.weight", weir_array_of(WEIR_F32, w, 1, (size_t[]){3})},
                                 {"steps", weir_array_of(WEIR_I64, &n, 0, NULL)},
                                 {"none", weir_array_of(WEIR_F32, w, 1, (size_t[]){0})}};
    weir_npz npz;
    weir_error err = {0};
    assert_ok(weir_npz_write(path_of("a.npz"), arrays, 3, &err), err);
    assert_ok(weir_npz_open(path_of("a.npz"), &npz, &err), err);
    assert_int_equal(npz.count, 3);
    assert_near(weir_array_number(weir_npz_find(&npz, "0.weight"), 2), 3, 0);
    assert_int_equal(weir_array_int(weir_npz_find(&npz, "steps"), 0), n);
    assert_int_equal(weir_npz_find(&npz, "none")->count, 0);
    weir_npz_close(&npz);
    torture_file(read_npz, "a.npz");
}

/* --- idx -------------------------------------------------------------------------------------- */

/* [2,2,3] bytes 250 .. 255, then zeros; and what gzip made of it. */
static const char plain_idx[] = "\0\0\x8\x3\0\0\0\x2\0\0\0\x2\0\0\0\x3"
                                "\xfa\xfb\xfc\xfd\xfe\xff\0\0\0\0\0\0";
static const char packed_idx[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x60\x66\x60\x60\x60\x82\x62"
    "\xe6\x5f\xbf\xff\xfc\xfd\xf7\x9f\x01\x0c\x00\xbd\xf3\xc0\x7c\x1c\x00\x00\x00";

static void idx_reads(void **state)
{
    (void)state;
    write_file("a.idx", plain_idx, sizeof plain_idx - 1);
    write_file("a.idx.gz", packed_idx, sizeof packed_idx - 1);
    for (int packed = 0; packed < 2; packed++) {
        weir_idx idx;
        weir_error err = {0};
        assert_ok(weir_idx_open(path_of(packed ? "a.idx.gz" : "a.idx"), &idx, &err), err);
        assert_true(idx.array.rank == 3 && idx.array.dim[2] == 3 && idx.array.count == 12);
        for (size_t i = 0; i < 6; i++)
            assert_near(weir_array_number(&idx.array, i), 250 + (double)i, 0);
        weir_idx_close(&idx);
    }
    torture(read_idx, plain_idx, sizeof plain_idx - 1);
    torture(read_idx, packed_idx, sizeof packed_idx - 1);
    assert_refused(read_idx, "\0\0\xa\1\0\0\0\0", 8, "not an idx file");
    assert_refused(read_idx, "\0\0\x8\x2\xff\xff\xff\xff\xff\xff\xff\xff", 12, "cut off");

    weir_idx wide; /* numbers are big-endian */
    weir_error err = {0};
    assert_ok(weir_idx_read("\0\0\xb\1\0\0\0\2\1\2\xff\xfe", 12, "a", &wide, &err), err);
    assert_near(weir_array_number(&wide.array, 0), 258, 0);
    assert_near(weir_array_number(&wide.array, 1), -2, 0);
    weir_idx_close(&wide);
}

/* --- files that are none ---------------------------------------------------------------------- */

static weir_status open_any(int format, const char *path, weir_error *err)
{
    weir_npy npy;
    weir_npz npz;
    weir_idx idx;
    weir_status status = WEIR_OK;
    if (format == 0) status = weir_npy_open(path, &npy, err), weir_npy_close(&npy);
    if (format == 1) status = weir_npz_open(path, &npz, err), weir_npz_close(&npz);
    if (format == 2) status = weir_idx_open(path, &idx, err), weir_idx_close(&idx);
    return status;
}

static void missing_empty_and_folders(void **state)
{
    (void)state;
    write_file("empty", "", 0);
    for (int format = 0; format < 3; format++) {
        weir_error missing = {0}, directory = {0}, empty = {0};
        assert_int_equal(open_any(format, path_of("not-there"), &missing), WEIR_IO);
        assert_non_null(strstr(missing.text, "not-there: cannot open"));
        assert_int_equal(open_any(format, folder, &directory), WEIR_IO);
        assert_non_null(strstr(directory.text, "is a directory"));
        assert_int_equal(open_any(format, path_of("empty"), &empty), WEIR_IO);
        assert_non_null(strstr(empty.text, "empty: "));
    }
}

static void where_a_number_is(void **state)
{
    (void)state;
    char buffer[64];
    double numbers[12] = {0};
    weir_array a = weir_array_of(WEIR_F64, numbers, 3, (size_t[]){2, 3, 2});
    assert_int_equal(weir_array_not_finite(&a), 12);
    numbers[9] = (double)NAN;
    assert_int_equal(weir_array_not_finite(&a), 9);
    assert_string_equal(weir_array_where(&a, 9, buffer, sizeof buffer), "[1, 1, 1]");
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(npy_reads_every_type),
        cmocka_unit_test(npy_there_and_back),
        cmocka_unit_test(npy_refuses),
        cmocka_unit_test(npz_reads_deflated),
        cmocka_unit_test(npz_refuses),
        cmocka_unit_test(npz_there_and_back),
        cmocka_unit_test(idx_reads),
        cmocka_unit_test(missing_empty_and_folders),
        cmocka_unit_test(where_a_number_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_with_folder(run);
}
