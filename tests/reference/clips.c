/* Group clip: all gradients together, by norm or by value. */
#include "tests/reference/twin.h"

#include "train/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* grad_before.0, .1, .. one behind the other; returns how many numbers. */
static size_t gather(const ref_case *c, net *n, real **grads)
{
    const ref_array *a;
    size_t count = 0, at = 0;
    for (size_t i = 0; (a = ref_find(&c->own, "grad_before.%zu", i)); i++) count += a->count;
    *grads = ref_need(weir_arena_alloc(&n->arena, (count + 1) * sizeof **grads));
    for (size_t i = 0; (a = ref_find(&c->own, "grad_before.%zu", i)); i++)
        for (size_t k = 0; k < a->count; k++) (*grads)[at++] = (real)a->value[k];
    return count;
}

weir_status run_clip(ref_case *c, net *n, weir_error *err)
{
    const char *kind = ref_text(c->json, "kind", "?");
    double limit = json_number_value(json_object_get(c->json, "limit"));
    real *grads;
    size_t count = gather(c, n, &grads), at = 0;
    if (!strcmp(kind, "value")) {
        weir_clip_grad_value(count, grads, limit);
    } else if (strncmp(kind, "norm", 4) == 0) {
        double norm = weir_clip_grad_norm(count, grads, limit, strtod(kind + 4, NULL), NULL);
        ref_expect(c, "total_norm", 1, &norm);
    } else {
        return weir_fail(err, WEIR_USAGE, "no clipping by \"%s\"", kind);
    }
    const ref_array *a;
    for (size_t i = 0; (a = ref_find(&c->own, "grad_before.%zu", i)); i++) {
        expect(c, a->count, grads + at, "grad_after.%zu", i);
        at += a->count;
    }
    return WEIR_OK;
}
