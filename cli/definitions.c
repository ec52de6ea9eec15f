// SPDX-License-Identifier: MIT
#include "definitions.h"

#include <inttypes.h>

#include <evx/pack_file.h>

#include "report.h"

evx_pack *definitions_load(const char *path, bool why_is_cause)
{
    evx_pack *pack;
    evx_error error = {0};
    evx_status status = evx_pack_open(path, &pack, &error);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (status != EVX_OK) {
        // Of an error of the system the cause is one of its own.
        const bool is_damage =
            status == EVX_ERR_PACK && error.cause_count > 1 && error.cause[0][0] == 'f';
        if (is_damage && !why_is_cause)
            report_line("Error: %s: %s", error.cause[0], error.cause[1]);
        else
            report_failure(error.cause[0], &error, 1);
        return NULL;
    }
    uint64_t refused = evx_pack_refused(pack, &error);
    if (refused > 0)
        report_line("Note: %" PRIu64
                    " of the entries of `%s` cannot be used, the first one because "
                    "of: %s",
                    refused, path, error.cause[0]);
    return pack;
}
