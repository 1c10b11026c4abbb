/* nn/panels/products.h - sums of products, [rows, width] += A [rows, K] times packed weights
 * [K, n vectors], for kernels.c alone.
 *
 * A tile of some rows by one panel is summed in registers over a block of K. All tiles pass before
 * the next block begins, so that a block's weights are fetched once; the sums rest in memory
 * meanwhile. Neither the cut into tiles nor the one into blocks changes a bit: a sum runs over K in
 * its order.
 */
#ifndef WEIR_NN_PANELS_PRODUCTS_H
#define WEIR_NN_PANELS_PRODUCTS_H

#include "nn/panels/lanes.h"

#include <stdbool.h>

enum {
    WIDTH = 4 * LANES,
    ROWS = LANES == 16 ? 6 : 3, /* of a tile: 24 sums of 32 registers, 12 of 16 */
    BLOCK = 128                 /* of K: 16 or 32 KB of weights */
};

/* What is multiplied: A [rows, K], its rows `stride` apart, and weights. A gru's three vectors of
 * weights go to the first three sums, or (skip) to the first two and the fourth. */
struct factor {
    const float *A;
    size_t stride, K;
    const float *w;
    bool skip;
};

/* sum[i] += sum over k of A[i, k] w[k, .]; the last of N vectors goes to sum number `last`. */
ALWAYS void multiply(lanes sum[][4], size_t M, const struct factor *f, size_t row, size_t N,
                     size_t last)
{
    const float *A = f->A + row * f->stride, *w = f->w;
    for (size_t k = 0; k < f->K; k++, w += N * LANES) {
        lanes b[4];
        for (size_t j = 0; j < N; j++) b[j] = load(w + j * LANES);
        for (size_t i = 0; i < M; i++) {
            lanes a = splat(A[i * f->stride + k]);
            for (size_t j = 0; j + 1 < N; j++) sum[i][j] = madd(a, b[j], sum[i][j]);
            sum[i][last] = madd(a, b[N - 1], sum[i][last]);
        }
    }
}

/* M rows from `row` on. */
ALWAYS void tile(size_t M, bool three, float *out, size_t row, const struct factor *f, size_t count)
{
    lanes sum[ROWS][4];
    float *at = out + row * WIDTH;
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < 4; j++) sum[i][j] = load(at + i * WIDTH + j * LANES);
    for (; count--; f++)
        if (!three)
            multiply(sum, M, f, row, 4, 3);
        else if (f->skip)
            multiply(sum, M, f, row, 3, 3);
        else
            multiply(sum, M, f, row, 3, 2);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < 4; j++) store(at + i * WIDTH + j * LANES, sum[i][j]);
}

/* A block: its factors' K together are about BLOCK. Tiles are of nearly equal height. */
ALWAYS void products(size_t rows, bool three, float *out, const struct factor *f, size_t count)
{
    size_t tiles = (rows + ROWS - 1) / ROWS;
    for (size_t i = 0; i < tiles; i++) {
        size_t row = rows * i / tiles;
        switch (rows * (i + 1) / tiles - row) {
        case 1: tile(1, three, out, row, f, count); break;
        case 2: tile(2, three, out, row, f, count); break;
        case 3: tile(3, three, out, row, f, count); break;
#if defined(__AVX512F__)
        case 4: tile(4, three, out, row, f, count); break;
        case 5: tile(5, three, out, row, f, count); break;
        case 6: tile(6, three, out, row, f, count); break;
#endif
        default: __builtin_unreachable();
        }
    }
}

#endif
