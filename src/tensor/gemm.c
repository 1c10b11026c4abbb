#include "tensor/gemm.h"

#include "base/intl.h"
#include "base/status.h"
#include "base/threads.h"

#include <string.h>

static void (*slot)(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha, const real *A,
                    size_t lda, const real *B, size_t ldb, real beta, real *C,
                    size_t ldc) = weir_gemm_fast;

weir_status weir_set_kernels(const char *name, weir_error *err)
{
    if (!strcmp(name, "fast")) {
        slot = weir_gemm_fast;
    } else if (!strcmp(name, "reference")) {
        slot = weir_gemm_reference;
    } else {
        return weir_fail(err, WEIR_USAGE, _("kernels: \"%s\" is not one of fast, reference"), name);
    }
    return WEIR_OK;
}

bool weir_kernels_are_fast(void)
{
    return slot == weir_gemm_fast;
}

/* Pieces of C: tall products are cut by rows, wide ones by columns; never along K. */
enum { PIECE = 128 };
static const double worth_cutting = 1 << 21; /* products M N K */

struct product {
    weir_op ta, tb;
    size_t M, N, K;
    real alpha, beta;
    const real *A, *B;
    real *C;
    size_t lda, ldb, ldc;
    bool by_rows;
};

static void piece(void *self, size_t index)
{
    const struct product *p = self;
    size_t start = index * PIECE;
    if (p->by_rows) {
        size_t rows = p->M - start < PIECE ? p->M - start : PIECE;
        const real *A = p->A + (p->ta == WEIR_N ? start * p->lda : start);
        slot(p->ta, p->tb, rows, p->N, p->K, p->alpha, A, p->lda, p->B, p->ldb, p->beta,
             p->C + start * p->ldc, p->ldc);
    } else {
        size_t columns = p->N - start < PIECE ? p->N - start : PIECE;
        const real *B = p->B + (p->tb == WEIR_N ? start : start * p->ldb);
        slot(p->ta, p->tb, p->M, columns, p->K, p->alpha, p->A, p->lda, B, p->ldb, p->beta,
             p->C + start, p->ldc);
    }
}

void weir_gemm(weir_op ta, weir_op tb, size_t M, size_t N, size_t K, real alpha, const real *A,
               size_t lda, const real *B, size_t ldb, real beta, real *C, size_t ldc)
{
    if (M == 0 || N == 0) return;
    if ((double)M * (double)N * (double)K < worth_cutting) {
        slot(ta, tb, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
        return;
    }
    struct product p = {ta, tb, M, N, K, alpha, beta, A, B, C, lda, ldb, ldc, M >= N};
    weir_parallel(((M >= N ? M : N) + PIECE - 1) / PIECE, piece, &p);
}
