/* doctor/stats.h - paired comparisons over a handful of seeds. */
#ifndef WEIR_DOCTOR_STATS_H
#define WEIR_DOCTOR_STATS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct weir_interval {
    double mean, low, high;
} weir_interval;

/* The mean of n differences with its 95 % interval by Student's t. n >= 2. Where a difference is
 * not finite nothing can be told: the interval is everything. */
weir_interval weir_paired_interval(size_t n, const double *difference);

/* Three seeds of four agree. */
static inline bool weir_most(size_t some, size_t of)
{
    return of > 0 && 4 * some >= 3 * of;
}

#endif
