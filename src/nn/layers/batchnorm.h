/* nn/layers/batchnorm.h - batch normalisation, for the kinds that say where the channels are.
 *
 *   forward   m_c, v_c = mean and variance (over n, not n - 1) of channel c
 *             i_c = 1 / sqrt(v_c + eps),  h = (x - m_c) i_c,  y = w_c h + b_c
 *   backward  dx = w_c i_c (dy - mean_c(dy) - h mean_c(dy h))
 *             dw_c += sum_c dy h,   db_c += sum_c dy
 *
 * While training m and v are the batch's, and running_mean and running_var move towards them by
 * `momentum` (running_var towards the variance over n - 1); else m and v are the running ones and
 * dx = w_c i_c dy. In padded sequences steps beyond a sequence's length count in no mean.
 *
 * With detach m and v are constants in backward though they are the batch's: dx = w_c i_c dy. That
 * is the control that tells whether it is the normalisation's own gradient that matters.
 * With frozen the running statistics are used and stay as they are: nothing is normalised any more,
 * and scale and shift are all that is left. That is the control for normalisation as a whole.
 * Source: Ioffe & Szegedy 2015; torch.nn.BatchNorm1d.
 */
#ifndef WEIR_NN_LAYERS_BATCHNORM_H
#define WEIR_NN_LAYERS_BATCHNORM_H

#include "nn/layers/channels.h"
#include "nn/pass.h"

typedef struct weir_batchnorm {
    size_t num_features;
    double eps, momentum;
    bool affine, track_running_stats, detach, frozen;
    int channels;
} weir_batchnorm;

#define WEIR_BATCHNORM_OPTIONS                                                                  \
    WEIR_OPTION_SIZE(weir_batchnorm, num_features, "0", 0, N_("channels; 0: as its input has")), \
    WEIR_OPTION_REAL(weir_batchnorm, eps, "1e-5", 0, 1e6, N_("added to the variance")),         \
    WEIR_OPTION_REAL(weir_batchnorm, momentum, "0.1", 0, 1,                                     \
                     N_("how far running statistics move towards each batch's")),               \
    WEIR_OPTION_BOOL(weir_batchnorm, affine, "true", N_("learn a scale and a shift")),          \
    WEIR_OPTION_BOOL(weir_batchnorm, track_running_stats, "true",                               \
                     N_("keep running statistics for the time after training")),                \
    WEIR_OPTION_BOOL(weir_batchnorm, detach, "false",                                           \
                     N_("mean and variance are constants in the backward pass")),               \
    WEIR_OPTION_BOOL(weir_batchnorm, frozen, "false",                                           \
                     N_("running statistics even while training, and never moved"))

/* The hooks of the layer kinds; `channels` is decided before build. */
weir_status weir_batchnorm_build(weir_node *node, const weir_shape *const in[]);
weir_status weir_batchnorm_forward(const weir_node *node, weir_pass *pass,
                                   const weir_tensor *const in[], weir_tensor *out);
weir_status weir_batchnorm_backward(const weir_node *node, weir_pass *pass,
                                    const weir_tensor *const in[], const weir_tensor *out,
                                    const weir_tensor *dout, weir_tensor din[]);

#endif
