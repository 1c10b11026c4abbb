/* What the libraries under Weir take from the heap in a training step: counted apart from Weir's
 * own memory (test_trainer.c: none), by standing in for malloc and its family. It is given back
 * within the step, and bounded. Not built with the sanitizers, which stand there themselves. */
#include "tests/test.h"

#include "train/trainer.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

static long live, most; /* bytes */

static void *taken(void *p)
{
    if (!p) return NULL;
    long now = __atomic_add_fetch(&live, (long)malloc_usable_size(p), __ATOMIC_RELAXED);
    long seen = __atomic_load_n(&most, __ATOMIC_RELAXED);
    while (now > seen && !__atomic_compare_exchange_n(&most, &seen, now, true, __ATOMIC_RELAXED,
                                                      __ATOMIC_RELAXED))
        continue;
    return p;
}

static void given_back(void *p)
{
    if (p) __atomic_sub_fetch(&live, (long)malloc_usable_size(p), __ATOMIC_RELAXED);
}

#pragma GCC visibility push(default) /* for the libraries to find them here */

void *malloc(size_t size)
{
    return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return taken(__libc_calloc(count, size));
}

void *realloc(void *p, size_t size)
{
    given_back(p);
    return taken(__libc_realloc(p, size));
}

void *memalign(size_t alignment, size_t size)
{
    return taken(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return taken(__libc_memalign(alignment, size));
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
    *p = taken(__libc_memalign(alignment, size));
    return *p ? 0 : ENOMEM;
}

void free(void *p)
{
    given_back(p);
    __libc_free(p);
}

#pragma GCC visibility pop

/* A product may copy what it reads and what it writes, once on each thread; a piece of a product
 * has at most PIECE rows or columns (tensor/gemm.c). */
enum { THREADS = 2, PIECE = 128, LOOSE = 1 << 16 };

/* bytes: a piece [PIECE, N], or [N, PIECE], summed over K */
#define COPIES(N, K) \
    (THREADS * (sizeof(float) * ((size_t)PIECE * (K) + (size_t)(K) * (N) + (size_t)PIECE * (N)) + \
                LOOSE))

struct rig {
    size_t bound; /* of the largest product of the net */
    const char *config;
};

static void scratch_is_given_back_and_bounded(void **state)
{
    (void)state;
    static const struct rig rigs[] = {
        {COPIES(256, 50 * 32), /* a weight's gradient over all steps */
         "data: {kind: adding, seq_len: 50, batch_size: 32}\n"
         "model: [lstm: {hidden_size: 256, num_layers: 2, output: last},\n"
         "        linear: {out_features: 1}]\n"
         "train: {loss: mse, optimizer: {adam: {lr: 0.001}}, clip_grad_norm: 1, steps: 100}\n"},
        {COPIES(1024, 512), /* the same, over a batch */
         "data: {kind: circles, n: 2048, batch_size: 512}\n"
         "model: [linear: {out_features: 1024}, batchnorm1d: {}, relu: {},\n"
         "        linear: {out_features: 1024}, relu: {}, linear: {}]\n"
         "train: {loss: cross_entropy, optimizer: {sgd: {lr: 0.01}}, steps: 100}\n"}};
    weir_set_threads(THREADS);
    for (size_t i = 0; i < sizeof rigs / sizeof *rigs; i++) {
        weir_config *config;
        weir_trainer *t;
        weir_train_event event;
        weir_error err = {0};
        long largest = 0;
        assert_ok(weir_config_parse(rigs[i].config, "test.yaml", &config, &err), err);
        assert_ok(weir_trainer_new(config, NULL, &t, &err), err);
        for (size_t k = 0; k < 3; k++) assert_ok(weir_trainer_step(t, &event, &err), err);
        for (size_t k = 0; k < 5; k++) {
            long before = live;
            most = live;
            assert_ok(weir_trainer_step(t, &event, &err), err);
            assert_int_equal(live - before, 0);
            assert_in_range(most - before, 0, rigs[i].bound);
            largest = most - before > largest ? most - before : largest;
        }
        print_message("# scratch of the libraries in a step: at most %ld bytes of %zu\n", largest,
                      rigs[i].bound);
        weir_trainer_free(t);
        weir_config_free(config);
    }
    weir_set_threads(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scratch_is_given_back_and_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
