// SPDX-License-Identifier: MIT
// evx gen: a log from nothing.
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "gen/generate.h"
#include "output.h"
#include "report.h"
#include "system/console.h"
#include "system/process.h"

// The output is opened by the first write: options that make no log must not truncate a file.
struct gen {
    const struct options *options;
    struct output output;
    bool is_open;
};

static int list_damage_names(void)
{
    struct output output;
    output_open_stdout(&output);
    for (const char *const *name = generate_damage_names(); *name; name++) {
        output_write(&output, *name, strlen(*name));
        output_write(&output, "\n", 1);
    }
    return output_close(&output);
}

static bool open_output(const struct options *options, struct output *ret_output)
{
    const char *path = options_text(options, OPT_OUTPUT);
    if (path && strcmp(path, "-") != 0)
        return output_open_file(path, options_flag(options, OPT_NO_CONFIRM_OVERWRITE), NULL, 0,
                                ret_output);
    if (console_is(PROCESS_OUTPUT)) {
        report_failure_text("A log is no text for a terminal; name a file with -f", NULL);
        return false;
    }
    output_open_stdout(ret_output);
    return true;
}

static int write_log(void *context, const void *bytes, size_t size)
{
    struct gen *gen = context;
    if (!gen->is_open)
        gen->is_open = open_output(gen->options, &gen->output);
    return gen->is_open ? output_write(&gen->output, bytes, size) : -1;
}

int command_gen(const struct options *options)
{
    const char *damage = options_text(options, OPT_DAMAGE);
    if (damage && strcmp(damage, "list") == 0)
        return list_damage_names();
    const generate_options log_options = {
        .profile = options_text(options, OPT_PROFILE),
        .size_bytes = options->values[OPT_SIZE].number,
        .seed = options->values[OPT_SEED].number,
        .damage = damage,
    };
    struct gen gen = {.options = options};
    evx_error error = {0};
    evx_status status = generate_log(&log_options, write_log, &gen, &error);
    int code = gen.is_open ? output_close(&gen.output) : EXIT_FAILURE;
    if (status == EVX_OK || status == EVX_ERR_SINK)
        return code;
    report_failure("Failed to make the log", &error, 0);
    return status == EVX_ERR_ARGUMENT ? EXIT_USAGE : EXIT_FAILURE;
}
