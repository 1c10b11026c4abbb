#include "train/vocabulary.h"

#include "base/intl.h"
#include "base/status.h"
#include "base/text.h"
#include "formats/symbols.h"

#include <stdlib.h>
#include <string.h>

/* --- writing ---------------------------------------------------------------------------------- */

/* A symbol of one byte from 0x80 on is no UTF-8, so it is a byte. A text of nothing but ASCII
 * bytes is as well one of characters. */
static bool is_lone_byte(const char *symbol)
{
    return (unsigned char)symbol[0] >= 0x80 && !symbol[1];
}

static uint32_t code_of(const char *symbol)
{
    uint32_t code = (unsigned char)symbol[0];
    if (!is_lone_byte(symbol))
        weir_utf8_decode((const unsigned char *)symbol, strlen(symbol), &code);
    return code;
}

weir_status weir_vocabulary_words(const weir_data *data, weir_arena *arena,
                                  weir_words words[WEIR_VOCABULARY_WORDS], size_t *count)
{
    weir_text list = {0};
    bool bytes = false;
    *count = 0;
    if (!data->symbols) return WEIR_OK;
    for (size_t i = 0; i < data->hints.vocabulary; i++) {
        bytes |= is_lone_byte(data->symbols[i]);
        weir_text_printf(&list, i ? " %u" : "%u", (unsigned)code_of(data->symbols[i]));
    }
    char *kept = list.failed || !list.s ? NULL : weir_arena_strdup(arena, list.s);
    weir_text_free(&list);
    if (!kept) return WEIR_MEMORY;
    words[(*count)++] = (weir_words){"unit", bytes ? "byte" : "char"};
    words[(*count)++] = (weir_words){"vocabulary", kept};
    return WEIR_OK;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_codes(const char *words, uint32_t most, uint32_t *code, size_t *count)
{
    char *end;
    *count = 0;
    for (const char *p = words; *p; p = *end == ' ' ? end + 1 : end) {
        unsigned long c = strtoul(p, &end, 10);
        bool sound = end != p && (*end == ' ' || !*end) && c <= most && *p != '-';
        if (!sound || (c >= 0xd800 && c <= 0xdfff) || (*count && c <= code[*count - 1]))
            return false;
        code[(*count)++] = (uint32_t)c;
    }
    return *count > 0;
}

weir_status weir_vocabulary_read(const weir_safetensors *file, const char *path, weir_arena *arena,
                                 weir_vocabulary *out, weir_error *err)
{
    const char *unit = weir_safetensors_word(file, "unit");
    const char *words = weir_safetensors_word(file, "vocabulary");
    if (!unit || !words)
        return weir_fail(err, WEIR_USAGE,
                         _("%s: is no text model: text comes only from nets that were trained on "
                           "data: {kind: text}"),
                         path);
    size_t room = 1;
    for (const char *p = words; *p; p++) room += *p == ' ';
    uint32_t *code = weir_arena_alloc(arena, room * sizeof *code);
    if (!code) return weir_fail_memory(err);
    *out = (weir_vocabulary){.bytes = !strcmp(unit, "byte"), .code = code};
    if (read_codes(words, out->bytes ? 0xff : 0x10ffff, code, &out->count)) return WEIR_OK;
    return weir_fail(err, WEIR_IO, _("%s: its vocabulary is damaged"), path);
}

bool weir_vocabulary_id(const weir_vocabulary *v, uint32_t code, int32_t *id)
{
    size_t low = 0, high = v->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (v->code[middle] < code)
            low = middle + 1;
        else
            high = middle;
    }
    *id = (int32_t)low;
    return low < v->count && v->code[low] == code;
}

/* --- a text ----------------------------------------------------------------------------------- */

/* The sentence for a text with strangers in it: names each once, up to eight. */
static weir_status fail_unknown(const weir_vocabulary *v, const char *text, weir_error *err)
{
    enum { NAMED = 8 };
    weir_text list = {0};
    uint32_t code, seen[NAMED];
    int32_t id;
    size_t named = 0, n;
    for (const unsigned char *p = (const unsigned char *)text; *p && named < NAMED; p += n) {
        n = weir_utf8_decode(p, strlen((const char *)p), &code);
        bool known = true; /* all of its bytes, or the character */
        for (size_t k = 0; v->bytes && k < n; k++) known &= weir_vocabulary_id(v, p[k], &id);
        if (!v->bytes) known = weir_vocabulary_id(v, code, &id);
        for (size_t k = 0; k < named; k++) known |= seen[k] == code;
        if (known) continue;
        seen[named++] = code;
        weir_text_printf(&list, named > 1 ? ", \"%.*s\" (U+%04X)" : "\"%.*s\" (U+%04X)", (int)n,
                         (const char *)p, (unsigned)code);
    }
    weir_status status = weir_fail(err, WEIR_USAGE,
                                   _("the prompt has characters that were not in the text the "
                                     "model was trained on: %s"),
                                   list.s ? list.s : "");
    weir_text_free(&list);
    return status;
}

weir_status weir_vocabulary_encode(const weir_vocabulary *v, const char *text, weir_arena *arena,
                                   int32_t **ids, size_t *count, weir_error *err)
{
    size_t left = strlen(text), n;
    const unsigned char *p = (const unsigned char *)text;
    bool known = true;
    *count = 0;
    *ids = weir_arena_alloc(arena, (left + 1) * sizeof **ids);
    if (!*ids) return weir_fail_memory(err);
    for (; left; p += n, left -= n) {
        uint32_t code;
        n = weir_utf8_decode(p, left, &code);
        if (!n)
            return weir_fail(err, WEIR_USAGE, _("the prompt is not UTF-8: byte %zu is 0x%02x"),
                             (size_t)(p - (const unsigned char *)text), *p);
        for (size_t k = 0; k < (v->bytes ? n : 1); k++)
            known &= weir_vocabulary_id(v, v->bytes ? p[k] : code, &(*ids)[(*count)++]);
    }
    return known ? WEIR_OK : fail_unknown(v, text, err);
}
