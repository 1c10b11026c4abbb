#include "formats/array.h"

#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are read as the machine counts");

size_t weir_number_size(weir_number type)
{
    static const size_t size[] = {4, 8, 1, 2, 4, 8, 1, 2, 4};
    return size[type];
}

weir_array weir_array_of(weir_number type, const void *data, size_t rank, const size_t *dim)
{
    weir_array a = {.type = type, .rank = rank, .count = 1, .data = data};
    for (size_t i = 0; i < rank; i++) {
        a.dim[i] = dim[i];
        a.count *= dim[i];
    }
    return a;
}

weir_array weir_array_of_tensor(const weir_tensor *t)
{
    weir_number type = t->shape.dtype == WEIR_INT32 ? WEIR_I32
                       : sizeof(real) == 4          ? WEIR_F32
                                                    : WEIR_F64;
    return weir_array_of(type, t->data, t->shape.rank, t->shape.dim);
}

bool weir_array_measure(weir_array *a, size_t *size)
{
    bool empty = false, fits = true;
    *size = weir_number_size(a->type);
    for (size_t i = 0; i < a->rank; i++) {
        if (a->dim[i] == 0)
            empty = true;
        else if (*size > SIZE_MAX / 4 / a->dim[i])
            fits = false;
        else
            *size *= a->dim[i];
    }
    if (empty) *size = 0;
    a->count = *size / weir_number_size(a->type);
    return fits || empty;
}

/* The bytes of number i in the machine's order. */
static void fetch(const weir_array *a, size_t i, unsigned char bytes[8])
{
    size_t n = weir_number_size(a->type);
    const unsigned char *p = (const unsigned char *)a->data + i * n;
    for (size_t k = 0; k < n; k++) bytes[a->big_endian ? n - 1 - k : k] = p[k];
}

#define AS(T)                     \
    {                             \
        T v;                      \
        memcpy(&v, b, sizeof v);  \
        return (result)v;         \
    }
#define BY_TYPE(type)             \
    switch (type) {               \
    case WEIR_F32: AS(float)      \
    case WEIR_F64: AS(double)     \
    case WEIR_I8: AS(int8_t)      \
    case WEIR_I16: AS(int16_t)    \
    case WEIR_I32: AS(int32_t)    \
    case WEIR_I64: AS(int64_t)    \
    case WEIR_U8: AS(uint8_t)     \
    case WEIR_U16: AS(uint16_t)   \
    case WEIR_U32: AS(uint32_t)   \
    }                             \
    return 0;

double weir_array_number(const weir_array *a, size_t i)
{
    typedef double result;
    unsigned char b[8];
    fetch(a, i, b);
    BY_TYPE(a->type)
}

static int64_t whole(weir_number type, const unsigned char *b)
{
    typedef int64_t result;
    BY_TYPE(type)
}

int64_t weir_array_int(const weir_array *a, size_t i)
{
    if (!weir_number_is_whole(a->type)) {
        double x = weir_array_number(a, i);
        if (!(x > -0x1p63)) return INT64_MIN; /* NaN too */
        return x < 0x1p63 ? (int64_t)x : INT64_MAX;
    }
    unsigned char b[8];
    fetch(a, i, b);
    return whole(a->type, b);
}

/* The types that data come in most are converted without asking about each number. */
void weir_array_reals(const weir_array *a, size_t first, size_t n, real *out)
{
    const unsigned char *bytes = a->data;
    if (a->type == WEIR_U8) {
        for (size_t i = 0; i < n; i++) out[i] = (real)bytes[first + i];
    } else if (a->type == WEIR_F32 && !a->big_endian) {
        for (size_t i = 0; i < n; i++) {
            float v;
            memcpy(&v, bytes + (first + i) * sizeof v, sizeof v);
            out[i] = (real)v;
        }
    } else if (a->type == WEIR_F64 && !a->big_endian) {
        for (size_t i = 0; i < n; i++) {
            double v;
            memcpy(&v, bytes + (first + i) * sizeof v, sizeof v);
            out[i] = (real)v;
        }
    } else {
        for (size_t i = 0; i < n; i++) out[i] = (real)weir_array_number(a, first + i);
    }
}

size_t weir_array_not_finite(const weir_array *a)
{
    enum { CHUNK = 256 };
    real chunk[CHUNK];
    if (weir_number_is_whole(a->type)) return a->count;
    for (size_t at = 0; at < a->count; at += CHUNK) {
        size_t n = a->count - at < CHUNK ? a->count - at : CHUNK;
        weir_array_reals(a, at, n, chunk);
        for (size_t i = 0; i < n; i++)
            if (!isfinite(chunk[i])) return at + i;
    }
    return a->count;
}

char *weir_array_where(const weir_array *a, size_t i, char *buffer, size_t room)
{
    size_t index[WEIR_ARRAY_RANK] = {0};
    for (size_t k = a->rank; k-- > 0;) {
        index[k] = i % a->dim[k];
        i /= a->dim[k];
    }
    size_t used = (size_t)snprintf(buffer, room, "[");
    for (size_t k = 0; k < a->rank && used < room; k++)
        used += (size_t)snprintf(buffer + used, room - used, k ? ", %zu" : "%zu", index[k]);
    if (used < room) snprintf(buffer + used, room - used, "]");
    return buffer;
}
