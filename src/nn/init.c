/* The registry of initialisers, and what they share. */
#include "nn/init.h"

#include "base/intl.h"
#include "base/memory.h"
#include "base/status.h"
#include "tensor/linalg.h"

#include <string.h>

#define WEIR_INIT(name) &weir_init_##name,
const weir_init_kind *const weir_init_kinds[] = {
#include "nn/inits/list.def"
    NULL};
#undef WEIR_INIT

const weir_init_kind *weir_init_find(const char *name)
{
    for (size_t i = 0; weir_init_kinds[i]; i++)
        if (!strcmp(weir_init_kinds[i]->name, name)) return weir_init_kinds[i];
    return NULL;
}

void weir_fill_uniform(weir_parameter *p, weir_rng *rng, double low, double high)
{
    for (size_t i = 0; i < p->count; i++)
        p->value[i] = (real)(low + (high - low) * weir_rng_uniform(rng));
}

void weir_fill_normal(weir_parameter *p, weir_rng *rng, double mean, double std)
{
    for (size_t i = 0; i < p->count; i++) p->value[i] = (real)(mean + std * weir_rng_normal(rng));
}

void weir_fill_constant(weir_parameter *p, double value)
{
    for (size_t i = 0; i < p->count; i++) p->value[i] = (real)value;
}

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

weir_status weir_fill_orthogonal(weir_parameter *p, weir_rng *rng, double gain, size_t blocks)
{
    size_t rows = p->shape.dim[0] / blocks, columns = p->count / p->shape.dim[0];
    for (size_t b = 0; b < blocks; b++)
        WEIR_TRY(fill_block(rows, columns, p->value + b * rows * columns, gain, rng));
    return WEIR_OK;
}

weir_status weir_init_check_matrix(const weir_parameter *p, weir_error *err)
{
    if (p->shape.rank >= 2) return WEIR_OK;
    return weir_fail(err, WEIR_USAGE, "%s", _("needs a matrix; give a vector another initialiser"));
}
