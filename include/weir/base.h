/* weir/base.h - the number type, statuses, errors, memory and threads.
 *
 * Everything else in include/weir rests on this page. The library never prints, exits or aborts:
 * a function that can fail returns a weir_status and writes one sentence into a weir_error.
 */
#ifndef WEIR_BASE_H
#define WEIR_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef WEIR_FLOAT64
#include "weir/rename64.h" /* the twin: every weir_... function is weir64_... */
typedef double weir_real;
#else
typedef float weir_real;
#endif

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

/* What a call came to. The first five are also the exit statuses of the command. */
typedef enum weir_status {
    WEIR_OK = 0,
    WEIR_FINDINGS = 1, /* the doctor found an error */
    WEIR_USAGE = 2,    /* arguments or configuration */
    WEIR_IO = 3,       /* input or output */
    WEIR_DIVERGED = 4, /* a number that must be finite is not */
    WEIR_MEMORY = 5,   /* no memory */
    WEIR_STOPPED = 6   /* the caller asked to stop */
} weir_status;

/* One sentence: what is wrong, where, and what to do. `text` is "" while nothing is wrong. */
typedef struct weir_error {
    weir_status status;
    char text[1000];
} weir_error;

#if defined(__GNUC__)
#define WEIR_PRINTF(text, rest) __attribute__((format(printf, text, rest)))
#else
#define WEIR_PRINTF(text, rest)
#endif

/* Writes the sentence into *err (which may be NULL) unless it already holds one; returns status. */
weir_status weir_fail(weir_error *err, weir_status status, const char *format, ...)
    WEIR_PRINTF(3, 4);

/* "0.1.0". */
const char *weir_version(void);

/* The bytes of one weir_real: 4 in libweir, 8 in libweir64. */
size_t weir_real_size(void);

/* (optional, default malloc's family) Replaces the allocator. `reallocate(p, 0)` frees p and
 * returns NULL. Call it before anything else. */
void weir_set_allocator(void *(*reallocate)(void *p, size_t size));

/* Releases what the library returned as "free with weir_free". NULL is allowed. */
void weir_free(void *p);

/* Threads used by one training run from now on (default: the cores of the machine). The result of a
 * computation does not depend on it, to the last bit. */
void weir_set_threads(int threads);
int weir_threads(void);

/* "fast" (default: oneDNN where the build has it) or "reference" (portable C).
 * Returns WEIR_USAGE for another name. */
weir_status weir_set_kernels(const char *name, weir_error *err);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
#endif
