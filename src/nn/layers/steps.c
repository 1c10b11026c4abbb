/* The gradient of a weight, split into its time steps.
 *
 *   g_t = d_t^T s_t,  g = sum_t g_t,  share_t = <g_t, g> / <g, g>
 */
#include "nn/layers/steps.h"

#include "tensor/gemm.h"
#include "tensor/vec.h"

/* |d_t^T s_t|^2 = sum of (d d^T) o (s s^T): two B x B Gram matrices instead of a GH x n one. */
double weir_step_norm2(size_t B, size_t GH, size_t n, const real *d, const real *s)
{
    double sum = 0;
    for (size_t i = 0; i < B; i++)
        for (size_t j = 0; j <= i; j++) {
            double dd = weir_vec_dot(GH, d + i * GH, d + j * GH);
            sum += (i == j ? 1 : 2) * dd * weir_vec_dot(n, s + i * n, s + j * n);
        }
    return sum > 0 ? sum : 0;
}

/* <g_t, g> = sum over the batch of d_b . (g s_b), g [GH,n] the whole gradient. */
static double dot_with_total(size_t B, size_t GH, size_t n, const real *d, const real *s,
                             const real *total, real *scratch)
{
    if (!s) {
        double sum = 0;
        for (size_t b = 0; b < B; b++) sum += weir_vec_dot(GH, d + b * GH, total);
        return sum;
    }
    weir_gemm(WEIR_N, WEIR_T, B, GH, n, R(1.0), s, n, total, n, R(0.0), scratch, GH);
    return weir_vec_dot(B * GH, d, scratch);
}

static void step_matrix(size_t B, size_t GH, const weir_step_product *p, size_t t, real *g)
{
    const real *d = p->d + t * B * GH;
    weir_vec_zero(GH * p->n, g);
    if (p->s)
        weir_gemm(WEIR_T, WEIR_N, GH, p->n, B, R(1.0), d, GH, p->s + t * B * p->n, p->n, R(0.0), g,
                  p->n);
    else
        weir_vec_add_columns(B, GH, d, g);
}

weir_status weir_tell_steps(const weir_line_place *at, weir_pass *pass, const weir_step_product *p,
                            const real *total)
{
    const weir_probe *probe = pass->probe;
    size_t B = at->B, GH = at->GH;
    bool shares = weir_probe_wants(pass, WEIR_WANTS_SHARES);
    bool matrices = weir_probe_wants(pass, WEIR_WANTS_MATRICES);
    bool by_gram = p->s && !matrices && B * (GH + p->n) < GH * p->n;
    real *g = by_gram ? NULL : weir_work_reals(pass, GH * p->n);
    real *scratch = weir_work_reals(pass, B * GH);
    if ((!by_gram && !g) || !scratch) return WEIR_MEMORY;
    double whole = shares ? weir_vec_squares(GH * p->n, total) : 0;
    for (size_t t = 0; t < at->T; t++) {
        const real *d = p->d + t * B * GH, *s = p->s ? p->s + t * B * p->n : NULL;
        if (g) step_matrix(B, GH, p, t, g);
        double norm2 = g ? weir_vec_squares(GH * p->n, g) : weir_step_norm2(B, GH, p->n, d, s);
        double share = (double)NAN;
        if (shares) share = dot_with_total(B, GH, p->n, d, s, total, scratch) / whole;
        weir_moment where = {at->node, at->line / at->D, at->line % at->D, t, at->T};
        probe->step_contribution(probe->self, &where, p->parameter, norm2, share,
                                 matrices ? g : NULL);
    }
    return WEIR_OK;
}
