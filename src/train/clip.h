/* train/clip.h - gradient clipping, between the backward pass and the optimizer's step.
 *
 *   by norm   g <- g min(1, max_norm / (|g| + 1e-6)),   |g| over all parameters together
 *   by value  g <- min(max(g, -value), value),          number by number
 *
 * By norm keeps the direction, by value does not. Source: Pascanu et al. 2013, algorithm 1;
 * torch.nn.utils.clip_grad_norm_ (from which the 1e-6) and clip_grad_value_.
 */
#ifndef WEIR_TRAIN_CLIP_H
#define WEIR_TRAIN_CLIP_H

#include "base/real.h"

/* grads [n]; norm_type above 0: 2, 1, INFINITY or any p, as (sum |g|^p)^(1/p). Returns the norm
 * before clipping, and in *factor (unless NULL) what the gradients were multiplied by: 1 when
 * nothing was done. A norm that is not finite leaves them as they are. */
double weir_clip_grad_norm(size_t n, real *grads, double max_norm, double norm_type,
                           double *factor);

/* grads [n]. Returns how many were cut; a NaN stays a NaN and does not count. */
size_t weir_clip_grad_value(size_t n, real *grads, double value);

#endif
