// SPDX-License-Identifier: MIT
// Random numbers that can be repeated: the seed is printed, EVX_TEST_SEED sets it.
#ifndef EVX_TESTS_RANDOM_H
#define EVX_TESTS_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t random_state;

static inline void random_start(void)
{
    const char *text = getenv("EVX_TEST_SEED");
    random_state = text != NULL ? strtoull(text, NULL, 0) : 20240229;
    printf("# EVX_TEST_SEED=%llu\n", (unsigned long long)random_state);
}

// splitmix64
static inline uint64_t random_u64(void)
{
    uint64_t x = random_state += 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return x ^ x >> 31;
}

static inline uint32_t random_below(uint32_t end)
{
    return (uint32_t)(random_u64() % end);
}

#endif
