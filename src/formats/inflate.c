#include "formats/inflate.h"

#include "base/memory.h"

#include <string.h>

static void *give(void *self, unsigned count, unsigned size)
{
    (void)self;
    return weir_calloc(count, size);
}

static void take(void *self, void *p)
{
    (void)self;
    weir_free(p);
}

bool weir_inflate_start(weir_inflate *in, const void *data, size_t size, bool gzip)
{
    *in = (weir_inflate){.next = data, .left = size};
    in->z.zalloc = give;
    in->z.zfree = take;
    in->started = inflateInit2(&in->z, gzip ? 16 + MAX_WBITS : -MAX_WBITS) == Z_OK;
    return in->started;
}

/* One call of inflate, with as much input and room as zlib's counters hold. */
static int step(weir_inflate *in, unsigned char *out, size_t n)
{
    size_t most = (size_t)1 << 30;
    uInt given = (uInt)(in->left < most ? in->left : most);
    in->z.next_in = (z_const Bytef *)(uintptr_t)in->next;
    in->z.avail_in = given;
    in->z.next_out = out;
    in->z.avail_out = (uInt)(n < most ? n : most);
    int result = inflate(&in->z, Z_NO_FLUSH);
    in->next += given - in->z.avail_in;
    in->left -= given - in->z.avail_in;
    if (result == Z_STREAM_END) in->ended = true;
    return result;
}

bool weir_inflate_read(weir_inflate *in, void *out, size_t n)
{
    unsigned char *to = out;
    while (n) {
        if (in->ended) return false;
        int result = step(in, to, n);
        size_t got = (size_t)(in->z.next_out - to);
        to += got;
        n -= got;
        if (result == Z_BUF_ERROR || (result != Z_OK && result != Z_STREAM_END)) return false;
    }
    return true;
}

bool weir_inflate_ends(weir_inflate *in)
{
    unsigned char more;
    if (!in->ended) {
        step(in, &more, 1);
        if (in->z.avail_out == 0) return false;
    }
    return in->ended && in->left == 0;
}

void weir_inflate_stop(weir_inflate *in)
{
    if (in->started) inflateEnd(&in->z);
    in->started = false;
}

bool weir_is_gzip(const void *data, size_t size)
{
    return size >= 2 && memcmp(data, "\x1f\x8b", 2) == 0;
}

bool weir_inflate_plausible(size_t size, size_t unpacked)
{
    return unpacked / 1040 <= size;
}
