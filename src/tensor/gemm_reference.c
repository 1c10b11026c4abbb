/* The portable kernel: what every faster one is compared with. Rows of B are added to rows of C, so
 * the inner loop is contiguous and vectorises; K runs in order, one rounding chain per element. */
#include "tensor/gemm.h"

static real element(weir_op t, const real *A, size_t lda, size_t row, size_t column)
{
    return t == WEIR_N ? A[row * lda + column] : A[column * lda + row];
}

void weir_gemm_reference(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha,
                         const real *A, size_t lda, const real *B, size_t ldb, real beta, real *C,
                         size_t ldc)
{
    for (size_t m = 0; m < M; m++) {
        real *c = C + m * ldc;
        for (size_t n = 0; n < N; n++) c[n] = beta == R(0.0) ? R(0.0) : beta * c[n];
        if (tb == WEIR_T) { /* rows of B are contiguous along K */
            for (size_t n = 0; n < N; n++) {
                real sum = R(0.0);
                for (size_t k = 0; k < K; k++) sum += element(ta, A, lda, m, k) * B[n * ldb + k];
                c[n] += alpha * sum;
            }
            continue;
        }
        for (size_t k = 0; k < K; k++) {
            real a = alpha * element(ta, A, lda, m, k);
            const real *b = B + k * ldb;
            for (size_t n = 0; n < N; n++) c[n] += a * b[n];
        }
    }
}
