#include "train/clip.h"

#include "tensor/vec.h"

/* most (sum |x / most|^p)^(1/p): no power overflows, whatever p and x are. */
static double norm_p(size_t n, const real *x, double p)
{
    double most = weir_vec_norm_inf(n, x), sum = 0;
    if (!isfinite(most) || most == 0) return most;
    for (size_t i = 0; i < n; i++) sum += pow(fabs((double)x[i]) / most, p);
    return most * pow(sum, 1 / p);
}

/* The common norms in one pass. */
static double norm(size_t n, const real *x, double p)
{
    if (isinf(p)) return weir_vec_norm_inf(n, x);
    if (p == 1) return weir_vec_norm1(n, x);
    return p == 2 ? weir_vec_norm2(n, x) : norm_p(n, x, p);
}

double weir_clip_grad_norm(size_t n, real *grads, double max_norm, double norm_type,
                           double *factor)
{
    double before = norm(n, grads, norm_type), by = max_norm / (before + 1e-6);
    if (!isfinite(before) || by > 1) by = 1;
    if (by < 1) weir_vec_scale(n, (real)by, grads);
    if (factor) *factor = by;
    return before;
}

size_t weir_clip_grad_value(size_t n, real *grads, double value)
{
    const real most = (real)value;
    size_t cut = 0;
    for (size_t i = 0; i < n; i++) {
        cut += grads[i] > most || grads[i] < -most;
        grads[i] = grads[i] > most ? most : grads[i] < -most ? -most : grads[i];
    }
    return cut;
}
