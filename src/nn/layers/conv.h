/* nn/layers/conv.h - convolution, for the kinds that say how many dimensions it moves in.
 *
 *   forward   y[b,o,p] = bias[o] + sum_{i,k} W[o,i,k] x[b,i,s(p,k)]
 *   backward  dx[b,i,q] = sum over all o, p, k with s(p,k) = q of W[o,i,k] dy[b,o,p]
 *             dW[o,i,k] += sum_{b,p} dy[b,o,p] x[b,i,s(p,k)],   dbias[o] += sum_{b,p} dy[b,o,p]
 *
 * p runs over the output's places, k over the kernel's taps; s(p,k) is the input's place that p
 * sees through k (window.h), and x is 0 outside the input. i runs over the channels of o's group:
 * with `groups` G the o-th of O output channels sees the I/G input channels of group o G / O.
 *
 * For each image and group the windows' inputs are gathered as columns [I/G kernel, places], so
 * that each sum is a matrix product: y = W columns, dcolumns = W^T dy, dW = dy columns^T.
 * Source: torch.nn.Conv1d, torch.nn.Conv2d; columns: Chellapilla et al. 2006, "High performance
 * convolutional neural networks for document processing".
 */
#ifndef WEIR_NN_LAYERS_CONV_H
#define WEIR_NN_LAYERS_CONV_H

#include "nn/layers/window.h"
#include "nn/pass.h"

/* A sequence [B,C,L] is images [B,C,1,L]: conv1d leaves all heights at one place. */
typedef struct weir_conv {
    size_t in_channels, out_channels, groups;
    weir_pair kernel_size, stride, padding, dilation;
    bool bias;
    bool same; /* padding: same. Decided by infer, which turns padding's words into numbers */
} weir_conv;

/* padding's words, in this order. */
#define WEIR_CONV_PADDING "valid|same"

/* Options that are single numbers in any number of dimensions. */
#define WEIR_CONV_CHANNEL_OPTIONS                                                               \
    WEIR_OPTION_SIZE(weir_conv, in_channels, "0", 0, N_("input channels; 0: as its input has")), \
    WEIR_OPTION_SIZE(weir_conv, out_channels, NULL, 1, N_("output channels"))
#define WEIR_CONV_OTHER_OPTIONS                                                                 \
    WEIR_OPTION_SIZE(weir_conv, groups, "1", 1,                                                 \
                     N_("each of so many groups of channels sees only its own inputs")),        \
    WEIR_OPTION_BOOL(weir_conv, bias, "true", N_("add a learned bias"))

/* What the options with a kernel's sizes say. */
#define WEIR_CONV_KERNEL_DOC N_("places that a window looks at")
#define WEIR_CONV_STRIDE_DOC N_("from one window to the next")
#define WEIR_CONV_PADDING_DOC \
    N_("zeros on either side; valid: none, same: so that the size stays (stride 1)")
#define WEIR_CONV_DILATION_DOC N_("from one place in a window to the next")

/* The hooks of the layer kinds. Input has rank 3 or 4, which shape() of the kind has seen to. */
weir_status weir_conv_infer(weir_conv *conv, const weir_shape *x, weir_error *err);
weir_status weir_conv_shape(const weir_conv *conv, const weir_shape *x, weir_shape *out,
                            weir_error *err);
weir_status weir_conv_build(weir_node *node, const weir_shape *const in[]);
weir_status weir_conv_forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                              weir_tensor *out);
weir_status weir_conv_backward(const weir_node *node, weir_pass *pass,
                               const weir_tensor *const in[], const weir_tensor *out,
                               const weir_tensor *dout, weir_tensor din[]);

#endif
