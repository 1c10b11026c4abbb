/* nn/layers/channels.h - where the channels of a tensor are.
 *
 * Rows [B,F] and sequences [T,B,F] carry them last; images [B,C,H,W] right behind the batch. Three
 * sizes can be either, a sequence or PyTorch's [B,C,L]: `auto` takes them as a sequence unless only
 * the other reading fits the number of channels that was asked for.
 */
#ifndef WEIR_NN_LAYERS_CHANNELS_H
#define WEIR_NN_LAYERS_CHANNELS_H

#include "nn/layer.h"

/* The option `channels`. */
#define WEIR_CHANNELS "auto|first|last"
#define WEIR_CHANNELS_DOC N_("where they are: first [B,C,..], last [..,F], auto: what fits")
enum { WEIR_CHANNELS_AUTO, WEIR_CHANNELS_FIRST, WEIR_CHANNELS_LAST };

/* Element i of a tensor is of channel i / inner % count. */
typedef struct weir_channels {
    size_t count, inner;
} weir_channels;

weir_channels weir_channels_of(int channels, const weir_shape *x);

/* For infer(): decides `auto`; a count of 0 becomes what x has. WEIR_USAGE where both fit. */
weir_status weir_channels_infer(int *channels, size_t *count, const weir_shape *x, weir_error *err);

/* For shape(): x has so many channels. `option` is the count's name, for the sentence. */
weir_status weir_channels_check(int channels, size_t count, const weir_shape *x, const char *option,
                                weir_error *err);

/* The same: x is images [B,C,H,W], of numbers. */
weir_status weir_images_check(const weir_shape *x, weir_error *err);

#endif
