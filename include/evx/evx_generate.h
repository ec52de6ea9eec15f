// SPDX-License-Identifier: MIT
// Realistic event logs of any size, for tests, demonstrations and benchmarks. The bytes depend on the
// options alone: the same options give the same log on every machine.
#ifndef EVX_EVX_GENERATE_H
#define EVX_EVX_GENERATE_H

#include <evx/evx.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct evx_generate_options {
    size_t size;         // sizeof(evx_generate_options)
    const char *profile; // security, system, sysmon, powershell, mixed
    uint64_t size_bytes; // of the log; rounded to whole chunks, at least one
    uint64_t seed;
    const char *damage;  // comma separated names of evx_generate_damage_names, or NULL
} evx_generate_options;

// NULL-terminated lists of what evx_generate knows.
EVX_API const char *const *evx_generate_profile_names(void);
EVX_API const char *const *evx_generate_damage_names(void);

// Writes the log front to back. Return values of write as in evx_sink.
EVX_API evx_status evx_generate(const evx_generate_options *options,
                                int (*write)(void *context, const void *bytes, size_t size),
                                void *context, evx_error *error);

#ifdef __cplusplus
}
#endif

#endif
