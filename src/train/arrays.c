/* The caller's own arrays as data: what a C program hands to weir_trainer_new. */
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "tensor/vec.h"
#include "train/trainer.h"

static size_t width(const weir_arrays *a)
{
    return a->features * (a->time ? a->time : 1);
}

/* The batch's place in a shape: behind the time, where there is one. */
static weir_shape with_batch(weir_shape shape, const weir_arrays *a, bool input, size_t B)
{
    shape.dim[input && a->time ? 1 : 0] = B;
    return shape;
}

/* Examples first .. first + count - 1 of a split, shuffled anew in every epoch of training. The
 * last batch of a validation part is as short as it must be: every example counts once. */
static weir_status batch(const weir_data *data, weir_split split, uint64_t index, weir_arena *arena,
                         weir_batch *out, weir_error *err)
{
    const weir_arrays *a = data->options;
    size_t B = a->batch_size, T = a->time ? a->time : 1, F = a->features;
    size_t held = (size_t)(a->validation * (double)a->examples), kept = a->examples - held;
    bool valid = split == WEIR_VALID && held;
    size_t n = valid ? held : kept, first = valid ? kept : 0;
    uint64_t epoch = index / data->batches[split], at = index % data->batches[split] * B;
    if (valid && at + B > n) B = (size_t)(n - at);
    weir_shape x = with_batch(data->x, a, true, B), target = with_batch(data->target, a, false, B);
    out->x = weir_tensor_alloc(arena, &x);
    out->target = weir_tensor_alloc(arena, &target);
    if (!out->x.data || !out->target.data) return weir_fail_memory(err);
    for (size_t b = 0; b < B; b++) {
        uint64_t k = (at + b) % n;
        size_t i = first + (size_t)(valid ? k : weir_shuffled(data->seed, epoch, n, k));
        for (size_t s = 0; s < T; s++)
            weir_vec_copy(F, a->x + i * width(a) + s * F, out->x.f + (s * B + b) * F);
        if (a->classes)
            out->target.i[b] = a->labels[i];
        else
            weir_vec_copy(a->outputs, a->y + i * a->outputs, out->target.f + b * a->outputs);
    }
    return WEIR_OK;
}

static const weir_data_kind arrays_kind = {
    .name = "arrays",
    .doc = N_("arrays of the calling program"),
    .options_size = sizeof(weir_arrays),
    .batch = batch,
};

static weir_status check(const weir_arrays *a, weir_error *err)
{
    if (!a->x || !a->examples || !a->features || !a->batch_size)
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("arrays: x, examples, features and batch_size are needed"));
    if (a->classes ? !a->labels : !a->y || !a->outputs)
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("arrays: labels and classes, or y and outputs, are needed"));
    if (!(a->validation >= 0 && a->validation < 1))
        return weir_fail(err, WEIR_USAGE, _("arrays: validation must be in [0, 1), not %g"),
                         a->validation);
    for (size_t i = 0; a->classes && i < a->examples; i++)
        if (a->labels[i] < 0 || (size_t)a->labels[i] >= a->classes)
            return weir_fail(err, WEIR_USAGE,
                             _("arrays: labels[%zu] is %d, but there are %zu classes"), i,
                             (int)a->labels[i], a->classes);
    return WEIR_OK;
}

weir_status weir_arrays_fit(const weir_arrays *a, const weir_loss *loss, weir_error *err)
{
    for (size_t i = 0; loss->kind->shares && a->y && i < a->examples * a->outputs; i++)
        if (a->y[i] < 0 || a->y[i] > 1)
            return weir_fail(err, WEIR_USAGE,
                             _("arrays: y[%zu] is %g, and %s wants numbers from 0 to 1"), i,
                             (double)a->y[i], loss->kind->name);
    return WEIR_OK;
}

weir_status weir_data_from_arrays(const weir_arrays *arrays, uint64_t seed, weir_data **data,
                                  weir_error *err)
{
    *data = NULL;
    WEIR_TRY(check(arrays, err));
    weir_data *d = weir_calloc(1, sizeof *d);
    weir_arrays *a = d ? weir_arena_calloc(&d->arena, 1, sizeof *a) : NULL;
    if (!a) {
        weir_free(d);
        return weir_fail_memory(err);
    }
    *a = *arrays;
    size_t held = (size_t)(a->validation * (double)a->examples), kept = a->examples - held;
    if (a->batch_size > kept) a->batch_size = kept;
    size_t B = a->batch_size;
    *d = (weir_data){.kind = &arrays_kind, .options = a, .seed = seed, .arena = d->arena,
                     .hints = {.outputs = a->classes ? a->classes : a->outputs}};
    d->x = a->time ? weir_shape_of(3, a->time, B, a->features) : weir_shape_of(2, B, a->features);
    d->target = a->classes ? (weir_shape){WEIR_INT32, 1, {B}} : weir_shape_of(2, B, a->outputs);
    d->batches[WEIR_TRAIN] = (kept + B - 1) / B;
    d->batches[WEIR_VALID] = held ? (held + B - 1) / B : d->batches[WEIR_TRAIN];
    *data = d;
    return WEIR_OK;
}
