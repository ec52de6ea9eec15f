// SPDX-License-Identifier: MIT
// evx gen: a log from nothing.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <evx/evx_generate.h>

#include "commands.h"
#include "output.h"
#include "report.h"

static int write_output(void *context, const void *bytes, size_t size)
{
    return output_write(context, bytes, size);
}

static int list_damage_names(void)
{
    struct output output;
    output_open_stdout(&output);
    for (const char *const *name = evx_generate_damage_names(); *name; name++) {
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
    if (isatty(STDOUT_FILENO)) {
        report_failure_text("A log is no text for a terminal; name a file with -f", NULL);
        return false;
    }
    output_open_stdout(ret_output);
    return true;
}

int command_gen(const struct options *options)
{
    const char *damage = options_text(options, OPT_DAMAGE);
    if (damage && strcmp(damage, "list") == 0)
        return list_damage_names();
    struct output output;
    if (!open_output(options, &output))
        return EXIT_FAILURE;
    const evx_generate_options generate_options = {
        .size = sizeof generate_options,
        .profile = options_text(options, OPT_PROFILE),
        .size_bytes = options->values[OPT_SIZE].number,
        .seed = options->values[OPT_SEED].number,
        .damage = damage,
    };
    evx_error error = {0};
    evx_status status = evx_generate(&generate_options, write_output, &output, &error);
    int code = output_close(&output);
    if (status == EVX_OK || status == EVX_ERR_SINK)
        return code;
    report_failure("Failed to make the log", &error, 0);
    return EXIT_FAILURE;
}
