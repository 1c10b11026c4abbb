#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void *libc_reallocate(void *p, size_t size)
{
    if (size == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, size);
}

static void *(*reallocate)(void *p, size_t size) = libc_reallocate;

void weir_set_allocator(void *(*f)(void *p, size_t size))
{
    reallocate = f ? f : libc_reallocate;
}

void *weir_malloc(size_t size)
{
    return reallocate(NULL, size ? size : 1);
}

void *weir_calloc(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) return NULL;
    void *p = weir_malloc(count * size);
    if (p) memset(p, 0, count * size);
    return p;
}

void *weir_realloc(void *p, size_t size)
{
    return reallocate(p, size ? size : 1);
}

char *weir_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = weir_malloc(n);
    return copy ? memcpy(copy, s, n) : NULL;
}

void weir_free(void *p)
{
    if (p) reallocate(p, 0);
}
