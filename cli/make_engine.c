// SPDX-License-Identifier: MIT
#include "make_engine.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

// What tests and measurements choose; the output is the same, and users gain nothing from it.
static bool is_switched_off(const char *variable)
{
    const char *value = getenv(variable);
    return value && strcmp(value, "0") == 0;
}

// Without AVX-512 on a processor that has it. NULL: whatever it has.
static const char *chosen_cpu(void)
{
    const char *cpu = getenv("EVX_CPU");
    return cpu && strcmp(cpu, "baseline") == 0 ? cpu : NULL;
}

evx_engine *make_engine(const struct options *options)
{
    const evx_engine_options engine_options = {
        .size = sizeof engine_options,
        .ansi_codec = options_text(options, OPT_ANSI_CODEC),
        .no_plans = is_switched_off("EVX_PLANS"),
        .no_skips = is_switched_off("EVX_SKIPS"),
        .cpu = chosen_cpu(),
    };
    evx_engine *engine;
    evx_error error;
    if (evx_engine_create(&engine_options, &engine, &error) != EVX_OK)
        report_no_memory();
    return engine;
}
