// SPDX-License-Identifier: MIT
// The engine of a command that reads logs.
#ifndef EVX_CLI_MAKE_ENGINE_H
#define EVX_CLI_MAKE_ENGINE_H

#include "options.h"

// With the code page that the options name. Ends the program without memory.
evx_engine *make_engine(const struct options *options);

#endif
