#include "nn/layers/channels.h"

#include "base/intl.h"
#include "base/status.h"

weir_channels weir_channels_of(int channels, const weir_shape *x)
{
    size_t at = channels == WEIR_CHANNELS_FIRST && x->rank > 2 ? 1 : x->rank - 1, inner = 1;
    for (size_t i = at + 1; i < x->rank; i++) inner *= x->dim[i];
    return (weir_channels){x->dim[at], inner};
}

static weir_status decide(int *channels, size_t count, const weir_shape *x, weir_error *err)
{
    *channels = x->rank > 3 ? WEIR_CHANNELS_FIRST : WEIR_CHANNELS_LAST;
    if (x->rank != 3 || !count || x->dim[1] != count) return WEIR_OK;
    if (x->dim[2] == count)
        return weir_fail(err, WEIR_USAGE,
                         _("its input has %zu channels first and last: say \"channels: first\" for "
                           "[B,C,L] or \"channels: last\" for [T,B,F]"), count);
    *channels = WEIR_CHANNELS_FIRST;
    return WEIR_OK;
}

weir_status weir_channels_infer(int *channels, size_t *count, const weir_shape *x, weir_error *err)
{
    if (x->rank < 1) return WEIR_OK; /* shape() refuses it */
    if (*channels == WEIR_CHANNELS_AUTO) WEIR_TRY(decide(channels, *count, x, err));
    if (!*count) *count = weir_channels_of(*channels, x).count;
    return WEIR_OK;
}

weir_status weir_channels_check(int channels, size_t count, const weir_shape *x, const char *option,
                                weir_error *err)
{
    if (x->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input is ids: put an embedding before it"));
    size_t has = x->rank < 1 ? 0 : weir_channels_of(channels, x).count;
    if (has != count)
        return weir_fail(err, WEIR_USAGE, _("%s is %zu, but its input has %zu channels"), option,
                         count, has);
    return WEIR_OK;
}

weir_status weir_images_check(const weir_shape *x, weir_error *err)
{
    if (x->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input is ids: put an embedding before it"));
    if (x->rank != 4)
        return weir_fail(err, WEIR_USAGE, _("its input has %zu dimensions; it takes images, "
                                            "[B,C,H,W]"), x->rank);
    return WEIR_OK;
}
