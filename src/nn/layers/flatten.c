/* flatten: [B, d1, .., dn] -> [B, d1 * .. * dn]; the same numbers under another shape.
 * Source: torch.nn.Flatten. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/pass.h"
#include "tensor/vec.h"

struct flatten {
    size_t start_dim;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct flatten, start_dim, "1", 0, N_("the first dimension that is merged")),
    {0}};

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct flatten *f = o;
    (void)inputs;
    if (f->start_dim >= in[0]->rank)
        return weir_fail(err, WEIR_USAGE, _("start_dim is %zu, but its input has %zu dimensions"),
                         f->start_dim, in[0]->rank);
    *out = *in[0];
    out->rank = f->start_dim + 1;
    for (size_t i = out->rank; i < in[0]->rank; i++) out->dim[f->start_dim] *= in[0]->dim[i];
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

const weir_layer_kind weir_layer_flatten = {
    .name = "flatten",
    .doc = N_("merges all dimensions behind the batch into one"),
    .part = WEIR_PLUMBING,
    .options_size = sizeof(struct flatten),
    .options = options,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
