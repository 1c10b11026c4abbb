/* batchnorm2d: every channel of images [B,C,H,W] gets mean 0 and variance 1 over the batch and all
 * places, then a learned scale and shift. The equations and their source stand in batchnorm.h. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/batchnorm.h"

static const weir_option options[] = {WEIR_BATCHNORM_OPTIONS, {0}};

static weir_status infer(void *o, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err)
{
    weir_batchnorm *b = o;
    (void)hints;
    b->channels = WEIR_CHANNELS_FIRST;
    return weir_channels_infer(&b->channels, &b->num_features, in[0], err);
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const weir_batchnorm *b = o;
    (void)inputs;
    WEIR_TRY(weir_images_check(in[0], err));
    WEIR_TRY(weir_channels_check(b->channels, b->num_features, in[0], "num_features", err));
    *out = *in[0];
    return WEIR_OK;
}

static const char *const examples[] = {
    "{}", "{num_features: 5, eps: 1e-3, momentum: 0.3, affine: false}",
    "{track_running_stats: false}", "{detach: true}", "{frozen: true}", NULL};

const weir_layer_kind weir_layer_batchnorm2d = {
    .name = "batchnorm2d",
    .doc = N_("mean 0 and variance 1 in every channel of images, then a scale and a shift"),
    .part = WEIR_NORMALISER,
    .options_size = sizeof(weir_batchnorm),
    .options = options,
    .infer = infer,
    .shape = shape,
    .build = weir_batchnorm_build,
    .forward = weir_batchnorm_forward,
    .backward = weir_batchnorm_backward,
    .examples = examples,
};
