// SPDX-License-Identifier: MIT
// --messages: the words of providers.
#ifndef EVX_CLI_MESSAGES_H
#define EVX_CLI_MESSAGES_H

#include <stdbool.h>

#include <evx/messages.h>

#include "options.h"

// Reads what the options name, each a group, and has the engine use it. False: why has been
// reported. *ret_messages: NULL when nothing is named.
bool messages_load(const struct options *options, evx_engine *engine, evx_messages **ret_messages);

// The texts that Windows saved beside a log. NULL: none, or they cannot be read, which is told.
evx_mta *messages_open_beside(const char *log);

// Says of how many events the text is not known, and of which providers.
void messages_report_untold(evx_engine *engine);

#endif
