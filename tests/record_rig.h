/* tests/record_rig.h - a flow record with everything in it, and comparing two. */
#ifndef WEIR_TESTS_RECORD_RIG_H
#define WEIR_TESTS_RECORD_RIG_H

#include "tests/test.h"

#include "store/store.h"

enum { T = 5, LOSSES = 12 };

/* --- a record with everything in it ----------------------------------------------------------- */

static inline double next_number(void)
{
    static double n;
    n += 0.7;
    return n * exp(n - 4 * floor(n / 4));
}

static inline double *fill(weir_flow_record *r, size_t n)
{
    double *x = weir_record_numbers(r, n);
    assert_non_null(x);
    for (size_t i = 0; i < n; i++) x[i] = next_number();
    return x;
}

static inline void describe(weir_flow_record *r)
{
    static const weir_record_node nodes[] = {
        {.name = "emb", .kind = "embedding", .part = WEIR_WEIGHTED, .inputs = 1, .features = 3,
         .parameters = 30, .fan_in = 3, .largest_slope = (double)NAN},
        {.name = "1", .kind = "lstm", .part = WEIR_RECURRENT, .inputs = 1, .features = 4,
         .parameters = 128, .largest_slope = (double)NAN},
        {.name = "\xe5\xa0\xb0's \"sum\"", .kind = "add", .part = WEIR_PLUMBING, .inputs = 2,
         .features = 4, .largest_slope = (double)NAN},
        {.name = "3", .kind = "tanh", .part = WEIR_ACTIVATION, .inputs = 1, .features = 4,
         .largest_slope = 1}};
    static const size_t input[] = {SIZE_MAX, 0, 1, 0, 2};
    static const weir_record_param params[] = {{"emb.weight", 0, 30, true},
                                               {"1.bias_ih_l0", 1, 16, false}};
    static const weir_record_line lines[] = {
        {.node = 1, .T = T, .hidden = 4, .bounded = true, .gates = 2, .gate = {"input", "forget"}},
        {.node = 1, .layer = 1, .direction = 1, .T = T, .hidden = 4}};
    r->nodes = 4, r->params = 2, r->lines = 2;
    r->node = weir_record_alloc(r, r->nodes, sizeof *r->node);
    r->param = weir_record_alloc(r, r->params, sizeof *r->param);
    r->line = weir_record_alloc(r, r->lines, sizeof *r->line);
    memcpy(r->node, nodes, sizeof nodes);
    memcpy(r->param, params, sizeof params);
    memcpy(r->line, lines, sizeof lines);
    for (size_t i = 0, at = 0; i < r->nodes; at += r->node[i++].inputs)
        r->node[i].input = input + at;
}

static inline void add_sample(weir_flow_record *r, uint64_t step, bool with_lag)
{
    weir_sample *s = weir_record_add_sample(r);
    s->step = step;
    s->loss = next_number();
    s->node[1] = (weir_node_flow){next_number(), next_number(), 0, 1e-300, 0.25, 1};
    s->param[0] = (weir_param_flow){(double)INFINITY, -(double)INFINITY, 3};
    if (with_lag) s->lag = weir_record_alloc(r, r->lines, sizeof *s->lag);
    for (size_t i = 0; i < r->lines; i++) {
        weir_line_flow *f = &s->line[i];
        *f = (weir_line_flow){fill(r, T), i ? NULL : fill(r, T), fill(r, T), fill(r, T),
                              fill(r, T), fill(r, T), {0}, {0}};
        f->grad_h[2] = (double)NAN;
        for (size_t g = 0; g < r->line[i].gates; g++)
            f->gate_mean[g] = next_number(), f->gate_saturated[g] = next_number();
        if (with_lag)
            s->lag[i] = (weir_lag_flow){T, fill(r, T), i ? NULL : fill(r, T), fill(r, T), 2, T,
                                        -(double)INFINITY, 0.5};
    }
}

static inline void add_points(weir_flow_record *r, uint64_t from, uint64_t to)
{
    for (uint64_t step = from; step < to; step++) {
        *weir_record_add_loss(r) =
            (weir_loss_point){step, next_number(), 0.01, next_number(), next_number(), 0.1, 0.5};
        if (step % 4 == 0) add_sample(r, step, step % 8 == 0);
        if (step % 3 == 2)
            *weir_record_add_eval(r) =
                (weir_eval_point){step + 1, next_number(), 0.01, -0.5, (double)NAN};
    }
    r->steps = to;
}

static inline weir_flow_record *make_record(void)
{
    weir_flow_record *r = weir_record_new();
    assert_non_null(r);
    describe(r);
    r->source = "elsewhere";
    r->seed = UINT64_MAX - 1;
    r->constant_loss = 0.6931471805599453;
    r->window = T;
    r->loss_at_every_step = r->diverged = true;
    r->nonfinite = (weir_nonfinite){true, 11, "activation", "1", 1, 3};
    add_points(r, 0, LOSSES);
    return r;
}

/* --- comparing -------------------------------------------------------------------------------- */

static inline void same(const double *a, const double *b, size_t n)
{
    assert_int_equal(a == NULL, b == NULL);
    for (size_t i = 0; a && i < n; i++)
        if (!(isnan(a[i]) && isnan(b[i]))) assert_memory_equal(&a[i], &b[i], sizeof *a);
}

static inline void same_words(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a) assert_string_equal(a, b);
}

static inline void same_net(const weir_flow_record *a, const weir_flow_record *b)
{
    assert_true(a->nodes == b->nodes && a->params == b->params && a->lines == b->lines);
    for (size_t i = 0; i < a->nodes; i++) {
        const weir_record_node *x = &a->node[i], *y = &b->node[i];
        same_words(x->name, y->name);
        same_words(x->kind, y->kind);
        same(&x->largest_slope, &y->largest_slope, 1);
        assert_true(x->part == y->part && x->features == y->features && x->fan_in == y->fan_in);
        assert_true(x->parameters == y->parameters && x->inputs == y->inputs);
        assert_memory_equal(x->input, y->input, x->inputs * sizeof *x->input);
    }
    for (size_t i = 0; i < a->params; i++) {
        const weir_record_param *x = &a->param[i], *y = &b->param[i];
        same_words(x->name, y->name);
        assert_true(x->node == y->node && x->count == y->count && x->weight == y->weight);
    }
    for (size_t i = 0; i < a->lines; i++) {
        const weir_record_line *x = &a->line[i], *y = &b->line[i];
        assert_true(x->node == y->node && x->layer == y->layer && x->direction == y->direction);
        assert_true(x->T == y->T && x->hidden == y->hidden && x->bounded == y->bounded);
        assert_int_equal(x->gates, y->gates);
        for (size_t g = 0; g < x->gates; g++) same_words(x->gate[g], y->gate[g]);
    }
}

static inline void same_line(const weir_sample *a, const weir_sample *b, size_t i)
{
    const weir_line_flow *x = &a->line[i], *y = &b->line[i];
    same(x->grad_h, y->grad_h, T);
    same(x->grad_c, y->grad_c, T);
    same(x->contribution_ih, y->contribution_ih, T);
    same(x->contribution_hh, y->contribution_hh, T);
    same(x->share_ih, y->share_ih, T);
    same(x->share_hh, y->share_hh, T);
    same(x->gate_mean, y->gate_mean, WEIR_RECORD_GATES);
    same(x->gate_saturated, y->gate_saturated, WEIR_RECORD_GATES);
    assert_int_equal(a->lag == NULL, b->lag == NULL);
    if (!a->lag) return;
    const weir_lag_flow *p = &a->lag[i], *q = &b->lag[i];
    assert_true(p->lags == q->lags && p->horizon == q->horizon && p->reach == q->reach);
    same(&p->half_life, &q->half_life, 1);
    same(&p->gain, &q->gain, 1);
    same(p->h, q->h, p->lags);
    same(p->c, q->c, p->lags);
    same(p->joint, q->joint, p->lags);
}

/* The structs below hold nothing but eight-byte numbers. */
static inline void same_points(const weir_flow_record *a, const weir_flow_record *b)
{
    assert_true(a->losses == b->losses && a->evals == b->evals && a->samples == b->samples);
    for (size_t i = 0; i < a->losses; i++)
        same((const void *)&a->loss[i], (const void *)&b->loss[i], 5);
    for (size_t i = 0; i < a->evals; i++)
        same((const void *)&a->eval[i], (const void *)&b->eval[i], 5);
    for (size_t k = 0; k < a->samples; k++) {
        const weir_sample *x = &a->sample[k], *y = &b->sample[k];
        assert_int_equal(x->step, y->step);
        same(&x->loss, &y->loss, 1);
        same(&x->node[0].mean, &y->node[0].mean, 6 * a->nodes);
        same(&x->param[0].grad_norm, &y->param[0].grad_norm, 3 * a->params);
        for (size_t i = 0; i < a->lines; i++) same_line(x, y, i);
    }
}

static inline void same_record(const weir_flow_record *a, const weir_flow_record *b)
{
    same_words(a->source, b->source);
    assert_true(a->seed == b->seed && a->steps == b->steps && a->window == b->window);
    assert_true(a->diverged == b->diverged && a->loss_at_every_step == b->loss_at_every_step);
    same(&a->constant_loss, &b->constant_loss, 1);
    same(&a->constant_train_loss, &b->constant_train_loss, 1);
    same(&a->clip_max_norm, &b->clip_max_norm, 1);
    const weir_nonfinite *x = &a->nonfinite, *y = &b->nonfinite;
    assert_true(x->found == y->found && x->step == y->step && x->node == y->node);
    assert_true(x->time == y->time);
    same_words(x->tensor, y->tensor);
    same_words(x->where, y->where);
    same_net(a, b);
    same_points(a, b);
}

#endif
