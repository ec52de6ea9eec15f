// SPDX-License-Identifier: MIT
#include "gather.h"

#include <stdlib.h>

#include "archives.h"
#include "input.h"
#include "report.h"

static evx_reader *open_quietly(evx_engine *engine, const char *name)
{
    evx_reader *reader = NULL;
    evx_error error;
    if (input_is_stdin(name) || archive_has(name))
        return input_open(engine, name);
    return evx_open_file(engine, name, &reader, &error) == EVX_OK ? reader : NULL;
}

const evx_recovery *gather_inputs(evx_engine *engine, const struct input_list *inputs,
                                  struct gathered *ret_gathered)
{
    evx_error error;
    *ret_gathered = (struct gathered){0};
    if (evx_recovery_create(engine, &ret_gathered->recovery, &error) != EVX_OK)
        report_no_memory();
    for (size_t i = 0; i < inputs->count; i++) {
        const char *name = inputs->paths[i];
        evx_reader *reader = open_quietly(engine, name);
        if (!reader)
            continue;
        evx_status status =
            evx_recovery_gather(ret_gathered->recovery, reader, (unsigned)i + 1, &error);
        if (status == EVX_ERR_MEMORY)
            report_no_memory();
        if (input_is_stdin(name) && !ret_gathered->stdin_reader)
            ret_gathered->stdin_reader = reader;
        else
            evx_close(&reader);
    }
    return ret_gathered->recovery;
}

evx_reader *gathered_take_reader(struct gathered *gathered, const char *name)
{
    evx_reader *reader = input_is_stdin(name) ? gathered->stdin_reader : NULL;
    if (reader)
        gathered->stdin_reader = NULL;
    return reader;
}

// More inputs than these are opened, and looked through, once more.
enum { KEPT_OPEN = 64 };

static void gather_all(struct remains *remains, evx_engine *engine, const char *name,
                       evx_recovery *recovery, unsigned number)
{
    evx_error error;
    bool failed;
    while (remains_find(remains, engine, name, &failed)) {
        remains->is_all = remains->next == EVX_NONE && remains->is_first;
        if (evx_recovery_gather(recovery, remains->reader, number, &error) == EVX_ERR_MEMORY)
            report_no_memory();
        if (remains->is_all)
            return;
    }
}

const evx_recovery *gather_remains(evx_engine *engine, const struct input_list *inputs,
                                   struct gathered *ret_gathered)
{
    evx_error error;
    *ret_gathered = (struct gathered){.remains = calloc(inputs->count, sizeof(struct remains)),
                                      .remains_count = inputs->count};
    if (!ret_gathered->remains ||
        evx_recovery_create(engine, &ret_gathered->recovery, &error) != EVX_OK)
        report_no_memory();
    for (size_t i = 0; i < inputs->count; i++) {
        struct remains *remains = &ret_gathered->remains[i];
        const char *name = inputs->paths[i];
        if (!remains_open(remains, name))
            continue;
        gather_all(remains, engine, name, ret_gathered->recovery, (unsigned)i + 1);
        if (i >= KEPT_OPEN && !input_is_stdin(name))
            remains_close(remains);
    }
    return ret_gathered->recovery;
}

struct remains *gathered_remains(struct gathered *gathered, size_t index, const char *name)
{
    struct remains *remains = &gathered->remains[index];
    if (remains->is_refused || (remains->fd < 0 && !remains_open(remains, name)))
        return NULL;
    remains_rewind(remains);
    return remains;
}

void gathered_free(struct gathered *gathered)
{
    for (size_t i = 0; i < gathered->remains_count; i++)
        if (!gathered->remains[i].is_refused)
            remains_close(&gathered->remains[i]);
    free(gathered->remains);
    evx_close(&gathered->stdin_reader);
    evx_recovery_destroy(&gathered->recovery);
}
