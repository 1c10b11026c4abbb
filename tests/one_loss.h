/* tests/one_loss.h - a loss with what it compares, for the tests that loop over the registry. */
#ifndef WEIR_TESTS_ONE_LOSS_H
#define WEIR_TESTS_ONE_LOSS_H

#include "tests/test.h"

#include "base/rng.h"
#include "config/config.h"
#include "nn/loss.h"

typedef struct one_loss {
    weir_arena arena;
    weir_config *config;
    const weir_loss_kind *kind;
    weir_loss_common *options; /* every loss's options begin with these */
    weir_tensor y, target;
    weir_loss_input in;
    real *dy, *parts;
} one_loss;

static inline void one_loss_open(one_loss *l, const char *kind, const char *options, weir_shape y)
{
    weir_error err = {0};
    *l = (one_loss){.kind = weir_loss_find(kind)};
    assert_non_null(l->kind);
    l->options = weir_arena_calloc(&l->arena, 1, l->kind->options_size);
    assert_non_null(l->options);
    assert_ok(weir_config_parse(options, kind, &l->config, &err), err);
    assert_ok(weir_config_options(l->config, l->config->root, l->kind->options, NULL, l->options,
                                  &l->arena, &err), err);
    weir_shape target = y;
    if (l->kind->classes) {
        target.dtype = WEIR_INT32;
        target.rank--;
    }
    assert_ok(l->kind->check(l->options, &y, &target, &err), err);
    l->y = weir_tensor_alloc(&l->arena, &y);
    l->target = weir_tensor_alloc(&l->arena, &target);
    l->dy = weir_tensor_alloc(&l->arena, &y).f;
    l->parts = weir_tensor_alloc(&l->arena, &y).f;
    l->in = (weir_loss_input){.y = &l->y, .target = &l->target};
}

static inline void one_loss_close(one_loss *l)
{
    weir_config_free(l->config);
    weir_arena_free(&l->arena);
}

/* Targets: all classes in turn, or numbers from 0 to 1 that differ from each other. */
static inline void one_loss_fill(one_loss *l)
{
    weir_rng rng = weir_rng_make(5, WEIR_FOR_DATA, 0, 0);
    size_t C = weir_shape_features(&l->y.shape);
    for (size_t i = 0; i < weir_count(&l->y); i++)
        l->y.f[i] = (real)(2 * weir_rng_uniform(&rng) + 1.125); /* above all targets: |y - t| > 0 */
    for (size_t i = 0; i < weir_count(&l->target); i++)
        if (l->kind->classes)
            l->target.i[i] = (int32_t)(i % C);
        else
            l->target.f[i] = (real)weir_rng_uniform(&rng);
}

static inline double one_loss_value(one_loss *l)
{
    weir_loss_result result;
    l->kind->apply(l->options, &l->in, &result, NULL, NULL);
    return result.value;
}

/* Options to try; those that begin with a name are for that loss alone. */
static const char *const one_loss_options[] = {
    "{}",
    "{scale: -3}",
    "{reduction: sum}",
    "{reduction: none, scale: 0.5}",
    "cross_entropy {label_smoothing: 0.1}",
    "cross_entropy {weight: [0.5, 2, 1]}",
    "cross_entropy {label_smoothing: 0.2, weight: [0.5, 2, 1], ignore_index: 1}",
    "bce_with_logits {pos_weight: 2.5}",
    "bce_with_logits {pos_weight: [0.5, 2, 1], reduction: sum}",
    NULL};

static inline const char *one_loss_options_for(const weir_loss_kind *kind, const char *line)
{
    size_t n = strlen(kind->name);
    if (*line == '{') return line;
    return strncmp(line, kind->name, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

/* Rows, and a padded sequence; an odd number of rows counts in both. */
static inline void for_every_loss(void (*check)(one_loss *l))
{
    for (const weir_loss_kind *const *kind = weir_loss_kinds; *kind; kind++)
        for (const char *const *line = one_loss_options; *line; line++) {
            one_loss l;
            const char *options = one_loss_options_for(*kind, *line);
            if (!options) continue;
            one_loss_open(&l, (*kind)->name, options, weir_shape_of(2, (size_t)7, (size_t)3));
            one_loss_fill(&l);
            check(&l);
            one_loss_close(&l);
            static const int32_t lengths[] = {3, 2};
            one_loss_open(&l, (*kind)->name, options,
                          weir_shape_of(3, (size_t)4, (size_t)2, (size_t)3));
            one_loss_fill(&l);
            l.in.lengths = lengths;
            check(&l);
            one_loss_close(&l);
        }
}

#endif
