#include "formats/npz.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "formats/inflate.h"
#include "formats/npy.h"

#include <string.h>

/* Signatures and fixed sizes of a zip's three kinds of record. */
#define LOCAL "PK\3\4"
#define CENTRAL "PK\1\2"
#define END "PK\5\6"
enum { LOCAL_SIZE = 30, CENTRAL_SIZE = 46, END_SIZE = 22, LONGEST_COMMENT = 65535 };
enum { STORED = 0, DEFLATED = 8, ENCRYPTED = 1 };

static uint16_t get16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const unsigned char *p)
{
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reader {
    const unsigned char *data;
    size_t size;
    const char *name;
    weir_npz *npz;
    weir_named_array *arrays;
    weir_error *err;
};

/* One entry of the central directory. */
struct member {
    uint16_t flags, method;
    uint32_t crc;
    size_t packed, unpacked, offset;
    const char *name;
    size_t name_length;
};

static weir_status fail(const struct reader *r, const char *what)
{
    return weir_fail(r->err, WEIR_IO, "%s: %s", r->name, what);
}

static weir_status fail_member(const struct reader *r, const char *member, const char *what)
{
    return weir_fail(r->err, WEIR_IO, "%s: %s: %s", r->name, member, what);
}

/* The record at the file's end, behind which at most a comment stands. */
static const unsigned char *find_end(const struct reader *r)
{
    for (size_t back = END_SIZE; back <= r->size && back <= END_SIZE + LONGEST_COMMENT; back++) {
        const unsigned char *p = r->data + r->size - back;
        if (memcmp(p, END, 4) == 0 && get16(p + 20) == back - END_SIZE) return p;
    }
    return NULL;
}

/* The entry at *at, which moves behind it. */
static weir_status read_entry(const struct reader *r, size_t *at, struct member *m)
{
    const unsigned char *p = r->data + *at;
    if (r->size - *at < CENTRAL_SIZE || memcmp(p, CENTRAL, 4) != 0)
        return fail(r, _("its directory is damaged"));
    *m = (struct member){get16(p + 8),  get16(p + 10), get32(p + 16),
                         get32(p + 20), get32(p + 24), get32(p + 42),
                         (const char *)p + CENTRAL_SIZE, get16(p + 28)};
    size_t length = (size_t)CENTRAL_SIZE + m->name_length + get16(p + 30) + get16(p + 32);
    if (r->size - *at < length) return fail(r, _("its directory is damaged"));
    *at += length;
    return WEIR_OK;
}

/* The member's packed bytes. */
static weir_status find_bytes(const struct reader *r, const struct member *m, const char *name,
                              const unsigned char **bytes)
{
    if (m->packed == UINT32_MAX || m->unpacked == UINT32_MAX || m->offset == UINT32_MAX)
        return fail_member(r, name, _("is larger than 4 GB; save it as an npy file"));
    if (m->flags & ENCRYPTED) return fail_member(r, name, _("is encrypted"));
    const unsigned char *p = m->offset < r->size ? r->data + m->offset : NULL;
    if (!p || r->size - m->offset < LOCAL_SIZE || memcmp(p, LOCAL, 4) != 0)
        return fail_member(r, name, _("does not lie where the directory says"));
    size_t start = m->offset + LOCAL_SIZE + get16(p + 26) + get16(p + 28);
    if (start > r->size || r->size - start < m->packed)
        return fail_member(r, name, _("reaches beyond the end of the file"));
    *bytes = r->data + start;
    return WEIR_OK;
}

static weir_status unpack(const struct reader *r, const struct member *m, const char *name,
                          const unsigned char **bytes)
{
    if (m->method == STORED && m->packed == m->unpacked) return WEIR_OK;
    if (m->method != DEFLATED || !weir_inflate_plausible(m->packed, m->unpacked))
        return fail_member(r, name, _("is packed in a way that is not known here"));
    unsigned char *out = weir_arena_alloc(&r->npz->arena, m->unpacked);
    weir_inflate in;
    if (!out || !weir_inflate_start(&in, *bytes, m->packed, false)) return weir_fail_memory(r->err);
    bool ok = weir_inflate_read(&in, out, m->unpacked) && weir_inflate_ends(&in);
    weir_inflate_stop(&in);
    *bytes = out;
    return ok ? WEIR_OK : fail_member(r, name, _("is damaged: it does not unpack"));
}

static weir_status check_sum(const struct reader *r, const struct member *m, const char *name,
                             const unsigned char *bytes)
{
    if (crc32_z(crc32_z(0, NULL, 0), bytes, m->unpacked) == m->crc) return WEIR_OK;
    return fail_member(r, name, _("is damaged: its checksum is wrong"));
}

static weir_status read_member(struct reader *r, const struct member *m)
{
    const unsigned char *bytes = NULL;
    if (m->name_length < 4 || memcmp(m->name + m->name_length - 4, ".npy", 4) != 0) return WEIR_OK;
    char *name = weir_arena_calloc(&r->npz->arena, m->name_length - 3, 1);
    if (!name) return weir_fail_memory(r->err);
    memcpy(name, m->name, m->name_length - 4);
    WEIR_TRY(find_bytes(r, m, name, &bytes));
    WEIR_TRY(unpack(r, m, name, &bytes));
    WEIR_TRY(check_sum(r, m, name, bytes));
    weir_named_array *a = &r->arrays[r->npz->count];
    weir_status status = weir_npy_read(bytes, m->unpacked, name, &a->array, r->err);
    if (status) {
        weir_error_prefix(r->err, "%s: ", r->name);
        return status;
    }
    a->name = name;
    r->npz->count++;
    return WEIR_OK;
}

static weir_status read_all(struct reader *r)
{
    const unsigned char *end = find_end(r);
    if (!end) return fail(r, _("is not an npz file, or is cut off"));
    size_t count = get16(end + 10), at = get32(end + 16);
    if (count == UINT16_MAX || at == UINT32_MAX)
        return fail(r, _("is larger than 4 GB; save its arrays as npy files"));
    if (at > r->size) return fail(r, _("its directory is damaged"));
    r->arrays = weir_arena_calloc(&r->npz->arena, count, sizeof *r->arrays);
    if (!r->arrays) return weir_fail_memory(r->err);
    r->npz->arrays = r->arrays;
    for (size_t i = 0; i < count; i++) {
        struct member m = {0};
        WEIR_TRY(read_entry(r, &at, &m));
        WEIR_TRY(read_member(r, &m));
    }
    return WEIR_OK;
}

weir_status weir_npz_read(const void *data, size_t size, const char *name, weir_npz *npz,
                          weir_error *err)
{
    *npz = (weir_npz){0};
    return read_all(&(struct reader){data, size, name, npz, NULL, err});
}

weir_status weir_npz_open(const char *path, weir_npz *npz, weir_error *err)
{
    *npz = (weir_npz){0};
    WEIR_TRY(weir_file_open(path, &npz->file, err));
    return read_all(&(struct reader){npz->file.data, npz->file.size, path, npz, NULL, err});
}

void weir_npz_close(weir_npz *npz)
{
    weir_file_close(&npz->file);
    weir_arena_free(&npz->arena);
    *npz = (weir_npz){0};
}

const weir_array *weir_npz_find(const weir_npz *npz, const char *name)
{
    for (size_t i = 0; i < npz->count; i++)
        if (!strcmp(npz->arrays[i].name, name)) return &npz->arrays[i].array;
    return NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put(weir_text *out, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        char c = (char)(value >> 8 * i);
        weir_text_add_bytes(out, &c, 1);
    }
}

/* What a local header and a directory entry have in common, from "version needed" on. */
static void put_common(weir_text *out, const char *name, uint32_t crc, size_t size)
{
    put(out, 20, 2); /* version 2.0 */
    put(out, 0, 2);
    put(out, STORED, 2);
    put(out, 0x00210000, 4); /* 1980-01-01 00:00, the least there is: same arrays, same bytes */
    put(out, crc, 4);
    put(out, (uint32_t)size, 4);
    put(out, (uint32_t)size, 4);
    put(out, (uint32_t)strlen(name) + 4, 2);
    put(out, 0, 2); /* no extra field */
}

/* A member: its head (local header, name and npy header) into *head, its entry into *directory. */
static void put_member(const weir_named_array *n, size_t offset, weir_text *head,
                       weir_text *directory)
{
    weir_text npy = {0};
    weir_npy_header(&n->array, &npy);
    size_t bytes = n->array.count * weir_number_size(n->array.type);
    uLong crc = crc32_z(crc32_z(0, NULL, 0), (const Bytef *)npy.s, npy.s ? npy.length : 0);
    if (bytes) crc = crc32_z(crc, n->array.data, bytes);
    weir_text_add_bytes(head, LOCAL, 4);
    put_common(head, n->name, (uint32_t)crc, npy.length + bytes);
    weir_text_printf(head, "%s.npy", n->name);
    weir_text_add_bytes(head, npy.s ? npy.s : "", npy.length);
    head->failed |= npy.failed;

    weir_text_add_bytes(directory, CENTRAL, 4);
    put(directory, 20, 2);
    put_common(directory, n->name, (uint32_t)crc, npy.length + bytes);
    put(directory, 0, 2); /* no comment, first disk, no attributes */
    put(directory, 0, 4);
    put(directory, 0, 4);
    put(directory, (uint32_t)offset, 4);
    weir_text_printf(directory, "%s.npy", n->name);
    weir_text_free(&npy);
}

static void put_end(size_t count, size_t offset, weir_text *directory)
{
    size_t length = directory->length;
    weir_text_add_bytes(directory, END, 4);
    put(directory, 0, 4);
    put(directory, (uint32_t)count, 2);
    put(directory, (uint32_t)count, 2);
    put(directory, (uint32_t)length, 4);
    put(directory, (uint32_t)offset, 4);
    put(directory, 0, 2);
}

/* heads [count], parts [2 count + 1]. */
static weir_status write_all(const char *path, const weir_named_array *arrays, size_t count,
                             weir_text *heads, weir_bytes *parts, weir_text *directory,
                             weir_error *err)
{
    size_t offset = 0;
    bool failed = false;
    for (size_t i = 0; i < count; i++) {
        size_t bytes = arrays[i].array.count * weir_number_size(arrays[i].array.type);
        put_member(&arrays[i], offset, &heads[i], directory);
        parts[2 * i] = (weir_bytes){heads[i].s, heads[i].length};
        parts[2 * i + 1] = (weir_bytes){arrays[i].array.data, bytes};
        offset += heads[i].length + bytes;
        failed |= heads[i].failed;
        if (bytes > UINT32_MAX / 2 || offset > UINT32_MAX / 2)
            return weir_fail(err, WEIR_IO, _("%s: more than 2 GB; save the arrays as npy files"),
                             path);
    }
    put_end(count, offset, directory);
    if (failed || directory->failed) return weir_fail_memory(err);
    parts[2 * count] = (weir_bytes){directory->s, directory->length};
    return weir_file_write_parts(path, parts, 2 * count + 1, err);
}

weir_status weir_npz_write(const char *path, const weir_named_array *arrays, size_t count,
                           weir_error *err)
{
    if (count >= UINT16_MAX) return weir_fail(err, WEIR_IO, _("%s: too many arrays"), path);
    weir_text *heads = weir_calloc(count + 1, sizeof *heads), directory = {0};
    weir_bytes *parts = weir_calloc(2 * count + 1, sizeof *parts);
    weir_status status = heads && parts
                             ? write_all(path, arrays, count, heads, parts, &directory, err)
                             : weir_fail_memory(err);
    for (size_t i = 0; heads && i < count; i++) weir_text_free(&heads[i]);
    weir_text_free(&directory);
    weir_free(heads);
    weir_free(parts);
    return status;
}
