/* nn/layers/activation.h - what elementwise activations y = f(z) share.
 *
 * A kind gives f as its forward and f' as its slope; backward is dz = dy f'(z) for all of them.
 */
#ifndef WEIR_NN_LAYERS_ACTIVATION_H
#define WEIR_NN_LAYERS_ACTIVATION_H

#include "nn/pass.h"

/* 1 / (1 + e^-z): never overflows, and has all its digits where it is small. */
static inline real weir_sigmoid(real z)
{
    real e = r_exp(-r_abs(z));
    return (z >= R(0.0) ? R(1.0) : e) / (R(1.0) + e);
}

/* The shape function: float in, the same shape out. */
weir_status weir_activation_shape(const void *options, const weir_shape *const in[], size_t inputs,
                                  weir_shape *out, weir_error *err);

/* The backward function: din[0] = dout * kind->slope(in[0]). */
weir_status weir_activation_backward(const weir_node *node, weir_pass *pass,
                                     const weir_tensor *const in[], const weir_tensor *out,
                                     const weir_tensor *dout, weir_tensor din[]);

#endif
