/* Group loss: "loss_ce_smooth" is the loss "ce" on input.logits. What the manifest says that is an
 * option of the loss is read into it, and so are arrays of weights. */
#include "base/status.h"
#include "tests/reference/twin.h"

#include <stdio.h>
#include <string.h>

/* The longest beginning of "bce_logits_mean" that names a loss. */
static const weir_loss_kind *loss_of(const char *name)
{
    char word[128];
    const weir_loss_kind *kind = NULL;
    snprintf(word, sizeof word, "%s", strncmp(name, "loss_", 5) ? name : name + 5);
    for (char *bar = word + strlen(word); bar && !kind; bar = strrchr(word, '_')) {
        *bar = '\0';
        kind = find_loss(word);
    }
    return kind;
}

/* An array as a list option: class_weight is called weight. */
static void read_weights(const weir_loss_kind *kind, const ref_case *c, const char *array,
                         const char *name, void *options)
{
    const weir_option *option = weir_option_find(kind->options, name);
    const ref_array *a = ref_find(&c->own, "input.%s", array);
    if (!option || !a) return;
    weir_reals *list = (weir_reals *)(void *)((char *)options + option->offset);
    *list = (weir_reals){a->value, a->count};
}

static weir_status read_loss(const weir_loss_kind *kind, const ref_case *c, net *n, void *options,
                             weir_error *err)
{
    WEIR_TRY(weir_options_default(kind->options, options, &n->arena, err));
    for (const weir_option *o = kind->options; o->name; o++) {
        const json_t *value = json_object_get(c->json, o->name);
        if (value) WEIR_TRY(read_option(kind->options, o->name, value, options, &n->arena, err));
    }
    read_weights(kind, c, "class_weight", "weight", options);
    read_weights(kind, c, "pos_weight", "pos_weight", options);
    return WEIR_OK;
}

weir_status run_loss(ref_case *c, net *n, weir_error *err)
{
    const char *name = ref_text(c->json, "name", "?");
    const weir_loss_kind *kind = loss_of(name);
    const ref_array *logits = ref_find(&c->own, "input.logits");
    const ref_array *wanted = ref_find(&c->own, "input.target");
    if (!kind) return weir_fail(err, WEIR_USAGE, "there is no loss for \"%s\"", name);
    if (!logits || !wanted) return weir_fail(err, WEIR_USAGE, "the case lacks its inputs");
    void *options = ref_need(weir_arena_calloc(&n->arena, 1, kind->options_size));
    WEIR_TRY(read_loss(kind, c, n, options, err));

    weir_tensor y = tensor_of(&n->arena, logits), target = tensor_of(&n->arena, wanted);
    WEIR_TRY(kind->check(options, &y.shape, &target.shape, err));
    weir_tensor dy = weir_tensor_alloc(&n->arena, &y.shape);
    weir_tensor parts = weir_tensor_alloc(&n->arena, &y.shape);
    ref_need(dy.f);
    ref_need(parts.f);
    weir_loss_result result;
    kind->apply(options, &(weir_loss_input){.y = &y, .target = &target}, &result, dy.f, parts.f);
    if (((const weir_loss_common *)options)->reduction == WEIR_NONE)
        expect(c, weir_count(&target), parts.f, "loss");
    else
        ref_expect(c, "loss", 1, &result.value);
    expect(c, weir_count(&dy), dy.f, "grad.input.logits");
    return WEIR_OK;
}
