// SPDX-License-Identifier: MIT
//
// libevx: what is not in a log itself. Definitions that programs (EXE, DLL) bring as WEVT_TEMPLATE
// resources, collected in .wevtcache files; the texts that Windows saves beside an exported log (MTA);
// and the values that records give to their templates.
//
// The rules of <evx/evx.h> hold here, too.
#ifndef EVX_PACKS_H
#define EVX_PACKS_H

#include <evx/evx.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------------------------
// Resources of PE files.

typedef enum evx_resource_type {
    EVX_RESOURCE_WEVT_TEMPLATE = 0, // what the manifests of providers compile to
    EVX_RESOURCE_MESSAGE_TABLE = 1,
} evx_resource_type;

typedef struct evx_resource {
    size_t size;     // of this struct in the library that is running
    uint64_t offset; // of its bytes in the file
    uint32_t size_bytes;
    uint32_t language; // as Windows numbers them: 0x409 is English
    uint32_t id;       // 0 when it has a name instead
} evx_resource;

// Calls visit once for each resource of the type, in the order of the file's directories, and only if
// all of them can be read. A file without any is fine. visit returns 0 to go on, anything else to stop
// (EVX_ERR_SINK). EVX_ERR_PACK: it is no PE file, or its resources are damaged (cause[0]). Reads what it
// needs and not the whole file.
EVX_API evx_status evx_find_resources(const evx_input *input, evx_resource_type type,
                                      int (*visit)(void *context, const evx_resource *resource),
                                      void *context, evx_error *error);

// A .wevtcache file is a header, then for each resource the head of an entry and its bytes.
enum { EVX_WEVTCACHE_HEADER_SIZE = 16, EVX_WEVTCACHE_ENTRY_SIZE = 9 };
EVX_API void evx_wevtcache_put_header(uint8_t ret_bytes[EVX_WEVTCACHE_HEADER_SIZE], uint32_t entry_count);
EVX_API void evx_wevtcache_put_entry(uint8_t ret_bytes[EVX_WEVTCACHE_ENTRY_SIZE], uint64_t size_bytes);

// ---------------------------------------------------------------------------------------------------
// Definitions from outside of logs.

typedef struct evx_pack evx_pack;

// Reads a .wevtcache file whole. EVX_ERR_PACK: it is damaged (cause[0]), or nothing in it can be used
// (cause[1] says why). An entry that is no WEVT_TEMPLATE resource is left out where others are.
EVX_API evx_status evx_pack_open_wevtcache(const char *path, evx_pack **ret_pack, evx_error *error);
// Engines that use it must be destroyed first. Sets *pack to NULL; NULL is fine.
EVX_API void evx_pack_close(evx_pack **pack);

// Entries that were left out; cause[0] of ret_why (may be NULL) is why the first one was.
EVX_API uint64_t evx_pack_refused(const evx_pack *pack, evx_error *ret_why);

// Whether there is a template of this GUID (16 bytes as stored).
EVX_API int evx_pack_has_template(const evx_pack *pack, const uint8_t guid[16]);
// The template of an event. EVX_END: none is known.
EVX_API evx_status evx_pack_find_event(const evx_pack *pack, const uint8_t provider_guid[16],
                                       uint16_t event_id, uint8_t version, uint8_t ret_guid[16]);

// From now on, records whose own definition is damaged are shown with the pack's one of the same GUID.
// Call it once, before the engine's first reader is opened.
EVX_API evx_status evx_engine_use_pack(evx_engine *engine, const evx_pack *pack, evx_error *error);

// ---------------------------------------------------------------------------------------------------
// Texts that Windows saves beside an exported log (LocaleMetaData/NAME_LCID.MTA).

// Reads an MTA file whole, for the option mta of evx_convert: each record whose publisher is in it gets
// an element RenderingInfo. Any number of engines may use it. EVX_ERR_IO: cause[0] names the file, cause[1]
// is the system's text. EVX_ERR_PACK: cause[0] says what is wrong.
EVX_API evx_status evx_mta_open(const char *path, evx_mta **ret_mta, evx_error *error);
// Sets *mta to NULL; NULL is fine.
EVX_API void evx_mta_close(evx_mta **mta);

// ---------------------------------------------------------------------------------------------------
// Values.

// A value as it stands in a record: its type code in the format (0 NULL, 1 UTF-16LE string, 9 int64,
// 10 uint64, 12 double, 13 bool of 4 bytes, ...) and its bytes, at most 65535.
typedef struct evx_value {
    const void *bytes;
    size_t size;
    uint8_t type;
} evx_value;

// Writes a template of the engine's pack as indented XML, filled with values, behind an XML declaration.
// Values that are not there leave their places empty; what they would say of elements inside them
// (type 0x21) is taken for NULL. EVX_ERR_ARGUMENT: the pack has no such template. EVX_ERR_PACK: it cannot
// be used. EVX_ERR_LIMIT: a value is too large, or the text is.
EVX_API evx_status evx_render_template(evx_engine *engine, const uint8_t guid[16], const evx_value *values,
                                       size_t value_count, const evx_sink *sink, evx_error *error);

// The values that the record which evx_next gave last has for its index-th template (from 0, counting
// those outside of other values). *ret_values and what they point to are valid until the next call on
// the reader. EVX_END: it has no such template. Errors are those of evx_render.
EVX_API evx_status evx_get_values(evx_reader *reader, uint64_t index, const evx_value **ret_values,
                                  size_t *ret_count, evx_error *error);

typedef struct evx_instances_options {
    size_t size;        // sizeof(evx_instances_options)
    const char *source; // what the lines call the log; NULL: ""
    uint64_t index;     // of the template of each record
    const uint64_t *record_id; // only of the record with this identifier; NULL: all
} evx_instances_options;

// Writes a line of JSON for each live record that has an index-th template: the record, the template and
// the texts of its values, each escaped as in JSON before the line is. Damage is reported through the
// sink. With record_id it stops behind the first line.
EVX_API evx_status evx_dump_instances(evx_reader *reader, const evx_instances_options *options,
                                      const evx_sink *sink, evx_error *error);

#ifdef __cplusplus
}
#endif

#endif
