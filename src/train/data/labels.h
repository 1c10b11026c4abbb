/* train/data/labels.h - words of a table's column as class numbers. For data/ only.
 *
 * Classes are numbered in the order of their words: by value if all are numbers ("2" before "10",
 * and "1" is "1.0"), else byte by byte.
 */
#ifndef WEIR_TRAIN_DATA_LABELS_H
#define WEIR_TRAIN_DATA_LABELS_H

#include "weir/base.h"

enum { WEIR_MOST_CLASSES = 100000 };

/* Start with {0}; free with weir_labels_free. */
typedef struct weir_labels {
    char **word;      /* [count] as they came */
    uint32_t *sorted; /* [count] their numbers, in the order of the words' bytes */
    size_t count, room;
} weir_labels;

/* The number of a word, in order of appearance; a new one is remembered. WEIR_USAGE when there are
 * more than WEIR_MOST_CLASSES, without a sentence. */
weir_status weir_labels_add(weir_labels *l, const char *word, uint32_t *number);

/* rank[number] is the class; the arrays have `count` places. Returns how many classes there are,
 * 0 when there is no memory. */
size_t weir_labels_rank(const weir_labels *l, uint32_t *rank);
void weir_labels_free(weir_labels *l);

#endif
