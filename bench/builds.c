/* bench/builds.c - the training step of two builds of the library, in turn, in one process.
 *
 *   bench-builds A.so B.so [--rounds N] CONFIG...
 *
 * Prints for each configuration the median time of a step in both and the median of the ratios A/B,
 * with their quartiles. Both builds take the same steps on the same data; who goes first
 * alternates. It uses the public headers only, and loads the libraries by hand, so that both fit in
 * one process.
 */
#include "weir/train.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_ROUNDS = 1001, WARM_UP = 5 };
static const double round_seconds = 0.02;

/* A build: the functions this program calls. */
typedef struct build {
    void *library;
    weir_status (*load)(const char *, weir_config **, weir_error *);
    weir_status (*new_trainer)(const weir_config *, const weir_trainer_options *, weir_trainer **,
                               weir_error *);
    weir_status (*step)(weir_trainer *, weir_train_event *, weir_error *);
    void (*free_trainer)(weir_trainer *);
    void (*free_config)(weir_config *);
    weir_trainer *trainer;
} build;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* POSIX says that a pointer from dlsym may be a function's; C does not let it be cast. */
static bool find(void *library, const char *name, void *slot)
{
    void *symbol = dlsym(library, name);
    memcpy(slot, &symbol, sizeof symbol);
    return symbol != NULL;
}

static bool open_build(build *b, const char *path)
{
    b->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (b->library && find(b->library, "weir_config_load", &b->load) &&
        find(b->library, "weir_trainer_new", &b->new_trainer) &&
        find(b->library, "weir_trainer_step", &b->step) &&
        find(b->library, "weir_trainer_free", &b->free_trainer) &&
        find(b->library, "weir_config_free", &b->free_config))
        return true;
    fprintf(stderr, "bench-builds: %s\n", dlerror());
    return false;
}

static bool open_trainer(build *b, const char *path)
{
    weir_config *config;
    weir_error err = {0};
    b->trainer = NULL;
    weir_status status = b->load(path, &config, &err);
    if (!status) {
        status = b->new_trainer(config, NULL, &b->trainer, &err);
        b->free_config(config);
    }
    if (status) fprintf(stderr, "bench-builds: %s\n", err.text);
    return !status;
}

/* Seconds per step over `steps` steps; negative on error. */
static double time_steps(build *b, size_t steps)
{
    weir_error err = {0};
    weir_train_event event;
    double start = seconds();
    for (size_t i = 0; i < steps; i++)
        if (b->step(b->trainer, &event, &err)) {
            fprintf(stderr, "bench-builds: %s\n", err.text);
            return -1;
        }
    return (seconds() - start) / (double)steps;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *sorted, size_t n, double q)
{
    return sorted[(size_t)(q * (double)(n - 1) + 0.5)];
}

static bool compare(build builds[2], const char *path, size_t rounds)
{
    static double taken[2][MOST_ROUNDS], ratio[MOST_ROUNDS];
    if (!open_trainer(&builds[0], path) || !open_trainer(&builds[1], path)) return false;
    if (time_steps(&builds[0], WARM_UP) < 0) return false;
    double one = time_steps(&builds[1], WARM_UP);
    size_t steps = one < round_seconds ? (size_t)(round_seconds / one) : 1;
    for (size_t r = 0; r < rounds; r++) {
        for (size_t k = 0; k < 2; k++) {
            size_t who = (k + r) % 2;
            taken[who][r] = time_steps(&builds[who], steps);
            if (taken[who][r] < 0) return false;
        }
        ratio[r] = taken[0][r] / taken[1][r];
    }
    qsort(taken[0], rounds, sizeof **taken, by_size);
    qsort(taken[1], rounds, sizeof **taken, by_size);
    qsort(ratio, rounds, sizeof *ratio, by_size);
    const char *name = strrchr(path, '/');
    printf("%-24s %10.1f us %10.1f us   %.4f  (%.4f to %.4f)\n", name ? name + 1 : path,
           1e6 * quantile(taken[0], rounds, 0.5), 1e6 * quantile(taken[1], rounds, 0.5),
           quantile(ratio, rounds, 0.5), quantile(ratio, rounds, 0.25),
           quantile(ratio, rounds, 0.75));
    fflush(stdout);
    builds[0].free_trainer(builds[0].trainer);
    builds[1].free_trainer(builds[1].trainer);
    return true;
}

int main(int argc, char **argv)
{
    build builds[2];
    size_t rounds = 101;
    int next = 3;
    if (argc > 5 && !strcmp(argv[3], "--rounds")) rounds = strtoul(argv[4], NULL, 10), next = 5;
    if (argc <= next || rounds < 3 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "usage: bench-builds A.so B.so [--rounds 3..%d] CONFIG...\n", MOST_ROUNDS);
        return 2;
    }
    if (!open_build(&builds[0], argv[1]) || !open_build(&builds[1], argv[2])) return 3;
    printf("A: %s\nB: %s\n", argv[1], argv[2]);
    printf("%-24s %13s %13s   %s\n", "a training step of", "A, median", "B, median",
           "A/B, median (quartiles)");
    for (int i = next; i < argc; i++)
        if (!compare(builds, argv[i], rounds)) return 3;
    return 0;
}
