#include "train/data/labels.h"

#include "base/memory.h"
#include "base/option.h"

#include <stdlib.h>
#include <string.h>

/* Where the word stands in l->sorted, or would. */
static size_t find(const weir_labels *l, const char *word, bool *there)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(word, l->word[l->sorted[middle]]);
        if (order == 0) return *there = true, middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return *there = false, low;
}

static bool grow(weir_labels *l)
{
    if (l->count < l->room) return true;
    size_t room = l->room ? 2 * l->room : 16;
    char **word = weir_realloc(l->word, room * sizeof *word);
    if (word) l->word = word;
    uint32_t *sorted = weir_realloc(l->sorted, room * sizeof *sorted);
    if (sorted) l->sorted = sorted;
    if (!word || !sorted) return false;
    l->room = room;
    return true;
}

weir_status weir_labels_add(weir_labels *l, const char *word, uint32_t *number)
{
    bool there;
    size_t at = find(l, word, &there);
    if (there) {
        *number = l->sorted[at];
        return WEIR_OK;
    }
    if (l->count == WEIR_MOST_CLASSES) return WEIR_USAGE;
    if (!grow(l)) return WEIR_MEMORY;
    char *copy = weir_strdup(word);
    if (!copy) return WEIR_MEMORY;
    memmove(l->sorted + at + 1, l->sorted + at, (l->count - at) * sizeof *l->sorted);
    *number = l->sorted[at] = (uint32_t)l->count;
    l->word[l->count++] = copy;
    return WEIR_OK;
}

/* A word's value and its number, to sort by value. */
struct valued {
    double value;
    uint32_t number;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct valued *)a)->value, y = ((const struct valued *)b)->value;
    return (x > y) - (x < y);
}

static bool take_values(const weir_labels *l, struct valued *v)
{
    for (size_t i = 0; i < l->count; i++) {
        v[i].number = (uint32_t)i;
        if (weir_real_read(l->word[i], &v[i].value) || v[i].value != v[i].value) return false;
    }
    return true;
}

size_t weir_labels_rank(const weir_labels *l, uint32_t *rank)
{
    struct valued *v = weir_malloc((l->count + 1) * sizeof *v);
    size_t classes = l->count;
    if (!v) return 0;
    if (take_values(l, v)) {
        qsort(v, l->count, sizeof *v, by_value);
        classes = 0;
        for (size_t i = 0; i < l->count; i++) {
            classes += i == 0 || v[i].value > v[i - 1].value;
            rank[v[i].number] = (uint32_t)classes - 1;
        }
    } else {
        for (size_t i = 0; i < l->count; i++) rank[l->sorted[i]] = (uint32_t)i;
    }
    weir_free(v);
    return classes;
}

void weir_labels_free(weir_labels *l)
{
    for (size_t i = 0; i < l->count; i++) weir_free(l->word[i]);
    weir_free(l->word);
    weir_free(l->sorted);
    *l = (weir_labels){0};
}
