/* formats/npy.h - one array, as NumPy's save() writes it: a header in Python's words, the numbers.
 *
 *   "\x93NUMPY" | version 1 to 3 | header length | {'descr': '<f4', 'fortran_order': False,
 *   'shape': (3, 4), } padded | numbers
 *
 * Source: NumPy's documentation of numpy.lib.format. Read: f4, f8, i1 to i8, u1 to u4 and b1, in C
 * order; written: the same, little-endian.
 */
#ifndef WEIR_FORMATS_NPY_H
#define WEIR_FORMATS_NPY_H

#include "base/file.h"
#include "base/text.h"
#include "formats/array.h"

typedef struct weir_npy {
    weir_array array; /* its numbers lie in the mapped file */
    weir_file file;
} weir_npy;

/* WEIR_IO with a sentence. Close with weir_npy_close, also after an error. */
weir_status weir_npy_open(const char *path, weir_npy *npy, weir_error *err);
void weir_npy_close(weir_npy *npy);

/* From memory that outlives *array; `name` opens the sentences. */
weir_status weir_npy_read(const void *data, size_t size, const char *name, weir_array *array,
                          weir_error *err);

/* Writes atomically. */
weir_status weir_npy_write(const char *path, const weir_array *array, weir_error *err);

/* All that stands before the numbers; for npz. */
void weir_npy_header(const weir_array *array, weir_text *out);

#endif
