#include "base/threads.h"

#include "weir/base.h"

#include <omp.h>
#include <stdlib.h>

static int wanted; /* 0: not said */

void weir_set_threads(int threads)
{
    wanted = threads > 0 ? threads : 0;
}

int weir_threads(void)
{
    if (wanted) return wanted;
    const char *everyone = getenv("OMP_NUM_THREADS");
    int threads = everyone ? atoi(everyone) : 0;
    return threads > 0 ? threads : omp_get_num_procs();
}

bool weir_is_parallel(void)
{
    return omp_in_parallel() != 0;
}

int weir_set_library_threads(int threads)
{
    int before = omp_get_max_threads();
    if (before != threads) omp_set_num_threads(threads);
    return before;
}

void weir_parallel(size_t count, void (*task)(void *self, size_t index), void *self)
{
    int threads = weir_threads();
    if (count <= 1 || threads == 1 || omp_in_parallel()) {
        for (size_t i = 0; i < count; i++) task(self, i);
        return;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = 0; i < count; i++) task(self, i);
}
