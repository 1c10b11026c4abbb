/* Where PyTorch's float64 is not: its hardsigmoid multiplies in backward by a float32 1/6, which is
 * off by 3e-8 of itself (a gradient that passed k of them by k times as much). The same rounding is
 * repeated here, in the checker alone, so that all else in these cases is still held to 1e-9. */
#include "base/status.h"
#include "tensor/vec.h"
#include "tests/reference/twin.h"

static weir_status rounded_backward(const weir_node *node, weir_pass *pass,
                                    const weir_tensor *const in[], const weir_tensor *out,
                                    const weir_tensor *dout, weir_tensor din[])
{
    const double sixth = (double)(1.0f / 6.0f);
    WEIR_TRY(weir_layer_hardsigmoid.backward(node, pass, in, out, dout, din));
    if (din[0].f) weir_vec_scale(weir_count(&din[0]), (real)(6 * sixth), din[0].f);
    return WEIR_OK;
}

const weir_layer_kind *as_pytorch(const weir_layer_kind *kind)
{
    static weir_layer_kind rounded;
    if (kind != &weir_layer_hardsigmoid || REAL_BITS == 32) return kind;
    rounded = *kind;
    rounded.backward = rounded_backward;
    return &rounded;
}
