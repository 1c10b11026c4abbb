/* embedding: a learned vector for every id.
 *
 *   forward   y[r,:] = W[id_r,:]
 *   backward  dW[id_r,:] += dy[r,:]     (rows of padding_idx get none)
 *
 * Source: torch.nn.Embedding.
 */
#include "base/intl.h"
#include "base/status.h"
#include "nn/pass.h"
#include "tensor/vec.h"

struct embedding {
    size_t num_embeddings, embedding_dim;
    int64_t padding_idx;
};

static const weir_option options[] = {
    WEIR_OPTION_SIZE(struct embedding, num_embeddings, "0", 0, N_("ids; 0: as the data have")),
    WEIR_OPTION_SIZE(struct embedding, embedding_dim, NULL, 1, N_("numbers per id")),
    WEIR_OPTION_INT(struct embedding, padding_idx, "-1", N_("an id that is not trained; -1: none")),
    {0}};

static weir_status infer(void *o, const weir_shape *const in[], const weir_hints *hints,
                         weir_error *err)
{
    struct embedding *e = o;
    if (in[0]->dtype != WEIR_INT32)
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("it looks up ids, and its input is measured numbers; a linear layer "
                           "reads those"));
    if (!e->num_embeddings) e->num_embeddings = hints->vocabulary;
    if (!e->num_embeddings)
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("num_embeddings is needed: the data do not say it"));
    if (hints->vocabulary > e->num_embeddings)
        return weir_fail(err, WEIR_USAGE, _("num_embeddings is %zu, but the data have %zu ids"),
                         e->num_embeddings, hints->vocabulary);
    if (e->padding_idx >= (int64_t)e->num_embeddings)
        return weir_fail(err, WEIR_USAGE, _("padding_idx must be below num_embeddings (%zu)"),
                         e->num_embeddings);
    return WEIR_OK;
}

static weir_status shape(const void *o, const weir_shape *const in[], size_t inputs,
                         weir_shape *out, weir_error *err)
{
    const struct embedding *e = o;
    (void)inputs;
    if (in[0]->dtype != WEIR_INT32)
        return weir_fail(err, WEIR_USAGE, "%s",
                         _("its input must be ids, and the data are numbers"));
    if (in[0]->rank >= WEIR_MAX_RANK)
        return weir_fail(err, WEIR_USAGE, "%s", _("its input has too many dimensions"));
    *out = *in[0];
    out->dtype = WEIR_FLOAT;
    out->dim[out->rank++] = e->embedding_dim;
    return WEIR_OK;
}

static weir_status build(weir_node *node, const weir_shape *const in[])
{
    const struct embedding *e = node->options;
    (void)in;
    size_t V = e->num_embeddings, E = e->embedding_dim;
    /* fans as torch.nn.init counts them: the columns come in, the rows go out */
    return weir_declare(node, "weight", WEIR_EMBEDDING, weir_shape_of(2, V, E), E, V, 1);
}

/* PyTorch starts the padding row at zero. */
static void initialised(weir_node *node)
{
    const struct embedding *e = node->options;
    if (e->padding_idx >= 0)
        weir_vec_zero(e->embedding_dim,
                      weir_param(node, 0)->value + (size_t)e->padding_idx * e->embedding_dim);
}

static weir_status forward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                           weir_tensor *out)
{
    const struct embedding *e = node->options;
    (void)pass;
    const real *W = weir_param(node, 0)->value; /* [V, E] */
    size_t E = e->embedding_dim, rows = weir_count(in[0]);
    for (size_t r = 0; r < rows; r++)
        weir_vec_copy(E, W + (size_t)in[0]->i[r] * E, out->f + r * E);
    return WEIR_OK;
}

static weir_status backward(const weir_node *node, weir_pass *pass, const weir_tensor *const in[],
                            const weir_tensor *out, const weir_tensor *dout, weir_tensor din[])
{
    const struct embedding *e = node->options;
    (void)out, (void)din;
    if (!pass->param_grads) return WEIR_OK;
    real *dW = weir_param(node, 0)->grad;
    size_t E = e->embedding_dim, rows = weir_count(in[0]);
    for (size_t r = 0; r < rows; r++)
        if (in[0]->i[r] != e->padding_idx)
            weir_vec_add(E, dout->f + r * E, dW + (size_t)in[0]->i[r] * E);
    return WEIR_OK;
}

static const char *const examples[] = {"{num_embeddings: 5, embedding_dim: 3}",
                                       "{num_embeddings: 5, embedding_dim: 3, padding_idx: 1}",
                                       NULL};

const weir_layer_kind weir_layer_embedding = {
    .name = "embedding",
    .doc = N_("a learned vector for every token id"),
    .part = WEIR_WEIGHTED,
    .options_size = sizeof(struct embedding),
    .options = options,
    .infer = infer,
    .shape = shape,
    .build = build,
    .initialised = initialised,
    .forward = forward,
    .backward = backward,
    .examples = examples,
};
