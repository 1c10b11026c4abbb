#include "tensor/tensor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

weir_shape weir_shape_of(size_t rank, ...)
{
    weir_shape s = {.dtype = WEIR_FLOAT, .rank = rank};
    va_list args;
    va_start(args, rank);
    for (size_t i = 0; i < rank; i++) s.dim[i] = va_arg(args, size_t);
    va_end(args);
    return s;
}

size_t weir_shape_count(const weir_shape *s)
{
    size_t n = 1;
    for (size_t i = 0; i < s->rank; i++)
        if (__builtin_mul_overflow(n, s->dim[i], &n) || n > WEIR_MOST_COUNT) n = WEIR_MOST_COUNT;
    return n;
}

bool weir_shape_equal(const weir_shape *a, const weir_shape *b)
{
    return a->dtype == b->dtype && a->rank == b->rank &&
           memcmp(a->dim, b->dim, a->rank * sizeof a->dim[0]) == 0;
}

size_t weir_shape_features(const weir_shape *s)
{
    return s->rank ? s->dim[s->rank - 1] : 1;
}

size_t weir_shape_rows(const weir_shape *s)
{
    size_t n = 1;
    for (size_t i = 0; i + 1 < s->rank; i++) n *= s->dim[i];
    return n;
}

char *weir_shape_text(const weir_shape *s, char *buffer, size_t room)
{
    size_t used = (size_t)snprintf(buffer, room, "[");
    for (size_t i = 0; i < s->rank && used < room; i++)
        used += (size_t)snprintf(buffer + used, room - used, i ? ",%zu" : "%zu", s->dim[i]);
    if (used < room) snprintf(buffer + used, room - used, "]");
    return buffer;
}

weir_tensor weir_tensor_alloc(weir_arena *arena, const weir_shape *shape)
{
    size_t size = shape->dtype == WEIR_FLOAT ? sizeof(real) : sizeof(int32_t);
    weir_tensor t = {.shape = *shape};
    t.data = weir_arena_alloc(arena, weir_shape_count(shape) * size);
    return t;
}
