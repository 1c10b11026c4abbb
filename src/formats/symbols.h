/* formats/symbols.h - a text as numbers: every character, or every byte, is an id.
 *
 *   "hello"  ->  ids 1 0 2 2 3,  symbols "e" "h" "l" "o"      (in the order of their code points)
 *
 * The text is UTF-8, or GB18030, which is converted. It stays in its mapped file and is decoded
 * where it is asked for, from the nearest mark: a mark of eight bytes stands every 64 symbols,
 * unless all of them are single bytes.
 */
#ifndef WEIR_FORMATS_SYMBOLS_H
#define WEIR_FORMATS_SYMBOLS_H

#include "base/arena.h"
#include "base/file.h"

typedef enum weir_unit { WEIR_CHARACTERS, WEIR_BYTES } weir_unit;

typedef struct weir_symbols {
    weir_unit unit;
    size_t count;               /* symbols in the text */
    size_t vocabulary;          /* different ones */
    const char *const *symbols; /* [vocabulary], UTF-8; bytes as strings of one byte */
    bool converted;             /* the text was GB18030 */

    const unsigned char *text; /* [size], checked */
    size_t size;
    const size_t *mark; /* [count / 64 + 1] where symbols 0, 64, 128 .. begin, or NULL */
    int32_t **page;     /* [0x1100] id of code point c: page[c / 256][c % 256] */
    weir_file file;
    char *utf8; /* what GB18030 was converted to */
    weir_arena arena;
} weir_symbols;

/* Maps a file. WEIR_IO when it cannot be read, is empty, or is text in neither encoding (the
 * sentence names the byte). Close with weir_symbols_close, also after an error. */
weir_status weir_symbols_open(const char *path, weir_unit unit, weir_symbols *s, weir_error *err);

/* The same from memory that outlives *s; `name` opens the sentences. */
weir_status weir_symbols_read(const void *text, size_t size, const char *name, weir_unit unit,
                              weir_symbols *s, weir_error *err);
void weir_symbols_close(weir_symbols *s);

/* The ids of symbols first .. first+n-1, which must exist, into ids[0], ids[stride], .. */
void weir_symbols_ids(const weir_symbols *s, size_t first, size_t n, size_t stride, int32_t *ids);

/* The length of the character that begins a UTF-8 text of `left` bytes, 0 if none does (overlong
 * forms, surrogates and what lies beyond U+10FFFF are none). */
size_t weir_utf8_decode(const unsigned char *text, size_t left, uint32_t *code);

/* Writes it; returns its length, 1 to 4. No NUL is added. */
size_t weir_utf8_encode(uint32_t code, char text[4]);

#endif
