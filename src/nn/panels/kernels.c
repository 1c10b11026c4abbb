/* The tiles: products whose sums stay in registers, with the gate arithmetic at their end. Compiled
 * for AVX-512 and for AVX2, without fusing anything on its own: a row of a batch comes out the same
 * in a tile of any height. */
#include "nn/panels/cells.h"

enum {
    WIDTH = 4 * LANES,
    ROWS = LANES == 16 ? 6 : 3,        /* of a tile: 24 sums of 32 registers, 12 of 16 */
    WEIGHT_VECTORS = LANES == 16 ? 4 : 3, /* of a weight's tile, 4 rows high */
    WEIGHT_ROWS = 4
};

/* sum[i] += sum over k of A[i, k] B[k, .]. B has N vectors a row; the last of them goes to sum
 * number `last`. */
ALWAYS void multiply(lanes sum[][4], size_t M, size_t K, const float *A, size_t A_stride,
                     const float *B, size_t N, size_t last)
{
    for (size_t k = 0; k < K; k++, B += N * LANES) {
        lanes b[4];
        for (size_t j = 0; j < N; j++) b[j] = load(B + j * LANES);
        for (size_t i = 0; i < M; i++) {
            lanes a = splat(A[i * A_stride + k]);
            for (size_t j = 0; j + 1 < N; j++) sum[i][j] = madd(a, b[j], sum[i][j]);
            sum[i][last] = madd(a, b[N - 1], sum[i][last]);
        }
    }
}

/* --- forward ---------------------------------------------------------------------------------- */

ALWAYS void forward_row(weir_panel_cell cell, const weir_tile_forward *t, size_t i, lanes sum[4])
{
    float *gate = t->gate + i * WIDTH, *h = t->h + i * t->H;
    lanes state, c;
    if (cell == WEIR_PANEL_LSTM) {
        lstm_forward(sum, load_upto(t->c_prev + i * t->H, t->units), gate, &state, &c);
        store_upto(t->c + i * t->H, t->units, c);
        store_upto(h, t->units, state);
    } else if (cell == WEIR_PANEL_GRU) {
        gru_forward(sum, load_upto(t->c_prev + i * t->H, t->units), gate, &state);
        store_upto(h, t->units, state);
    } else {
        for (size_t j = 0; j < 4; j++) {
            state = rnn_forward(cell, sum[j]);
            store(gate + j * LANES, state);
            if (j * LANES < t->units) store_upto(h + j * LANES, t->units - j * LANES, state);
        }
    }
}

ALWAYS void forward_tile(weir_panel_cell cell, const weir_tile_forward *t, size_t M)
{
    lanes sum[ROWS][4];
    size_t N = cell == WEIR_PANEL_GRU ? 3 : 4;
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < 4; j++) sum[i][j] = load(t->bias + j * LANES);
    multiply(sum, M, t->I, t->x, t->I, t->w_x, N, N - 1);
    multiply(sum, M, t->H, t->h_prev, t->H, t->w_h, N, 3);
    for (size_t i = 0; i < M; i++) forward_row(cell, t, i, sum[i]);
}

/* --- backward --------------------------------------------------------------------------------- */

/* The gate gradients of some rows times packed weights. A gru's: r, z and u for W_hh, r, z and n
 * for W_ih. */
ALWAYS void multiply_gates(bool gru, bool hidden, lanes sum[][4], size_t M, size_t panels,
                           size_t panel_stride, const float *dgate, const float *w)
{
    for (size_t p = 0; p < panels; p++, dgate += panel_stride) {
        if (gru && hidden) {
            multiply(sum, M, 2 * LANES, dgate, WIDTH, w, 4, 3);
            multiply(sum, M, LANES, dgate + 3 * LANES, WIDTH, w + 2 * LANES * WIDTH, 4, 3);
        } else {
            multiply(sum, M, gru ? 3 * LANES : WIDTH, dgate, WIDTH, w, 4, 3);
        }
        w += (gru ? 3 * LANES : WIDTH) * WIDTH;
    }
}

/* One vector of units of one row: j is its place among the tile's four. */
ALWAYS void backward_row(weir_panel_cell cell, const weir_tile_backward *t, size_t i, size_t j,
                         lanes dh, sums *squares_c)
{
    size_t at = i * t->H + j * LANES, units = t->units - j * LANES;
    if (cell == WEIR_PANEL_LSTM) {
        const float *gate = t->gate + j * t->panel_stride + i * WIDTH;
        float *dgate = t->dgate + j * t->panel_stride + i * WIDTH;
        float *kept = t->beside + i * t->beside_stride + j * LANES;
        lanes dc = load(kept), dc_prev;
        lstm_backward(dh, &dc, &dc_prev, gate, load_upto(t->c + at, units),
                      load_upto(t->c_prev + at, units), dgate);
        store(kept, dc_prev);
        if (t->squares_c) *squares_c = add_squares(dc, *squares_c);
        if (t->dc) store_upto(t->dc + at, units, dc);
    } else if (cell == WEIR_PANEL_GRU) {
        const float *gate = t->gate + j * t->panel_stride + i * WIDTH;
        float *dgate = t->dgate + j * t->panel_stride + i * WIDTH;
        lanes pass;
        gru_backward(dh, &pass, gate, load_upto(t->h_prev + at, units), dgate);
        store(t->beside + i * t->beside_stride + j * LANES, pass);
    } else {
        size_t place = i * WIDTH + j * LANES;
        store(t->dgate + place, rnn_backward(cell, dh, load(t->gate + place)));
    }
}

ALWAYS double total(sums s)
{
    double sum = 0;
    for (size_t k = 0; k < LANES / 2; k++) sum += s[k];
    return sum;
}

/* dh: [rows, width] */
ALWAYS void backward_rows(weir_panel_cell cell, const weir_tile_backward *t, size_t M,
                          const float *dh)
{
    for (size_t i = 0; i < M; i++, dh += WIDTH) {
        sums squares_h = {0}, squares_c = {0};
        for (size_t j = 0; j < 4; j++) {
            lanes d = load(dh + j * LANES);
            if (j * LANES >= t->units) {
                if (cell >= WEIR_PANEL_TANH) /* padding is multiplied too, by weights of 0 */
                    store(t->dgate + i * WIDTH + j * LANES, splat(0));
                continue;
            }
            if (t->squares_h) squares_h = add_squares(d, squares_h);
            if (t->dh)
                store_upto(t->dh + i * t->H + j * LANES, t->units - j * LANES, d);
            backward_row(cell, t, i, j, d, &squares_c);
        }
        if (t->squares_h) t->squares_h[i] += total(squares_h);
        if (t->squares_c) t->squares_c[i] += total(squares_c);
    }
}

/* Where a gradient begins: at the output, and with what passed the weights by. */
ALWAYS lanes begin(weir_panel_cell cell, const weir_tile_backward *t, size_t i, size_t j)
{
    lanes sum = splat(0);
    if (j * LANES >= t->units) return sum;
    if (t->dy) sum = load_upto(t->dy + i * t->dy_stride + j * LANES, t->units - j * LANES);
    if (cell == WEIR_PANEL_GRU) sum += load(t->beside + i * t->beside_stride + j * LANES);
    return sum;
}

ALWAYS void backward_tile(weir_panel_cell cell, const weir_tile_backward *t, size_t M)
{
    lanes sum[ROWS][4];
    float dh[ROWS * WIDTH] __attribute__((aligned(64)));
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < 4; j++) sum[i][j] = begin(cell, t, i, j);
    if (t->dgate_next)
        multiply_gates(cell == WEIR_PANEL_GRU, true, sum, M, t->panels, t->panel_stride,
                       t->dgate_next, t->w_h);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < 4; j++) store(dh + i * WIDTH + j * LANES, sum[i][j]);
    backward_rows(cell, t, M, dh);
}

/* --- the gradient of an input ----------------------------------------------------------------- */

ALWAYS void product_tile(bool gru, const weir_tile_product *t, size_t M)
{
    lanes sum[ROWS][4];
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < 4; j++) sum[i][j] = splat(0);
    multiply_gates(gru, gru && t->hidden, sum, M, t->panels, t->panel_stride, t->dgate, t->w);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < 4 && j * LANES < t->columns; j++) {
            float *c = t->C + i * t->C_stride + j * LANES;
            size_t n = t->columns - j * LANES;
            if (t->add) sum[i][j] += load_upto(c, n);
            store_upto(c, n, sum[i][j]);
        }
}

/* --- the gradient of a weight ----------------------------------------------------------------- */

/* What of C a tile holds: up to WEIGHT_ROWS rows by N vectors, the last of them perhaps in part. */
struct corner {
    size_t row, rows, column, columns;
};

ALWAYS void add_to_weight(const weir_tile_weight *t, struct corner c, size_t N,
                          lanes sum[][WEIGHT_VECTORS])
{
    for (size_t i = 0; i < WEIGHT_ROWS; i++)
        for (size_t j = 0; i < c.rows && j < N; j++) {
            float *to = t->C + (c.row + i) * t->C_stride + c.column + j * LANES;
            size_t n = c.columns - j * LANES;
            store_upto(to, n, load_upto(to, n) + sum[i][j]);
        }
}

ALWAYS double squares_of(size_t rows, size_t N, lanes sum[][WEIGHT_VECTORS])
{
    lanes s = splat(0);
    double all = 0;
    for (size_t i = 0; i < WEIGHT_ROWS; i++)
        for (size_t j = 0; i < rows && j < N; j++) s = madd(sum[i][j], sum[i][j], s);
    for (size_t k = 0; k < LANES; k++) all += (double)s[k];
    return all;
}

/* whole: no vector of the tile is cut off. */
ALWAYS void weight_corner(const weir_tile_weight *t, struct corner c, size_t N, bool whole)
{
    lanes sum[WEIGHT_ROWS][WEIGHT_VECTORS];
    for (size_t i = 0; i < WEIGHT_ROWS; i++)
        for (size_t j = 0; j < N; j++) sum[i][j] = splat(0);
    for (size_t step = 0; step < t->steps; step++) {
        const float *D = t->D[step] + c.row, *S = t->S[step] + c.column;
        for (size_t b = 0; b < t->B; b++, D += WIDTH, S += t->S_stride) {
            lanes s[WEIGHT_VECTORS];
            for (size_t j = 0; j < N; j++)
                s[j] = whole || j + 1 < N ? load(S + j * LANES)
                                          : load_first(S + j * LANES, c.columns - j * LANES);
            for (size_t i = 0; i < WEIGHT_ROWS; i++) {
                lanes d = splat(D[i]);
                for (size_t j = 0; j < N; j++) sum[i][j] = madd(d, s[j], sum[i][j]);
            }
        }
        if (!t->apart) continue;
        if (t->squares) t->squares[step] += squares_of(c.rows, N, sum);
        add_to_weight(t, c, N, sum);
        for (size_t i = 0; i < WEIGHT_ROWS; i++)
            for (size_t j = 0; j < N; j++) sum[i][j] = splat(0);
    }
    if (!t->apart) add_to_weight(t, c, N, sum);
}

static void weight(const weir_tile_weight *t)
{
    struct corner c = {0};
    for (c.column = 0; c.column < t->columns; c.column += c.columns) {
        size_t left = t->columns - c.column, vectors = left / LANES;
        c.columns = vectors >= WEIGHT_VECTORS ? WEIGHT_VECTORS * LANES : vectors ? LANES : left;
        for (c.row = 0; c.row < t->rows; c.row += WEIGHT_ROWS) {
            c.rows = t->rows - c.row < WEIGHT_ROWS ? t->rows - c.row : WEIGHT_ROWS;
            if (vectors >= WEIGHT_VECTORS)
                weight_corner(t, c, WEIGHT_VECTORS, true);
            else
                weight_corner(t, c, 1, vectors > 0);
        }
    }
}

/* --- one copy of a tile for every cell and height --------------------------------------------- */

#define TILE(tile, cell, M)     \
    case M: tile(cell, t, M); break;
#if defined(__AVX512F__)
#define TALL(tile, cell) TILE(tile, cell, 4) TILE(tile, cell, 5) TILE(tile, cell, 6)
#else
#define TALL(tile, cell)
#endif
#define TILES(tile, cell)                                                                \
    switch (rows) {                                                                      \
        TILE(tile, cell, 1) TILE(tile, cell, 2) TILE(tile, cell, 3) TALL(tile, cell)     \
    }
#define CELL(cell, tile)     \
    case cell: TILES(tile, cell) break;
#define CELLS(tile)                      \
    switch (cell) {                      \
        CELL(WEIR_PANEL_LSTM, tile)      \
        CELL(WEIR_PANEL_GRU, tile)       \
        CELL(WEIR_PANEL_TANH, tile)      \
        CELL(WEIR_PANEL_RELU, tile)      \
        CELL(WEIR_PANEL_SIGMOID, tile)   \
    }

static void forward(weir_panel_cell cell, const weir_tile_forward *t, size_t rows)
{
    CELLS(forward_tile)
}

static void backward(weir_panel_cell cell, const weir_tile_backward *t, size_t rows)
{
    CELLS(backward_tile)
}

static void product(weir_panel_cell cell, const weir_tile_product *t, size_t rows)
{
    if (cell == WEIR_PANEL_GRU)
        TILES(product_tile, true)
    else
        TILES(product_tile, false)
}

/* Twelve sums: more than the processor can have under way at a time, and no more than registers. */
static double busy(size_t n)
{
    enum { SUMS = 12 };
    lanes sum[SUMS], all = splat(0), a = splat(0.5f), b = splat(1.0f);
    for (size_t j = 0; j < SUMS; j++) sum[j] = splat((float)j);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < SUMS; j++) sum[j] = madd(sum[j], a, b);
        __asm__ volatile("" : "+x"(a)); /* no round may be left out */
    }
    for (size_t j = 0; j < SUMS; j++) all += sum[j];
    volatile float used = all[0];
    (void)used;
    return 2.0 * SUMS * LANES * (double)n;
}

const weir_panel_kernels WEIR_PANELS = {
    .name = LANES == 16 ? "avx512" : "avx2",
    .lanes = LANES,
    .rows = ROWS,
    .forward = forward,
    .backward = backward,
    .product = product,
    .weight = weight,
    .busy = busy,
};
