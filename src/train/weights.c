#include "train/weights.h"

#include "base/intl.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

weir_number weir_real_number(void)
{
    return sizeof(real) == 4 ? WEIR_F32 : WEIR_F64;
}

/* --- gathering -------------------------------------------------------------------------------- */

weir_status weir_gather_open(weir_gathered *g, weir_arena *arena, size_t room)
{
    *g = (weir_gathered){.arena = arena, .room = room};
    g->array = weir_arena_calloc(arena, room, sizeof *g->array);
    return g->array ? WEIR_OK : WEIR_MEMORY;
}

static const char *join(weir_arena *arena, const char *prefix, const char *name)
{
    size_t room = strlen(prefix) + strlen(name) + 1;
    char *both = weir_arena_alloc(arena, room);
    if (both) snprintf(both, room, "%s%s", prefix, name);
    return both;
}

static weir_status add(weir_gathered *g, const char *prefix, const char *name, weir_array array)
{
    const char *whole = join(g->arena, prefix, name);
    if (!whole || g->count == g->room) return WEIR_MEMORY;
    g->array[g->count++] = (weir_named_array){whole, array};
    return WEIR_OK;
}

weir_status weir_gather(weir_gathered *g, const char *prefix, const char *name, const real *x,
                        size_t rank, const size_t *dim)
{
    return add(g, prefix, name, weir_array_of(weir_real_number(), x, rank, dim));
}

size_t weir_weights_count(const weir_model *m)
{
    return m->params_count + m->buffers_count;
}

/* A parameter as it is named in files; data NULL. */
static weir_array shape_of_parameter(const weir_parameter *p)
{
    return weir_array_of(weir_real_number(), NULL, p->shape.rank, p->shape.dim);
}

static weir_array shape_of_buffer(const weir_buffer *b)
{
    if (b->whole && b->count == 1) return weir_array_of(WEIR_I64, NULL, 0, NULL);
    return weir_array_of(b->whole ? WEIR_I64 : weir_real_number(), NULL, 1, &b->count);
}

static const void *as_whole(weir_arena *arena, const weir_buffer *b)
{
    int64_t *n = weir_arena_alloc(arena, b->count * sizeof *n);
    for (size_t i = 0; n && i < b->count; i++) n[i] = (int64_t)b->value[i];
    return n;
}

weir_status weir_weights_gather(weir_gathered *g, const weir_model *m, const char *prefix)
{
    for (size_t i = 0; i < m->params_count; i++) {
        weir_array a = shape_of_parameter(&m->params[i]);
        a.data = m->params[i].value;
        WEIR_TRY(add(g, prefix, m->params[i].name, a));
    }
    for (size_t i = 0; i < m->buffers_count; i++) {
        const weir_buffer *b = &m->buffers[i];
        weir_array a = shape_of_buffer(b);
        a.data = b->whole ? as_whole(g->arena, b) : b->value;
        if (!a.data) return WEIR_MEMORY;
        WEIR_TRY(add(g, prefix, b->name, a));
    }
    return WEIR_OK;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The file's array called PREFIX NAME, or NULL. */
static const weir_array *find(const weir_safetensors *file, const char *prefix, const char *name)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; i < file->count; i++) {
        const char *whole = file->arrays[i].name;
        if (!strncmp(whole, prefix, n) && !strcmp(whole + n, name)) return &file->arrays[i].array;
    }
    return NULL;
}

/* "[256,65] float32" */
static void describe(const weir_array *a, char text[160])
{
    static const char *const names[] = {"float32", "float64", "int8",  "int16", "int32",
                                        "int64",   "uint8",   "uint16", "uint32"};
    size_t used = (size_t)snprintf(text, 160, "[");
    for (size_t i = 0; i < a->rank && used < 120; i++)
        used += (size_t)snprintf(text + used, 160 - used, i ? ",%zu" : "%zu", a->dim[i]);
    snprintf(text + used, 160 - used, "] %s", names[a->type]);
}

static bool is_like(const weir_array *a, const weir_array *like, bool exact)
{
    bool numbers = !weir_number_is_whole(a->type) && !weir_number_is_whole(like->type);
    if (exact ? a->type != like->type : !numbers && a->type != like->type) return false;
    return a->rank == like->rank && !memcmp(a->dim, like->dim, a->rank * sizeof *a->dim);
}

weir_status weir_weights_find(const weir_safetensors *file, const char *path, const char *prefix,
                              const char *name, const weir_array *like, bool exact,
                              const weir_array **found, weir_error *err)
{
    char there[160], here[160];
    *found = find(file, prefix, name);
    if (!*found)
        return weir_fail(err, WEIR_USAGE, _("%s: is of another net: it lacks %s"), path, name);
    if (is_like(*found, like, exact)) return WEIR_OK;
    describe(*found, there);
    describe(like, here);
    return weir_fail(err, WEIR_USAGE,
                     _("%s: is of another net: %s is %s there, and %s in this configuration"), path,
                     name, there, here);
}

static bool has(const weir_model *m, const char *name)
{
    if (weir_model_param(m, name)) return true;
    for (size_t i = 0; i < m->buffers_count; i++)
        if (!strcmp(m->buffers[i].name, name)) return true;
    return false;
}

static weir_status check_surplus(const weir_safetensors *file, const char *path,
                                 const char *prefix, const weir_model *m, weir_error *err)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; i < file->count; i++) {
        const char *name = file->arrays[i].name;
        if (!strncmp(name, prefix, n) && !has(m, name + n))
            return weir_fail(err, WEIR_USAGE, _("%s: is of another net: it has %s"), path,
                             name + n);
    }
    return WEIR_OK;
}

weir_status weir_weights_check(const weir_safetensors *file, const char *path, const char *prefix,
                               const weir_model *m, bool exact, weir_error *err)
{
    const weir_array *found;
    for (size_t i = 0; i < m->params_count; i++) {
        weir_array like = shape_of_parameter(&m->params[i]);
        WEIR_TRY(weir_weights_find(file, path, prefix, m->params[i].name, &like, exact, &found,
                                   err));
    }
    for (size_t i = 0; i < m->buffers_count; i++) {
        weir_array like = shape_of_buffer(&m->buffers[i]);
        WEIR_TRY(weir_weights_find(file, path, prefix, m->buffers[i].name, &like, exact, &found,
                                   err));
    }
    return check_surplus(file, path, prefix, m, err);
}

void weir_weights_read(const weir_safetensors *file, const char *prefix, weir_model *m)
{
    for (size_t i = 0; i < m->params_count; i++) {
        const weir_parameter *p = &m->params[i];
        weir_array_reals(find(file, prefix, p->name), 0, p->count, p->value);
    }
    for (size_t i = 0; i < m->buffers_count; i++) {
        const weir_buffer *b = &m->buffers[i];
        weir_array_reals(find(file, prefix, b->name), 0, b->count, b->value);
    }
}
