/* A net as the manifest describes it. */
#include "base/status.h"
#include "base/text.h"
#include "tests/reference/twin.h"

#include <stdio.h>
#include <string.h>

/* --- arrays and options ---------------------------------------------------------------------- */

weir_tensor tensor_of(weir_arena *arena, const ref_array *a)
{
    weir_tensor t = {.shape = {.dtype = a->whole ? WEIR_INT32 : WEIR_FLOAT, .rank = a->rank}};
    if (a->rank > WEIR_MAX_RANK) t.shape.rank = 0; /* no net takes it: its shape will not fit */
    for (size_t i = 0; i < t.shape.rank; i++) t.shape.dim[i] = a->dim[i];
    t = weir_tensor_alloc(arena, &t.shape);
    ref_need(t.data);
    for (size_t i = 0; i < weir_count(&t); i++)
        if (a->whole)
            t.i[i] = (int32_t)a->value[i];
        else
            t.f[i] = (real)a->value[i];
    return t;
}

static bool only_for_pytorch(const char *key)
{
    static const char *const keys[] = {"foreach", "capturable", "differentiable", "fused"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(keys[i], key)) return true;
    return false;
}

/* As a configuration would write it. */
static void write_value(const json_t *value, weir_text *out)
{
    size_t i;
    const json_t *item;
    if (json_is_string(value))
        weir_text_add(out, json_string_value(value));
    else if (json_is_boolean(value))
        weir_text_add(out, json_is_true(value) ? "true" : "false");
    else if (json_is_number(value))
        weir_text_printf(out, "%.17g", json_number_value(value));
    else if (json_array_size(value) == 1) /* PyTorch's (3,), in one dimension */
        write_value(json_array_get(value, 0), out);
    else
        json_array_foreach (value, i, item) {
            weir_text_add(out, i ? ", " : "[");
            write_value(item, out);
            if (i + 1 == json_array_size(value)) weir_text_add(out, "]");
        }
}

weir_status read_option(const weir_option *table, const char *key, const json_t *value,
                        void *options, weir_arena *arena, weir_error *err)
{
    if (json_is_null(value) || only_for_pytorch(key)) return WEIR_OK;
    const weir_option *option = weir_option_find(table, key);
    if (!option) return weir_fail(err, WEIR_USAGE, "there is no option \"%s\"", key);
    weir_text text = {0};
    write_value(value, &text);
    weir_status status = weir_option_read(option, ref_need(text.s), key, options, arena, err);
    weir_text_free(&text);
    return status;
}

weir_status read_options(const weir_option *table, const json_t *object, void *options,
                         weir_arena *arena, weir_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value)
        WEIR_TRY(read_option(table, key, value, options, arena, err));
    return WEIR_OK;
}

/* --- nodes ----------------------------------------------------------------------------------- */

void net_open(net *n, const weir_shape *x)
{
    n->model = ref_need(weir_model_new(x, &(weir_hints){0}));
}

void net_close(net *n)
{
    if (n->pass) weir_pass_free(n->pass);
    if (n->model) weir_model_free(n->model);
    weir_arena_free(&n->arena);
}

/* What the manifest takes for granted: PyTorch's channels stand right behind the batch. */
static weir_status read_habits(const weir_layer_kind *kind, void *options, weir_arena *arena,
                               weir_error *err)
{
    const weir_option *channels = weir_option_find(kind->options, "channels");
    if (!channels) return WEIR_OK;
    return weir_option_read(channels, "first", "channels", options, arena, err);
}

static const char *const *read_names(net *n, const json_t *from)
{
    const char **names = ref_need(
        weir_arena_calloc(&n->arena, json_array_size(from) + 1, sizeof *names));
    for (size_t i = 0; i < json_array_size(from); i++)
        names[i] = json_string_value(json_array_get(from, i));
    return names;
}

weir_status net_add(net *n, ref_case *c, const char *type, const char *name, const json_t *from,
                    const json_t *options, weir_error *err)
{
    const weir_layer_kind *kind = weir_layer_find(type);
    if (!kind) return weir_fail(err, WEIR_USAGE, "there is no layer \"%s\"", type);
    weir_node_spec spec = {.kind = as_pytorch(kind), .name = name, .place = name,
                           .from_count = json_array_size(from)};
    if (spec.from_count) spec.from = read_names(n, from);
    spec.options = ref_need(weir_arena_calloc(&n->arena, 1, kind->options_size + 1));
    WEIR_TRY(weir_options_default(kind->options, spec.options, &n->arena, err));
    WEIR_TRY(read_habits(kind, spec.options, &n->arena, err));
    WEIR_TRY(read_options(kind->options, options, spec.options, &n->arena, err));
    WEIR_TRY(read_unsaid(n, c, &spec, err));
    return weir_model_add(n->model, &spec, err);
}

weir_status net_load(real *to, size_t count, const ref_array *from, const char *name,
                     weir_error *err)
{
    if (!from) return weir_fail(err, WEIR_USAGE, "the case has no \"%s\"", name);
    if (from->count != count)
        return weir_fail(err, WEIR_USAGE, "%s: %zu numbers for %zu", name, from->count, count);
    for (size_t i = 0; i < count; i++) to[i] = (real)from->value[i];
    return WEIR_OK;
}

weir_status net_finish(net *n, const ref_case *c, weir_error *err)
{
    weir_model *m = n->model;
    WEIR_TRY(weir_model_finish(m, err));
    for (size_t i = 0; i < m->params_count; i++) {
        const weir_parameter *p = &m->params[i];
        WEIR_TRY(net_load(p->value, p->count, ref_find(&c->own, "param.%s", p->name), p->name,
                          err));
    }
    for (size_t i = 0; i < m->buffers_count; i++) {
        const weir_buffer *b = &m->buffers[i];
        WEIR_TRY(net_load(b->value, b->count, ref_find(&c->own, "buffer_before.%s", b->name),
                          b->name, err));
    }
    n->pass = ref_need(weir_pass_new(m));
    return WEIR_OK;
}

/* --- losses ---------------------------------------------------------------------------------- */

const weir_loss_kind *find_loss(const char *word)
{
    static const char *const names[][2] = {{"ce", "cross_entropy"}, {"bce", "bce_with_logits"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i][0], word)) word = names[i][1];
    return weir_loss_find(word);
}

/* sum(y*target): its gradient is the target. */
static double sum_of_products(const weir_tensor *y, const weir_tensor *target, real *dy)
{
    double sum = 0;
    for (size_t i = 0; i < weir_count(y); i++) {
        sum += (double)y->f[i] * (double)target->f[i];
        dy[i] = target->f[i];
    }
    return sum;
}

/* The last step of y [T,B,F], as [B,F]; *from is where it begins. */
static weir_tensor last_step(const weir_tensor *y, size_t *from)
{
    weir_tensor last = {.shape = weir_shape_of(2, y->shape.dim[1], y->shape.dim[2])};
    *from = weir_count(y) - weir_count(&last);
    last.f = y->f + *from;
    return last;
}

weir_status net_loss(net *n, const char *loss_kind, const weir_tensor *y, const weir_tensor *target,
                     real *dy, double *loss, weir_error *err)
{
    memset(dy, 0, weir_count(y) * sizeof *dy);
    if (!strcmp(loss_kind, "sum(y*target)")) {
        *loss = sum_of_products(y, target, dy);
        return WEIR_OK;
    }
    char word[64];
    snprintf(word, sizeof word, "%s", loss_kind);
    char *bar = strrchr(word, '_');
    bool last = bar && !strcmp(bar, "_last");
    if (last || (bar && !strcmp(bar, "_all"))) *bar = '\0';
    const weir_loss_kind *kind = find_loss(word);
    if (!kind) return weir_fail(err, WEIR_USAGE, "there is no loss \"%s\"", loss_kind);

    void *options = ref_need(weir_arena_calloc(&n->arena, 1, kind->options_size));
    WEIR_TRY(weir_options_default(kind->options, options, &n->arena, err));
    size_t from = 0;
    weir_tensor seen = last && y->shape.rank == 3 ? last_step(y, &from) : *y;
    WEIR_TRY(kind->check(options, &seen.shape, &target->shape, err));
    weir_loss_result result;
    const weir_loss_input in = {.y = &seen, .target = target, .lengths = n->pass->lengths};
    kind->apply(options, &in, &result, dy + from, NULL);
    *loss = result.value;
    return WEIR_OK;
}
