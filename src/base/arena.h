/* base/arena.h - memory by lifetime: everything taken from an arena goes back at once.
 *
 * An arena grows while it is filled. When it is reset after having needed several blocks, it
 * replaces them by one block of their sum, so a step that repeats stops touching the heap.
 */
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

#include <stddef.h>

typedef struct weir_arena_block weir_arena_block;

typedef struct weir_arena {
    weir_arena_block *block; /* the newest; older ones hang behind it */
    size_t used;             /* bytes handed out of the newest block */
    size_t total;            /* bytes of all blocks */
} weir_arena;

/* 64-byte aligned, not zeroed. NULL when there is no memory; the arena stays usable. */
void *weir_arena_alloc(weir_arena *arena, size_t size);
void *weir_arena_calloc(weir_arena *arena, size_t count, size_t size);
char *weir_arena_strdup(weir_arena *arena, const char *s);

/* Everything allocated so far is invalid; the memory is kept for the next round. */
void weir_arena_reset(weir_arena *arena);
void weir_arena_free(weir_arena *arena);

#endif
