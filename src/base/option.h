/* base/option.h - one table of options drives the configuration reader, --set, --help and the
 * manual.
 *
 *   struct linear { size_t out_features; bool bias; };
 *   static const weir_option options[] = {
 *       WEIR_OPTION_SIZE(struct linear, out_features, "0", 0, "outputs; 0: as the data needs"),
 *       WEIR_OPTION_BOOL(struct linear, bias, "true", "add a learned bias"),
 *       {0}};
 */
#ifndef WEIR_BASE_OPTION_H
#define WEIR_BASE_OPTION_H

#include "base/arena.h"
#include "weir/base.h"

typedef enum weir_option_type {
    WEIR_SIZE,   /* size_t, at least min; or WEIR_WORD(position) of a word in `choices` */
    WEIR_INT,    /* int64_t */
    WEIR_REAL,   /* double */
    WEIR_BOOL,   /* bool */
    WEIR_CHOICE, /* int: position in `choices` */
    WEIR_STRING, /* const char *, NULL when not given */
    WEIR_REALS,  /* weir_reals */
    WEIR_PAIR    /* weir_pair; a word as for WEIR_SIZE is both */
} weir_option_type;

/* A list of numbers, `[0.9, 0.999]`. */
typedef struct weir_reals {
    const double *v;
    size_t count;
} weir_reals;

/* Two whole numbers, height and width: `[3, 5]`; `3` is `[3, 3]`. */
typedef struct weir_pair {
    size_t h, w;
} weir_pair;

/* What a size is when it is given by the k-th word of `choices`. */
#define WEIR_WORD(k) (SIZE_MAX - (size_t)(k))

typedef struct weir_option {
    const char *name;
    weir_option_type type;
    size_t offset;        /* of the field in the kind's options struct */
    const char *fallback; /* as written in a configuration; NULL: must be given; "": not given (NaN
                           * for a number, zero for the others) */
    double min, max;      /* numbers only; min > max: no limit */
    const char *choices;  /* WEIR_CHOICE: "tanh|relu|sigmoid"; WEIR_SIZE, WEIR_PAIR: words that may
                           * stand instead of numbers, or NULL */
    const char *doc;      /* one sentence */
} weir_option;

#define WEIR_OPTION_SIZE(S, f, fallback, min, doc) \
    {#f, WEIR_SIZE, offsetof(S, f), fallback, min, 9e15, NULL, doc}
#define WEIR_OPTION_INT(S, f, fallback, doc) \
    {#f, WEIR_INT, offsetof(S, f), fallback, 1, 0, NULL, doc}
#define WEIR_OPTION_REAL(S, f, fallback, min, max, doc) \
    {#f, WEIR_REAL, offsetof(S, f), fallback, min, max, NULL, doc}
#define WEIR_OPTION_BOOL(S, f, fallback, doc) \
    {#f, WEIR_BOOL, offsetof(S, f), fallback, 0, 0, NULL, doc}
#define WEIR_OPTION_CHOICE(S, f, fallback, choices, doc) \
    {#f, WEIR_CHOICE, offsetof(S, f), fallback, 0, 0, choices, doc}
#define WEIR_OPTION_STRING(S, f, fallback, doc) \
    {#f, WEIR_STRING, offsetof(S, f), fallback, 0, 0, NULL, doc}
#define WEIR_OPTION_REALS(S, f, fallback, doc) \
    {#f, WEIR_REALS, offsetof(S, f), fallback, 0, 0, NULL, doc}
#define WEIR_OPTION_PAIR(S, f, fallback, min, max, doc) \
    {#f, WEIR_PAIR, offsetof(S, f), fallback, min, max, NULL, doc}

/* Fills the struct at `options` with every fallback; options without one are zero. */
weir_status weir_options_default(const weir_option *table, void *options, weir_arena *arena,
                                 weir_error *err);

/* Reads one value as it is written ("0.1", "true", "tanh", "[3, 5]", "[0.9, 0.999]") into its
 * field. `place` ("net.yaml:3:9", or "--set train.lr") opens the sentence of an error. */
weir_status weir_option_read(const weir_option *option, const char *value, const char *place,
                             void *options, weir_arena *arena, weir_error *err);

/* The option called name, or NULL. */
const weir_option *weir_option_find(const weir_option *table, const char *name);

/* One number as YAML writes it, .inf included; WEIR_USAGE for anything else. */
weir_status weir_real_read(const char *value, double *out);

#endif
