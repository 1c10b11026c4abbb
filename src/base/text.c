#include "base/text.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static bool grow(weir_text *t, size_t extra)
{
    if (t->failed) return false;
    if (t->room - t->length > extra) return true;
    size_t room = t->room ? t->room : 64;
    while (room - t->length <= extra) room *= 2;
    char *s = weir_realloc(t->s, room);
    if (!s) {
        t->failed = true;
        return false;
    }
    t->s = s;
    t->room = room;
    return true;
}

void weir_text_add_bytes(weir_text *t, const char *s, size_t n)
{
    if (!grow(t, n)) return;
    memcpy(t->s + t->length, s, n);
    t->length += n;
    t->s[t->length] = '\0';
}

void weir_text_add(weir_text *t, const char *s)
{
    weir_text_add_bytes(t, s, strlen(s));
}

void weir_text_vprintf(weir_text *t, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n >= 0 && grow(t, (size_t)n)) {
        vsnprintf(t->s + t->length, (size_t)n + 1, format, again);
        t->length += (size_t)n;
    }
    va_end(again);
}

void weir_text_printf(weir_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weir_text_vprintf(t, format, args);
    va_end(args);
}

void weir_text_free(weir_text *t)
{
    weir_free(t->s);
    *t = (weir_text){0};
}

char *weir_text_take(weir_text *t)
{
    if (!t->s) weir_text_add(t, "");
    char *s = t->s;
    if (t->failed) {
        weir_free(s);
        s = NULL;
    }
    *t = (weir_text){0};
    return s;
}

enum { LONGEST = 64 };

size_t weir_edit_distance(const char *a, const char *b)
{
    size_t n = strlen(b);
    if (n >= LONGEST || strlen(a) >= LONGEST) return SIZE_MAX;
    size_t rows[3][LONGEST], *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t *freed = before;
        before = above;
        above = row;
        row = freed;
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t best = above[j] + (a[i] != b[j]);
            if (above[j + 1] + 1 < best) best = above[j + 1] + 1;
            if (row[j] + 1 < best) best = row[j] + 1;
            bool swapped = i && j && a[i] == b[j - 1] && a[i - 1] == b[j];
            if (swapped && before[j - 1] + 1 < best) best = before[j - 1] + 1;
            row[j + 1] = best;
        }
    }
    return row[n];
}

const char *weir_closest(const char *word, const char *const *names)
{
    const char *best = NULL;
    size_t best_distance = (strlen(word) + 1) / 3 + 1; /* as far as this is another word */
    for (; *names; names++) {
        size_t d = weir_edit_distance(word, *names);
        bool begins = *word && strncmp(*names, word, strlen(word)) == 0;
        if (begins && d > 1) d = 1;
        if (!begins && d >= strlen(word)) continue; /* not a letter in its place */
        if (d < best_distance) {
            best_distance = d;
            best = *names;
        }
    }
    return best;
}
