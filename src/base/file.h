/* base/file.h - whole files: read, mapped, written atomically. */
#ifndef WEIR_BASE_FILE_H
#define WEIR_BASE_FILE_H

#include "weir/base.h"

/* A file's bytes, mapped: a file larger than memory is fine. Empty files have size 0, data "". */
typedef struct weir_file {
    const unsigned char *data;
    size_t size;
    bool mapped;
} weir_file;

/* WEIR_IO for a file that is missing, unreadable or a folder. Close with weir_file_close. */
weir_status weir_file_open(const char *path, weir_file *file, weir_error *err);
void weir_file_close(weir_file *file);

/* Writes through PATH.tmp, fsync and rename: after a crash or a full disk PATH is either the old
 * file or the new one, and no PATH.tmp is left after an error. A link stays one: the file it
 * leads to is written. A device or a pipe is written to as it is. */
weir_status weir_file_write(const char *path, const void *data, size_t size, weir_error *err);

/* The same for a file that is put together from parts, one behind the other. */
typedef struct weir_bytes {
    const void *data;
    size_t size;
} weir_bytes;
weir_status weir_file_write_parts(const char *path, const weir_bytes *parts, size_t count,
                                  weir_error *err);

/* mkdir -p. */
weir_status weir_make_folder(const char *path, weir_error *err);

#endif
