/* base/simd.h - WEIR_WIDE in front of a function with hot loops: the compiler makes it for AVX-512,
 * AVX2 and the baseline, and the loader picks at run time. Plain C inside; nothing else changes. */
#ifndef WEIR_BASE_SIMD_H
#define WEIR_BASE_SIMD_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__)
#define WEIR_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WEIR_WIDE
#endif

#endif
