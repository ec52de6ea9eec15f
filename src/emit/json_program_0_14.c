// SPDX-License-Identifier: MIT
// The loop that runs JSON programs of the 0.14 dialect: the same source, so that the usual loop
// asks for no dialect.
#define EVX_PROGRAM_0_14
#include "emit/json_program.c" // NOLINT(bugprone-suspicious-include)
