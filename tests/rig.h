/* tests/rig.h - an optimizer on a bench: options, a few weights, state, and steps by hand. */
#ifndef WEIR_TESTS_RIG_H
#define WEIR_TESTS_RIG_H

#include "tests/test.h"
#include "train/optimizer.h"

enum { N = 3, MOST = 64 };

/* An optimizer with options, weights and state. */
struct rig {
    const weir_optimizer_kind *kind;
    weir_arena arena;
    void *options;
    double lr;
    uint64_t step;
    real w[MOST], g[MOST], state[WEIR_MAX_SLOTS][MOST];
};

static inline void set(struct rig *r, const char *name, const char *value)
{
    weir_error err = {0};
    const weir_option *option = weir_option_find(r->kind->options, name);
    assert_non_null(option);
    assert_ok(weir_option_read(option, value, name, r->options, &r->arena, &err), err);
}

/* words: "sgd", "lr", "0.1", "momentum", "0.9", NULL */
static inline void open_rig(struct rig *r, const char *const *words)
{
    weir_error err = {0};
    memset(r, 0, sizeof *r);
    r->kind = weir_optimizer_find(*words++);
    assert_non_null(r->kind);
    r->options = weir_arena_calloc(&r->arena, 1, r->kind->options_size);
    assert_ok(weir_options_default(r->kind->options, r->options, &r->arena, &err), err);
    for (; *words; words += 2) set(r, words[0], words[1]);
    if (r->kind->check) assert_ok(r->kind->check(r->options, &err), err);
    r->lr = ((weir_optimizer_common *)r->options)->lr;
    assert_in_range(r->kind->slots(r->options), 0, WEIR_MAX_SLOTS);
    for (size_t s = 0; s < r->kind->slots(r->options) && r->kind->initial; s++)
        for (size_t i = 0; i < MOST; i++) r->state[s][i] = (real)r->kind->initial(r->options, s);
}
#define OPEN(rig, ...) open_rig(rig, (const char *[]){__VA_ARGS__, NULL})

static inline void close_rig(struct rig *r)
{
    weir_arena_free(&r->arena);
}

/* One step on the numbers from .. to-1. */
static inline void walk_part(struct rig *r, uint64_t step, size_t from, size_t to)
{
    real *slot[WEIR_MAX_SLOTS];
    for (size_t s = 0; s < WEIR_MAX_SLOTS; s++)
        slot[s] = s < r->kind->slots(r->options) ? r->state[s] + from : NULL;
    r->kind->update(r->options, r->lr, step, to - from, r->w + from, r->g + from, slot);
}

static inline void walk(struct rig *r, size_t steps, double g0, double g1, double g2)
{
    r->g[0] = (real)g0, r->g[1] = (real)g1, r->g[2] = (real)g2;
    for (size_t k = 0; k < steps; k++) walk_part(r, ++r->step, 0, N);
}

#endif
