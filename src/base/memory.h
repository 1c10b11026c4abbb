/* base/memory.h - the one door to the heap. weir_set_allocator() (weir/base.h) replaces it. */
#ifndef WEIR_BASE_MEMORY_H
#define WEIR_BASE_MEMORY_H

#include "weir/base.h"

/* Return NULL when there is no memory; zeroed by weir_calloc only. */
void *weir_malloc(size_t size);
void *weir_calloc(size_t count, size_t size);
void *weir_realloc(void *p, size_t size);
char *weir_strdup(const char *s);

#endif
