/* formats/idx.h - one array, as MNIST comes in, packed by gzip or not.
 *
 *   0 0 | type | rank | sizes, 4 bytes each | numbers         all big-endian
 *
 * Source: Yann LeCun's page "The MNIST database of handwritten digits". Types: u1, i1, i2,
 * i4, f4, f8.
 */
#ifndef WEIR_FORMATS_IDX_H
#define WEIR_FORMATS_IDX_H

#include "base/file.h"
#include "formats/array.h"

typedef struct weir_idx {
    weir_array array; /* in the mapped file, or in `unpacked` */
    weir_file file;
    void *unpacked;
} weir_idx;

/* WEIR_IO with a sentence; gzip is known by its first bytes. Close with weir_idx_close, also after
 * an error. */
weir_status weir_idx_open(const char *path, weir_idx *idx, weir_error *err);

/* The same from memory that outlives *idx; `name` opens the sentences. */
weir_status weir_idx_read(const void *data, size_t size, const char *name, weir_idx *idx,
                          weir_error *err);
void weir_idx_close(weir_idx *idx);

#endif
