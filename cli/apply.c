// SPDX-License-Identifier: MIT
// evtx_dump apply-wevt-cache: a template of a cache file, filled with given values.
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <evx/packs.h>

#include "commands.h"
#include "definitions.h"
#include "input.h"
#include "json_values.h"
#include "output.h"
#include "report.h"
#include "system/file.h"
#include "system/memory_file.h"

struct apply {
    const struct options *options;
    const char *cache; // its path
    evx_pack *pack;
    evx_engine *engine;
    struct json_values json;
    bool has_json;
    uint8_t guid[16];   // of the template
    evx_reader *reader; // of the log that the values are from
    const evx_value *values;
    size_t value_count;
};

__attribute__((format(printf, 1, 2))) static bool fail(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (size < 0)
        report_no_memory();
    report_failure_text(text, NULL);
    free(text);
    return false;
}

static bool fail_because(const char *top, const char *path, char *why)
{
    char *text;
    if (asprintf(&text, "%s%s%s%s", top, path ? " `" : "", path ? path : "", path ? "`" : "") < 0)
        report_no_memory();
    report_failure_text(text, why);
    free(text);
    return false;
}

// -------------------------------------------------------------------------------------------
// values

static bool read_text(const char *path, char **ret_text, size_t *ret_size)
{
    char buffer[4096], why[256];
    FILE *out = memory_file_open(ret_text, ret_size);
    if (!out)
        report_no_memory();
    int fd = file_open(path);
    int64_t n = fd < 0 ? -1 : 0;
    while (fd >= 0 && (n = file_read(fd, buffer, sizeof buffer)) > 0)
        fwrite(buffer, 1, (size_t)n, out);
    bool fine = n == 0;
    int number = errno;
    if (!memory_file_close(out))
        report_no_memory();
    if (fd >= 0)
        file_close(fd);
    if (fine)
        return true;
    report_os_text(number, why, sizeof why);
    free(*ret_text);
    return fail_because("failed to read substitutions file", path, why);
}

static bool read_json(struct apply *apply)
{
    const char *text = options_text(apply->options, OPT_SUBSTITUTIONS);
    const char *path = options_text(apply->options, OPT_SUBSTITUTIONS_FILE);
    char *from_file = NULL, *why;
    size_t size = text ? strlen(text) : 0;
    if (!text && !path)
        return true;
    if (!text && !read_text(path, &from_file, &size))
        return false;
    apply->has_json = true;
    why = json_values_read(text ? text : from_file, size, &apply->json);
    free(from_file);
    if (why)
        fail_because(text ? "failed to parse --substitutions as JSON"
                          : "failed to parse substitutions file as JSON",
                     NULL, why);
    free(why);
    return !why;
}

static bool takes_record(const struct options *options)
{
    return options_flag(options, OPT_EVTX) && options_flag(options, OPT_RECORD_ID);
}

// The first record with the identifier. What cannot be read in front of it is none of our business.
static bool find_record(struct apply *apply, const char *path, uint64_t id)
{
    evx_record record;
    evx_error error;
    for (;;) {
        evx_status status = evx_next(apply->reader, &record, &error);
        if (status == EVX_OK && record.id == id)
            return true;
        if (status == EVX_END)
            return fail("record_id %" PRIu64 " not found in %s", id, path);
        if (status == EVX_ERR_MEMORY)
            report_no_memory();
        if (status < 0 && status != EVX_ERR_CHUNK && status != EVX_ERR_RECORD) {
            input_report_failure(path, &error);
            return false;
        }
    }
}

static bool read_record(struct apply *apply)
{
    const char *path = options_text(apply->options, OPT_EVTX);
    uint64_t id = apply->options->values[OPT_RECORD_ID].number;
    uint64_t index = apply->options->values[OPT_INSTANCE_INDEX].number;
    evx_error error = {0};
    if (evx_open_file(apply->engine, path, &apply->reader, &error) != EVX_OK) {
        input_report_failure(path, &error);
        return false;
    }
    if (!find_record(apply, path, id))
        return false;
    evx_status status =
        evx_get_values(apply->reader, index, &apply->values, &apply->value_count, &error);
    if (status == EVX_END)
        return fail("record %" PRIu64 " has no TemplateInstance at index %" PRIu64, id, index);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (status != EVX_OK)
        report_failure(error.cause[0], &error, 1);
    return status == EVX_OK;
}

static bool take_values(struct apply *apply)
{
    if (takes_record(apply->options))
        return read_record(apply);
    if (!apply->json.is_array)
        return fail("substitutions JSON must be an array");
    apply->values = apply->json.values;
    apply->value_count = apply->json.count;
    return true;
}

// -----------------------------------------------------------------------------------------
// template

// Without blanks and braces around it, in lower case; free().
static char *normalize(const char *text)
{
    static const char blanks[] = " \t\n\v\f\r";
    text += strspn(text, blanks);
    size_t size = strlen(text);
    while (size > 0 && strchr(blanks, text[size - 1]))
        size--;
    while (size > 0 && *text == '{') {
        text++;
        size--;
    }
    while (size > 0 && text[size - 1] == '}')
        size--;
    char *guid = strndup(text, size);
    if (!guid)
        report_no_memory();
    for (char *c = guid; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return guid;
}

// The bytes of a GUID as they are stored. False: it is none.
static bool read_guid(const char *text, uint8_t ret_guid[16])
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    static const char digits[] = "0123456789abcdef", dashes[] = "-", none[] = "";
    for (int i = 0; i < 16; i++) {
        const char *dash = i == 4 || i == 6 || i == 8 || i == 10 ? dashes : none;
        if (*dash && *text++ != *dash)
            return false;
        const char *high = *text ? strchr(digits, *text++) : NULL;
        const char *low = high && *text ? strchr(digits, *text++) : NULL;
        if (!low)
            return false;
        ret_guid[order[i]] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return !*text;
}

static bool find_by_event(struct apply *apply)
{
    const struct option_value *values = apply->options->values;
    const char *typed = options_text(apply->options, OPT_PROVIDER_GUID);
    uint16_t id = (uint16_t)values[OPT_EVENT_ID].number;
    uint8_t version = (uint8_t)values[OPT_EVENT_VERSION].number, provider[16];
    char *guid = normalize(typed);
    bool found = read_guid(guid, provider) &&
                 evx_pack_find_event(apply->pack, provider, id, version, apply->guid) == EVX_OK;
    free(guid);
    return found || fail("no template_guid found in cache index for provider_guid=%s event_id=%u "
                         "version=%u",
                         typed, id, version);
}

static bool find_template(struct apply *apply)
{
    const struct options *options = apply->options;
    const char *typed = options_text(options, OPT_TEMPLATE_GUID);
    if (!typed && options_flag(options, OPT_PROVIDER_GUID) && options_flag(options, OPT_EVENT_ID) &&
        options_flag(options, OPT_EVENT_VERSION))
        return find_by_event(apply);
    if (!typed)
        return fail("Must provide either --template-guid or (--provider-guid, --event-id, "
                    "--version)");
    char *guid = normalize(typed);
    bool found = read_guid(guid, apply->guid) && evx_pack_has_template(apply->pack, apply->guid);
    if (!found)
        fail("template GUID `%s` not found in cache `%s`", guid, apply->cache);
    free(guid);
    return found;
}

// -------------------------------------------------------------------------------------------
// output

static bool open_output(const char *path, struct output *ret_output)
{
    if (!path) {
        output_open_stdout(ret_output);
        return true;
    }
    if (output_create(path, ret_output))
        return true;
    char why[256];
    report_os_text(errno, why, sizeof why);
    return fail_because("failed to create", path, why);
}

static int on_write(void *context, const void *bytes, size_t size)
{
    return output_write(context, bytes, size);
}

static bool render(struct apply *apply)
{
    struct output output;
    evx_error error = {0};
    const evx_sink sink = {.write = on_write, .context = &output};
    if (!open_output(options_text(apply->options, OPT_OUTPUT), &output))
        return false;
    evx_status status = evx_render_template(apply->engine, apply->guid, apply->values,
                                            apply->value_count, &sink, &error);
    int code = output_close(&output);
    if (status == EVX_OK || status == EVX_ERR_SINK)
        return code == EXIT_SUCCESS;
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    report_failure(error.cause[0], &error, 1);
    return false;
}

static bool apply_all(struct apply *apply)
{
    evx_error error;
    apply->pack = definitions_load(apply->cache, true);
    if (!apply->pack || !read_json(apply))
        return false;
    if (!takes_record(apply->options) && !apply->has_json)
        return fail("Must provide substitutions via --evtx+--record-id or "
                    "--substitutions/--substitutions-file");
    if (!find_template(apply))
        return false;
    if (evx_engine_create(NULL, &apply->engine, &error) != EVX_OK ||
        evx_engine_use_pack(apply->engine, apply->pack, &error) != EVX_OK)
        report_no_memory();
    return take_values(apply) && render(apply);
}

int command_apply(const struct options *options)
{
    struct apply apply = {.options = options, .cache = options_text(options, OPT_CACHE)};
    bool fine = apply_all(&apply);
    evx_close(&apply.reader);
    evx_engine_destroy(&apply.engine);
    evx_pack_close(&apply.pack);
    json_values_free(&apply.json);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
