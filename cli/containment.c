// SPDX-License-Identifier: MIT
#include "containment.h"

#include <stdlib.h>
#include <string.h>

#include "archives.h"
#include "report.h"
#include "system/sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_USUAL 0
#else
#define IS_USUAL 1
#endif

static bool is_wanted(const struct options *options)
{
    const char *said = getenv("EVX_SANDBOX");
    if (options_flag(options, OPT_NO_SANDBOX))
        return false;
    return said && *said ? strcmp(said, "0") != 0 : IS_USUAL;
}

static void let_read_all(struct sandbox *sandbox, const struct options *options, enum option_id id)
{
    for (unsigned i = 0; i < options->values[id].count; i++)
        sandbox_let_read(sandbox, options->values[id].texts[i]);
}

// The texts of an exported log stand beside it.
static void let_read_beside(struct sandbox *sandbox, const char *log)
{
    char *folder = strdup(log);
    if (!folder)
        report_no_memory();
    folder[input_file_name(log) - log] = 0;
    sandbox_let_read(sandbox, *folder ? folder : ".");
    free(folder);
}

void contain(const struct options *options, const struct input_list *inputs)
{
    struct sandbox sandbox;
    if (!is_wanted(options))
        return;
    sandbox_begin(&sandbox);
    sandbox_let_usual(&sandbox);
    for (size_t i = 0; i < inputs->count; i++) {
        const char *path = archive_path(inputs->paths[i]);
        if (input_is_stdin(path))
            continue;
        sandbox_let_read(&sandbox, path);
        if (options_flag(options, OPT_MESSAGES))
            let_read_beside(&sandbox, path);
    }
    let_read_all(&sandbox, options, OPT_MESSAGES);
    sandbox_enter(&sandbox);
}
