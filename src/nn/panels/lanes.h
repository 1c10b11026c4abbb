/* nn/panels/lanes.h - a vector of floats as wide as the machine has them, for kernels.c alone,
 * which is compiled once for each instruction set. Nothing is fused but where madd() says so: a
 * number never depends on where it stands in a tile.
 *
 * sigmoid and tanh are within 4e-7 of themselves (tests/test_panels.c); NaN stays NaN, limits are
 * exact.
 */
#ifndef WEIR_NN_PANELS_LANES_H
#define WEIR_NN_PANELS_LANES_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define ALWAYS static inline __attribute__((always_inline))

#ifdef __AVX512F__
enum { LANES = 16 };
typedef __m512 lanes;
#else
enum { LANES = 8 };
typedef __m256 lanes;
#endif
typedef int32_t ints __attribute__((vector_size(4 * LANES)));

#ifdef __AVX512F__
ALWAYS lanes splat(float x) { return _mm512_set1_ps(x); }
ALWAYS lanes load(const float *p) { return _mm512_loadu_ps(p); }
ALWAYS void store(float *p, lanes x) { _mm512_storeu_ps(p, x); }
ALWAYS lanes madd(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }
ALWAYS lanes load_first(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
ALWAYS void store_first(float *p, size_t n, lanes x)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), x);
}
/* sum[0 .. LANES/2-1] += x^2, in double: gradients as small as 1e-30 have squares too. */
typedef __m512d sums;
ALWAYS sums add_squares(lanes x, sums sum)
{
    sums low = _mm512_cvtps_pd(_mm512_castps512_ps256(x));
    sums high = _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1)));
    return _mm512_fmadd_pd(high, high, _mm512_fmadd_pd(low, low, sum));
}
#else
ALWAYS lanes splat(float x) { return _mm256_set1_ps(x); }
ALWAYS lanes load(const float *p) { return _mm256_loadu_ps(p); }
ALWAYS void store(float *p, lanes x) { _mm256_storeu_ps(p, x); }
ALWAYS lanes madd(lanes a, lanes b, lanes c) { return _mm256_fmadd_ps(a, b, c); }
ALWAYS __m256i first(size_t n)
{
    const ints count = {0, 1, 2, 3, 4, 5, 6, 7};
    return (__m256i)(count < (int32_t)n);
}
ALWAYS lanes load_first(const float *p, size_t n) { return _mm256_maskload_ps(p, first(n)); }
ALWAYS void store_first(float *p, size_t n, lanes x) { _mm256_maskstore_ps(p, first(n), x); }
typedef __m256d sums;
ALWAYS sums add_squares(lanes x, sums sum)
{
    sums low = _mm256_cvtps_pd(_mm256_castps256_ps128(x));
    sums high = _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
    return _mm256_fmadd_pd(high, high, _mm256_fmadd_pd(low, low, sum));
}
#endif

/* Up to n of them where fewer are there: what is not reads as 0 and is not written. */
ALWAYS lanes load_upto(const float *p, size_t n)
{
    return n >= LANES ? load(p) : load_first(p, n);
}
ALWAYS void store_upto(float *p, size_t n, lanes x)
{
    if (n >= LANES)
        store(p, x);
    else
        store_first(p, n, x);
}

ALWAYS lanes choose(ints yes, lanes a, lanes b)
{
    return (lanes)((yes & (ints)a) | (~yes & (ints)b));
}
ALWAYS lanes magnitude(lanes x) { return (lanes)((ints)x & INT32_MAX); }
ALWAYS lanes sign_of(lanes x, lanes y) { return (lanes)((ints)x | ((ints)y & INT32_MIN)); }
ALWAYS lanes at_most(float limit, lanes x) /* NaN stays */
{
    return choose(x > limit, splat(limit), x);
}

/* --- exponentials ------------------------------------------------------------------------------
 *
 *   x = n ln 2 + r, |r| <= ln 2 / 2:    q = e^r - 1 = r + r^2 (1/2 + ..), to 3e-9
 *   sigmoid -z = 2^-n / (q + (1 + 2^-n)) for z >= 0;  sigmoid z = 1 - sigmoid -z
 *   tanh z = 1 - 2 / (2^n q + (2^n + 1)), of 2z, from 0.6 on;  z + z^3 (-1/3 + ..) below it
 *
 * The same fits as in tensor/vec_math.c. */

ALWAYS lanes two_to(ints n) { return (lanes)((n + 127) << 23); } /* n from -126 to 127 */

/* n = round(x / ln 2), r = x - n ln 2, for |x| < 1000 and not NaN */
ALWAYS ints reduce(lanes x, lanes *r)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    lanes n = madd(x, splat(1.44269504f), splat(shift));
    ints whole = (ints)n - 0x4B400000; /* the bits of shift: what is left counts up from 0 */
    n -= shift;
    *r = madd(n, splat(2.12194440e-4f), madd(n, splat(-0.693359375f), x));
    return whole;
}

ALWAYS lanes expm1_small(lanes r)
{
    lanes p = splat(0.00139378465f);
    p = madd(p, r, splat(0.00836896803f));
    p = madd(p, r, splat(0.0416664332f));
    p = madd(p, r, splat(0.166665182f));
    p = madd(p, r, splat(0.5f));
    return madd(p, r * r, r);
}

ALWAYS lanes sigmoid(lanes x)
{
    lanes z = at_most(110.0f, magnitude(x)), r;
    ints n = reduce(z, &r), half = n >> 1; /* 2^-n in two factors: small results are subnormal */
    lanes two1 = two_to(-half), two2 = two_to(half - n);
    lanes low = two1 / (expm1_small(r) + madd(two1, two2, splat(1.0f))) * two2;
    return choose(x > 0.0f, 1.0f - low, choose(x == x, low, x));
}

ALWAYS lanes tanh_of(lanes x)
{
    lanes z = magnitude(x), s = z * z, r, p = splat(-0.00590194901f);
    p = madd(p, s, splat(0.020801736f));
    p = madd(p, s, splat(-0.053785488f));
    p = madd(p, s, splat(0.133319423f));
    p = madd(p, s, splat(-0.333332986f));
    lanes near = madd(p, s * z, z);
    lanes two = two_to(reduce(at_most(20.0f, z + z), &r)); /* beyond, tanh is 1 */
    lanes far = 1.0f - 2.0f / madd(two, expm1_small(r), two + 1.0f);
    return sign_of(choose(z >= 0.6f, far, near), x); /* NaN is near */
}

#endif
