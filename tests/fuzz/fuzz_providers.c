// SPDX-License-Identifier: MIT
// Guards what is made of providers' files: a set of them out of any WEVT_TEMPLATE resource and any message
// table, every text in it, and a log of which each record is shown with what the set has. Input: u32 size of
// the first resource, both resources.
#include <stdlib.h>
#include <string.h>

#include <evx/messages.h>

#include "base/load.h"
#include "encode/encode.h"
#include "packs/message_text.h"
#include "packs/providers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const uint8_t guid[16] = {0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33,
                                 0x44, 0x44, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55};

// Events 1 to 8 of the provider, with values of many types.
static uint8_t *make_log(encode_builder *b, size_t *ret_size)
{
    encode_template *data = encode_template_text(
        b, "<EventData><Data Name='a'>%0</Data><Data Name='b'>%1:u32</Data>"
           "<Data Name='c'>%2:hex64</Data><Data Name='d'>%3:binary</Data>"
           "<Data Name='e'>%4:filetime</Data><Data Name='f'>%5:u32[]</Data></EventData>");
    encode_template *root = encode_template_text(
        b, "<Event><System><Provider Name='P' Guid='%0:guid'/><EventID Qualifiers='%?3:u16'>%1:u16"
           "</EventID><Version>0</Version><Level>4</Level><Task>1</Task><Opcode>2</Opcode>"
           "<Keywords>0x3</Keywords><Channel>C</Channel></System>%2:nested</Event>");
    for (uint16_t id = 1; id <= 8; id++)
        ENCODE_EVENT(b, root, encode_guid(guid), encode_u16(id),
                     ENCODE_NESTED_INSTANCE(b, data, encode_string(b, "x %%1 %%2 <y>"), encode_u32(id),
                                            encode_hex64(id), encode_binary(b, guid, 16),
                                            encode_filetime(132436912485916271),
                                            encode_bytes(b, ENCODE_U32 | ENCODE_ARRAY, guid, 12)),
                     id > 6 ? encode_u16(0xC000) : encode_null());
    return encode_finish(b, ret_size);
}

static int take(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)context += size;
    return 0;
}

static void show(evx_messages *messages, const uint8_t *log, size_t size, evx_format format)
{
    evx_engine *engine;
    evx_reader *reader;
    size_t written = 0;
    const evx_sink sink = {.write = take, .context = &written};
    const evx_convert_options options = {
        .size = sizeof options, .format = format, .messages = 1, .threads = 1};
    evx_convert_result result;
    evx_record record;
    const char *text;
    size_t text_size;
    if (evx_engine_create(NULL, &engine, NULL) || evx_engine_use_messages(engine, messages, NULL) ||
        evx_open_memory(engine, log, size, &reader, NULL))
        abort();
    if (evx_convert(reader, &options, &sink, &result, NULL) || result.records != 8 || written == 0)
        abort();
    while (evx_next(reader, &record, NULL) == EVX_OK) {
        evx_status status = evx_get_message(reader, &text, &text_size, NULL);
        if (status != EVX_OK && status != EVX_END)
            abort();
    }
    evx_close(&reader);
    evx_engine_destroy(&engine);
}

// Every piece lies where texts do, and there are no more than units.
static void read_pieces(const uint8_t *bytes, size_t size)
{
    const struct wevt_text text = {bytes, (uint32_t)(size / 2)};
    struct message_reading reading = message_reading(text);
    uint32_t left = text.count;
    while (message_next_piece(&reading).kind != PIECE_END)
        if (left-- == 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    evx_messages *messages;
    read_pieces(bytes, size);
    if (size < 4)
        return 0;
    const uint32_t wanted = load_u32(bytes);
    const size_t first = wanted < size - 4 ? wanted : size - 4;
    if (evx_messages_create(NULL, &messages, NULL))
        abort();
    const uint8_t *second = bytes + 4 + first;
    (void)evx_messages_add_resource(messages, "p.dll", EVX_RESOURCE_WEVT_TEMPLATE, 0x409, bytes + 4, first,
                                    NULL);
    (void)evx_messages_add_resource(messages, "P.DLL.mui", EVX_RESOURCE_MESSAGE_TABLE, 0x409, second,
                                    size - 4 - first, NULL);
    (void)evx_messages_add_resource(messages, "kernel32.dll", EVX_RESOURCE_MESSAGE_TABLE, 0x407, second,
                                    size - 4 - first, NULL);
    if (evx_messages_end_group(messages, NULL))
        abort();
    encode_builder *b = encode_create();
    size_t log_size = 0;
    const uint8_t *log = make_log(b, &log_size);
    if (!log)
        abort();
    show(messages, log, log_size, EVX_FORMAT_JSONL);
    show(messages, log, log_size, EVX_FORMAT_XML);
    encode_free(&b);
    evx_messages_destroy(&messages);
    return 0;
}
