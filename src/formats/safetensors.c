#include "formats/safetensors.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_HEADER = 100000000 };

static const struct {
    const char *name;
    weir_number type;
} types[] = {{"F32", WEIR_F32}, {"F64", WEIR_F64}, {"I8", WEIR_I8},   {"I16", WEIR_I16},
             {"I32", WEIR_I32}, {"I64", WEIR_I64}, {"U8", WEIR_U8},   {"U16", WEIR_U16},
             {"U32", WEIR_U32}, {"BOOL", WEIR_U8}};

/* --- reading ---------------------------------------------------------------------------------- */

struct reader {
    const char *name; /* of the file */
    const unsigned char *numbers;
    size_t size; /* of the numbers, bytes */
    weir_safetensors *s;
    weir_error *err;
};

static weir_status fail(const struct reader *r, const char *array, const char *what)
{
    return weir_fail(r->err, WEIR_IO, "%s: %s: %s", r->name, array, what);
}

static weir_status read_type(const struct reader *r, const char *name, const json_t *entry,
                             weir_array *a)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    if (!dtype) return fail(r, name, _("has no dtype"));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, dtype) != 0) continue;
        a->type = types[i].type;
        return WEIR_OK;
    }
    return weir_fail(r->err, WEIR_IO,
                     _("%s: %s has the type %s, which is not read here; convert it to F32"),
                     r->name, name, dtype);
}

static weir_status read_shape(const struct reader *r, const char *name, const json_t *entry,
                              weir_array *a)
{
    const json_t *shape = json_object_get(entry, "shape");
    if (!json_is_array(shape)) return fail(r, name, _("has no shape"));
    a->rank = json_array_size(shape);
    if (a->rank > WEIR_ARRAY_RANK) return fail(r, name, _("has too many dimensions"));
    for (size_t i = 0; i < a->rank; i++) {
        const json_t *d = json_array_get(shape, i);
        if (!json_is_integer(d) || json_integer_value(d) < 0)
            return fail(r, name, _("its shape is not a list of sizes"));
        a->dim[i] = (size_t)json_integer_value(d);
    }
    return WEIR_OK;
}

static weir_status read_place(const struct reader *r, const char *name, const json_t *entry,
                              weir_array *a)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *from = json_array_get(offsets, 0), *to = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(from) || !json_is_integer(to))
        return fail(r, name, _("has no data_offsets"));
    json_int_t begin = json_integer_value(from), end = json_integer_value(to);
    size_t size;
    if (begin < 0 || end < begin || (uint64_t)end > r->size)
        return fail(r, name, _("its data_offsets lie outside the file; it may be cut off"));
    if (!weir_array_measure(a, &size) || size != (size_t)(end - begin))
        return fail(r, name, _("its data_offsets do not fit its shape and dtype"));
    a->data = r->numbers + begin;
    return WEIR_OK;
}

static weir_status read_words(const struct reader *r, json_t *map)
{
    const char *key;
    json_t *value;
    weir_words *words = weir_arena_alloc(&r->s->arena, json_object_size(map) * sizeof *words);
    if (!words) return weir_fail_memory(r->err);
    if (!json_is_object(map)) return fail(r, "__metadata__", _("is not a map of words"));
    r->s->words = words;
    json_object_foreach(map, key, value) {
        if (!json_is_string(value)) return fail(r, "__metadata__", _("is not a map of words"));
        weir_words pair = {weir_arena_strdup(&r->s->arena, key),
                           weir_arena_strdup(&r->s->arena, json_string_value(value))};
        if (!pair.key || !pair.value) return weir_fail_memory(r->err);
        words[r->s->words_count++] = pair;
    }
    return WEIR_OK;
}

static int by_place(const void *a, const void *b)
{
    const weir_array *x = &((const weir_named_array *)a)->array;
    const weir_array *y = &((const weir_named_array *)b)->array;
    if (x->data != y->data)
        return (const unsigned char *)x->data < (const unsigned char *)y->data ? -1 : 1;
    return (x->count > y->count) - (x->count < y->count); /* empty ones first */
}

/* The arrays must cover the numbers without gap or overlap. */
static weir_status check_cover(const struct reader *r, weir_named_array *arrays, size_t count)
{
    size_t at = 0;
    qsort(arrays, count, sizeof *arrays, by_place);
    for (size_t i = 0; i < count; i++) {
        const weir_array *a = &arrays[i].array;
        if ((const unsigned char *)a->data != r->numbers + at)
            return fail(r, arrays[i].name, _("overlaps another array, or lies behind a gap"));
        at += a->count * weir_number_size(a->type);
    }
    if (at == r->size) return WEIR_OK;
    return weir_fail(r->err, WEIR_IO, _("%s: has %zu bytes of numbers; its header knows %zu"),
                     r->name, r->size, at);
}

static weir_status read_header(const struct reader *r, json_t *header)
{
    const char *name;
    json_t *entry;
    weir_named_array *arrays =
        weir_arena_calloc(&r->s->arena, json_object_size(header), sizeof *arrays);
    if (!arrays) return weir_fail_memory(r->err);
    size_t count = 0;
    json_object_foreach(header, name, entry) {
        if (!strcmp(name, "__metadata__")) {
            WEIR_TRY(read_words(r, entry));
            continue;
        }
        weir_array *a = &arrays[count].array;
        WEIR_TRY(read_type(r, name, entry, a));
        WEIR_TRY(read_shape(r, name, entry, a));
        WEIR_TRY(read_place(r, name, entry, a));
        arrays[count].name = weir_arena_strdup(&r->s->arena, name);
        if (!arrays[count++].name) return weir_fail_memory(r->err);
    }
    r->s->arrays = arrays;
    r->s->count = count;
    return count || r->size ? check_cover(r, arrays, count) : WEIR_OK;
}

static weir_status read_all(const unsigned char *data, size_t size, const char *name,
                            weir_safetensors *s, weir_error *err)
{
    uint64_t length = 0;
    for (size_t i = 8; size >= 8 && i-- > 0;) length = length << 8 | data[i];
    if (size < 8 || length > size - 8 || length > LONGEST_HEADER || length < 2 || data[8] != '{')
        return weir_fail(err, WEIR_IO,
                         _("%s: is not a safetensors file, or is cut off inside its header"), name);
    struct reader r = {name, data + 8 + length, size - 8 - (size_t)length, s, err};
    json_error_t problem;
    json_t *header = json_loadb((const char *)data + 8, (size_t)length, JSON_REJECT_DUPLICATES,
                                &problem);
    if (!header)
        return weir_fail(err, WEIR_IO, _("%s: its header is not JSON: %s"), name, problem.text);
    weir_status status = read_header(&r, header);
    json_decref(header);
    return status;
}

weir_status weir_safetensors_read(const void *data, size_t size, const char *name,
                                  weir_safetensors *s, weir_error *err)
{
    *s = (weir_safetensors){0};
    return read_all(data, size, name, s, err);
}

weir_status weir_safetensors_open(const char *path, weir_safetensors *s, weir_error *err)
{
    *s = (weir_safetensors){0};
    WEIR_TRY(weir_file_open(path, &s->file, err));
    return read_all(s->file.data, s->file.size, path, s, err);
}

void weir_safetensors_close(weir_safetensors *s)
{
    weir_file_close(&s->file);
    weir_arena_free(&s->arena);
    *s = (weir_safetensors){0};
}

const weir_array *weir_safetensors_find(const weir_safetensors *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (!strcmp(s->arrays[i].name, name)) return &s->arrays[i].array;
    return NULL;
}

const char *weir_safetensors_word(const weir_safetensors *s, const char *key)
{
    for (size_t i = 0; i < s->words_count; i++)
        if (!strcmp(s->words[i].key, key)) return s->words[i].value;
    return NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

static size_t bytes_of(const weir_array *a)
{
    return a->count * weir_number_size(a->type);
}

/* Adds one array's entry; numbers begin at `at`. */
static bool add_entry(json_t *header, const weir_named_array *n, size_t at)
{
    const char *dtype = types[0].name;
    for (size_t i = sizeof types / sizeof *types; i-- > 0;)
        if (types[i].type == n->array.type) dtype = types[i].name;
    json_t *shape = json_array();
    for (size_t k = 0; k < n->array.rank; k++)
        json_array_append_new(shape, json_integer((json_int_t)n->array.dim[k]));
    json_t *entry = json_pack("{s:s, s:o, s:[I,I]}", "dtype", dtype, "shape", shape, "data_offsets",
                              (json_int_t)at, (json_int_t)(at + bytes_of(&n->array)));
    if (!json_object_get(header, n->name)) return json_object_set_new(header, n->name, entry) == 0;
    json_decref(entry);
    return false;
}

static bool add_words(json_t *header, const weir_words *words, size_t count)
{
    json_t *map = json_object();
    for (size_t i = 0; i < count; i++)
        if (json_object_set_new(map, words[i].key, json_string(words[i].value))) {
            json_decref(map);
            return false;
        }
    return json_object_set_new(header, "__metadata__", map) == 0;
}

/* The header as JSON; NULL when a name stands twice or is not UTF-8. parts[] gets the numbers, the
 * widest first. */
static json_t *make_header(const weir_named_array *arrays, size_t count, const weir_words *words,
                           size_t words_count, weir_bytes *parts)
{
    json_t *header = json_object();
    bool ok = header && (!words_count || add_words(header, words, words_count));
    size_t at = 0, part = 0;
    for (size_t width = 8; width > 0; width /= 2) {
        for (size_t i = 0; ok && i < count; i++) {
            if (weir_number_size(arrays[i].array.type) != width) continue;
            ok = add_entry(header, &arrays[i], at);
            parts[part++] = (weir_bytes){arrays[i].array.data, bytes_of(&arrays[i].array)};
            at += bytes_of(&arrays[i].array);
        }
    }
    if (ok) return header;
    json_decref(header);
    return NULL;
}

/* As text, padded with spaces so that the numbers begin at a multiple of 8; NULL: no memory. */
static char *header_text(const json_t *header, size_t *length)
{
    size_t size = json_dumpb(header, NULL, 0, JSON_COMPACT);
    *length = (size + 7) / 8 * 8;
    char *text = size ? weir_malloc(*length) : NULL;
    if (!text) return NULL;
    memset(text, ' ', *length);
    json_dumpb(header, text, size, JSON_COMPACT);
    return text;
}

static weir_status write_file(const char *path, const json_t *header, weir_bytes *parts,
                              size_t count, weir_error *err)
{
    size_t length;
    unsigned char bytes[8];
    char *text = header_text(header, &length);
    if (!text) return weir_fail_memory(err);
    for (size_t i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
    parts[0] = (weir_bytes){bytes, sizeof bytes};
    parts[1] = (weir_bytes){text, length};
    weir_status status = weir_file_write_parts(path, parts, count, err);
    weir_free(text);
    return status;
}

weir_status weir_safetensors_write(const char *path, const weir_named_array *arrays, size_t count,
                                   const weir_words *words, size_t words_count, weir_error *err)
{
    weir_bytes *parts = weir_calloc(count + 2, sizeof *parts);
    if (!parts) return weir_fail_memory(err);
    json_t *header = make_header(arrays, count, words, words_count, parts + 2);
    weir_status status =
        header ? write_file(path, header, parts, count + 2, err)
               : weir_fail(err, WEIR_IO,
                           _("%s: cannot be written: a name stands twice or is not UTF-8"), path);
    json_decref(header);
    weir_free(parts);
    return status;
}
