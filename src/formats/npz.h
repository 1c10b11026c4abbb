/* formats/npz.h - several npy arrays in a zip, as NumPy's savez() and savez_compressed() do.
 *
 * Source: PKWARE's APPNOTE.TXT for the zip. Members are stored or deflated; files of 4 GB and more
 * (ZIP64) are refused with a sentence, and so is encryption.
 */
#ifndef WEIR_FORMATS_NPZ_H
#define WEIR_FORMATS_NPZ_H

#include "base/arena.h"
#include "base/file.h"
#include "formats/array.h"

typedef struct weir_npz {
    size_t count;
    const weir_named_array *arrays; /* [count], named without ".npy"; stored ones stay mapped */
    weir_file file;
    weir_arena arena;
} weir_npz;

/* WEIR_IO with a sentence. Members that are not .npy are passed over. Close with weir_npz_close,
 * also after an error. */
weir_status weir_npz_open(const char *path, weir_npz *npz, weir_error *err);

/* The same from memory that outlives *npz; `name` opens the sentences. */
weir_status weir_npz_read(const void *data, size_t size, const char *name, weir_npz *npz,
                          weir_error *err);
void weir_npz_close(weir_npz *npz);

/* NULL when there is none. */
const weir_array *weir_npz_find(const weir_npz *npz, const char *name);

/* Writes the arrays uncompressed, atomically. */
weir_status weir_npz_write(const char *path, const weir_named_array *arrays, size_t count,
                           weir_error *err);

#endif
