/* orthogonal: W = gain Q with orthonormal rows or columns, whichever are fewer. A recurrent weight
 * is a stack of square gate blocks, and each block is made orthogonal.
 * Source: Saxe, McClelland & Ganguli 2014; torch.nn.init.orthogonal_ (which treats the stack
 * whole). */
#include "base/intl.h"
#include "base/status.h"
#include "nn/init.h"

struct orthogonal {
    double gain;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct orthogonal, gain, "1", 0, 1e6, N_("every singular value")),
    {0}};

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    const struct orthogonal *orthogonal = o;
    WEIR_TRY(weir_init_check_matrix(p, err));
    size_t blocks = p->role == WEIR_RECURRENT_WEIGHT ? p->gates : 1;
    return weir_fill_orthogonal(p, rng, orthogonal->gain, blocks);
}

const weir_init_kind weir_init_orthogonal = {
    .name = "orthogonal",
    .doc = N_("orthonormal rows or columns: lengths pass through unchanged"),
    .options_size = sizeof(struct orthogonal),
    .options = options,
    .fill = fill,
};
