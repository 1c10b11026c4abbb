/* flatten: [B, d1, .., dn] -> [B, d1 * .. * dn]: the sizes from start_dim to end_dim become one,
 * the same numbers under another shape.
 * Source: torch.nn.Flatten. */
#include "base/intl.h"
#include "base/status.h"
#include "nn/pass.h"
#include "tensor/vec.h"

struct flatten {
    size_t start_dim;
    int64_t end_dim;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct flatten, start_dim, "1", 0, N_("the first dimension that is merged")),
    WEIR_OPTION_INT(struct flatten, end_dim, "-1", N_("the last one; -1: the last there is")),
    {0}};

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct flatten *f = o;
    (void)inputs;
    if (f->start_dim >= in[0]->rank)
        return weir_fail(err, WEIR_USAGE, _("start_dim is %zu, but its input has %zu dimensions"),
                         f->start_dim, in[0]->rank);
    int64_t rank = (int64_t)in[0]->rank, end = f->end_dim < 0 ? f->end_dim + rank : f->end_dim;
    if (end < (int64_t)f->start_dim || end >= rank)
        return weir_fail(err, WEIR_USAGE, _("end_dim is %lld, but its input has %zu dimensions"),
                         (long long)f->end_dim, in[0]->rank);
    *out = (weir_shape){.dtype = in[0]->dtype};
    for (size_t i = 0; i < in[0]->rank; i++)
        if (i > f->start_dim && i <= (size_t)end)
            out->dim[out->rank - 1] *= in[0]->dim[i];
        else
            out->dim[out->rank++] = in[0]->dim[i];
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

static const char *const examples[] = {"{}", "{start_dim: 0, end_dim: 1}", NULL};

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
