// SPDX-License-Identifier: MIT
// What a command does about damage in its inputs: says it, passes over it or stops, and which exit
// code it ends with.
#ifndef EVX_CLI_DAMAGE_POLICY_H
#define EVX_CLI_DAMAGE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"

enum { EXIT_LOSS = 3 }; // of --strict-exit

struct damage_policy {
    bool is_json;
    bool skips; // nothing is said of each piece of damage
    bool stops; // at the first error
    bool recovers;
    bool is_strict;
    bool has_loss;        // something of an input could not be shown
    const char *input;    // that is being read
    const char *untitled; // input to be named before its first report; NULL: not needed
    uint64_t skipped;     // reports of the input
};

struct damage_policy damage_policy_read(const struct options *options);

// An input begins, of several or not; and ends.
void damage_policy_begin(struct damage_policy *policy, const char *input, bool is_one_of_several);
void damage_policy_end(struct damage_policy *policy);

// A report of the library.
void damage_policy_tell(struct damage_policy *policy, const evx_error *error);

// The exit code of a command that would end with `code`.
int damage_policy_exit(const struct damage_policy *policy, int code);

#endif
