#include "train/data/table.h"

#include "base/intl.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

enum { LARGEST = 999999 }; /* class number */

/* The epoch whose order deals the examples to the parts; no run gets there. */
#define DEAL UINT64_MAX

weir_table weir_table_of(const weir_table_options *options, const char *name, size_t examples,
                         weir_array x, weir_array y)
{
    size_t each = examples ? examples : 1;
    weir_table t = {.options = options, .name = name, .examples = examples, .x_scale = 1};
    t.x_stride = x.count / each;
    t.y_stride = y.count / each;
    t.part[WEIR_TRAIN] = t.part[WEIR_VALID] = (weir_table_part){.x = x, .y = y, .count = examples};
    return t;
}

weir_shape weir_table_row(const weir_array *a)
{
    weir_shape s = {.dtype = WEIR_FLOAT, .rank = a->rank - 1};
    for (size_t i = 0; i < s.rank; i++) s.dim[i] = a->dim[i + 1];
    return s;
}

/* --- the two parts ---------------------------------------------------------------------------- */

weir_status weir_table_split(const weir_data *data, weir_table *t, weir_error *err)
{
    const weir_table_options *o = t->options;
    size_t N = t->examples, valid = (size_t)(o->validation * (double)N);
    if (N == 0)
        return weir_config_fail(data->config, data->map, err, _("%s: has no examples"), t->name);
    if (o->n_train > N)
        return weir_config_fail(data->config, weir_data_key(data, "n_train"), err,
                                _("n_train is %zu, but there are %zu examples"), o->n_train, N);
    if (o->validation > 0 && valid == 0) valid = N > 1;
    if (o->n_train) valid = N - o->n_train;
    t->dealt = valid && !o->n_train;
    t->part[WEIR_TRAIN].count = N - valid;
    if (valid) {
        t->part[WEIR_VALID].first = N - valid;
        t->part[WEIR_VALID].count = valid;
    }
    return WEIR_OK;
}

/* Where example e of a part lies. */
static size_t place(const weir_data *data, const weir_table *t, const weir_table_part *p, size_t e)
{
    size_t i = p->first + e;
    return t->dealt ? (size_t)weir_shuffled(data->seed, DEAL, t->examples, i) : i;
}

/* --- normalizing ------------------------------------------------------------------------------ */

enum { RAW, STANDARDIZE, MINMAX };

/* What is known of the numbers of one column that count and are finite. */
struct column {
    double n, mean, squares, least, most;
};

static struct column look(const double *v, size_t rows, size_t F, const bool *counts)
{
    struct column c = {.least = INFINITY, .most = -INFINITY};
    for (size_t r = 0; r < rows; r++) {
        double x = v[r * F];
        if ((counts && !counts[r]) || !isfinite(x)) continue;
        double d = x - c.mean;
        c.n++;
        c.mean += d / c.n; /* Welford's recurrence */
        c.squares += d * (x - c.mean);
        if (x < c.least) c.least = x;
        if (x > c.most) c.most = x;
    }
    return c;
}

void weir_normalize(int how, double *v, size_t rows, size_t F, const bool *counts)
{
    for (size_t f = 0; how != RAW && f < F; f++) {
        struct column c = look(v + f, rows, F, counts);
        double shift = how == MINMAX ? c.least : c.mean;
        double width = how == MINMAX ? c.most - c.least : sqrt(c.squares / c.n);
        if (c.n == 0) continue;
        for (size_t r = 0; r < rows; r++)
            v[r * F + f] = (v[r * F + f] - shift) / (width > 0 ? width : 1);
    }
}

weir_status weir_table_normalize(weir_data *data, const weir_table *t, int how, double *v,
                                 size_t each, size_t F, weir_error *err)
{
    const weir_table_part *p = &t->part[WEIR_TRAIN];
    if (how == RAW) return WEIR_OK;
    bool *counts = weir_arena_calloc(&data->arena, t->examples * each, sizeof *counts);
    if (!counts) return weir_fail_memory(err);
    for (size_t e = 0; e < p->count; e++)
        memset(counts + place(data, t, p, e) * each, true, each);
    weir_normalize(how, v, t->examples * each, F, counts);
    return WEIR_OK;
}

/* --- checking --------------------------------------------------------------------------------- */

static weir_status check_finite(const char *name, const weir_array *a, const char *what,
                                weir_error *err)
{
    char where[100];
    size_t bad = weir_array_not_finite(a);
    if (bad == a->count) return WEIR_OK;
    return weir_fail(err, WEIR_IO,
                     _("%s: %s%s is %g, not a finite number; mend the data, or set "
                       "allow_nonfinite: true"),
                     name, what, weir_array_where(a, bad, where, sizeof where),
                     weir_array_number(a, bad));
}

/* Labels must be whole, from 0 on; there are as many classes as the largest says. One beyond
 * LARGEST is no class: it would be the size of a layer. */
static weir_status check_labels(weir_table *t, const char *name, const weir_array *y,
                                weir_error *err)
{
    char where[100];
    for (size_t i = 0; i < y->count; i++) {
        double label = weir_array_number(y, i);
        if (!(label >= 0 && label <= (double)LARGEST && label == floor(label)))
            return weir_fail(err, WEIR_IO,
                             _("%s: the target %s is %.10g, not a class number 0, 1, 2 .. %d; "
                               "classes: false reads targets as numbers"),
                             name, weir_array_where(y, i, where, sizeof where), label, LARGEST);
        if ((size_t)label >= t->class_count) t->class_count = (size_t)label + 1;
    }
    return WEIR_OK;
}

static weir_status check_shares(const char *name, const weir_array *y, weir_error *err)
{
    char where[100];
    for (size_t i = 0; i < y->count; i++) {
        double target = weir_array_number(y, i);
        if (target < 0 || target > 1)
            return weir_fail(err, WEIR_USAGE,
                             _("%s: the target %s is %.10g, and the loss wants numbers from 0 to "
                               "1: use mse or mae, or cross_entropy for classes"),
                             name, weir_array_where(y, i, where, sizeof where), target);
    }
    return WEIR_OK;
}

static weir_status check_part(const weir_data *data, weir_table *t, const weir_table_part *p,
                              weir_error *err)
{
    const char *x_name = p->x_name ? p->x_name : t->name;
    const char *y_name = p->y_name ? p->y_name : t->name;
    if (t->labels) WEIR_TRY(check_labels(t, y_name, &p->y, err));
    if (!t->labels && weir_data_wants_shares(data)) WEIR_TRY(check_shares(y_name, &p->y, err));
    if (t->allow_nonfinite) return WEIR_OK;
    WEIR_TRY(check_finite(x_name, &p->x, "x", err));
    return t->labels ? WEIR_OK : check_finite(y_name, &p->y, "y", err);
}

/* --- shapes ----------------------------------------------------------------------------------- */

/* Labels as numbers: one for two classes, else one for each. */
static size_t one_hot_size(const weir_table *t)
{
    return t->class_count <= 2 ? 1 : t->class_count;
}

/* The shape of one example's target. */
static weir_shape target_of(const weir_table *t)
{
    weir_shape s = t->y;
    s.dtype = t->classes ? WEIR_INT32 : WEIR_FLOAT;
    if (t->labels && !t->classes) s.dim[s.rank++] = one_hot_size(t);
    return s;
}

/* [T,F] -> [T,B,F], [F] -> [B,F]. */
static weir_shape batched(weir_shape s, bool steps, size_t B)
{
    size_t at = steps ? 1 : 0;
    for (size_t i = s.rank; i > at; i--) s.dim[i] = s.dim[i - 1];
    s.dim[at] = B;
    s.rank++;
    return s;
}

static uint64_t batches_of(size_t count, size_t B, bool drop_last)
{
    size_t whole = count / B;
    return whole + (count % B != 0 && (!drop_last || whole == 0));
}

weir_status weir_table_open(weir_data *data, weir_table *t, weir_error *err)
{
    const weir_table_options *o = t->options;
    bool shared = t->part[WEIR_TRAIN].x.data == t->part[WEIR_VALID].x.data;
    WEIR_TRY(check_part(data, t, &t->part[WEIR_TRAIN], err));
    if (!shared) WEIR_TRY(check_part(data, t, &t->part[WEIR_VALID], err));
    t->classes &= t->labels;
    size_t B = t->part[WEIR_TRAIN].count;
    if (B > o->batch_size) B = o->batch_size;
    weir_shape target = target_of(t);
    data->x = batched(t->x, t->x_steps, B);
    data->target = batched(target, t->y_steps, B);
    data->hints.outputs = t->classes ? t->class_count : weir_shape_features(&target);
    for (weir_split s = WEIR_TRAIN; s <= WEIR_VALID; s++)
        data->batches[s] = batches_of(t->part[s].count, B, o->drop_last && s == WEIR_TRAIN);
    return WEIR_OK;
}

/* --- batches ---------------------------------------------------------------------------------- */

/* Which examples a batch is made of. */
struct pick {
    const weir_table_part *part;
    size_t first, count, B; /* of the part, in the order of the epoch; B: of a full batch */
    uint64_t epoch;
    bool shuffle;
};

static struct pick choose(const weir_data *data, weir_split split, uint64_t index)
{
    const weir_table *t = data->self;
    struct pick p = {.part = &t->part[split], .epoch = index / data->batches[split]};
    p.B = data->x.dim[t->x_steps];
    p.first = (size_t)(index % data->batches[split]) * p.B;
    p.count = p.part->count - p.first < p.B ? p.part->count - p.first : p.B;
    p.shuffle = t->options->shuffle && split == WEIR_TRAIN;
    return p;
}

static size_t example(const weir_data *data, const struct pick *p, size_t b)
{
    size_t e = p->first + b;
    if (p->shuffle) e = (size_t)weir_shuffled(data->seed, p->epoch, p->part->count, e);
    return place(data, data->self, p->part, e);
}

/* Example i into row b of out: [B,F] at once, [T,B,F] step by step. */
static void copy_reals(const weir_array *a, size_t i, size_t stride, size_t steps, size_t F,
                       size_t b, size_t B, double scale, real *out)
{
    for (size_t s = 0; s < steps; s++) {
        real *row = out + (s * B + b) * F;
        weir_array_reals(a, i * stride + s * F, F, row);
        for (size_t f = 0; scale < 1 && f < F; f++) row[f] *= (real)scale;
    }
}

static void copy_labels(const weir_table *t, const weir_array *y, size_t i, size_t steps, size_t b,
                        size_t B, weir_tensor *out)
{
    size_t C = one_hot_size(t);
    for (size_t s = 0; s < steps; s++) {
        size_t label = (size_t)weir_array_int(y, i * t->y_stride + s), row = s * B + b;
        if (t->classes) {
            out->i[row] = (int32_t)label;
            continue;
        }
        for (size_t c = 0; c < C; c++) out->f[row * C + c] = c == label ? R(1.0) : R(0.0);
        if (C == 1) out->f[row] = (real)label;
    }
}

weir_status weir_table_batch(const weir_data *data, weir_split split, uint64_t index,
                             weir_arena *arena, weir_batch *batch, weir_error *err)
{
    const weir_table *t = data->self;
    struct pick p = choose(data, split, index);
    weir_shape x = data->x, target = data->target;
    x.dim[t->x_steps] = target.dim[t->y_steps] = p.count;
    *batch = (weir_batch){.x = weir_tensor_alloc(arena, &x),
                          .target = weir_tensor_alloc(arena, &target)};
    if (!batch->x.data || !batch->target.data) return weir_fail_memory(err);
    size_t x_steps = t->x_steps ? t->x.dim[0] : 1, y_steps = t->y_steps ? t->y.dim[0] : 1;
    size_t F = weir_shape_count(&t->x) / x_steps, O = weir_shape_count(&t->y) / y_steps;
    for (size_t b = 0; b < p.count; b++) {
        size_t i = example(data, &p, b);
        copy_reals(&p.part->x, i, t->x_stride, x_steps, F, b, p.count, t->x_scale, batch->x.f);
        if (t->labels)
            copy_labels(t, &p.part->y, i, y_steps, b, p.count, &batch->target);
        else
            copy_reals(&p.part->y, i, t->y_stride, y_steps, O, b, p.count, 1, batch->target.f);
    }
    return WEIR_OK;
}
