/* tests/reference/twin.h - what the files share that are compiled twice, once for each number type.
 *
 *   twin.c      picks the run for a case's group
 *   net.c       a net from the manifest: nodes, options, parameters, losses
 *   models.c    groups mlp, activation, batchnorm, .. : one pass through a net
 *   recurrent.c recurrent, tbptt: with states, and what every step contributed
 *   quirks.c    what PyTorch computes differently than it says, and what the manifest leaves unsaid
 *   losses.c  optimizers.c  clips.c     the groups of these names
 */
#ifndef WEIR_TESTS_TWIN_H
#define WEIR_TESTS_TWIN_H

#include "nn/loss.h"
#include "nn/pass.h"
#include "tests/reference/reference.h"

/* Both twins go into one program: these are the names they would share. */
#ifdef WEIR_FLOAT64
#define expect expect64
#define read_options read_options64
#define read_option read_option64
#define tensor_of tensor_of64
#define as_pytorch as_pytorch64
#define read_unsaid read_unsaid64
#define net_open net_open64
#define net_add net_add64
#define net_finish net_finish64
#define net_load net_load64
#define net_close net_close64
#define net_loss net_loss64
#define find_loss find_loss64
#define run_model run_model64
#define run_recurrent run_recurrent64
#define run_tbptt run_tbptt64
#define run_loss run_loss64
#define run_optimizer run_optimizer64
#define run_clip run_clip64
#define ref_run ref_run64
#else
#define ref_run ref_run32
#endif

typedef struct net {
    weir_arena arena;
    weir_model *model;
    weir_pass *pass;
} net;

/* One group's check. WEIR_OK when it ran, whatever it found. */
typedef weir_status group_run(ref_case *c, net *n, weir_error *err);
group_run run_model, run_recurrent, run_tbptt, run_loss, run_optimizer, run_clip;

/* ref_expect with this twin's numbers; the name is printf style. */
void expect(ref_case *c, size_t count, const real *got, const char *format, ...) WEIR_PRINTF(4, 5);

/* An array as a tensor in the arena: class numbers and ids as int32. */
weir_tensor tensor_of(weir_arena *arena, const ref_array *array);

/* Every key of a JSON object into its option (or one). null and what only steers PyTorch's kernels
 * are left out; WEIR_USAGE for a key that is no option. */
weir_status read_options(const weir_option *table, const json_t *object, void *options,
                         weir_arena *arena, weir_error *err);
weir_status read_option(const weir_option *table, const char *key, const json_t *value,
                        void *options, weir_arena *arena, weir_error *err);

/* The layer, with PyTorch's own rounding where that is not the number type's (quirks.c). */
const weir_layer_kind *as_pytorch(const weir_layer_kind *kind);

/* Options of a node that the manifest leaves out though they are not the fallback (quirks.c). */
weir_status read_unsaid(net *n, const ref_case *c, const weir_node_spec *spec, weir_error *err);

void net_open(net *n, const weir_shape *x);
void net_close(net *n);

/* One node; `from` a list of names, or NULL. */
weir_status net_add(net *n, ref_case *c, const char *type, const char *name, const json_t *from,
                    const json_t *options, weir_error *err);
/* Lays out the parameters and sets them and the buffers to the case's "param." and
 * "buffer_before." arrays; every one must be there. */
weir_status net_finish(net *n, const ref_case *c, weir_error *err);
weir_status net_load(real *to, size_t count, const ref_array *from, const char *name,
                     weir_error *err);

/* A loss by the manifest's word: mse, ce, bce, or as Weir calls it; NULL for none. */
const weir_loss_kind *find_loss(const char *word);

/* The case's loss_kind on the net's output y; dy as y. `_last` is the last step alone; steps beyond
 * the pass's lengths do not count. */
weir_status net_loss(net *n, const char *loss_kind, const weir_tensor *y, const weir_tensor *target,
                     real *dy, double *loss, weir_error *err);

#endif
