/* train/vocabulary.h - what the ids of a text model stand for, kept beside its weights so that
 * text can be generated without the text it was trained on.
 *
 *   in a file's metadata:  unit: "char", vocabulary: "10 32 97"     line break, space, a
 */
#ifndef WEIR_TRAIN_VOCABULARY_H
#define WEIR_TRAIN_VOCABULARY_H

#include "formats/safetensors.h"
#include "train/data.h"

typedef struct weir_vocabulary {
    bool bytes; /* codes are bytes, else code points */
    size_t count;
    const uint32_t *code; /* [count], ascending; the id is the index */
} weir_vocabulary;

enum { WEIR_VOCABULARY_WORDS = 2 };

/* The metadata of a text model: fills words[0 .. *count-1]; *count is 0 for other data. Strings
 * are in `arena`. WEIR_MEMORY when there is none. */
weir_status weir_vocabulary_words(const weir_data *data, weir_arena *arena,
                                  weir_words words[WEIR_VOCABULARY_WORDS], size_t *count);

/* Reads that metadata; `path` opens the sentence. WEIR_USAGE for a file that has none: the model
 * was not trained on a text. WEIR_IO when it is damaged. */
weir_status weir_vocabulary_read(const weir_safetensors *file, const char *path, weir_arena *arena,
                                 weir_vocabulary *out, weir_error *err);

/* The id of a code; false when there is none. */
bool weir_vocabulary_id(const weir_vocabulary *v, uint32_t code, int32_t *id);

/* The ids of a UTF-8 text, in `arena`. WEIR_USAGE, with a sentence that names them, when it has
 * characters that the vocabulary has not. */
weir_status weir_vocabulary_encode(const weir_vocabulary *v, const char *text, weir_arena *arena,
                                   int32_t **ids, size_t *count, weir_error *err);

#endif
