// SPDX-License-Identifier: MIT
// Realistic event logs of any size, for tests, demonstrations and benchmarks. The bytes depend on
// the options alone: the same options give the same log on every machine. This is all that the
// program evx and the tests see of gen/, which is no part of the library.
#ifndef EVX_GEN_GENERATE_H
#define EVX_GEN_GENERATE_H

#include <evx/evx.h>

typedef struct generate_options {
    const char *profile; // security, system, sysmon, powershell, mixed
    uint64_t size_bytes; // of the log; rounded to whole chunks, at least one
    uint64_t seed;
    const char *damage; // comma separated names of generate_damage_names, or NULL
} generate_options;

// NULL-terminated lists of what generate_log knows.
const char *const *generate_profile_names(void);
const char *const *generate_damage_names(void);

// Writes the log front to back. Return values of write as in evx_sink.
evx_status generate_log(const generate_options *options,
                        int (*write)(void *context, const void *bytes, size_t size), void *context,
                        evx_error *error);

#endif
