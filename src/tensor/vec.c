#include "tensor/vec.h"

#include <string.h>

/* Eight running sums: the order of the additions is fixed, and the loop still vectorises. */
#define REDUCE(term)                                          \
    double s[8] = {0};                                        \
    size_t i = 0;                                             \
    for (; i + 8 <= n; i += 8)                                \
        for (size_t k = 0; k < 8; k++) {                      \
            size_t j = i + k;                                 \
            s[k] += term;                                     \
        }                                                     \
    for (size_t j = i; j < n; j++) s[j - i] += term;          \
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))

double weir_vec_sum(size_t n, const real *x)
{
    REDUCE((double)x[j]);
}

double weir_vec_dot(size_t n, const real *x, const real *y)
{
    REDUCE((double)x[j] * (double)y[j]);
}

double weir_vec_squares(size_t n, const real *x)
{
    REDUCE((double)x[j] * (double)x[j]);
}

double weir_vec_norm1(size_t n, const real *x)
{
    REDUCE(fabs((double)x[j]));
}

double weir_vec_norm_inf(size_t n, const real *x)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double a = fabs((double)x[i]);
        if (!(a <= most)) most = a; /* a NaN fails the comparison and stays */
        if (isnan(most)) return most;
    }
    return most;
}

double weir_vec_norm2(size_t n, const real *x)
{
    static const double underflows = DBL_MIN / DBL_EPSILON;
    double squares = weir_vec_squares(n, x), sum = 0;
    if (isfinite(squares) && squares >= underflows) return sqrt(squares);
    double most = weir_vec_norm_inf(n, x);
    if (!isfinite(most) || most <= 0) return most;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] / most * ((double)x[i] / most);
    return most * sqrt(sum);
}

void weir_vec_zero(size_t n, real *x)
{
    memset(x, 0, n * sizeof *x);
}

void weir_vec_copy(size_t n, const real *x, real *y)
{
    memcpy(y, x, n * sizeof *x);
}

void weir_vec_add(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

void weir_vec_axpy(size_t n, real a, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

void weir_vec_scale(size_t n, real a, real *x)
{
    for (size_t i = 0; i < n; i++) x[i] *= a;
}

size_t weir_vec_first_nonfinite(size_t n, const real *x)
{
    enum { BLOCK = 256 };
    for (size_t start = 0; start < n; start += BLOCK) {
        size_t end = n - start < BLOCK ? n : start + BLOCK;
        real sum = R(0.0); /* 0 * x is 0 for a finite x and NaN for all others */
        for (size_t i = start; i < end; i++) sum += R(0.0) * x[i];
        if (sum == R(0.0)) continue;
        for (size_t i = start; i < end; i++)
            if (!isfinite(x[i])) return i;
    }
    return n;
}

void weir_vec_add_columns(size_t rows, size_t n, const real *x, real *out)
{
    enum { BLOCK = 64 };
    for (size_t start = 0; start < n; start += BLOCK) {
        size_t width = n - start < BLOCK ? n - start : BLOCK;
        double sum[BLOCK] = {0};
        for (size_t r = 0; r < rows; r++)
            for (size_t j = 0; j < width; j++) sum[j] += (double)x[r * n + start + j];
        for (size_t j = 0; j < width; j++) out[start + j] += (real)sum[j];
    }
}
