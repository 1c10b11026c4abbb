/* Vectorised tanh and sigmoid. NaN stays NaN. double: the C library's. float: plain C that
 * compilers vectorise. Errors in units in the last place of the true value, measured over every
 * eleventh float of either sign up to 128, with fused multiply-add and without:
 *
 *             largest   mean
 *   tanh       1.22     0.03    below 0.5: 0.65
 *   sigmoid    1.40     0.07    subnormal results: less than their spacing
 *
 *   x = n ln 2 + r, |r| <= ln 2 / 2:    q = e^r - 1 = r + r^2 (1/2 + ..), to 3e-9
 *   tanh |x| = 1 - 2 / (2^n q + (2^n + 1)), of 2x, from NEAR on
 *            = |x| + |x|^3 (-1/3 + ..), to 3e-9 of itself, below it: there the other loses digits
 *   sigmoid -|x| = 2^-n / d, d = q + (1 + 2^-n), and what rounding d lost is put back
 *   sigmoid  |x| = 1 - sigmoid -|x|
 *
 * Polynomials are minimax fits with float coefficients. No sum of two products: a compiler could
 * fuse either, and a number would depend on its place in the array.
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

/* 2^n for n in -126 .. 127; n modulo 2^32 */
static inline float power_of_two(uint32_t n)
{
    uint32_t bits = (n + 127u) << 23;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* n = round(x / ln 2), modulo 2^32; r = x - n ln 2, with ln 2 in two parts so that n ln 2 is exact.
 * |x| < 1000, and not NaN. */
static inline uint32_t reduce(float x, float *r)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    float n = x * 1.44269504f + shift;
    uint32_t bits;
    memcpy(&bits, &n, sizeof bits);
    n -= shift;
    *r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    return bits - 0x4B400000u; /* the bits of shift: what is left counts up from 0 */
}

/* e^r - 1 */
static inline float expm1_small(float r)
{
    float p = 0.00139378465f;
    p = p * r + 0.00836896803f;
    p = p * r + 0.0416664332f;
    p = p * r + 0.166665182f;
    p = p * r + 0.5f;
    return p * (r * r) + r;
}

#define NEAR 0.6f

/* tanh z for z below NEAR; NaN for NaN */
static inline float tanh_near(float z)
{
    float s = z * z, p = -0.00590194901f;
    p = p * s + 0.020801736f;
    p = p * s - 0.053785488f;
    p = p * s + 0.133319423f;
    p = p * s - 0.333332986f;
    return p * (s * z) + z;
}

/* tanh z for z from NEAR on */
static inline float tanh_far(float z)
{
    float r, two = power_of_two(reduce(z <= 10.0f ? 2 * z : 20.0f, &r)); /* beyond, tanh is 1 */
    return 1.0f - 2.0f / (two * expm1_small(r) + (two + 1.0f));
}

WEIR_WIDE void weir_vec_tanh(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) {
        float z = fabsf(x[i]), near = tanh_near(z), far = tanh_far(z); /* both: no branch */
        y[i] = copysignf(z >= NEAR ? far : near, x[i]);
    }
}

/* sigmoid -z, z >= 0. 2^-n in two factors: n reaches 159, and small results are subnormal. */
static inline float sigmoid_below(float z)
{
    float r;
    uint32_t n = reduce(z <= 110.0f ? z : 110.0f, &r), half = n >> 1;
    float two1 = power_of_two(0u - half), two2 = power_of_two(half - n), two = two1 * two2;
    float q = expm1_small(r), one = 1.0f + two, d = one + q;
    float lost = (q - (d - one)) + (two - (one - 1.0f)), s = 1.0f / d;
    s -= (lost * s) * s;
    return (s * two1) * two2;
}

WEIR_WIDE void weir_vec_sigmoid(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) {
        float a = x[i], low = sigmoid_below(fabsf(a)), s = a > 0 ? 1.0f - low : low;
        y[i] = a != a ? a : s;
    }
}

#endif
