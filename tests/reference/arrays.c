/* NAME.npz as named arrays of doubles. */
#include "tests/reference/reference.h"

#include "base/status.h"
#include "formats/npz.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static ref_array copy(ref_arrays *arrays, const weir_named_array *from)
{
    const weir_array *a = &from->array;
    ref_array to = {.name = ref_need(weir_arena_strdup(&arrays->arena, from->name)),
                    .whole = weir_number_is_whole(a->type), .rank = a->rank, .count = a->count};
    memcpy(to.dim, a->dim, a->rank * sizeof *to.dim);
    to.value = ref_need(weir_arena_alloc(&arrays->arena, (a->count + 1) * sizeof(double)));
    for (size_t i = 0; i < a->count; i++) to.value[i] = weir_array_number(a, i);
    return to;
}

weir_status ref_arrays_read(const char *path, ref_arrays *arrays, weir_error *err)
{
    weir_npz npz;
    weir_status status = weir_npz_open(path, &npz, err);
    arrays->item = ref_need(
        weir_arena_calloc(&arrays->arena, npz.count + 1, sizeof *arrays->item));
    for (size_t i = 0; !status && i < npz.count; i++)
        arrays->item[arrays->count++] = copy(arrays, &npz.arrays[i]);
    weir_npz_close(&npz);
    return status;
}

void ref_arrays_free(ref_arrays *arrays)
{
    weir_arena_free(&arrays->arena);
}

ref_array *ref_find(const ref_arrays *arrays, const char *format, ...)
{
    char name[256];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    for (size_t i = 0; i < arrays->count; i++)
        if (!strcmp(arrays->item[i].name, name)) return &arrays->item[i];
    return NULL;
}
