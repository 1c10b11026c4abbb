/* conv2d: windows of weights move over images [B,C,H,W]; every output channel is what one set of
 * weights sees at each place. The equations and their source stand in conv.h. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/channels.h"
#include "nn/layers/conv.h"

static const weir_option options[] = {
    WEIR_CONV_CHANNEL_OPTIONS,
    WEIR_OPTION_PAIR(weir_conv, kernel_size, NULL, 1, WEIR_WINDOW_MOST, WEIR_CONV_KERNEL_DOC),
    WEIR_OPTION_PAIR(weir_conv, stride, "1", 1, WEIR_WINDOW_MOST, WEIR_CONV_STRIDE_DOC),
    {"padding", WEIR_PAIR, offsetof(weir_conv, padding), "0", 0, WEIR_WINDOW_MOST,
     WEIR_CONV_PADDING, WEIR_CONV_PADDING_DOC},
    WEIR_OPTION_PAIR(weir_conv, dilation, "1", 1, WEIR_WINDOW_MOST, WEIR_CONV_DILATION_DOC),
    WEIR_CONV_OTHER_OPTIONS,
    {0}};

static weir_status infer(void *o, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err)
{
    (void)hints;
    return weir_conv_infer(o, in[0], err);
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    (void)inputs;
    WEIR_TRY(weir_images_check(in[0], err));
    return weir_conv_shape(o, in[0], out, err);
}

static const char *const examples[] = {
    "{out_channels: 3, kernel_size: 2}",
    "{out_channels: 4, kernel_size: [3, 2], stride: [1, 2], padding: [2, 1], groups: 2}",
    "{out_channels: 2, kernel_size: [2, 3], dilation: [2, 1], padding: same, bias: false}", NULL};

const weir_layer_kind weir_layer_conv2d = {
    .name = "conv2d",
    .doc = N_("windows of weights that move over images"),
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
