/* How a line is cut into panels, and its weights packed for them. */
#include "nn/panels/panels.h"

#include "base/threads.h"
#include "tensor/gemm.h"
#include "weir/base.h"

#include <string.h>

/* --- which kernels ---------------------------------------------------------------------------- */

static const char *preferred;

void weir_panels_prefer(const char *name)
{
    preferred = name;
}

#ifdef WEIR_HAS_PANELS
static const weir_panel_kernels *avx512(void)
{
    bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return has ? &weir_panels_avx512 : NULL;
}
static const weir_panel_kernels *avx2(void)
{
    bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return has ? &weir_panels_avx2 : NULL;
}
#else
static const weir_panel_kernels *avx512(void)
{
    return NULL;
}
static const weir_panel_kernels *avx2(void)
{
    return NULL;
}
#endif

const weir_panel_kernels *weir_panels_widest(void)
{
    return avx512() ? avx512() : avx2();
}

const weir_panel_kernels *weir_panels_kernels(void)
{
    if (!weir_kernels_are_fast()) return NULL;
    return preferred && !strcmp(preferred, "avx512") ? avx512() : avx2();
}

/* --- the cut ---------------------------------------------------------------------------------- */

static bool is_gru(const weir_panel_plan *plan)
{
    return plan->cell == WEIR_PANEL_GRU;
}

weir_panel_plan weir_panel_plan_of(const weir_panel_kernels *kernels, const weir_cell *cell,
                                   const weir_recurrent_tape *k, size_t I)
{
    weir_panel_plan p = {.kernels = kernels, .cell = cell->panel, .T = k->T, .B = k->B, .I = I,
                         .H = k->H, .lanes = kernels->lanes, .width = 4 * kernels->lanes};
    p.vectors = is_gru(&p) ? 3 : 4;
    p.units = p.cell == WEIR_PANEL_LSTM || is_gru(&p) ? p.lanes : p.width;
    p.panels = (p.H + p.units - 1) / p.units;
    p.blocks = (p.H + p.width - 1) / p.width;
    return p;
}

weir_panel_rows weir_panel_rows_of(const weir_panel_plan *plan, size_t p, size_t j, bool hidden)
{
    size_t unit = p * plan->units, gate = j;
    if (plan->units == plan->width) {
        unit += j * plan->lanes;
        gate = 0;
    }
    size_t left = unit < plan->H ? plan->H - unit : 0;
    return (weir_panel_rows){gate * plan->H + unit, left < plan->lanes ? left : plan->lanes,
                             is_gru(plan) && hidden && j == 2 ? 3 : j};
}

static const double worth_sharing = 1 << 21;

void weir_panel_parallel(size_t count, double work, void (*task)(void *self, size_t index),
                         void *self)
{
    if (work >= worth_sharing) {
        weir_parallel(count, task, self);
        return;
    }
    for (size_t i = 0; i < count; i++) task(self, i);
}

size_t weir_panel_groups(const weir_panel_plan *plan)
{
    size_t threads = weir_is_parallel() ? 1 : (size_t)weir_threads();
    size_t tiles = (plan->B + plan->kernels->rows - 1) / plan->kernels->rows;
    double step = (double)plan->B * (double)(plan->panels * plan->width) *
                  (double)(plan->I + plan->H);
    if ((double)plan->T * step < worth_sharing) return 1;
    return threads < tiles ? threads : tiles;
}

/* --- packing ---------------------------------------------------------------------------------- */

size_t weir_panel_forward_size(const weir_panel_plan *plan, size_t K)
{
    return plan->panels * K * plan->vectors * plan->lanes;
}

size_t weir_panel_back_size(const weir_panel_plan *plan, size_t K)
{
    size_t blocks = (K + plan->width - 1) / plan->width;
    return blocks * plan->panels * plan->vectors * plan->lanes * plan->width;
}

struct packing {
    const weir_panel_plan *plan;
    const real *W; /* [GH, K] */
    size_t K;
    bool hidden;
    float *out;
};

static void pack_panel(void *self, size_t p)
{
    const struct packing *w = self;
    size_t L = w->plan->lanes, stride = w->plan->vectors * L;
    float *out = w->out + p * w->K * stride;
    for (size_t j = 0; j < w->plan->vectors; j++) {
        weir_panel_rows r = weir_panel_rows_of(w->plan, p, j, true);
        const real *rows = w->W + (r.rows ? r.row * w->K : 0);
        w->plan->kernels->transpose(rows, r.rows, w->K, out + j * L, stride);
    }
}

void weir_panel_pack_forward(const weir_panel_plan *plan, const real *W, size_t K, float *out)
{
    struct packing w = {plan, W, K, false, out};
    double work = 8 * (double)weir_panel_forward_size(plan, K); /* copies miss the caches */
    weir_panel_parallel(plan->panels, work, pack_panel, &w);
}

/* One row of W, or 0, cut into blocks. */
static void pack_row(const struct packing *w, size_t at, const real *row)
{
    size_t width = w->plan->width, block = weir_panel_back_size(w->plan, width);
    float *out = w->out + at * width;
    for (size_t from = 0; from < w->K; from += width, out += block) {
        size_t n = !row ? 0 : w->K - from < width ? w->K - from : width;
        if (n) memcpy(out, row + from, n * sizeof *out);
        memset(out + n, 0, (width - n) * sizeof *out);
    }
}

static void pack_panel_back(void *self, size_t p)
{
    const struct packing *w = self;
    size_t L = w->plan->lanes;
    for (size_t j = 0; j < w->plan->vectors; j++) {
        weir_panel_rows r = weir_panel_rows_of(w->plan, p, j, w->hidden);
        for (size_t l = 0; l < L; l++)
            pack_row(w, (p * w->plan->vectors + j) * L + l,
                     l < r.rows ? w->W + (r.row + l) * w->K : NULL);
    }
}

void weir_panel_pack_back(const weir_panel_plan *plan, const real *W, size_t K, bool hidden,
                          float *out)
{
    struct packing w = {plan, W, K, hidden, out};
    double work = 8 * (double)weir_panel_back_size(plan, K);
    weir_panel_parallel(plan->panels, work, pack_panel_back, &w);
}

void weir_panel_unpack(const weir_panel_plan *plan, const float *gate, bool hidden, real *rows)
{
    size_t GH = plan->H * (plan->units == plan->width ? 1 : plan->vectors);
    for (size_t p = 0; p < plan->panels; p++)
        for (size_t j = 0; j < plan->vectors; j++) {
            weir_panel_rows r = weir_panel_rows_of(plan, p, j, hidden);
            const float *from = gate + p * plan->B * plan->width + r.vector * plan->lanes;
            for (size_t b = 0; b < plan->B; b++, from += plan->width)
                for (size_t l = 0; l < r.rows; l++) rows[b * GH + r.row + l] = (real)from[l];
        }
}

void weir_panel_gate_rows(const weir_recurrent_tape *k, const weir_line *line,
                          const weir_cell *cell, size_t gate, real *rows)
{
    weir_panel_plan plan = weir_panel_plan_of(line->kernels, cell, k, line->I);
    bool whole = plan.units == plan.width; /* all vectors of a panel are one gate's */
    for (size_t tp = 0; tp < plan.T * plan.panels; tp++) {
        size_t t = tp / plan.panels, p = tp % plan.panels;
        const float *from = line->panel_gate + tp * plan.B * plan.width;
        for (size_t j = whole ? 0 : gate; j < (whole ? 4 : gate + 1); j++) {
            weir_panel_rows r = weir_panel_rows_of(&plan, p, j, false);
            for (size_t b = 0; b < plan.B; b++)
                for (size_t l = 0; l < r.rows; l++)
                    rows[(t * plan.B + b) * plan.H + r.row - (whole ? 0 : gate * plan.H) + l] =
                        (real)from[b * plan.width + j * plan.lanes + l];
        }
    }
}
