/* dropout: while training each number is dropped with probability p; the others grow to make up.
 *
 *   forward   y = m x,   m = 0 with probability p, else 1 / (1 - p);    when not training y = x
 *   backward  dx = m dy
 *
 * A mask is named by seed, node and step: the same step has the same mask, however often it runs
 * and on however many threads. Source: Srivastava et al. 2014; torch.nn.Dropout.
 */
#include "base/intl.h"
#include "base/rng.h"
#include "base/threads.h"
#include "nn/layers/activation.h"
#include "tensor/vec.h"

struct dropout {
    double p;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct dropout, p, "0.5", 0, 1, N_("the share that is dropped")),
    {0}};

struct draw {
    weir_rng rng;
    uint64_t below; /* a 32-bit draw below this drops its number */
    real kept;      /* what the others are multiplied with */
    size_t n;
    real *mask;
};

enum { CUT = 1 << 14, PER_BLOCK = 4 /* draws of one Philox counter */ };

static void draw_cut(void *self, size_t index)
{
    const struct draw *d = self;
    size_t end = d->n - index * CUT < CUT ? d->n : (index + 1) * CUT;
    weir_rng rng = d->rng;
    rng.counter[0] = (uint32_t)(index * (CUT / PER_BLOCK));
    for (size_t i = index * CUT; i < end; i++)
        d->mask[i] = weir_rng_u32(&rng) < d->below ? R(0.0) : d->kept;
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct dropout *o = node->options;
    if (!pass->train || o->p == 0) {
        out->data = in[0]->data;
        return WEIR_OK;
    }
    size_t n = weir_count(out);
    real *mask = weir_pass_save(pass, node, n * sizeof *mask);
    if (!mask) return WEIR_MEMORY;
    struct draw draw = {
        .rng = weir_rng_make(pass->seed, WEIR_FOR_DROPOUT, (uint32_t)node->index, pass->step),
        .below = (uint64_t)(o->p * 0x1p32 + 0.5),
        .kept = (real)(1 / (1 - o->p)),
        .n = n,
        .mask = mask};
    weir_parallel((n + CUT - 1) / CUT, draw_cut, &draw);
    for (size_t i = 0; i < n; i++) out->f[i] = mask[i] * in[0]->f[i];
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    const real *mask = weir_pass_saved(pass, node);
    (void)in, (void)out;
    if (!din[0].f) return WEIR_OK;
    size_t n = weir_count(dout);
    if (!mask)
        weir_vec_copy(n, dout->f, din[0].f);
    else
        for (size_t i = 0; i < n; i++) din[0].f[i] = mask[i] * dout->f[i];
    return WEIR_OK;
}

static const char *const examples[] = {"{}", "{p: 0.2}", "{p: 0}", "{p: 1}", NULL};

const weir_layer_kind weir_layer_dropout = {
    .name = "dropout",
    .doc = N_("drops a share p of its input while training"),
    .part = WEIR_PLUMBING,
    .options_size = sizeof(struct dropout),
    .options = options,
    .shape = weir_activation_shape,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
