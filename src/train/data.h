/* train/data.h - what a data set is. One kind is one file in data/ and one line in its list.def.
 *
 * batch(split, index) is a pure function: the same index gives the same numbers, whoever asks and
 * in whatever order. So a run is resumed by its step number alone, and all trials of a comparison
 * see the same batches.
 */
#ifndef WEIR_TRAIN_DATA_H
#define WEIR_TRAIN_DATA_H

#include "base/option.h"
#include "base/rng.h"
#include "config/config.h"
#include "nn/layer.h"

typedef enum weir_split { WEIR_TRAIN, WEIR_VALID } weir_split;

typedef struct weir_batch {
    weir_tensor x;          /* [B,F], [T,B,F], ids [T,B] or [B,n], images [B,C,H,W] */
    weir_tensor target;     /* classes [B] or [T,B] (int32), numbers [B,F] or [T,B,F] */
    const int32_t *lengths; /* [B] or NULL */
    bool continues;         /* carries on where the batch before ended: states may be carried */
} weir_batch;

typedef struct weir_data weir_data;

/* A key whose value is no plain option: a list, say. */
typedef struct weir_key {
    const char *name, *form, *doc;
} weir_key;

typedef struct weir_data_kind {
    const char *name, *doc;
    size_t options_size;
    const weir_option *options;
    const weir_key *keys; /* (optional) those that open() reads from data->map itself; {0} ends */
    /* Reads files, fills the fields of weir_data marked (out); allocates from data->arena. */
    weir_status (*open)(weir_data *data, weir_error *err);
    /* Batch `index` of a split, counted over all epochs, into memory from `arena`. Thread-safe. */
    weir_status (*batch)(const weir_data *data, weir_split split, uint64_t index, weir_arena *arena,
                         weir_batch *batch, weir_error *err);
    /* (optional) Gives back what does not live in the arena; called if self is set, even after an
     * open() that failed. */
    void (*close)(weir_data *data);
} weir_data_kind;

/* A file the configuration names: the key it stands under, and where it was found. */
typedef struct weir_data_file {
    const char *key, *path;
} weir_data_file;

enum { WEIR_DATA_FILES = 4 };

struct weir_data {
    const weir_data_kind *kind;
    void *options;
    const weir_config *config; /* for paths and places; only during open() */
    const weir_yaml *map;      /* the `data:` map; only during open() */
    uint64_t seed;             /* of shuffling, splitting and generated examples */
    weir_arena arena;

    weir_shape x, target; /* (out) of a full batch */
    weir_hints hints;     /* (out) vocabulary, outputs; outputs 0: the model may choose */
    uint64_t batches[2];  /* (out) in an epoch of each split; WEIR_VALID at least 1 */
    void *self;           /* (out) the kind's own */
    bool in_step;         /* (out) step t of every batch is the same place of the task, and a clock
                           * would know it: the best constant guess is one for each step */
    size_t files;         /* kept by weir_data_path */
    weir_data_file file[WEIR_DATA_FILES];
    const char *const *symbols; /* (out, text only) what each id stands for, UTF-8; [vocabulary] */
};

extern const weir_data_kind *const weir_data_kinds[];
const weir_data_kind *weir_data_find(const char *name);

/* Opens what the `data:` map of a configuration describes. Paths are relative to the
 * configuration's folder, else to the working folder; a key `note` is for readers. Free with
 * weir_data_close. */
weir_status weir_data_open(const weir_config *config, uint64_t seed, weir_data **data,
                           weir_error *err);
void weir_data_close(weir_data *data);

/* During open(): the node of a key, or the whole map; where a sentence about that key points. */
const weir_yaml *weir_data_key(const weir_data *data, const char *key);

/* During open(): whether targets are to be class numbers. `choice` is an option "auto|true|false";
 * auto: as the configured loss wants them, else, without a loss, `fallback`. */
bool weir_data_wants_classes(const weir_data *data, int choice, bool fallback);

/* During open(): whether the configured loss wants targets from 0 to 1. */
bool weir_data_wants_shares(const weir_data *data);

/* A path from the configuration, resolved, in data->arena; NULL when there is no memory. */
const char *weir_data_path(weir_data *data, const char *key, const char *path);

/* Where example `i` (0 .. n-1) of an epoch comes from: a permutation of 0 .. n-1 that needs no
 * memory (a Feistel network over the next power of four, walked until it lands inside). */
uint64_t weir_shuffled(uint64_t seed, uint64_t epoch, uint64_t n, uint64_t i);

#define WEIR_DATA(name) extern const weir_data_kind weir_data_##name;
#include "train/data/list.def"
#undef WEIR_DATA

#endif
