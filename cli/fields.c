// SPDX-License-Identifier: MIT
#include "fields.h"

#include <string.h>

#include "report.h"

static const struct {
    const char *name;
    evx_format format;
} format_names[] = {
    {"xml", EVX_FORMAT_XML},
    {"json", EVX_FORMAT_JSON},
    {"jsonl", EVX_FORMAT_JSONL},
    {"xml-document", EVX_FORMAT_XML_DOCUMENT},
    {"json-array", EVX_FORMAT_JSON_ARRAY},
    {"csv", EVX_FORMAT_CSV},
    {"tsv", EVX_FORMAT_TSV},
};

evx_format fields_format(const struct options *options)
{
    const char *name = options_text(options, OPT_FORMAT);
    bool is_given = options->values[OPT_FORMAT].count > 0;
    if (!is_given && options_text(options, OPT_FIELDS))
        return EVX_FORMAT_CSV;
    for (size_t i = 0; i < sizeof format_names / sizeof *format_names; i++)
        if (strcmp(name, format_names[i].name) == 0)
            return format_names[i].format;
    return EVX_FORMAT_XML;
}

static void report_wrong(const char *list, const evx_error *error)
{
    report_line("Error: --fields: %s", error->cause_count ? error->cause[0] : "cannot be used");
    report_place(list, strlen(list), error->offset);
}

evx_fields *fields_compile(evx_engine *engine, const struct options *options, bool *ret_failed)
{
    const char *list = options_text(options, OPT_FIELDS);
    evx_format format = fields_format(options);
    evx_fields *fields = NULL;
    evx_error error = {0};
    *ret_failed = list && format != EVX_FORMAT_JSONL && format < EVX_FORMAT_CSV;
    if (*ret_failed)
        report_line("Error: --fields needs the format csv, tsv or jsonl");
    if (*ret_failed || (!list && format < EVX_FORMAT_CSV))
        return NULL;
    evx_status status = evx_fields_compile(engine, list, list ? strlen(list) : 0, &fields, &error);
    *ret_failed = status != EVX_OK;
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (*ret_failed)
        report_wrong(list ? list : "", &error);
    return fields;
}
