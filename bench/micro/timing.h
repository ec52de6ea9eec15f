// SPDX-License-Identifier: MIT
// Time, its median and minimum, and a place for results that nobody needs.
#ifndef EVX_BENCH_TIMING_H
#define EVX_BENCH_TIMING_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The middle of `count` times, which are sorted: the first is then the minimum.
static inline double median_ns(double *times, unsigned count)
{
    qsort(times, count, sizeof *times, compare_doubles);
    return times[count / 2];
}

// What is kept here the compiler cannot leave out.
static volatile uint64_t kept;

#endif
