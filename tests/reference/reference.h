/* tests/reference/reference.h - what weir-check-reference is made of.
 *
 *   check.c    the command: reads DIR/manifest.json, runs every case, counts
 *   arrays.c   NAME.npz as named arrays of doubles, whatever they are stored as
 *   judge.c    compares, and says what differs
 *   the rest   compiled twice (twin.h): a case's dtype picks libweir or libweir64
 *
 * This page knows no number type but double, so both twins speak through it.
 */
#ifndef WEIR_TESTS_REFERENCE_H
#define WEIR_TESTS_REFERENCE_H

#include "base/arena.h"
#include "weir/base.h"

#include <jansson.h>

enum { REF_MAX_RANK = 8 };

typedef struct ref_array {
    const char *name;
    bool whole; /* ids, classes */
    size_t rank, dim[REF_MAX_RANK], count;
    double *value;
    bool compared;
} ref_array;

typedef struct ref_arrays {
    ref_array *item;
    size_t count;
    weir_arena arena;
} ref_arrays;

typedef struct ref_case {
    const json_t *json; /* its entry in the manifest */
    char name[128];     /* "mlp_relu.v0.f32" */
    bool f64;
    ref_arrays own;   /* what the case starts from */
    ref_arrays truth; /* what it must come to: the float64 file, for both dtypes */
    double largest_gradient; /* for judge.c; below 0 until it asks */
    size_t failures;
    char skip[160]; /* why it was not run; "" while it is */
} ref_case;

/* Every array of a file. WEIR_IO with a sentence when it cannot be read. */
weir_status ref_arrays_read(const char *path, ref_arrays *arrays, weir_error *err);
void ref_arrays_free(ref_arrays *arrays);

/* The array of that name (printf style), or NULL. */
ref_array *ref_find(const ref_arrays *arrays, const char *format, ...) WEIR_PRINTF(2, 3);

/* Compares with the truth of that name and prints a line when it differs; names the truth does not
 * hold are nobody's business. */
void ref_expect(ref_case *c, const char *name, size_t count, const double *got);

/* Everything in the truth must have been an input or an expectation. */
void ref_expect_nothing_left(ref_case *c);

/* A line about the case as a whole, which fails by it. */
void ref_fail(ref_case *c, const char *format, ...) WEIR_PRINTF(2, 3);

/* Strings and numbers of the manifest; the fallback where there is none. */
const char *ref_text(const json_t *object, const char *key, const char *fallback);
size_t ref_size(const json_t *object, const char *key, size_t fallback);

/* p, unless it is NULL: a test that has no memory ends with exit status 3. */
void *ref_need(void *p);

/* The two twins: fill c->failures or c->skip. */
void ref_run32(ref_case *c);
void ref_run64(ref_case *c);

#endif
