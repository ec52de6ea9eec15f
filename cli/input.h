// SPDX-License-Identifier: MIT
// Opens an input by the name it was given.
#ifndef EVX_CLI_INPUT_H
#define EVX_CLI_INPUT_H

#include <evx/evx.h>

// Reports why when it fails, and returns NULL.
evx_reader *input_open(evx_engine *engine, const char *name);
// The same; *ret_error says why to programs.
evx_reader *input_open_telling(evx_engine *engine, const char *name, evx_error *ret_error);
// From now on what is no log is told by its kind, behind the reference's words.
void input_explain_wrong_files(void);
// An input that turned out to be no log.
void input_report_failure(const char *name, const evx_error *error);

#endif
