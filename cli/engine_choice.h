// SPDX-License-Identifier: MIT
// What tests and measurements choose of the engine by variables of the environment. The output is
// the same; users gain nothing from it.
#ifndef EVX_CLI_ENGINE_CHOICE_H
#define EVX_CLI_ENGINE_CHOICE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// EVX_PLANS=0: every record is walked.
static inline bool plans_are_off(void)
{
    const char *plans = getenv("EVX_PLANS");
    return plans && strcmp(plans, "0") == 0;
}

// EVX_CPU=baseline: without AVX-512, on a processor that has it. NULL: whatever it has.
static inline const char *chosen_cpu(void)
{
    const char *cpu = getenv("EVX_CPU");
    return cpu && strcmp(cpu, "baseline") == 0 ? cpu : NULL;
}

#endif
