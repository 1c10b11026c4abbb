/* orthogonal: W = gain Q with orthonormal rows or columns, whichever are fewer. A recurrent weight is
 * a stack of square gate blocks, and each block is made orthogonal.
 * Source: Saxe, McClelland & Ganguli 2014; torch.nn.init.orthogonal_ (which treats the stack whole). */
#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "nn/init.h"
#include "tensor/linalg.h"

struct orthogonal {
    double gain;
};

static const weir_option options[] = {
    WEIR_OPTION_REAL(struct orthogonal, gain, "1", 0, 1e6, N_("every singular value")),
    {0}};

/* One block w [rows, columns] <- gain Q or gain Q^T. */
static weir_status fill_block(size_t rows, size_t columns, real *w, double gain, weir_rng *rng)
{
    bool tall = rows >= columns;
    size_t m = tall ? rows : columns, n = tall ? columns : rows;
    double *q = weir_malloc(m * n * sizeof *q); /* [m, n] */
    if (!q) return WEIR_MEMORY;
    for (size_t i = 0; i < m * n; i++) q[i] = weir_rng_normal(rng);
    weir_status status = weir_orthogonalise(m, n, q);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            w[i * columns + j] = (real)(gain * (tall ? q[i * n + j] : q[j * n + i]));
    weir_free(q);
    return status;
}

static weir_status fill(const void *o, weir_parameter *p, weir_rng *rng, weir_error *err)
{
    const struct orthogonal *orthogonal = o;
    if (p->shape.rank < 2)
        return weir_fail(err, WEIR_USAGE, "%s", _("needs a matrix; give biases another one"));
    size_t gates = p->role == WEIR_RECURRENT_WEIGHT ? p->gates : 1;
    size_t rows = p->shape.dim[0] / gates, columns = p->count / p->shape.dim[0];
    for (size_t g = 0; g < gates; g++)
        WEIR_TRY(fill_block(rows, columns, p->value + g * rows * columns, orthogonal->gain, rng));
    return WEIR_OK;
}

const weir_init_kind weir_init_orthogonal = {
    .name = "orthogonal",
    .doc = N_("orthonormal rows or columns: lengths pass through unchanged"),
    .options_size = sizeof(struct orthogonal),
    .options = options,
    .fill = fill,
};
