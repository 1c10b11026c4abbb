/* tensor/tensor.h - a view of numbers with a shape. It owns nothing; row-major, contiguous. */
#ifndef WEIR_TENSOR_TENSOR_H
#define WEIR_TENSOR_TENSOR_H

#include "base/arena.h"
#include "base/real.h"

enum { WEIR_MAX_RANK = 5 };

typedef enum weir_dtype { WEIR_FLOAT, WEIR_INT32 } weir_dtype;

typedef struct weir_shape {
    weir_dtype dtype;
    size_t rank;
    size_t dim[WEIR_MAX_RANK];
} weir_shape;

typedef struct weir_tensor {
    weir_shape shape;
    union {
        real *f;    /* WEIR_FLOAT */
        int32_t *i; /* WEIR_INT32: token ids, class numbers */
        void *data;
    };
} weir_tensor;

/* weir_shape_of(2, B, F): float; up to WEIR_MAX_RANK sizes. */
weir_shape weir_shape_of(size_t rank, ...);

/* At most WEIR_MOST_COUNT, which no memory holds: sizes that do not fit into a size_t end there. */
#define WEIR_MOST_COUNT (SIZE_MAX / 32)
size_t weir_shape_count(const weir_shape *shape);
bool weir_shape_equal(const weir_shape *a, const weir_shape *b);

/* The last size (1 for rank 0), and how many rows of that size there are. */
size_t weir_shape_features(const weir_shape *shape);
size_t weir_shape_rows(const weir_shape *shape);

/* "[100,32,128]" into buffer; returns buffer. */
char *weir_shape_text(const weir_shape *shape, char *buffer, size_t room);

static inline size_t weir_count(const weir_tensor *t)
{
    return weir_shape_count(&t->shape);
}

/* Numbers from the arena, not set. data is NULL when there is no memory. */
weir_tensor weir_tensor_alloc(weir_arena *arena, const weir_shape *shape);

#endif
