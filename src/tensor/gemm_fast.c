/* The fast kernel: oneDNN's sgemm on one thread. float64 has no oneDNN: the reference serves. */
#include "tensor/gemm.h"

#if defined(WEIR_FLOAT64) || !defined(WEIR_ONEDNN)

void weir_gemm_fast(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha, const real *A,
                    size_t lda, const real *B, size_t ldb, real beta, real *C, size_t ldc)
{
    weir_gemm_reference(ta, tb, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
}

#else

#include "base/threads.h"

#include <dnnl.h>

void weir_gemm_fast(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha, const real *A,
                    size_t lda, const real *B, size_t ldb, real beta, real *C, size_t ldc)
{
    int threads = weir_set_library_threads(1); /* its bits change with its threads */
    dnnl_status_t status = dnnl_sgemm(
        ta == WEIR_N ? 'N' : 'T', tb == WEIR_N ? 'N' : 'T', (dnnl_dim_t)M, (dnnl_dim_t)N,
        (dnnl_dim_t)K, alpha, A, (dnnl_dim_t)lda, B, (dnnl_dim_t)ldb, beta, C, (dnnl_dim_t)ldc);
    weir_set_library_threads(threads);
    if (status != dnnl_success)
        weir_gemm_reference(ta, tb, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
}

#endif
