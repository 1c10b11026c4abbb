/* batchnorm1d: every channel gets mean 0 and variance 1 over the batch, then a learned scale and
 * shift. The equations and their source stand in batchnorm.h.
 *
 * Channels are the features of rows [B,F] and of sequences [T,B,F], where all steps of all
 * sequences are rows; PyTorch's [B,C,L] is read with `channels: first`, or when only that fits
 * num_features.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/layers/batchnorm.h"

static const weir_option options[] = {
    WEIR_BATCHNORM_OPTIONS,
    WEIR_OPTION_CHOICE(weir_batchnorm, channels, "auto", WEIR_CHANNELS, WEIR_CHANNELS_DOC),
    {0}};

static weir_status infer(void *o, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err)
{
    weir_batchnorm *b = o;
    (void)hints;
    return weir_channels_infer(&b->channels, &b->num_features, in[0], err);
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const weir_batchnorm *b = o;
    (void)inputs;
    WEIR_TRY(weir_channels_check(b->channels, b->num_features, in[0], "num_features", err));
    if (in[0]->rank != 2 && in[0]->rank != 3)
        return weir_fail(err, WEIR_USAGE, _("its input has %zu dimensions; it takes 2 or 3"),
                         in[0]->rank);
    *out = *in[0];
    return WEIR_OK;
}

static const char *const examples[] = {
    "{}", "{num_features: 5, eps: 1e-3, momentum: 0.3, affine: false}",
    "{num_features: 5, channels: first}", "{track_running_stats: false}", "{detach: true}",
    "{frozen: true}", NULL};

const weir_layer_kind weir_layer_batchnorm1d = {
    .name = "batchnorm1d",
    .doc = N_("mean 0 and variance 1 in every feature over the batch, then a scale and a shift"),
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
