/* lag: how far back the gradient of one step's loss reaches.
 *
 *   G(k) = |dL_m/ds_{m-k}| / |dL_m/ds_m|     s the state: h, c, and joint = sqrt(h^2 + c^2)
 *
 * For a step m a backward pass starts from the unit vector dL_m/dh_m / |dL_m/dh_m| at the topmost
 * recurrent node and walks down the live tape, so G does not depend on the size of the loss. (A
 * recurrent node beside that one, on a branch of its own, gets walks of its own.)
 * Several m are taken, spread over the steps that carry a loss; the profile is their geometric
 * mean. A reverse line counts lags forward in time. G below 1e-30 is left out of means and slopes,
 * and written 0.
 *
 *   horizon = smallest k with G(k) < 1/e,  reach = smallest k with G(k) < 0.01
 *   half_life = -ln 2 / slope of ln G
 */
#include "base/intl.h"
#include "base/status.h"
#include "flow/recorder.h"
#include "tensor/vec.h"

enum { POINTS = 4 };
static const double SMALLEST = 1e-30;

/* |dL_m/dh_t|^2, |dL_m/dc_t|^2 of every line, for the m under way. */
struct lag {
    double **h2, **c2;     /* [lines][T] */
    double **sum[3];       /* [lines][T] sums of ln G: h, c, joint */
    unsigned **seen[3];    /* how many G went into them */
    unsigned **tried;      /* [lines][T] how many m are k steps from the end */
    real *seed; /* [T,B,H]: the gradient that starts at step m */
    size_t room;
};

static weir_status open(weir_measure *m)
{
    weir_flow_record *record = m->recorder->record;
    struct lag *g = m->self = weir_record_alloc(record, 1, sizeof *g);
    if (!g) return WEIR_MEMORY;
    g->h2 = weir_record_alloc(record, record->lines, sizeof *g->h2);
    g->c2 = weir_record_alloc(record, record->lines, sizeof *g->c2);
    g->tried = weir_record_alloc(record, record->lines, sizeof *g->tried);
    if (!g->h2 || !g->c2 || !g->tried) return WEIR_MEMORY;
    for (size_t s = 0; s < 3; s++) {
        g->sum[s] = weir_record_alloc(record, record->lines, sizeof *g->sum[s]);
        g->seen[s] = weir_record_alloc(record, record->lines, sizeof *g->seen[s]);
        if (!g->sum[s] || !g->seen[s]) return WEIR_MEMORY;
    }
    for (size_t i = 0; i < record->lines; i++) {
        size_t T = record->line[i].T;
        g->h2[i] = weir_record_alloc(record, T, sizeof(double));
        g->c2[i] = weir_record_alloc(record, T, sizeof(double));
        g->tried[i] = weir_record_alloc(record, T, sizeof(unsigned));
        if (!g->h2[i] || !g->c2[i] || !g->tried[i]) return WEIR_MEMORY;
        for (size_t s = 0; s < 3; s++) {
            g->sum[s][i] = weir_record_alloc(record, T, sizeof(double));
            g->seen[s][i] = weir_record_alloc(record, T, sizeof(unsigned));
            if (!g->sum[s][i] || !g->seen[s][i]) return WEIR_MEMORY;
        }
    }
    return WEIR_OK;
}

/* --- one backward pass from step m ------------------------------------------------------------ */

static void listen(void *self, const weir_moment *where, double norm_h, double norm_c)
{
    weir_measure *m = self;
    struct lag *g = m->self;
    size_t line = weir_recorder_line(m->recorder, where);
    if (where->t >= m->recorder->record->line[line].T) return;
    g->h2[line][where->t] = norm_h * norm_h;
    g->c2[line][where->t] = norm_c * norm_c;
}

static void add_point(struct lag *g, size_t s, size_t line, size_t k, double squared, double origin)
{
    double G = sqrt(squared / origin);
    if (!(G >= SMALLEST)) return;
    g->sum[s][line][k] += log(G);
    g->seen[s][line][k]++;
}

/* Where a line's lags begin when the loss is at step `at`; with the last step alone handed on, a
 * reverse line's last is the first of the window. */
static size_t origin_of(bool reverse, bool last_only, size_t at)
{
    return reverse && last_only ? 0 : at;
}

/* A line that the walk has not come to has nothing to tell; where the gradient leaves the range of
 * numbers, the profile ends. */
static void collect(weir_measure *m, size_t at, bool last_only)
{
    struct lag *g = m->self;
    const weir_flow_record *record = m->recorder->record;
    for (size_t i = 0; i < record->lines; i++) {
        size_t T = record->line[i].T;
        bool reverse = record->line[i].direction == 1;
        size_t from = origin_of(reverse, last_only, at);
        double h0 = g->h2[i][from], c0 = g->c2[i][from];
        if (!(h0 + c0 > 0)) continue;
        for (size_t k = 0; reverse ? from + k < T : k <= from; k++) {
            size_t t = reverse ? from + k : from - k;
            if (!isfinite(g->h2[i][t] + g->c2[i][t])) break;
            g->tried[i][k]++;
            add_point(g, 0, i, k, g->h2[i][t], h0);
            if (c0 > 0) add_point(g, 1, i, k, g->c2[i][t], c0);
            add_point(g, 2, i, k, g->h2[i][t] + g->c2[i][t], h0 + c0);
        }
    }
}

/* The recurrent node nearest to the input; model->count when there is none. */
static size_t find_bottom(const weir_model *model)
{
    size_t i = 0;
    while (i < model->count && model->nodes[i].kind->part != WEIR_RECURRENT) i++;
    return i;
}

/* Nothing has come to this node from the recurrent nodes above it. */
static bool not_reached(const weir_measure *m, size_t node)
{
    const struct lag *g = m->self;
    bool recurrent = m->recorder->model->nodes[node].kind->part == WEIR_RECURRENT;
    return recurrent && !g->tried[m->recorder->first_line[node]][0];
}

/* The seed: the output's gradient at step `at` alone, of length 1. False when it is 0 there. */
static bool plant(struct lag *g, const weir_tensor *dout, const real *gradient, size_t at)
{
    size_t n = weir_count(dout), width = dout->shape.rank == 3 ? n / dout->shape.dim[0] : n;
    size_t start = dout->shape.rank == 3 ? at * width : 0;
    double norm = weir_vec_norm2(width, gradient + start);
    weir_vec_zero(n, g->seed);
    if (!(norm > 0) || !isfinite(norm)) return false;
    for (size_t j = 0; j < width; j++)
        g->seed[start + j] = (real)((double)gradient[start + j] / norm);
    return true;
}

/* A gradient too small for its squares in float is scaled by its largest number first. */
static void rescale(size_t n, real *x)
{
    double most = weir_vec_norm_inf(n, x);
    if (most > 0 && isfinite(most))
        for (size_t i = 0; i < n; i++) x[i] = (real)((double)x[i] / most);
}

static void forget_walk(weir_measure *m)
{
    struct lag *g = m->self;
    for (size_t i = 0; i < m->recorder->record->lines; i++)
        for (size_t t = 0; t < m->recorder->record->line[i].T; t++)
            g->h2[i][t] = g->c2[i][t] = 0;
}

static bool any_reverse(const weir_flow_record *record)
{
    for (size_t i = 0; i < record->lines; i++)
        if (record->line[i].direction == 1) return true;
    return false;
}

static weir_status walk_back(weir_measure *m, weir_pass *pass, size_t top, size_t bottom,
                             weir_error *err)
{
    struct lag *g = m->self;
    const weir_tensor dout = pass->tape[top].dout;
    if (!dout.f) return WEIR_OK;
    size_t n = weir_count(&dout), T = m->recorder->record->window;
    if (g->room < 2 * n) {
        g->seed = weir_record_alloc(m->recorder->record, 2 * n, sizeof *g->seed);
        g->room = g->seed ? 2 * n : 0;
        if (!g->seed) return weir_fail_memory(err);
    }
    real *gradient = g->seed + n; /* the tape's own is overwritten by the walks */
    weir_vec_copy(n, dout.f, gradient);
    rescale(n, gradient);
    bool last_only = dout.shape.rank != 3;
    size_t points = last_only ? 1 : POINTS + any_reverse(m->recorder->record);
    for (size_t p = 0; p < points; p++) {
        /* from the start a reverse line goes far */
        size_t at = p < POINTS ? T - 1 - p * T / POINTS : 0;
        if (!plant(g, &dout, gradient, at)) continue;
        forget_walk(m);
        weir_tensor seed = {.shape = dout.shape, .f = g->seed};
        WEIR_TRY(weir_pass_backward_between(pass, top, &seed, bottom, err));
        collect(m, at, last_only);
    }
    return WEIR_OK;
}

/* --- the profile ------------------------------------------------------------------------------ */

/* `lags` when it stays above: "> lags - 1". Lags that no step m could try are NaN. */
static size_t first_below(const double *G, size_t lags, double bound)
{
    for (size_t k = 0; k < lags; k++)
        if (G[k] < bound) return k;
    return lags;
}

static void describe(weir_lag_flow *lag)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t k = 0; k < lag->lags; k++) {
        if (!(lag->joint[k] > 0)) continue;
        double x = (double)k, y = log(lag->joint[k]);
        n++, sx += x, sy += y, sxx += x * x, sxy += x * y;
    }
    double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    lag->gain = exp(slope);
    lag->half_life = -log(2) / slope;
    lag->horizon = first_below(lag->joint, lag->lags, exp(-1));
    lag->reach = first_below(lag->joint, lag->lags, 0.01);
}

static weir_status write_profile(weir_measure *m)
{
    struct lag *g = m->self;
    weir_flow_record *record = m->recorder->record;
    weir_lag_flow *lag = weir_record_alloc(record, record->lines, sizeof *lag);
    if (!lag) return WEIR_MEMORY;
    for (size_t i = 0; i < record->lines; i++) {
        size_t T = record->line[i].T;
        bool cell = m->recorder->model->nodes[record->line[i].node].kind->states > 1;
        double *out[3];
        for (size_t s = 0; s < 3; s++) {
            out[s] = s == 1 && !cell ? NULL : weir_record_numbers(record, T);
            if (!out[s] && (s != 1 || cell)) return WEIR_MEMORY;
            for (size_t k = 0; out[s] && k < T && g->tried[i][k]; k++)
                out[s][k] = g->seen[s][i][k] ? exp(g->sum[s][i][k] / g->seen[s][i][k]) : 0;
        }
        size_t lags = g->tried[i][0] ? T : 0;
        lag[i] = (weir_lag_flow){.lags = lags, .h = out[0], .c = out[1], .joint = out[2]};
        describe(&lag[i]);
    }
    m->recorder->sample->lag = lag;
    return WEIR_OK;
}

static weir_status tape(weir_measure *m, weir_pass *pass, const weir_tensor *dy, weir_error *err)
{
    struct lag *g = m->self;
    const weir_flow_record *record = m->recorder->record;
    size_t count = m->recorder->model->count, bottom = find_bottom(m->recorder->model);
    if (bottom == count || record->window < 2) return WEIR_OK;
    for (size_t i = 0; i < record->lines; i++)
        for (size_t k = 0; k < record->line[i].T; k++) {
            g->tried[i][k] = 0;
            for (size_t s = 0; s < 3; s++) {
                g->sum[s][i][k] = 0;
                g->seen[s][i][k] = 0;
            }
        }
    const weir_probe *before = pass->probe;
    weir_probe listener = {.self = m, .wants = WEIR_WANTS_TIME, .grad_time = listen};
    pass->param_grads = false;
    weir_status status = WEIR_OK;
    bool walked = false;
    for (size_t top = count; top-- > bottom && !status;) {
        if (!not_reached(m, top)) continue;
        pass->probe = NULL;
        if (walked) status = weir_pass_backward(pass, dy, err); /* walks leave none of it */
        pass->probe = &listener;
        if (!status) status = walk_back(m, pass, top, bottom, err);
        walked = true;
    }
    pass->param_grads = true;
    pass->probe = before;
    if (status) return status;
    return write_profile(m) ? weir_fail_memory(err) : WEIR_OK;
}

const weir_measure_kind weir_measure_lag = {
    .name = "lag",
    .doc = N_("how far back one step's gradient reaches: horizon, reach, half-life"),
    .costly = true,
    .open = open,
    .tape = tape,
};
