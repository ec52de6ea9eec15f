// SPDX-License-Identifier: MIT
// Who failed to log on, from where, as a table: asks inside the log, so that nothing else of it is rendered.
//
//     ./failed_logons Security.evtx > failed.csv
#include <evx/evx.h>

#include <stdio.h>
#include <string.h>

static int write_out(void *context, const void *bytes, size_t size)
{
    (void)context;
    return fwrite(bytes, 1, size, stdout) == size ? 0 : -1;
}

static evx_status compile(evx_engine *engine, evx_query **query, evx_fields **fields, evx_error *error)
{
    static const char xpath[] = "Security!*[System[EventID=4625]]";
    static const char columns[] = "TimeCreated,Account=TargetUserName,Address=IpAddress,LogonType,SubStatus";
    const evx_condition condition = {EVX_CONDITION_QUERY, xpath, strlen(xpath)};
    evx_status status = evx_query_compile(engine, &condition, 1, NULL, query, error);
    return status ? status : evx_fields_compile(engine, columns, strlen(columns), fields, error);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: failed_logons LOG\n");
        return 2;
    }
    evx_engine *engine = NULL;
    evx_query *query = NULL;
    evx_fields *fields = NULL;
    evx_reader *reader = NULL;
    evx_error error;
    evx_status status = evx_engine_create(NULL, &engine, &error);
    if (status == EVX_OK)
        status = compile(engine, &query, &fields, &error);
    if (status == EVX_OK)
        status = evx_open_file(engine, argv[1], &reader, &error);
    if (status == EVX_OK) {
        const evx_convert_options options = {.size = sizeof options,
                                             .format = EVX_FORMAT_CSV,
                                             .query = query,
                                             .fields = fields,
                                             .header = 1};
        const evx_sink sink = {.write = write_out};
        status = evx_convert(reader, &options, &sink, NULL, &error);
    }
    if (status != EVX_OK)
        fprintf(stderr, "%s: %s\n", argv[1], error.cause[0]);
    evx_close(&reader);
    evx_query_destroy(&query); // what a conversion used is given back when it has ended
    evx_fields_destroy(&fields);
    evx_engine_destroy(&engine);
    return status == EVX_OK ? 0 : 1;
}
