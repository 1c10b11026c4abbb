/* formats/safetensors.h - named arrays behind a JSON header, as PyTorch users keep weights.
 *
 *   8 bytes: the header's length | header: {"0.weight": {"dtype": "F32", "shape": [3, 2],
 *   "data_offsets": [0, 24]}, "__metadata__": {..words..}} | the numbers, without gaps
 *
 * Source: github.com/huggingface/safetensors, README, section Format. Read: F32, F64, I8 to I64,
 * U8 to U32, BOOL; written: F32, F64, I64 and the other whole types.
 */
#ifndef WEIR_FORMATS_SAFETENSORS_H
#define WEIR_FORMATS_SAFETENSORS_H

#include "base/arena.h"
#include "base/file.h"
#include "formats/array.h"

/* One pair of words of "__metadata__". */
typedef struct weir_words {
    const char *key, *value;
} weir_words;

typedef struct weir_safetensors {
    size_t count;
    const weir_named_array *arrays; /* [count], as they lie in the file; data inside it */
    size_t words_count;
    const weir_words *words;
    weir_file file;
    weir_arena arena;
} weir_safetensors;

/* Maps a file and checks every length and offset against its size. WEIR_IO with a sentence. Close
 * with weir_safetensors_close, also after an error. */
weir_status weir_safetensors_open(const char *path, weir_safetensors *s, weir_error *err);

/* The same from memory that outlives *s; `name` opens the sentences. */
weir_status weir_safetensors_read(const void *data, size_t size, const char *name,
                                  weir_safetensors *s, weir_error *err);
void weir_safetensors_close(weir_safetensors *s);

/* NULL when there is none. */
const weir_array *weir_safetensors_find(const weir_safetensors *s, const char *name);
const char *weir_safetensors_word(const weir_safetensors *s, const char *key);

/* Writes atomically. Wide numbers come first, so that all of them are aligned. */
weir_status weir_safetensors_write(const char *path, const weir_named_array *arrays, size_t count,
                                   const weir_words *words, size_t words_count, weir_error *err);

#endif
