#include "formats/npy.h"

#include "base/intl.h"
#include "base/status.h"

#include <string.h>

enum { MAGIC = 6, ALIGN = 64 };

static const char *const types[] = {"f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4"};

/* --- reading ---------------------------------------------------------------------------------- */

/* The header's text, word by word. */
struct reader {
    const char *at, *end;
    const char *name; /* of the file */
    weir_error *err;
};

static weir_status fail_header(const struct reader *r)
{
    return weir_fail(r->err, WEIR_IO, _("%s: its npy header cannot be understood"), r->name);
}

static void skip_space(struct reader *r)
{
    while (r->at < r->end && strchr(" \t\n", *r->at) && *r->at) r->at++;
}

/* Goes past `word` if it comes next. */
static bool take(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    skip_space(r);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0) return false;
    r->at += n;
    return true;
}

/* 'word' or "word" into a buffer. */
static bool take_quoted(struct reader *r, char *word, size_t room)
{
    skip_space(r);
    if (r->at == r->end || (*r->at != '\'' && *r->at != '"')) return false;
    const char *from = r->at + 1, *to = memchr(from, *r->at, (size_t)(r->end - from));
    if (!to || (size_t)(to - from) >= room) return false;
    memcpy(word, from, (size_t)(to - from));
    word[to - from] = '\0';
    r->at = to + 1;
    return true;
}

static bool take_size(struct reader *r, size_t *n)
{
    skip_space(r);
    const char *from = r->at;
    for (*n = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        if (*n > SIZE_MAX / 16) return false;
        *n = *n * 10 + (size_t)(*r->at - '0');
    }
    return r->at > from;
}

static weir_status read_type(struct reader *r, weir_array *a)
{
    char word[16];
    if (take(r, "["))
        return weir_fail(r->err, WEIR_IO, _("%s: is a structured array; plain numbers are needed"),
                         r->name);
    if (!take_quoted(r, word, sizeof word)) return fail_header(r);
    a->big_endian = *word == '>';
    const char *type = word + (*word && strchr("<>|=", *word));
    if (!strcmp(type, "b1")) type = "u1";
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i], type) != 0) continue;
        a->type = (weir_number)i;
        return WEIR_OK;
    }
    return weir_fail(r->err, WEIR_IO,
                     _("%s: its numbers are of the type \"%s\", which is not read here; save it "
                       "with .astype('float32')"),
                     r->name, word);
}

static weir_status read_order(struct reader *r)
{
    if (take(r, "False")) return WEIR_OK;
    if (!take(r, "True")) return fail_header(r);
    return weir_fail(r->err, WEIR_IO,
                     _("%s: is in Fortran order; save it with numpy.ascontiguousarray()"), r->name);
}

static weir_status read_shape(struct reader *r, weir_array *a)
{
    if (!take(r, "(")) return fail_header(r);
    for (a->rank = 0; !take(r, ")"); a->rank++) {
        if (a->rank == WEIR_ARRAY_RANK)
            return weir_fail(r->err, WEIR_IO, _("%s: has more than %d dimensions"), r->name,
                             WEIR_ARRAY_RANK);
        if (!take_size(r, &a->dim[a->rank])) return fail_header(r);
        if (take(r, ",")) continue;
        skip_space(r);
        if (r->at == r->end || *r->at != ')') return fail_header(r);
    }
    return WEIR_OK;
}

static weir_status read_header(struct reader *r, weir_array *a)
{
    char key[24];
    int seen = 0;
    if (!take(r, "{")) return fail_header(r);
    while (!take(r, "}")) {
        if (!take_quoted(r, key, sizeof key) || !take(r, ":")) return fail_header(r);
        if (!strcmp(key, "descr")) {
            WEIR_TRY(read_type(r, a));
            seen |= 1;
        } else if (!strcmp(key, "fortran_order")) {
            WEIR_TRY(read_order(r));
            seen |= 2;
        } else if (!strcmp(key, "shape")) {
            WEIR_TRY(read_shape(r, a));
            seen |= 4;
        } else {
            return fail_header(r);
        }
        take(r, ",");
    }
    return seen == 7 ? WEIR_OK : fail_header(r);
}

weir_status weir_npy_read(const void *data, size_t size, const char *name, weir_array *a,
                          weir_error *err)
{
    const unsigned char *p = data;
    *a = (weir_array){0};
    if (size < 10 || memcmp(p, "\x93NUMPY", MAGIC) != 0 || p[6] < 1 || p[6] > 3)
        return weir_fail(err, WEIR_IO, _("%s: is not an npy file"), name);
    size_t start = p[6] == 1 ? 10 : 12, length = p[8] | (size_t)p[9] << 8, bytes;
    if (p[6] > 1 && size >= start) length |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (size < start || size - start < length)
        return weir_fail(err, WEIR_IO, _("%s: is cut off inside its header"), name);
    struct reader r = {(const char *)p + start, (const char *)p + start + length, name, err};
    WEIR_TRY(read_header(&r, a));
    size_t there = size - start - length;
    if (!weir_array_measure(a, &bytes) || bytes > there)
        return weir_fail(err, WEIR_IO,
                         _("%s: is cut off: its header promises more than the %zu bytes of numbers "
                           "that are there"),
                         name, there);
    a->data = p + start + length;
    return WEIR_OK;
}

weir_status weir_npy_open(const char *path, weir_npy *npy, weir_error *err)
{
    *npy = (weir_npy){0};
    WEIR_TRY(weir_file_open(path, &npy->file, err));
    return weir_npy_read(npy->file.data, npy->file.size, path, &npy->array, err);
}

void weir_npy_close(weir_npy *npy)
{
    weir_file_close(&npy->file);
    *npy = (weir_npy){0};
}

/* --- writing ---------------------------------------------------------------------------------- */

void weir_npy_header(const weir_array *a, weir_text *out)
{
    weir_text dict = {0};
    char order = a->big_endian ? '>' : weir_number_size(a->type) == 1 ? '|' : '<';
    weir_text_printf(&dict, "{'descr': '%c%s', 'fortran_order': False, 'shape': (", order,
                     types[a->type]);
    for (size_t i = 0; i < a->rank; i++)
        weir_text_printf(&dict, i ? ", %zu" : "%zu", a->dim[i]);
    weir_text_add(&dict, a->rank == 1 ? ",), }" : "), }");
    size_t length = dict.length + 1;
    while ((10 + length) % ALIGN) length++;
    weir_text_add_bytes(out, "\x93NUMPY\x01\x00", 8);
    char bytes[2] = {(char)length, (char)(length >> 8)};
    weir_text_add_bytes(out, bytes, 2);
    weir_text_printf(out, "%-*s\n", (int)length - 1, dict.s ? dict.s : "");
    out->failed |= dict.failed;
    weir_text_free(&dict);
}

weir_status weir_npy_write(const char *path, const weir_array *a, weir_error *err)
{
    weir_text header = {0};
    weir_npy_header(a, &header);
    if (header.failed) return weir_fail_memory(err);
    weir_bytes parts[] = {{header.s, header.length},
                          {a->data, a->count * weir_number_size(a->type)}};
    weir_status status = weir_file_write_parts(path, parts, 2, err);
    weir_text_free(&header);
    return status;
}
