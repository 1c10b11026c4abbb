#include "base/arena.h"

#include "base/memory.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGN = 64, FIRST = 4096, PAGE = 4096, LARGE = 1 << 22 };

struct weir_arena_block {
    weir_arena_block *older;
    size_t size;     /* usable bytes from data on */
    unsigned char *data; /* aligned, inside this allocation */
};

/* Kernels walk through many pages at a time: they are found faster when they are large. */
static void prefer_large_pages(void *start, size_t size)
{
#ifdef MADV_HUGEPAGE
    uintptr_t from = ((uintptr_t)start + PAGE - 1) / PAGE * PAGE;
    uintptr_t end = ((uintptr_t)start + size) / PAGE * PAGE;
    if (size >= LARGE) madvise((void *)from, end - from, MADV_HUGEPAGE); /* or not */
#else
    (void)start, (void)size;
#endif
}

static weir_arena_block *block_new(size_t size)
{
    if (size > SIZE_MAX - sizeof(weir_arena_block) - ALIGN) return NULL;
    weir_arena_block *b = weir_malloc(sizeof *b + ALIGN + size);
    if (!b) return NULL;
    uintptr_t start = (uintptr_t)(b + 1);
    b->data = (unsigned char *)((start + ALIGN - 1) / ALIGN * ALIGN);
    b->size = size;
    b->older = NULL;
    prefer_large_pages(b->data, size);
    return b;
}

void *weir_arena_alloc(weir_arena *a, size_t size)
{
    if (size > SIZE_MAX - ALIGN) return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (!a->block || a->block->size - a->used < size) {
        size_t want = size > FIRST ? size : FIRST;
        if (want < a->total / 2) want = a->total / 2;
        weir_arena_block *b = block_new(want);
        if (!b) return NULL;
        b->older = a->block;
        a->block = b;
        a->used = 0;
        a->total += want;
    }
    void *p = a->block->data + a->used;
    a->used += size;
    return p;
}

void *weir_arena_calloc(weir_arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) return NULL;
    void *p = weir_arena_alloc(a, count * size);
    if (p) memset(p, 0, count * size);
    return p;
}

char *weir_arena_strdup(weir_arena *a, const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = weir_arena_alloc(a, n);
    return copy ? memcpy(copy, s, n) : NULL;
}

static void free_blocks(weir_arena_block *b)
{
    while (b) {
        weir_arena_block *older = b->older;
        weir_free(b);
        b = older;
    }
}

void weir_arena_reset(weir_arena *a)
{
    if (a->block && a->block->older) {
        weir_arena_block *one = block_new(a->total);
        if (one) { /* else keep the newest block and try again at the next reset */
            free_blocks(a->block);
            a->block = one;
        } else {
            free_blocks(a->block->older);
            a->block->older = NULL;
            a->total = a->block->size;
        }
    }
    a->used = 0;
}

void weir_arena_free(weir_arena *a)
{
    free_blocks(a->block);
    *a = (weir_arena){0};
}
