#include "nn/layers/activation.h"

#include "base/intl.h"
#include "base/status.h"

weir_status weir_activation_shape(const void *options, const weir_shape *const in[], size_t inputs,
                                  weir_shape *out, weir_error *err)
{
    (void)options, (void)inputs;
    if (in[0]->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input is ids: put an embedding before it"));
    *out = *in[0];
    return WEIR_OK;
}

weir_status weir_activation_backward(const weir_node *node, weir_pass *pass,
                                     const weir_tensor *const in[], const weir_tensor *out,
                                     const weir_tensor *dout, weir_tensor din[])
{
    (void)pass, (void)out;
    if (!din[0].f) return WEIR_OK;
    size_t n = weir_count(dout);
    node->kind->slope(node, n, in[0]->f, din[0].f);
    for (size_t i = 0; i < n; i++) din[0].f[i] *= dout->f[i];
    return WEIR_OK;
}
