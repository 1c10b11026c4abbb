/* base/threads.h - work in parallel. The cut of the work never depends on the number of threads. */
#ifndef WEIR_BASE_THREADS_H
#define WEIR_BASE_THREADS_H

#include <stdbool.h>
#include <stddef.h>

/* Calls task(self, 0 .. count-1), side by side where threads are free. A task that calls this again
 * runs its inner tasks one after the other. */
void weir_parallel(size_t count, void (*task)(void *self, size_t index), void *self);

/* Inside weir_parallel: true. */
bool weir_is_parallel(void);

/* How many threads a library that uses OpenMP takes when called from this thread; returns what it
 * was before. Weir calls such libraries on one thread, inside cuts of its own. */
int weir_set_library_threads(int threads);

#endif
