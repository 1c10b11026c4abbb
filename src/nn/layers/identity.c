/* identity: y = x,  dx = dy. A place with a name, and what a remedy leaves behind when it takes a
 * layer away. Source: torch.nn.Identity. */
#include "base/intl.h"
#include "nn/pass.h"
#include "tensor/vec.h"

static weir_status shape(const void *options, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    (void)options, (void)inputs, (void)err;
    *out = *in[0];
    return WEIR_OK;
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)node, (void)pass;
    out->data = in[0]->data;
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    (void)node, (void)pass, (void)in, (void)out;
    if (din[0].f) weir_vec_copy(weir_count(dout), dout->f, din[0].f);
    return WEIR_OK;
}

static const char *const examples[] = {"{}", NULL};

const weir_layer_kind weir_layer_identity = {
    .name = "identity",
    .doc = N_("hands its input on as it is"),
    .part = WEIR_PLUMBING,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
