/* conv1d: windows of weights move along [B,C,L], whose channels stand behind the batch (a sequence
 * for recurrent layers, [T,B,F], has another order). The equations and their source stand in
 * conv.h. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/conv.h"

/* One number is the width; the height of everything is one place. */
static const weir_option options[] = {
    WEIR_CONV_CHANNEL_OPTIONS,
    {"kernel_size", WEIR_SIZE, offsetof(weir_conv, kernel_size.w), NULL, 1, WEIR_WINDOW_MOST, NULL,
     WEIR_CONV_KERNEL_DOC},
    {"stride", WEIR_SIZE, offsetof(weir_conv, stride.w), "1", 1, WEIR_WINDOW_MOST, NULL,
     WEIR_CONV_STRIDE_DOC},
    {"padding", WEIR_SIZE, offsetof(weir_conv, padding.w), "0", 0, WEIR_WINDOW_MOST,
     WEIR_CONV_PADDING, WEIR_CONV_PADDING_DOC},
    {"dilation", WEIR_SIZE, offsetof(weir_conv, dilation.w), "1", 1, WEIR_WINDOW_MOST, NULL,
     WEIR_CONV_DILATION_DOC},
    WEIR_CONV_OTHER_OPTIONS,
    {0}};

static weir_status infer(void *o, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err)
{
    weir_conv *c = o;
    (void)hints;
    c->kernel_size.h = c->stride.h = c->dilation.h = 1;
    c->padding.h = 0;
    return weir_conv_infer(c, in[0], err);
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    (void)inputs;
    if (in[0]->dtype == WEIR_FLOAT && in[0]->rank != 3)
        return weir_fail(err, WEIR_USAGE, _("its input has %zu dimensions; it takes [B,C,L]"),
                         in[0]->rank);
    return weir_conv_shape(o, in[0], out, err);
}

static const char *const examples[] = {
    "{out_channels: 3, kernel_size: 2}",
    "{out_channels: 4, kernel_size: 3, stride: 2, padding: 2, groups: 2, bias: false}",
    "{out_channels: 2, kernel_size: 2, dilation: 3, padding: same}", NULL};

const weir_layer_kind weir_layer_conv1d = {
    .name = "conv1d",
    .doc = N_("windows of weights that move along [B,C,L]"),
    .part = WEIR_WEIGHTED,
    .channels_first = true,
    .options_size = sizeof(weir_conv),
    .options = options,
    .infer = infer,
    .shape = shape,
    .build = weir_conv_build,
    .forward = weir_conv_forward,
    .backward = weir_conv_backward,
    .examples = examples,
};
