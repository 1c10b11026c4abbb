/* The registry of losses, and what they share. */
#include "nn/loss.h"

#include "base/intl.h"
#include "base/status.h"

#include <string.h>

#define WEIR_LOSS(name) &weir_loss_##name,
const weir_loss_kind *const weir_loss_kinds[] = {
#include "nn/losses/list.def"
    NULL};
#undef WEIR_LOSS

const weir_loss_kind *weir_loss_find(const char *name)
{
    for (size_t i = 0; weir_loss_kinds[i]; i++)
        if (!strcmp(weir_loss_kinds[i]->name, name)) return weir_loss_kinds[i];
    return NULL;
}

size_t weir_loss_rows(const weir_loss_input *in)
{
    size_t rows = weir_shape_rows(&in->y->shape), counted = 0;
    for (size_t r = 0; r < rows; r++) counted += weir_row_counts(in, r);
    return counted;
}

/* Does y speak at every step of a sequence, and the target once? */
static bool speaks_too_often(const weir_shape *y, const weir_shape *target)
{
    return y->rank >= 3 && target->rank >= 1 && target->rank < y->rank &&
           y->dim[1] == target->dim[0];
}

weir_status weir_loss_fail_shapes(const weir_shape *y, const weir_shape *target, weir_error *err)
{
    char a[80], b[80];
    return weir_fail(
        err, WEIR_USAGE, _("the net's output is %s, but the targets are %s%s%s"),
        weir_shape_text(y, a, sizeof a), weir_shape_text(target, b, sizeof b),
        target->dtype == WEIR_INT32 ? _(" of class numbers") : "",
        speaks_too_often(y, target)
            ? _(": one for a whole sequence; give the last recurrent layer output: last")
            : "");
}

weir_status weir_loss_check_same(const void *options, const weir_shape *y, const weir_shape *target,
                                 weir_error *err)
{
    (void)options;
    if (weir_shape_equal(y, target)) return WEIR_OK;
    return weir_loss_fail_shapes(y, target, err);
}
