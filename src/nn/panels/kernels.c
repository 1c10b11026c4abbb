/* The work of panels, with the gate arithmetic behind the products. Compiled for AVX-512 and for
 * AVX2, without fusing anything on its own: a row of a batch comes out the same among any others.
 */
#include "nn/panels/cells.h"
#include "nn/panels/products.h"

/* One copy of the work of a row for every cell. */
#define CELL(cell, rows) \
    case cell: rows(cell, work); break;
#define CELLS(rows)                     \
    switch (cell) {                     \
        CELL(WEIR_PANEL_LSTM, rows)     \
        CELL(WEIR_PANEL_GRU, rows)      \
        CELL(WEIR_PANEL_TANH, rows)     \
        CELL(WEIR_PANEL_RELU, rows)     \
        CELL(WEIR_PANEL_SIGMOID, rows)  \
    }

/* --- forward ---------------------------------------------------------------------------------- */

ALWAYS void forward_row(weir_panel_cell cell, const weir_forward_work *w, size_t i)
{
    float *gate = w->gate + i * WIDTH, *h = w->h + i * w->H;
    lanes sum[4], state, c;
    for (size_t j = 0; j < 4; j++) sum[j] = load(gate + j * LANES);
    if (cell == WEIR_PANEL_LSTM) {
        lstm_forward(sum, load_upto(w->c_prev + i * w->H, w->units), gate, &state, &c);
        store_upto(w->c + i * w->H, w->units, c);
        store_upto(h, w->units, state);
    } else if (cell == WEIR_PANEL_GRU) {
        gru_forward(sum, load_upto(w->c_prev + i * w->H, w->units), gate, &state);
        store_upto(h, w->units, state);
    } else {
        for (size_t j = 0; j < 4; j++) {
            state = rnn_forward(cell, sum[j]);
            store(gate + j * LANES, state);
            if (j * LANES < w->units) store_upto(h + j * LANES, w->units - j * LANES, state);
        }
    }
}

ALWAYS void forward_rows(weir_panel_cell cell, const weir_forward_work *w)
{
    for (size_t i = 0; i < w->rows; i++) forward_row(cell, w, i);
}

/* The sums begin with the bias, and rest where the gates will be. K runs over x, then h. */
ALWAYS void forward_products(bool gru, const weir_forward_work *w)
{
    size_t K = w->I + w->H, blocks = (K + BLOCK - 1) / BLOCK, N = gru ? 3 : 4;
    for (size_t i = 0; i < w->rows; i++)
        for (size_t j = 0; j < 4; j++)
            store(w->gate + i * WIDTH + j * LANES, load(w->bias + j * LANES));
    for (size_t b = 0; b < blocks; b++) {
        size_t from = K * b / blocks, end = K * (b + 1) / blocks, count = 0;
        struct factor f[2];
        if (from < w->I) {
            size_t n = (end < w->I ? end : w->I) - from;
            f[count++] = (struct factor){w->x + from, w->I, n, w->w_x + from * N * LANES, false};
        }
        if (end > w->I) {
            size_t k = from > w->I ? from - w->I : 0;
            f[count++] = (struct factor){w->h_prev + k, w->H, end - w->I - k,
                                         w->w_h + k * N * LANES, true};
        }
        products(w->rows, gru, w->gate, f, count);
    }
}

static void forward(weir_panel_cell cell, const weir_forward_work *work)
{
    if (cell == WEIR_PANEL_GRU)
        forward_products(true, work);
    else
        forward_products(false, work);
    CELLS(forward_rows)
}

/* --- backward --------------------------------------------------------------------------------- */

/* The gate gradients of some rows times packed weights. A gru's: r, z and u for W_hh, r, z and n
 * for W_ih. */
struct gates {
    bool gru, hidden;
    size_t rows, row_stride, panels, panel_stride;
    const float *w;
};

static size_t panel_height(const struct gates *g)
{
    return g->gru ? 3 * LANES : WIDTH;
}

static size_t gate_blocks(const struct gates *g)
{
    return (g->panels * panel_height(g) + BLOCK - 1) / BLOCK;
}

/* One block of it: sum [rows, width] += D [panels, rows, width] w. */
static void gate_products(const struct gates *g, size_t block, size_t blocks, const float *D,
                          float *sum)
{
    struct factor f[2 * (BLOCK / (3 * LANES) + 1)];
    size_t from = g->panels * block / blocks, end = g->panels * (block + 1) / blocks, count = 0;
    for (size_t p = from; p < end; p++) {
        const float *d = D + p * g->panel_stride, *w = g->w + p * panel_height(g) * WIDTH;
        size_t K = g->gru && g->hidden ? 2 * LANES : panel_height(g);
        f[count++] = (struct factor){d, g->row_stride, K, w, false};
        if (g->gru && g->hidden)
            f[count++] =
                (struct factor){d + 3 * LANES, g->row_stride, LANES, w + K * WIDTH, false};
    }
    products(g->rows, false, sum, f, count);
}

/* One vector of units of one row: j is its place among the four. */
ALWAYS void backward_row(weir_panel_cell cell, const weir_backward_work *w, size_t i, size_t j,
                         lanes dh, sums *squares_c)
{
    size_t at = i * w->H + j * LANES, units = w->units - j * LANES;
    if (cell == WEIR_PANEL_LSTM) {
        const float *gate = w->gate + j * w->panel_stride + i * WIDTH;
        float *dgate = w->dgate + j * w->panel_stride + i * WIDTH;
        float *kept = w->beside + i * w->beside_stride + j * LANES;
        lanes dc = load(kept), dc_prev;
        lstm_backward(dh, &dc, &dc_prev, gate, load_upto(w->c + at, units),
                      load_upto(w->c_prev + at, units), dgate);
        store(kept, dc_prev);
        if (w->squares_c) *squares_c = add_squares(dc, *squares_c);
        if (w->dc) store_upto(w->dc + at, units, dc);
    } else if (cell == WEIR_PANEL_GRU) {
        const float *gate = w->gate + j * w->panel_stride + i * WIDTH;
        float *dgate = w->dgate + j * w->panel_stride + i * WIDTH;
        lanes pass;
        gru_backward(dh, &pass, gate, load_upto(w->h_prev + at, units), dgate);
        store(w->beside + i * w->beside_stride + j * LANES, pass);
    } else {
        size_t place = i * WIDTH + j * LANES;
        store(w->dgate + place, rnn_backward(cell, dh, load(w->gate + place)));
    }
}

ALWAYS double total(sums s)
{
    double sum = 0;
    for (size_t k = 0; k < LANES / 2; k++) sum += s[k];
    return sum;
}

ALWAYS void backward_rows(weir_panel_cell cell, const weir_backward_work *w)
{
    for (size_t i = 0; i < w->rows; i++) {
        sums squares_h = {0}, squares_c = {0};
        for (size_t j = 0; j < 4; j++) {
            lanes d = load(w->sum + i * WIDTH + j * LANES);
            if (j * LANES >= w->units) {
                if (cell >= WEIR_PANEL_TANH) /* padding is multiplied too, by weights of 0 */
                    store(w->dgate + i * WIDTH + j * LANES, splat(0));
                continue;
            }
            if (w->squares_h) squares_h = add_squares(d, squares_h);
            if (w->dh) store_upto(w->dh + i * w->H + j * LANES, w->units - j * LANES, d);
            backward_row(cell, w, i, j, d, &squares_c);
        }
        if (w->squares_h) w->squares_h[i] += total(squares_h);
        if (w->squares_c) w->squares_c[i] += total(squares_c);
    }
}

/* What backward_row will read, from steps that are far away by now. */
ALWAYS void fetch_row(weir_panel_cell cell, const weir_backward_work *w, size_t i, size_t j)
{
    bool own = cell == WEIR_PANEL_LSTM || cell == WEIR_PANEL_GRU; /* panel j is these units' */
    const float *gate = w->gate + i * WIDTH + (own ? j * w->panel_stride : j * LANES);
    size_t at = i * w->H + j * LANES;
    for (size_t k = 0; k < (own ? WIDTH : LANES); k += 16) fetch(gate + k);
    if (cell == WEIR_PANEL_LSTM) {
        fetch(w->c + at);
        fetch(w->c_prev + at);
    } else if (cell == WEIR_PANEL_GRU) {
        fetch(w->h_prev + at);
    }
}

/* Where a gradient begins: at the output, and with what passed the weights by. */
ALWAYS void begin(weir_panel_cell cell, const weir_backward_work *w)
{
    bool gru = cell == WEIR_PANEL_GRU;
    for (size_t i = 0; i < w->rows; i++)
        for (size_t j = 0; j < 4; j++) {
            lanes sum = splat(0);
            bool there = j * LANES < w->units;
            if (there) fetch_row(cell, w, i, j);
            if (there && w->dy)
                sum = load_upto(w->dy + i * w->dy_stride + j * LANES, w->units - j * LANES);
            if (there && gru) sum += load(w->beside + i * w->beside_stride + j * LANES);
            store(w->sum + i * WIDTH + j * LANES, sum);
        }
}

static void backward(weir_panel_cell cell, const weir_backward_work *work)
{
    struct gates g = {cell == WEIR_PANEL_GRU, true, work->rows, WIDTH, work->panels,
                      work->panel_stride, work->w_h};
    begin(cell, work);
    size_t blocks = work->dgate_next ? gate_blocks(&g) : 0;
    for (size_t b = 0; b < blocks; b++)
        gate_products(&g, b, blocks, work->dgate_next, work->sum);
    CELLS(backward_rows)
}

/* --- the gradient of an input ----------------------------------------------------------------- */

/* Steps from s on that pass together: of a single row each, and side by side in memory. */
static size_t steps_together(const weir_product_work *w, size_t s)
{
    size_t n = 1;
    if (w->B == 1)
        while (s + n < w->steps && w->D[s + n] == w->D[s] + n * w->panels * WIDTH) n++;
    return n;
}

static void product(weir_panel_cell cell, const weir_product_work *w)
{
    size_t row_stride = w->B == 1 ? w->panels * WIDTH : WIDTH;
    struct gates g = {cell == WEIR_PANEL_GRU, w->hidden, w->B, row_stride,
                      w->panels, w->B * WIDTH, w->w};
    size_t blocks = gate_blocks(&g), step = w->B * WIDTH;
    for (size_t i = 0; i < w->steps * step; i += LANES) store(w->sum + i, splat(0));
    for (size_t b = 0; b < blocks; b++)
        for (size_t s = 0, n; s < w->steps; s += n) {
            n = steps_together(w, s);
            g.rows = n * w->B;
            gate_products(&g, b, blocks, w->D[s], w->sum + s * step);
        }
    for (size_t r = 0; r < w->steps * w->B; r++)
        for (size_t j = 0; j < w->columns; j += LANES) {
            float *c = w->C[r / w->B] + r % w->B * w->C_stride + j;
            lanes sum = load(w->sum + r * WIDTH + j);
            if (w->add) sum += load_upto(c, w->columns - j);
            store_upto(c, w->columns - j, sum);
        }
}

/* --- the gradient of a weight ----------------------------------------------------------------- */

enum { CORNER_ROWS = 4, CORNER_VECTORS = LANES == 16 ? 4 : 3 }; /* 16 sums of 32 registers, 12 */

/* What of C is summed in registers: CORNER_ROWS rows by N vectors. */
struct corner {
    size_t row;     /* of D: a lane of the panel */
    const float *S; /* [steps * B, N] */
    float *C;       /* [CORNER_ROWS, N] */
};

/* squares[0 .. LANES/2-1] += those of the sums, whose lanes may come in any order. */
ALWAYS void keep_squares(size_t N, lanes sum[][CORNER_VECTORS], double *squares)
{
    lanes s[CORNER_VECTORS];
    for (size_t j = 0; j < N; j++) s[j] = sum[0][j] * sum[0][j];
    for (size_t i = 1; i < CORNER_ROWS; i++)
        for (size_t j = 0; j < N; j++) s[j] = madd(sum[i][j], sum[i][j], s[j]);
    for (size_t j = 1; j < N; j++) s[0] += s[j];
    store_sums(squares, add_lanes(s[0], load_sums(squares)));
}

ALWAYS void close_corner(size_t N, float *C, lanes sum[][CORNER_VECTORS])
{
    for (size_t i = 0; i < CORNER_ROWS; i++)
        for (size_t j = 0; j < N; j++, C += LANES) {
            store(C, load(C) + sum[i][j]);
            sum[i][j] = splat(0);
        }
}

ALWAYS void sum_corner(const weir_weight_work *w, struct corner c, size_t N)
{
    lanes sum[CORNER_ROWS][CORNER_VECTORS];
    for (size_t i = 0; i < CORNER_ROWS; i++)
        for (size_t j = 0; j < N; j++) sum[i][j] = splat(0);
    for (size_t step = 0; step < w->steps; step++) {
        const float *D = w->D[step] + c.row;
        for (size_t b = 0; b < w->B; b++, D += WIDTH, c.S += N * LANES)
            for (size_t i = 0; i < CORNER_ROWS; i++) {
                lanes d = splat(D[i]);
                for (size_t j = 0; j < N; j++)
                    sum[i][j] = madd(d, load(c.S + j * LANES), sum[i][j]);
            }
        if (w->squares) keep_squares(N, sum, w->squares + step * (LANES / 2));
        if (w->apart) close_corner(N, c.C, sum);
    }
    if (!w->apart) close_corner(N, c.C, sum);
}

/* A block of N vectors of columns. */
ALWAYS void sum_block(const weir_weight_work *w, const float *S, float *C, size_t N)
{
    for (size_t row = 0; row < w->vectors * LANES; row += CORNER_ROWS) {
        size_t skipped = w->skip && row >= 2 * LANES ? LANES : 0;
        sum_corner(w, (struct corner){row + skipped, S, C + row * N * LANES}, N);
    }
}

static void weight(const weir_weight_work *w)
{
    const float *S = w->S;
    float *C = w->C;
    for (size_t column = 0; column < w->n; column += CORNER_VECTORS * LANES) {
        size_t vectors = (w->n - column + LANES - 1) / LANES;
        switch (vectors) {
        case 1: sum_block(w, S, C, 1); break;
        case 2: sum_block(w, S, C, 2); break;
#if defined(__AVX512F__)
        case 3: sum_block(w, S, C, 3); break;
#endif
        default: sum_block(w, S, C, CORNER_VECTORS);
        }
        S += w->steps * w->B * CORNER_VECTORS * LANES;
        C += w->vectors * LANES * CORNER_VECTORS * LANES;
    }
}

static void bias(size_t rows, const float *D, float *sum)
{
    lanes s[4] = {splat(0), splat(0), splat(0), splat(0)};
    for (size_t i = 0; i < rows; i++, D += WIDTH)
        for (size_t j = 0; j < 4; j++) s[j] += load(D + j * LANES);
    for (size_t j = 0; j < 4; j++) store(sum + j * LANES, s[j]);
}

/* --- packing ---------------------------------------------------------------------------------- */

/* Four rows by four columns; rows that are not there count as 0. */
ALWAYS void transpose_4(const float *const row[4], size_t k, float *out, size_t out_stride)
{
    __m128 a = _mm_loadu_ps(row[0] + k), b = _mm_loadu_ps(row[1] + k),
           c = _mm_loadu_ps(row[2] + k), d = _mm_loadu_ps(row[3] + k);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(out, a);
    _mm_storeu_ps(out + out_stride, b);
    _mm_storeu_ps(out + 2 * out_stride, c);
    _mm_storeu_ps(out + 3 * out_stride, d);
}

static void transpose(const float *W, size_t rows, size_t K, float *out, size_t out_stride)
{
    size_t whole = rows / 4 * 4, k = 0;
    for (; k + 4 <= K; k += 4)
        for (size_t l = 0; l < whole; l += 4) {
            const float *w = W + l * K, *const row[] = {w, w + K, w + 2 * K, w + 3 * K};
            transpose_4(row, k, out + k * out_stride + l, out_stride);
        }
    for (size_t i = 0; i < K; i++)
        for (size_t l = i < k ? whole : 0; l < LANES; l++)
            out[i * out_stride + l] = l < rows ? W[l * K + i] : 0;
}

/* --- the peak --------------------------------------------------------------------------------- */

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
    return (double)(2 * SUMS * LANES) * (double)n;
}

const weir_panel_kernels WEIR_PANELS = {
    .name = LANES == 16 ? "avx512" : "avx2",
    .lanes = LANES,
    .rows = ROWS,
    .columns = CORNER_VECTORS * LANES,
    .forward = forward,
    .backward = backward,
    .product = product,
    .weight = weight,
    .transpose = transpose,
    .bias = bias,
    .busy = busy,
};
