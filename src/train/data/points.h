/* train/data/points.h - what drawn point sets share: n points with labels, in a random order. For
 * data/ only. The kind fills in points and labels; noise is added by weir_points_open. */
#ifndef WEIR_TRAIN_DATA_POINTS_H
#define WEIR_TRAIN_DATA_POINTS_H

#include "train/data/table.h"

typedef struct weir_points_options {
    size_t n;
    double noise;
    int64_t random_state;
    int classes;
} weir_points_options;

/* The options struct of such a kind has members `table` and `points`. */
#define WEIR_POINTS_OPTIONS(S, count, validation)                                                 \
    {"n", WEIR_SIZE, offsetof(S, points.n), count, 1, 1e8, NULL, N_("how many points")},          \
    {"random_state", WEIR_INT, offsetof(S, points.random_state), "-1", 1, 0, NULL,                \
     N_("seed of the points alone; -1: the run's seed")},                                         \
    WEIR_CLASSES_OPTION(S, points.classes), WEIR_TABLE_OPTIONS(S, validation)

#define WEIR_NOISE_OPTION(S, name, fallback, doc)                                                 \
    {name, WEIR_REAL, offsetof(S, points.noise), fallback, 0, 1e6, NULL, doc}

typedef struct weir_points {
    weir_table table;
    const weir_points_options *options;
    double *x;       /* [n, F] */
    int32_t *label;  /* [n] */
    uint32_t *place; /* [n] a permutation: point i is the place[i]-th of its figure */
    size_t n, F;
    size_t classes; /* 0: as many as the labels say */
    weir_rng rng;
} weir_points;

/* Memory for the points, as data->self; NULL when there is none. */
weir_points *weir_points_new(weir_data *data, const weir_points_options *o, size_t F);

/* Adds the noise and makes the table. */
weir_status weir_points_open(weir_data *data, weir_points *points, const weir_table_options *table,
                             weir_error *err);

#endif
