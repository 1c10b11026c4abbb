#include "formats/idx.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "formats/inflate.h"

enum { LONGEST_HEADER = 4 + 4 * WEIR_ARRAY_RANK };

static weir_status fail_cut(const char *name, weir_error *err)
{
    return weir_fail(err, WEIR_IO, _("%s: is cut off or damaged"), name);
}

/* The first four bytes: type and rank. */
static weir_status read_magic(const unsigned char *p, const char *name, weir_array *a,
                              weir_error *err)
{
    static const int types[] = {[8] = WEIR_U8, [9] = WEIR_I8, [10] = -1, [11] = WEIR_I16,
                                [12] = WEIR_I32, [13] = WEIR_F32, [14] = WEIR_F64};
    if (p[0] || p[1] || p[2] < 8 || p[2] > 14 || types[p[2]] < 0)
        return weir_fail(err, WEIR_IO, _("%s: is not an idx file"), name);
    if (p[3] > WEIR_ARRAY_RANK)
        return weir_fail(err, WEIR_IO, _("%s: has more than %d dimensions"), name, WEIR_ARRAY_RANK);
    *a = (weir_array){.type = (weir_number)types[p[2]], .big_endian = true, .rank = p[3]};
    return WEIR_OK;
}

static void read_sizes(const unsigned char *p, weir_array *a)
{
    for (size_t i = 0; i < a->rank; i++, p += 4)
        a->dim[i] = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static weir_status read_plain(const unsigned char *p, size_t size, const char *name, weir_array *a,
                              weir_error *err)
{
    size_t bytes;
    if (size < 4) return fail_cut(name, err);
    WEIR_TRY(read_magic(p, name, a, err));
    size_t header = 4 + 4 * a->rank;
    if (size < header) return fail_cut(name, err);
    read_sizes(p + 4, a);
    if (!weir_array_measure(a, &bytes) || bytes != size - header)
        return weir_fail(err, WEIR_IO,
                         _("%s: has %zu bytes of numbers, and its header promises %zu; it may be "
                           "cut off"),
                         name, size - header, bytes);
    a->data = p + header;
    return WEIR_OK;
}

static weir_status read_packed(weir_inflate *in, size_t size, const char *name, weir_idx *idx,
                               weir_error *err)
{
    unsigned char header[LONGEST_HEADER];
    weir_array *a = &idx->array;
    size_t bytes;
    if (!weir_inflate_read(in, header, 4)) return fail_cut(name, err);
    WEIR_TRY(read_magic(header, name, a, err));
    if (!weir_inflate_read(in, header + 4, 4 * a->rank)) return fail_cut(name, err);
    read_sizes(header + 4, a);
    if (!weir_array_measure(a, &bytes) || !weir_inflate_plausible(size, bytes))
        return fail_cut(name, err);
    a->data = idx->unpacked = weir_malloc(bytes ? bytes : 1);
    if (!idx->unpacked) return weir_fail_memory(err);
    if (!weir_inflate_read(in, idx->unpacked, bytes) || !weir_inflate_ends(in))
        return fail_cut(name, err);
    return WEIR_OK;
}

static weir_status read_any(const void *data, size_t size, const char *name, weir_idx *idx,
                            weir_error *err)
{
    if (!weir_is_gzip(data, size)) return read_plain(data, size, name, &idx->array, err);
    weir_inflate in;
    weir_status status = weir_inflate_start(&in, data, size, true)
                             ? read_packed(&in, size, name, idx, err)
                             : weir_fail_memory(err);
    weir_inflate_stop(&in);
    return status;
}

weir_status weir_idx_read(const void *data, size_t size, const char *name, weir_idx *idx,
                          weir_error *err)
{
    *idx = (weir_idx){0};
    return read_any(data, size, name, idx, err);
}

weir_status weir_idx_open(const char *path, weir_idx *idx, weir_error *err)
{
    *idx = (weir_idx){0};
    WEIR_TRY(weir_file_open(path, &idx->file, err));
    return read_any(idx->file.data, idx->file.size, path, idx, err);
}

void weir_idx_close(weir_idx *idx)
{
    weir_file_close(&idx->file);
    weir_free(idx->unpacked);
    *idx = (weir_idx){0};
}
