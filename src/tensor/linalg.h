/* tensor/linalg.h - small dense linear algebra, by LAPACK. */
#ifndef WEIR_TENSOR_LINALG_H
#define WEIR_TENSOR_LINALG_H

#include "base/real.h"

/* Q of the QR decomposition of A [rows, columns], rows >= columns, row-major, in place, with the
 * signs chosen so that the diagonal of R is positive: for a Gaussian A, Q is then uniformly
 * distributed (Mezzadri 2007, "How to generate random matrices from the classical compact groups").
 * WEIR_MEMORY when there is no memory. */
weir_status weir_orthogonalise(size_t rows, size_t columns, double *A);

#endif
