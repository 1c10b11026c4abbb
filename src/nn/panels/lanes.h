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
#include <stdbool.h>
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
ALWAYS lanes at_most(float limit, lanes x) { return _mm512_min_ps(splat(limit), x); } /* or NaN */
ALWAYS bool any_above(float limit, lanes x)
{
    return _mm512_cmp_ps_mask(x, splat(limit), _CMP_GT_OQ) != 0;
}
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
ALWAYS sums add_lanes(lanes x, sums sum)
{
    sums low = _mm512_cvtps_pd(_mm512_castps512_ps256(x));
    sums high = _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1)));
    return sum + low + high;
}
ALWAYS sums load_sums(const double *p) { return _mm512_loadu_pd(p); }
ALWAYS void store_sums(double *p, sums x) { _mm512_storeu_pd(p, x); }
#else
ALWAYS lanes splat(float x) { return _mm256_set1_ps(x); }
ALWAYS lanes load(const float *p) { return _mm256_loadu_ps(p); }
ALWAYS void store(float *p, lanes x) { _mm256_storeu_ps(p, x); }
ALWAYS lanes madd(lanes a, lanes b, lanes c) { return _mm256_fmadd_ps(a, b, c); }
ALWAYS lanes at_most(float limit, lanes x) { return _mm256_min_ps(splat(limit), x); } /* or NaN */
ALWAYS bool any_above(float limit, lanes x)
{
    return _mm256_movemask_ps(_mm256_cmp_ps(x, splat(limit), _CMP_GT_OQ)) != 0;
}
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
ALWAYS sums add_lanes(lanes x, sums sum)
{
    sums low = _mm256_cvtps_pd(_mm256_castps256_ps128(x));
    sums high = _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
    return sum + low + high;
}
ALWAYS sums load_sums(const double *p) { return _mm256_loadu_pd(p); }
ALWAYS void store_sums(double *p, sums x) { _mm256_storeu_pd(p, x); }
#endif

/* Into the nearest cache, while something else is computed. */
ALWAYS void fetch(const float *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }

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

/* --- exponentials ------------------------------------------------------------------------------
 *
 *   x = n ln 2 + r, |r| <= ln 2 / 2:    p = e^r - 1 = r + r^2 (1/2 + ..), to 3e-9
 *   sigmoid z = 1 / (1 + e), sigmoid -z = e / (1 + e),    e = e^-z, z >= 0
 *   tanh z = -q / (2 + q),                                q = e^-2z - 1 = 2^n p + (2^n - 1)
 *
 * The same fit as in tensor/vec_math.c. */

ALWAYS lanes two_to(ints n) { return (lanes)((n + 127) << 23); } /* n from -126 to 127 */

/* n = round(f z / ln 2), r = f z - n ln 2, for |f z| < 1000; f a power of 2 */
ALWAYS ints reduce(float f, lanes z, lanes *r)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    lanes n = madd(z, splat(f * 1.44269504f), splat(shift));
    ints whole = (ints)n - 0x4B400000; /* the bits of shift: what is left counts up from 0 */
    n -= shift;
    *r = madd(n, splat(2.12194440e-4f), madd(n, splat(-0.693359375f), f * z));
    return whole;
}

/* In pairs rather than one after the other: half the time is spent waiting. */
ALWAYS lanes expm1_small(lanes r)
{
    lanes s = r * r;
    lanes low = madd(r, splat(0.166665182f), splat(0.5f));
    lanes high = madd(r, splat(0.00836896803f), splat(0.0416664332f));
    high = madd(s, splat(0.00139378465f), high);
    return madd(madd(high, s, low), s, r);
}

/* Where e^-z may be subnormal, 2^n comes in two factors. */
static __attribute__((noinline)) lanes far_sigmoid(lanes x)
{
    lanes z = at_most(110.0f, magnitude(x)), r;
    ints n = reduce(-1, z, &r), half = n >> 1;
    lanes e = (expm1_small(r) + 1.0f) * two_to(half) * two_to(n - half);
    return choose(x < 0.0f, e, splat(1.0f)) / (1.0f + e);
}

ALWAYS lanes sigmoid(lanes x)
{
    lanes z = magnitude(x), r;
    if (__builtin_expect(any_above(87.0f, z), 0)) return far_sigmoid(x);
    lanes two = two_to(reduce(-1, z, &r)), e = madd(two, expm1_small(r), two);
    return choose(x < 0.0f, e, splat(1.0f)) / (1.0f + e);
}

ALWAYS lanes tanh_of(lanes x)
{
    lanes z = at_most(20.0f, magnitude(x)), r; /* beyond 10, tanh is 1 */
    lanes two = two_to(reduce(-2, z, &r)), q = madd(two, expm1_small(r), two - 1.0f);
    return sign_of(-q / (2.0f + q), x);
}

#endif
