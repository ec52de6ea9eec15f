// SPDX-License-Identifier: MIT
#include "emit/format.h"

#include "emit/compiler.h"
#include "emit/rendering_info.h"

#define XML_HEAD  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
#define RECOVERED "<!-- recovered -->\n"
#define TEXT(text)                                                                                 \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }

// clang-format off
const struct format formats[FORMAT_COUNT] = {
    [FORMAT_XML] = {
        .name = "xml",
        .head = TEXT(XML_HEAD), .head_recovered = TEXT(XML_HEAD RECOVERED),
        .tail = "\n\n", .tail_size = 2,
        .empty = "<Event></Event>", .empty_recovered = "<Event></Event>",
        .is_indented = true, .repeats_data_roots = true,
        .record_end = "\n</Event>",
        .render = xml_render, .put_rendering_info = xml_put_rendering_info,
        .compile = xml_compile,
    },
    [FORMAT_XML_COMPACT] = {
        .name = "xml, compact",
        .head = TEXT(XML_HEAD), .head_recovered = TEXT(XML_HEAD RECOVERED),
        .tail = "\n", .tail_size = 1,
        .empty = "<Event></Event>", .empty_recovered = "<Event></Event>",
        .repeats_data_roots = true,
        .record_end = "</Event>",
        .render = xml_render, .put_rendering_info = xml_put_rendering_info,
        .compile = xml_compile,
    },
    [FORMAT_JSON] = {
        .name = "json",
        .tail = "\n", .tail_size = 1,
        .empty = "{\"Event\":null}", .empty_recovered = "{\"recovered\":true,\"Event\":null}",
        .record_end = "}}",
        .render = json_render, .put_rendering_info = json_put_rendering_info,
        .compile = json_compile,
    },
    [FORMAT_JSON_SEPARATE] = {
        .name = "json, separate attributes",
        .tail = "\n", .tail_size = 1,
        .empty = "{\"Event\":null}", .empty_recovered = "{\"recovered\":true,\"Event\":null}",
        .separates_attributes = true,
        .record_end = "}}",
        .render = json_render, .put_rendering_info = json_put_rendering_info,
        .compile = json_compile,
    },
    [FORMAT_XML_DOCUMENT] = {
        .name = "xml document",
        .head_recovered = TEXT(RECOVERED),
        .tail = "\n", .tail_size = 1,
        .front = XML_HEAD "<Events>\n", .back = "</Events>\n",
        .empty = "<Event></Event>", .empty_recovered = "<Event></Event>",
        .is_indented = true, .repeats_data_roots = true,
        .record_end = "\n</Event>",
        .render = xml_render, .put_rendering_info = xml_put_rendering_info,
        .compile = xml_compile,
    },
    [FORMAT_XML_DOCUMENT_COMPACT] = {
        .name = "xml document, compact",
        .head_recovered = TEXT(RECOVERED),
        .tail = "\n", .tail_size = 1,
        .front = XML_HEAD "<Events>\n", .back = "</Events>\n",
        .empty = "<Event></Event>", .empty_recovered = "<Event></Event>",
        .repeats_data_roots = true,
        .record_end = "</Event>",
        .render = xml_render, .put_rendering_info = xml_put_rendering_info,
        .compile = xml_compile,
    },
    [FORMAT_JSON_ARRAY] = {
        .name = "json array",
        .head = TEXT(",\n"), .head_recovered = TEXT(",\n"), .first_skips = 1,
        .front = "[", .back = "\n]\n",
        .empty = "{\"Event\":null}", .empty_recovered = "{\"recovered\":true,\"Event\":null}",
        .record_end = "}}",
        .render = json_render, .put_rendering_info = json_put_rendering_info,
        .compile = json_compile,
    },
    [FORMAT_JSON_ARRAY_SEPARATE] = {
        .name = "json array, separate attributes",
        .head = TEXT(",\n"), .head_recovered = TEXT(",\n"), .first_skips = 1,
        .front = "[", .back = "\n]\n",
        .empty = "{\"Event\":null}", .empty_recovered = "{\"recovered\":true,\"Event\":null}",
        .separates_attributes = true,
        .record_end = "}}",
        .render = json_render, .put_rendering_info = json_put_rendering_info,
        .compile = json_compile,
    },
    [FORMAT_XML_0_14] = {
        .name = "xml, 0.14",
        .head = TEXT(XML_HEAD), .head_recovered = TEXT(XML_HEAD RECOVERED),
        .tail = "\n", .tail_size = 1,
        .empty = "<Event></Event>", .empty_recovered = "<Event></Event>",
        .is_indented = true, .is_0_14 = true, .repeats_data_roots = true,
        .record_end = "\n</Event>",
        .render = xml_render, .put_rendering_info = xml_put_rendering_info,
        .compile = xml_compile,
    },
    [FORMAT_XML_COMPACT_0_14] = {
        .name = "xml, compact, 0.14",
        .head = TEXT(XML_HEAD), .head_recovered = TEXT(XML_HEAD RECOVERED),
        .tail = "", .tail_size = 0,
        .empty = "<Event></Event>", .empty_recovered = "<Event></Event>",
        .is_0_14 = true, .repeats_data_roots = true,
        .record_end = "</Event>",
        .render = xml_render, .put_rendering_info = xml_put_rendering_info,
        .compile = xml_compile,
    },
    [FORMAT_JSON_0_14] = {
        .name = "json, 0.14",
        .empty = "{\"Event\":null}", .empty_recovered = "{\"recovered\":true,\"Event\":null}",
        .is_0_14 = true,
        .record_end = "}}",
        .render = json_render, .put_rendering_info = json_put_rendering_info,
        .compile = json_compile,
    },
    [FORMAT_JSON_SEPARATE_0_14] = {
        .name = "json, separate attributes, 0.14",
        .empty = "{\"Event\":null}", .empty_recovered = "{\"recovered\":true,\"Event\":null}",
        .separates_attributes = true, .is_0_14 = true,
        .record_end = "}}",
        .render = json_render, .put_rendering_info = json_put_rendering_info,
        .compile = json_compile,
    },
};
// clang-format on
