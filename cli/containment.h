// SPDX-License-Identifier: MIT
// What a program that reads logs may still do once its inputs are known and its outputs are open.
#ifndef EVX_CLI_CONTAINMENT_H
#define EVX_CLI_CONTAINMENT_H

#include "options.h"
#include "walk_inputs.h"

// From here on files are read that were named, and no others, no program is started and no network
// is used (system/sandbox.h), unless --no-sandbox is given or EVX_SANDBOX is 0. Builds with
// sanitizers, which look into their own process, do so only where EVX_SANDBOX is 1.
void contain(const struct options *options, const struct input_list *inputs);

#endif
