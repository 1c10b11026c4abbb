/* add: the sum of several nodes; with one of them further back it is a residual shortcut.
 *
 *   forward   y = x_0 + x_1 + ..
 *   backward  dx_k = dy
 *
 * With detach the gradient flows through the node before it alone: forward is the same, the
 * shortcut carries nothing back. That is the control that tells what a shortcut's gradient is
 * worth. Source: He et al. 2016, "Identity mappings in deep residual networks", eq. 1.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/pass.h"
#include "tensor/vec.h"

struct add {
    bool detach;
};

static const weir_option options[] = {
    WEIR_OPTION_BOOL(struct add, detach, "false",
                     N_("no gradient through the shortcuts, only through the first input")),
    {0}};

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    (void)o;
    for (size_t i = 1; i < inputs; i++) {
        if (weir_shape_equal(in[i], in[0])) continue;
        char a[80], b[80];
        return weir_fail(err, WEIR_USAGE,
                         _("its inputs have the shapes %s and %s; they must be equal"),
                         weir_shape_text(in[0], a, sizeof a), weir_shape_text(in[i], b, sizeof b));
    }
    if (in[0]->dtype != WEIR_FLOAT)
        return weir_fail(err, WEIR_USAGE, "%s", _("ids cannot be added"));
    *out = *in[0];
    return WEIR_OK;
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    (void)pass;
    size_t n = weir_count(out);
    weir_vec_copy(n, in[0]->f, out->f);
    for (size_t k = 1; k < node->inputs; k++) weir_vec_add(n, in[k]->f, out->f);
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    const struct add *a = node->options;
    (void)pass, (void)in, (void)out;
    size_t n = weir_count(dout);
    for (size_t k = 0; k < node->inputs; k++) {
        if (!din[k].f) continue;
        if (k > 0 && a->detach)
            weir_vec_zero(n, din[k].f);
        else
            weir_vec_copy(n, dout->f, din[k].f);
    }
    return WEIR_OK;
}

static const char *const examples[] = {"{}", "{detach: true}", NULL};

const weir_layer_kind weir_layer_add = {
    .name = "add",
    .doc = N_("the sum of several nodes: a residual shortcut"),
    .part = WEIR_PLUMBING,
    .options_size = sizeof(struct add),
    .options = options,
    .many_inputs = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
