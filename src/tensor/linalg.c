#include "tensor/linalg.h"

#include "base/memory.h"

#include <lapacke.h>

weir_status weir_orthogonalise(size_t rows, size_t columns, double *A)
{
    lapack_int m = (lapack_int)rows, n = (lapack_int)columns;
    double *tau = weir_malloc(2 * columns * sizeof *tau);
    if (!tau) return WEIR_MEMORY;
    double *sign = tau + columns;
    lapack_int info = LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, m, n, A, n, tau);
    for (size_t j = 0; j < columns; j++) sign[j] = A[j * columns + j] < 0 ? -1 : 1;
    if (info == 0) info = LAPACKE_dorgqr(LAPACK_ROW_MAJOR, m, n, n, A, n, tau);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) A[i * columns + j] *= sign[j];
    weir_free(tau);
    return info == 0 ? WEIR_OK : WEIR_MEMORY;
}
