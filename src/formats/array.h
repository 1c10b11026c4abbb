/* formats/array.h - an array as it lies in a file: numbers of some type, anywhere in memory.
 *
 * npy, npz, idx and safetensors are read into it and (but for idx) written from it. It owns
 * nothing. The machine is little-endian, as these files are; idx alone is big-endian.
 */
#ifndef WEIR_FORMATS_ARRAY_H
#define WEIR_FORMATS_ARRAY_H

#include "tensor/tensor.h"

typedef enum weir_number {
    WEIR_F32,
    WEIR_F64,
    WEIR_I8,
    WEIR_I16,
    WEIR_I32,
    WEIR_I64,
    WEIR_U8,
    WEIR_U16,
    WEIR_U32
} weir_number;

enum { WEIR_ARRAY_RANK = 8 };

typedef struct weir_array {
    weir_number type;
    bool big_endian;
    size_t rank, dim[WEIR_ARRAY_RANK]; /* row-major; rank 0 is one number */
    size_t count;                      /* of all numbers */
    const void *data;                  /* not necessarily aligned */
} weir_array;

/* A member of an archive. */
typedef struct weir_named_array {
    const char *name;
    weir_array array;
} weir_named_array;

/* An array of `rank` sizes over numbers in memory. */
weir_array weir_array_of(weir_number type, const void *data, size_t rank, const size_t *dim);

/* A tensor as an array: reals are F32, or F64 in libweir64. */
weir_array weir_array_of_tensor(const weir_tensor *tensor);

/* 1, 2, 4 or 8. */
size_t weir_number_size(weir_number type);
static inline bool weir_number_is_whole(weir_number type)
{
    return type != WEIR_F32 && type != WEIR_F64;
}

/* Sets count from rank and dim and *size to the bytes it takes; false when that overflows. */
bool weir_array_measure(weir_array *array, size_t *size);

/* Number i, exact for I64 only with weir_array_int, which cuts off fractions. */
double weir_array_number(const weir_array *array, size_t i);
int64_t weir_array_int(const weir_array *array, size_t i);

/* Numbers first .. first+n-1. */
void weir_array_reals(const weir_array *array, size_t first, size_t n, real *out);

/* The first number that is not finite as a real, or count. */
size_t weir_array_not_finite(const weir_array *array);

/* Element i's indices, "[17, 3]", into buffer; returns buffer. */
char *weir_array_where(const weir_array *array, size_t i, char *buffer, size_t room);

#endif
