/* train/data/table.h - what the kinds share that have a fixed number of examples. For data/ only.
 *
 * A kind fills a weir_table with the arrays its examples lie in (memory or a mapped file), and
 * calls weir_table_split, perhaps weir_table_normalize, and weir_table_open; weir_table_batch does
 * the rest. data->self must be the table, or a struct that begins with it.
 */
#ifndef WEIR_TRAIN_DATA_TABLE_H
#define WEIR_TRAIN_DATA_TABLE_H

#include "formats/array.h"
#include "train/data.h"

typedef struct weir_table_options {
    size_t batch_size, n_train;
    double validation;
    bool shuffle, drop_last;
} weir_table_options;

/* The options struct of such a kind has a member `table`. */
#define WEIR_TABLE_OPTIONS(S, fallback)                                                           \
    {"batch_size", WEIR_SIZE, offsetof(S, table.batch_size), "32", 1, 9e15, NULL,                 \
     N_("examples side by side")},                                                                \
    {"validation", WEIR_REAL, offsetof(S, table.validation), fallback, 0, 0.9, NULL,              \
     N_("share of the examples kept for validation; 0: validation sees all of them")},            \
    {"n_train", WEIR_SIZE, offsetof(S, table.n_train), "0", 0, 9e15, NULL,                        \
     N_("train on the first n examples and validate on the rest; 0: as validation says")},        \
    {"shuffle", WEIR_BOOL, offsetof(S, table.shuffle), "true", 0, 0, NULL,                        \
     N_("a new order in every epoch")},                                                           \
    {"drop_last", WEIR_BOOL, offsetof(S, table.drop_last), "false", 0, 0, NULL,                   \
     N_("leave out an epoch's last batch if it is not full")}

#define WEIR_CLASSES_OPTION(S, f)                                                                 \
    {"classes", WEIR_CHOICE, offsetof(S, f), "auto", 0, 0, "auto|true|false",                     \
     N_("targets are class numbers; auto: if the loss wants them")}

#define WEIR_NORMALIZE_OPTION(S, f, doc)                                                          \
    {#f, WEIR_CHOICE, offsetof(S, f), "none", 0, 0, "none|standardize|minmax", doc}

#define WEIR_NONFINITE_OPTION(S, f)                                                               \
    {#f, WEIR_BOOL, offsetof(S, f), "false", 0, 0, NULL, N_("let nan and inf through")}

/* One split. Example e is part->first + e, or where the dealing of examples put that. */
typedef struct weir_table_part {
    weir_array x, y; /* the same in both parts, or a pair of their own */
    const char *x_name, *y_name; /* of their files, for sentences; NULL: the table's name */
    size_t first, count;
} weir_table_part;

typedef struct weir_table {
    const weir_table_options *options;
    const char *name;  /* of the file or kind, for sentences */
    size_t examples;   /* in x and y, when both parts share them */
    weir_shape x, y;   /* of one example: x [F], [T,F], [C,H,W]; y [O] or [T,O], labels [] or [T] */
    bool x_steps, y_steps; /* the first size is time: batches are [T,B,..] */
    size_t x_stride, y_stride; /* numbers from one example to the next */
    double x_scale;    /* x is multiplied by this */
    bool labels;       /* y are class numbers .. */
    bool classes;      /* .. and handed out as such; else as 0 and 1, or one-hot for more */
    size_t class_count; /* (out) */
    bool allow_nonfinite;
    bool dealt;        /* (out) the parts are shares of a random order */
    weir_table_part part[2];
} weir_table;

/* What most kinds want: strides of whole examples, x_scale 1. */
weir_table weir_table_of(const weir_table_options *options, const char *name, size_t examples,
                         weir_array x, weir_array y);

/* The shape of one example of an array: its sizes but the first. */
weir_shape weir_table_row(const weir_array *array);

/* Deals the examples to the parts: the first n_train, or a random share. */
weir_status weir_table_split(const weir_data *data, weir_table *t, weir_error *err);

/* Shifts and scales each of the F columns of v [rows, F] by what it is over the rows that count
 * (all where counts is NULL): standardize to mean 0 and variance 1, or minmax to [0,1]. Constant
 * columns are only shifted. `how` is an option of WEIR_NORMALIZE_OPTION. */
void weir_normalize(int how, double *v, size_t rows, size_t F, const bool *counts);

/* The same for v [examples * each, F], where the examples of the training part count. */
weir_status weir_table_normalize(weir_data *data, const weir_table *t, int how, double *v,
                                 size_t each, size_t F, weir_error *err);

/* Checks numbers and labels; sets data->x, target, hints and batches. */
weir_status weir_table_open(weir_data *data, weir_table *t, weir_error *err);

/* The kind's batch(). */
weir_status weir_table_batch(const weir_data *data, weir_split split, uint64_t index,
                             weir_arena *arena, weir_batch *batch, weir_error *err);

#endif
