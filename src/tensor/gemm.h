/* tensor/gemm.h - matrix products, C = alpha op(A) op(B) + beta C, everything row-major.
 *
 * A large product is cut into pieces that depend only on its size; the pieces may run side by side,
 * each on one thread. So the bits do not depend on the number of threads.
 */
#ifndef WEIR_TENSOR_GEMM_H
#define WEIR_TENSOR_GEMM_H

#include "base/real.h"

typedef enum weir_op { WEIR_N, WEIR_T } weir_op; /* as it stands, transposed */

/* op(A) [M,K], op(B) [K,N], C [M,N]; lda, ldb, ldc are the row lengths of A, B, C as stored. */
void weir_gemm(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha, const real *A,
               size_t lda, const real *B, size_t ldb, real beta, real *C, size_t ldc);

/* One piece: what a kernel offers. Both run on the calling thread. */
void weir_gemm_reference(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha,
                         const real *A, size_t lda, const real *B, size_t ldb, real beta, real *C,
                         size_t ldc);
void weir_gemm_fast(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha, const real *A,
                    size_t lda, const real *B, size_t ldb, real beta, real *C, size_t ldc);

/* "fast" or "reference", as chosen by weir_set_kernels (weir/base.h). */
bool weir_kernels_are_fast(void);

#endif
