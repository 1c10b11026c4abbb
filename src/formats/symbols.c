#include "formats/symbols.h"

#include "base/intl.h"
#include "base/status.h"
#include "base/text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { PAGES = 0x1100, PAGE = 256, MARK = 64 };

/* --- UTF-8 (RFC 3629) ------------------------------------------------------------------------- */

size_t weir_utf8_decode(const unsigned char *p, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (left == 0) return 0;
    *code = p[0];
    if (p[0] < 0x80) return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left) return 0;
    uint32_t c = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    *code = c;
    return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n;
}

size_t weir_utf8_encode(uint32_t c, char text[4])
{
    if (c < 0x80) {
        text[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) text[i] = (char)(0x80 | (c & 0x3f));
    text[0] = (char)((0xf00u >> n & 0xff) | c);
    return n;
}

/* --- counting and numbering ------------------------------------------------------------------- */

/* The next symbol's code and length; 0 where the text is not UTF-8. */
static size_t next(const weir_symbols *s, size_t at, uint32_t *code)
{
    if (s->unit == WEIR_CHARACTERS) return weir_utf8_decode(s->text + at, s->size - at, code);
    *code = s->text[at];
    return 1;
}

/* Counts symbols and marks the codes that occur with a 1 in their page. *bad is the first byte that
 * is not UTF-8, or the text's size. */
static weir_status count_symbols(weir_symbols *s, size_t *bad, weir_error *err)
{
    uint32_t code;
    s->count = 0;
    for (size_t at = 0, n; at < s->size; at += n, s->count++) {
        *bad = at;
        n = next(s, at, &code);
        if (!n) return WEIR_OK;
        int32_t **page = &s->page[code / PAGE];
        if (!*page) *page = weir_arena_calloc(&s->arena, PAGE, sizeof **page);
        if (!*page) return weir_fail_memory(err);
        (*page)[code % PAGE] = 1;
    }
    *bad = s->size;
    return WEIR_OK;
}

static weir_status mark_places(weir_symbols *s, weir_error *err)
{
    if (s->count == s->size) return WEIR_OK; /* of one byte each: their number is their place */
    size_t *mark = weir_arena_alloc(&s->arena, (s->count / MARK + 1) * sizeof *mark), at = 0;
    if (!mark) return weir_fail_memory(err);
    for (size_t i = 0; i <= s->count; i++) {
        uint32_t code;
        if (i % MARK == 0) mark[i / MARK] = at;
        if (i < s->count) at += next(s, at, &code);
    }
    s->mark = mark;
    return WEIR_OK;
}

static size_t occurring(const int32_t *page)
{
    size_t n = 0;
    for (size_t i = 0; page && i < PAGE; i++) n += page[i] != 0;
    return n;
}

/* Turns the marks in the pages into ids, by code point, and writes down what each id stands for. */
static weir_status number_symbols(weir_symbols *s, weir_error *err)
{
    for (size_t p = 0; p < PAGES; p++) s->vocabulary += occurring(s->page[p]);
    const char **symbols = weir_arena_alloc(&s->arena, s->vocabulary * sizeof *symbols);
    char(*room)[5] = weir_arena_calloc(&s->arena, s->vocabulary, sizeof *room);
    if (!symbols || !room) return weir_fail_memory(err);
    int32_t id = 0;
    for (size_t p = 0; p < PAGES; p++) {
        for (size_t i = 0; s->page[p] && i < PAGE; i++) {
            if (!s->page[p][i]) continue;
            uint32_t code = (uint32_t)(p * PAGE + i);
            if (s->unit == WEIR_BYTES)
                room[id][0] = (char)code;
            else
                weir_utf8_encode(code, room[id]);
            symbols[id] = room[id];
            s->page[p][i] = id++;
        }
    }
    s->symbols = symbols;
    return WEIR_OK;
}

/* --- GB18030 ---------------------------------------------------------------------------------- */

/* Converts the whole text into *out; false where it is not GB18030 either. */
static bool convert(iconv_t converter, const weir_symbols *s, weir_text *out)
{
    char *in = (char *)(uintptr_t)s->text, chunk[4096];
    size_t left = s->size;
    while (left) {
        char *to = chunk;
        size_t room = sizeof chunk;
        size_t n = iconv(converter, &in, &left, &to, &room);
        weir_text_add_bytes(out, chunk, sizeof chunk - room);
        if (n == (size_t)-1 && errno != E2BIG) return false;
    }
    return true;
}

static weir_status convert_gb18030(weir_symbols *s, const char *name, size_t bad, weir_error *err)
{
    weir_text out = {0};
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    bool ok = converter != (iconv_t)-1 && convert(converter, s, &out);
    if (converter != (iconv_t)-1) iconv_close(converter);
    if (ok && !out.failed) {
        s->size = out.length;
        s->utf8 = weir_text_take(&out);
        s->text = (const unsigned char *)s->utf8;
        s->converted = true;
        return WEIR_OK;
    }
    bool memory = out.failed;
    weir_text_free(&out);
    if (memory) return weir_fail_memory(err);
    return weir_fail(err, WEIR_IO,
                     _("%s: byte %zu (0x%02x) belongs to no UTF-8 or GB18030 text; set unit: byte "
                       "to read bytes, or convert the file to UTF-8"),
                     name, bad, s->text[bad]);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void skip_byte_order_mark(weir_symbols *s)
{
    if (s->unit == WEIR_BYTES || s->size < 3 || memcmp(s->text, "\xef\xbb\xbf", 3) != 0) return;
    s->text += 3;
    s->size -= 3;
}

static weir_status read_symbols(weir_symbols *s, const char *name, weir_error *err)
{
    size_t bad;
    skip_byte_order_mark(s);
    if (s->size == 0) return weir_fail(err, WEIR_IO, _("%s: is empty; a text is needed"), name);
    s->page = weir_arena_calloc(&s->arena, PAGES, sizeof *s->page);
    if (!s->page) return weir_fail_memory(err);
    WEIR_TRY(count_symbols(s, &bad, err));
    if (bad < s->size) {
        WEIR_TRY(convert_gb18030(s, name, bad, err));
        memset(s->page, 0, PAGES * sizeof *s->page);
        skip_byte_order_mark(s);
        WEIR_TRY(count_symbols(s, &bad, err));
    }
    WEIR_TRY(mark_places(s, err));
    return number_symbols(s, err);
}

weir_status weir_symbols_read(const void *text, size_t size, const char *name, weir_unit unit,
                              weir_symbols *s, weir_error *err)
{
    *s = (weir_symbols){.unit = unit, .text = text, .size = size};
    return read_symbols(s, name, err);
}

weir_status weir_symbols_open(const char *path, weir_unit unit, weir_symbols *s, weir_error *err)
{
    *s = (weir_symbols){.unit = unit};
    WEIR_TRY(weir_file_open(path, &s->file, err));
    s->text = s->file.data;
    s->size = s->file.size;
    return read_symbols(s, path, err);
}

void weir_symbols_close(weir_symbols *s)
{
    weir_file_close(&s->file);
    weir_free(s->utf8);
    weir_arena_free(&s->arena);
    *s = (weir_symbols){0};
}

void weir_symbols_ids(const weir_symbols *s, size_t first, size_t n, size_t stride, int32_t *ids)
{
    size_t skip = s->mark ? first % MARK : 0;
    size_t at = s->mark ? s->mark[first / MARK] : first;
    for (size_t i = 0; i < skip + n; i++) {
        uint32_t code;
        size_t length = next(s, at, &code);
        /* A file that somebody rewrites meanwhile must not lead outside it. */
        const int32_t *page = length ? s->page[code / PAGE] : NULL;
        if (i >= skip) ids[(i - skip) * stride] = page ? page[code % PAGE] : 0;
        at += length ? length : at < s->size;
    }
}
