/* Vectorised tanh and sigmoid. float: e^x - 1 by range reduction and a polynomial, within 4e-7 of the
 * true value relatively, exact at 0 and at the infinities; NaN stays NaN. double: the C library's.
 *
 *   x = n ln 2 + r, |r| <= ln 2 / 2:   e^r - 1 = r + r^2/2! + .. + r^7/7!   (relative rest 2e-8)
 *   e^x - 1 = 2^n (e^r - 1) + (2^n - 1)                                     (no cancellation near 0)
 *   tanh |x| = m / (m + 2) with m = e^{2|x|} - 1, then the sign (m near -1 would cost digits)
 */
#include "base/simd.h"
#include "tensor/vec.h"

#include <string.h>

#ifdef WEIR_FLOAT64

void weir_vec_tanh(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) y[i] = tanh(x[i]);
}

void weir_vec_sigmoid(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) {
        double e = exp(-fabs(x[i])); /* never overflows; exact where y is tiny */
        y[i] = (x[i] >= 0 ? 1 : e) / (1 + e);
    }
}

#else

static inline float bits_to_float(int32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* 2^n for n in -126 .. 127 */
static inline float power_of_two(int32_t n)
{
    return bits_to_float((n + 127) << 23);
}

/* n = round(x / ln 2) as float; r = x - n ln 2, with ln 2 in two parts so that n ln 2 is exact */
static inline float reduce(float x, float *r)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    float n = (x * 1.44269504f + shift) - shift;
    *r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    return n;
}

/* e^r - 1 */
static inline float expm1_small(float r)
{
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    return p * r * r + r;
}

WEIR_WIDE void weir_vec_tanh(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) {
        float a = x[i], size = fabsf(a), r;
        float z = size <= 10.0f ? 2 * size : 20.0f; /* beyond, tanh is +-1; NaN comes back below */
        float k = reduce(z, &r), two = power_of_two((int32_t)k);
        float m = two * expm1_small(r) + (two - 1.0f);
        float t = copysignf(m / (m + 2.0f), a);
        y[i] = a != a ? a : t;
    }
}

WEIR_WIDE void weir_vec_sigmoid(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) {
        float a = x[i], r;
        float z = -fabsf(a); /* e^z never overflows, and is exact where y is tiny */
        z = z >= -110.0f ? z : -110.0f; /* NaN comes back below */
        float k = reduce(z, &r);
        int32_t whole = (int32_t)k, half = whole / 2; /* 2^n in two factors: n reaches -159 */
        float e = (1.0f + expm1_small(r)) * power_of_two(half) * power_of_two(whole - half);
        float s = (a >= 0 ? 1.0f : e) / (1.0f + e);
        y[i] = a != a ? a : s;
    }
}

#endif
