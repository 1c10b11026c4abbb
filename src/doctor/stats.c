#include "doctor/stats.h"

#include <math.h>

/* t_{0.975} for n - 1 degrees of freedom, n = 2 .. 12; beyond that within 1 % of 1.96 + 2.4 / (n -
 * 1). */
static double t_quantile(size_t n)
{
    static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                   2.306,  2.262, 2.228, 2.201};
    size_t row = n - 2;
    return row < sizeof table / sizeof *table ? table[row] : 1.96 + 2.4 / (double)(n - 1);
}

weir_interval weir_paired_interval(size_t n, const double *d)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += d[i] / (double)n;
    if (!isfinite(sum)) return (weir_interval){sum, -INFINITY, INFINITY};
    for (size_t i = 0; i < n; i++) squares += (d[i] - sum) * (d[i] - sum);
    double half = t_quantile(n) * sqrt(squares / (double)(n - 1) / (double)n);
    return (weir_interval){sum, sum - half, sum + half};
}
