/* Two things that are no business of the library's.
 *
 * Where PyTorch's float64 is not: its hardsigmoid multiplies in backward by a float32 1/6, which is
 * off by 3e-8 of itself (a gradient that passed k of them by k times as much). The same rounding is
 * repeated here, in the checker alone, so that all else in these cases is still held to 1e-9.
 *
 * What the manifest does not say: it tells an average pool's window, but neither its ceil_mode nor
 * its count_include_pad. The one shows in the shape that the case expects of the layer, the other
 * in the case's name ("nopad").
 */
#include "base/status.h"
#include "tensor/vec.h"
#include "tests/reference/twin.h"

#include <string.h>

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

/* --- what the manifest leaves unsaid --------------------------------------------------------- */

/* Has the layer, as its options stand, another output than the case expects of it? */
static bool is_of_other_size(net *n, const ref_case *c, const weir_node_spec *spec)
{
    const weir_node *from = spec->from ? weir_model_node(n->model, spec->from[0]) : NULL;
    const weir_shape *in[] = {from ? &from->shape : &n->model->x};
    const ref_array *expected = ref_find(&c->truth, "layer.%s", spec->name);
    weir_shape out;
    if (spec->kind->infer(spec->options, in, &n->model->hints, NULL) || !expected ||
        spec->kind->shape(spec->options, in, 1, &out, NULL))
        return false;
    return out.rank != expected->rank || memcmp(out.dim, expected->dim, out.rank * sizeof *out.dim);
}

static weir_status read_word(net *n, const weir_node_spec *spec, const char *option,
                             const char *word, weir_error *err)
{
    return weir_option_read(weir_option_find(spec->kind->options, option), word, option,
                            spec->options, &n->arena, err);
}

weir_status read_unsaid(net *n, const ref_case *c, const weir_node_spec *spec, weir_error *err)
{
    if (spec->kind != &weir_layer_avg_pool2d) return WEIR_OK;
    if (is_of_other_size(n, c, spec)) WEIR_TRY(read_word(n, spec, "ceil_mode", "true", err));
    if (!strstr(c->name, "nopad")) return WEIR_OK;
    return read_word(n, spec, "count_include_pad", "false", err);
}
