/* identity: W[i,j] = gain where i = j, else 0. A recurrent weight is a stack of square gate blocks,
 * and each block becomes the identity: a ReLU state then neither shrinks nor grows by itself.
 * Source: Le, Jaitly & Hinton 2015, "A simple way to initialize recurrent networks of rectified
 * linear units"; torch.nn.init.eye_ (which treats the stack whole). */
#include "base/intl.h"
#include "base/status.h"
#include "nn/init.h"

struct identity {
    double gain;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct identity, gain, "1", -1e6, 1e6, N_("what stands on the diagonal")),
    {0}};

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    const struct identity *identity = o;
    (void)rng;
    WEIR_TRY(weir_init_check_matrix(p, err));
    size_t blocks = p->role == WEIR_RECURRENT_WEIGHT ? p->gates : 1;
    size_t rows = p->shape.dim[0] / blocks, columns = p->count / p->shape.dim[0];
    weir_fill_constant(p, 0);
    for (size_t r = 0; r < p->shape.dim[0]; r++)
        if (r % rows < columns) p->value[r * columns + r % rows] = (real)identity->gain;
    return WEIR_OK;
}

const weir_init_kind weir_init_identity = {
    .name = "identity",
    .doc = N_("1 on the diagonal, else 0: hands the state on as it is"),
    .options_size = sizeof(struct identity),
    .options = options,
    .fill = fill,
};
