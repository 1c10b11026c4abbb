/* tests/torture.h - what every format must bear: files cut off anywhere, and damaged anywhere. */
#ifndef WEIR_TESTS_TORTURE_H
#define WEIR_TESTS_TORTURE_H

#include "base/memory.h"
#include "formats/array.h"
#include "tests/files.h"

/* Reads a file of some format out of memory and looks at every number. */
typedef weir_status (*reader)(const void *data, size_t size, weir_error *err);

static inline void look_at(const weir_array *a)
{
    size_t numbers = 0;
    for (size_t i = 0; i < a->count; i++) {
        double x = weir_array_number(a, i);
        numbers += isnan(x) || x <= HUGE_VAL;
    }
    assert_int_equal(numbers, a->count);
}

/* A copy exactly as long, so that reading beyond it is seen by the sanitizer. */
static inline weir_status read_copy(reader read, const void *data, size_t size)
{
    weir_error err = {0};
    void *copy = weir_malloc(size ? size : 1);
    memcpy(copy, data, size);
    weir_status status = read(copy, size, &err);
    assert_true((status == WEIR_OK) == (err.text[0] == '\0'));
    weir_free(copy);
    return status;
}

/* Whole it is read, at every shorter length it is an error, and with any byte changed it is
 * either. */
static inline void torture(reader read, const void *data, size_t size)
{
    assert_int_equal(read_copy(read, data, size), WEIR_OK);
    for (size_t n = 0; n < size; n++)
        if (read_copy(read, data, n) != WEIR_IO)
            fail_msg("cut to %zu of %zu: not refused", n, size);
    unsigned char *copy = weir_malloc(size);
    for (size_t i = 0; i < size; i++)
        for (unsigned k = 0; k < 8; k++) {
            memcpy(copy, data, size);
            copy[i] = (unsigned char)(k < 4 ? copy[i] ^ 1u << 2 * k : 0x55 * (k - 4));
            read_copy(read, copy, size);
        }
    weir_free(copy);
}

static inline void torture_file(reader read, const char *name)
{
    weir_file file;
    weir_error err = {0};
    assert_ok(weir_file_open(path_of(name), &file, &err), err);
    torture(read, file.data, file.size);
    weir_file_close(&file);
}

static inline void assert_refused(reader read, const void *data, size_t size, const char *says)
{
    weir_error err = {0};
    assert_int_equal(read(data, size, &err), WEIR_IO);
    if (!strstr(err.text, says)) fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

#endif
