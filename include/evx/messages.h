// SPDX-License-Identifier: MIT
//
// libevx: the words of events. What Event Viewer shows of an event stands not in the log but in the files
// of its provider: definitions (WEVT_TEMPLATE) and message tables. A set of them gives the message of a
// record and the names of its level, task, opcode, keywords and channel, on any system.
//
// The rules of <evx/evx.h> hold here, too.
#ifndef EVX_MESSAGES_H
#define EVX_MESSAGES_H

#include <evx/packs.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct evx_messages evx_messages;

// An empty set. language is a tag (NULL: "en-US"): texts are taken in it, else in another form of the same
// language, else in English, else in whatever there is. EVX_ERR_ARGUMENT: it is not known.
//
// What is added to a set is constant once an engine uses it or something has been looked for; until then
// it belongs to one thread.
EVX_API evx_status evx_messages_create(const char *language, evx_messages **ret_messages, evx_error *error);
// Engines that use it must be destroyed first. Sets *messages to NULL; NULL is fine.
EVX_API void evx_messages_destroy(evx_messages **messages);

// Adds the resources of a PE file (EXE, DLL, SYS, MUI, MUN) to the group of files that is being read. name
// is what the file is called, without folders, in UTF-8: wevtsvc.dll.mui has texts of wevtsvc.dll.
// EVX_END: it has no such resources. EVX_ERR_PACK: it is no PE file, or its resources are damaged (cause[0]).
// EVX_ERR_IO: it cannot be read. What could be read of it stays.
EVX_API evx_status evx_messages_add_file(evx_messages *messages, const char *name, const evx_input *input,
                                         evx_error *error);
// The same of one resource, whose bytes are copied. language as Windows numbers them: 0x409 is English.
// EVX_END: nothing in it can be used.
EVX_API evx_status evx_messages_add_resource(evx_messages *messages, const char *name, evx_resource_type type,
                                             uint32_t language, const void *bytes, size_t size,
                                             evx_error *error);
// Ends the group: the texts of each provider are looked for in its files. A provider that an earlier group
// has, too, is asked for texts that are not there.
EVX_API evx_status evx_messages_end_group(evx_messages *messages, evx_error *error);

// An event of a provider. Of a classic one the qualifiers are not 0, as a rule.
typedef struct evx_event_key {
    size_t size;             // sizeof(evx_event_key)
    const uint8_t *provider_guid; // 16 bytes as stored; NULL: not known
    const char *provider;    // its name in UTF-8, which counts where the GUID is not known; NULL: none
    uint16_t event_id, qualifiers;
    uint8_t version;
} evx_event_key;

// Puts values (UTF-8) into the text of an event: the first one for %1, and so on; NULL is nothing. What the
// text asks for and is not given stays as it is spelled, so that without values the result is the text
// itself with its escapes as characters. *ret_text is UTF-8 and valid until the next call with the set,
// which one thread at a time may make. EVX_END: no text is known.
EVX_API evx_status evx_messages_format(evx_messages *messages, const evx_event_key *key,
                                       const char *const *values, size_t value_count,
                                       const char **ret_text, size_t *ret_size, evx_error *error);
// The template of an event. EVX_END: none is known.
EVX_API evx_status evx_messages_find_template(evx_messages *messages, const evx_event_key *key,
                                              uint8_t ret_guid[16]);

// From now on evx_convert and evx_render add RenderingInfo where their option messages says so. Call it
// once, before the engine's first reader is opened.
EVX_API evx_status evx_engine_use_messages(evx_engine *engine, evx_messages *messages, evx_error *error);

// The message of the record that evx_next gave last, in UTF-8, without escapes; valid until the next call
// on the reader. EVX_END: its text is not known, or the record brings its own. Errors are those of
// evx_render.
EVX_API evx_status evx_get_message(evx_reader *reader, const char **ret_text, size_t *ret_size,
                                   evx_error *error);

typedef struct evx_untold {
    size_t size; // of this struct in the library that is running
    const char *provider; // name in UTF-8, escaped as in JSON; NULL: of all that are not told one by one
    uint64_t events;      // that were read and whose text is not known
} evx_untold;

// Calls visit for each provider of events whose text was not known, the one with the most first, on the
// calling thread. What it points to is valid during the call. visit returns 0 to go on, anything else to
// stop (EVX_ERR_SINK).
EVX_API evx_status evx_visit_untold(evx_engine *engine, int (*visit)(void *context, const evx_untold *untold),
                                    void *context, evx_error *error);

#ifdef __cplusplus
}
#endif

#endif
