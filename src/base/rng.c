#include "base/rng.h"

static void philox(const uint32_t key_in[2], const uint32_t counter[4], uint32_t out[4])
{
    const uint64_t m0 = 0xD2511F53u, m1 = 0xCD9E8D57u;
    uint32_t k0 = key_in[0], k1 = key_in[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = m0 * c0, p1 = m1 * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

weir_rng weir_rng_make(uint64_t seed, weir_purpose purpose, uint32_t a, uint64_t b)
{
    weir_rng rng = {.key = {(uint32_t)seed, (uint32_t)(seed >> 32) ^ ((uint32_t)purpose << 24)}};
    rng.counter[1] = a;
    rng.counter[2] = (uint32_t)b;
    rng.counter[3] = (uint32_t)(b >> 32);
    return rng;
}

uint32_t weir_rng_u32(weir_rng *rng)
{
    if (rng->left == 0) {
        philox(rng->key, rng->counter, rng->block);
        rng->counter[0]++;
        rng->left = 4;
    }
    return rng->block[--rng->left];
}

double weir_rng_uniform(weir_rng *rng)
{
    uint64_t high = weir_rng_u32(rng), low = weir_rng_u32(rng);
    return (double)((high << 21) ^ (low >> 11)) * 0x1p-53;
}

double weir_rng_normal(weir_rng *rng)
{
    double u = 1.0 - weir_rng_uniform(rng); /* (0, 1] */
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586477 * weir_rng_uniform(rng));
}

size_t weir_rng_below(weir_rng *rng, size_t n)
{
    return (size_t)(weir_rng_uniform(rng) * (double)n);
}

void weir_rng_permute(weir_rng *rng, uint32_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        size_t j = weir_rng_below(rng, i);
        uint32_t kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}
