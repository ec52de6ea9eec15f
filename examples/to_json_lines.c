// SPDX-License-Identifier: MIT
// Writes every record of a log as one line of JSON, and says on standard error what is damaged.
//
//     cc to_json_lines.c $(pkg-config --cflags --libs evx) -o to_json_lines && ./to_json_lines Security.evtx
#include <evx/evx.h>

#include <stdio.h>

struct output {
    FILE *file;
    const char *log_name;
};

static int write_out(void *context, const void *bytes, size_t size)
{
    struct output *output = context;
    return fwrite(bytes, 1, size, output->file) == size ? 0 : -1; // anything but 0 stops
}

// Each piece of damage comes here, and reading goes on behind it.
static int tell(void *context, const evx_error *error)
{
    struct output *output = context;
    fprintf(stderr, "%s: %s at byte %llu: %s\n", output->log_name, evx_damage_name(error->kind),
            (unsigned long long)error->offset, error->cause_count ? error->cause[0] : "");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: to_json_lines LOG\n");
        return 2;
    }
    struct output output = {stdout, argv[1]};
    const evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL};
    const evx_sink sink = {.write = write_out, .report = tell, .context = &output};
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error;

    // One engine serves any number of logs, and keeps what it has learnt of their templates.
    evx_status status = evx_engine_create(NULL, &engine, &error);
    if (status == EVX_OK)
        status = evx_open_file(engine, argv[1], &reader, &error);
    if (status == EVX_OK)
        status = evx_convert(reader, &options, &sink, NULL, &error);
    if (status != EVX_OK)
        fprintf(stderr, "%s: %s\n", argv[1], error.cause_count ? error.cause[0] : evx_status_name(status));
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return status == EVX_OK ? 0 : 1;
}
