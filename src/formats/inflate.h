/* formats/inflate.h - what zlib packed, unpacked in pieces of a known size. */
#ifndef WEIR_FORMATS_INFLATE_H
#define WEIR_FORMATS_INFLATE_H

#include "weir/base.h"

#include <zlib.h>

typedef struct weir_inflate {
    z_stream z;
    const unsigned char *next; /* what zlib was not handed yet */
    size_t left;
    bool started, ended;
} weir_inflate;

/* gzip (.gz), else a bare deflate stream as in zip. false when there is no memory. */
bool weir_inflate_start(weir_inflate *in, const void *data, size_t size, bool gzip);

/* Exactly n bytes; false when they are damaged or end before. */
bool weir_inflate_read(weir_inflate *in, void *out, size_t n);

/* Whether nothing is left, and checksums (of gzip) are right. */
bool weir_inflate_ends(weir_inflate *in);
void weir_inflate_stop(weir_inflate *in);

/* Does a file begin as gzip does? */
bool weir_is_gzip(const void *data, size_t size);

/* Could `size` bytes unpack to `unpacked`? deflate packs no tighter than 1032 to 1, so a header
 * that promises more is not worth memory. */
bool weir_inflate_plausible(size_t size, size_t unpacked);

#endif
