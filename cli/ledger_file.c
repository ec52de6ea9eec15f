// SPDX-License-Identifier: MIT
#include "ledger_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger_output.h"
#include "report.h"
#include "system/memory_file.h"

static int on_region(void *context, const evx_region *region)
{
    struct ledger_file *file = context;
    char *text;
    size_t size;
    FILE *out = memory_file_open(&text, &size);
    if (!out)
        report_no_memory();
    region_write_json(out, file->input, region);
    fputc('\n', out);
    if (!memory_file_close(out))
        report_no_memory();
    int result = output_write(&file->output, text, size);
    free(text);
    return result;
}

bool ledger_file_open(const struct options *options, const struct input_list *inputs,
                      struct ledger_file *ret_file)
{
    const char *path = options_text(options, OPT_LEDGER);
    struct file_status *stats;
    *ret_file = (struct ledger_file){0};
    if (!path)
        return true;
    size_t count = input_list_stat(inputs, &stats);
    ret_file->is_open = output_open_file(path, options_flag(options, OPT_NO_CONFIRM_OVERWRITE),
                                         stats, count, &ret_file->output);
    free(stats);
    return ret_file->is_open;
}

const evx_ledger_sink *ledger_file_begin(struct ledger_file *file, const char *input)
{
    file->input = input;
    file->sink = (evx_ledger_sink){.region = on_region, .context = file};
    return file->is_open ? &file->sink : NULL;
}

int ledger_file_close(struct ledger_file *file)
{
    if (!file->is_open)
        return EXIT_SUCCESS;
    file->is_open = false;
    return output_close(&file->output);
}
