/* base/text.h - a string that grows, and small helpers for words. */
#ifndef WEIR_BASE_TEXT_H
#define WEIR_BASE_TEXT_H

#include "weir/base.h"

#include <stdarg.h>

/* Start with {0}. After a failed allocation `failed` is set and further writes do nothing. */
typedef struct weir_text {
    char *s; /* NUL-terminated once anything was written, else NULL */
    size_t length, room;
    bool failed;
} weir_text;

void weir_text_add(weir_text *t, const char *s);
void weir_text_add_bytes(weir_text *t, const char *s, size_t n);
void weir_text_printf(weir_text *t, const char *format, ...) WEIR_PRINTF(2, 3);
void weir_text_vprintf(weir_text *t, const char *format, va_list args) WEIR_PRINTF(2, 0);
void weir_text_free(weir_text *t);

/* The string (free with weir_free), or NULL when memory ran out; *t is empty afterwards. */
char *weir_text_take(weir_text *t);

/* The least number of insertions, deletions, replacements and swaps of neighbours that turn a
 * into b (optimal string alignment). */
size_t weir_edit_distance(const char *a, const char *b);

/* The name in `names` (NULL-terminated) that `word` most probably meant, or NULL. */
const char *weir_closest(const char *word, const char *const *names);

#endif
