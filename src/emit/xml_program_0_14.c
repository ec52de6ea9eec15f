// SPDX-License-Identifier: MIT
// The loop that runs XML programs of the 0.14 dialect: the same source, so that the usual loop asks
// for no dialect.
#define EVX_PROGRAM_0_14
#include "emit/xml_program.c" // NOLINT(bugprone-suspicious-include)
