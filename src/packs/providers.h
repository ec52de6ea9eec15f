// SPDX-License-Identifier: MIT
// What providers say about their events: the text of each event, the names of levels, tasks,
// opcodes, keywords and channels, maps, and how each value is meant. One set holds any number of
// providers, each in any number of versions, from any number of sources; the first source wins.
//
// A source is either there from the start (PE files: provider_files.h) or asked for a provider when
// one is looked for first, and then once (a database). Both fill the same structure by the calls
// below. Nothing is looked for here in the steady state: what is found is compiled (message.h).
//
// Everything lives as long as the set. Looking for something takes the set's lock; what has been
// found is constant and needs none.
#ifndef EVX_PACKS_PROVIDERS_H
#define EVX_PACKS_PROVIDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attrs.h"
#include "base/list.h"
#include "base/memory.h"
#include "packs/crim.h"
#include "system/threads.h"

#define NO_MESSAGE UINT32_MAX // of message numbers
#define NO_INDEX   UINT32_MAX // of templates and maps

// ---------------------------------------------------------------------------------------- messages

// Texts by number, each in any number of languages: those of one file, or of one kind.
struct message_list {
    struct list entries; // struct message_entry by number, the best language first, once sorted
    bool is_sorted;
};

struct message_entry {
    uint32_t id, order;
    uint16_t language;     // as Windows numbers them: 0x409 is English; 0: none
    struct wevt_text text; // raw, as in the message table: with its escapes and its last line end
};

// --------------------------------------------------------------------------------------- providers

struct provider_event {
    uint16_t id;
    uint8_t version, channel, level, opcode;
    uint16_t task;
    uint64_t keywords;
    uint32_t message_id;     // NO_MESSAGE: it has none
    uint32_t template_index; // NO_INDEX: it has none, or it is not known
    uint32_t order;
};

// A name of a level, task, opcode, keyword or channel.
struct provider_row {
    uint64_t value; // as in struct wevt_row
    uint32_t message_id;
    struct wevt_text name; // "win:Informational"; shown where there is no message
};

struct provider_template {
    uint8_t guid[16];
    uint32_t first_item, item_count;
};

// What a template says of one of its values, beside the value's own type.
struct provider_item {
    uint8_t in_type, out_type; // evtx-format 8.4; 0: not known
    uint32_t map_index;        // NO_INDEX: none
};

struct provider_map {
    bool is_bits;
    uint32_t first_row, row_count;
};

struct provider_map_row {
    uint32_t value, message_id; // value: or the mask
};

enum { PROVIDER_ROW_KINDS = WEVT_CHANNELS + 1, PROVIDER_MESSAGE_LISTS_MAX = 4 };

// One version of a provider, as one source has it.
struct provider {
    struct provider *next; // in the set, in the order in which they came
    uint32_t rank;         // of its source: lower ones win
    bool has_guid;
    uint8_t guid[16];
    struct wevt_text name; // no units: not known
    uint32_t name_hash;    // of the name in one case
    uint32_t message_id;   // of its name as it is shown
    struct list events;    // struct provider_event by id, version and order, once finished
    struct list rows[PROVIDER_ROW_KINDS]; // struct provider_row, by enum wevt_kind up to CHANNELS
    struct list templates;                // struct provider_template
    struct list items;                    // struct provider_item
    struct list maps;                     // struct provider_map
    struct list map_rows;                 // struct provider_map_row
    // Where its messages are looked for, in this order, and the texts for %%n. NULL: none.
    struct message_list *messages[PROVIDER_MESSAGE_LISTS_MAX];
    struct message_list *parameters;
    struct message_list *categories; // names of the tasks of classic events
};

struct providers;

// Where providers come from that are not in the set from the start.
struct provider_source {
    struct provider_source *next;
    uint32_t rank;
    // Adds what it has of the provider of this GUID (NULL: the event names none) or else of one of
    // these names, in any case of letters; a name without units is none. It may add more than
    // that, but nothing twice. Called under the set's lock. False without memory.
    bool (*load)(struct provider_source *source, struct providers *providers, const uint8_t *guid,
                 const struct wevt_text names[2]);
    void (*close)(struct provider_source *source);
};

struct providers {
    struct memory *memory;
    pthread_mutex_t lock;
    struct provider *first, *last;
    struct provider_source *sources, *last_source;
    uint32_t rank;      // of what is added now
    uint16_t language;  // that is wanted
    struct list lists;  // struct message_list *: all of them
    struct list blocks; // bytes that were read and are looked at in place
    struct arena texts; // that were copied
    // Texts of the system by number: NTSTATUS, and Win32 errors and HRESULTs. NULL: none.
    struct message_list *ntstatus, *errors;
};

// False without memory. Language: see message_list_find().
EVX_MUST_USE bool providers_init(struct providers *providers, struct memory *memory,
                                 uint16_t language);
void providers_destroy(struct providers *providers);

// -------------------------------------------------------------------------------------------
// filling What fills a set holds its lock, or has it for itself. NULL or false: no memory.

// Takes the source over: the set closes it. What it adds has the rank of its place.
void providers_add_source(struct providers *providers, struct provider_source *source);
// What is added from now on gives way to what is there.
void providers_next_rank(struct providers *providers);

// The GUID (16 bytes as stored) may be NULL; the name is copied and may have no units.
struct provider *providers_add(struct providers *providers, const uint8_t *guid,
                               struct wevt_text name);
EVX_MUST_USE bool provider_add_event(struct providers *providers, struct provider *provider,
                                     const struct provider_event *event);
// A manifest's event; its order is left to whoever keeps it.
struct provider_event provider_event_of(const struct wevt_event *event, uint32_t template_index);
// kind: LEVELS, TASKS, OPCODES, KEYWORDS or CHANNELS. The name is copied.
EVX_MUST_USE bool provider_add_row(struct providers *providers, struct provider *provider,
                                   enum wevt_kind kind, const struct provider_row *row);
// The items and rows that are added next are those of this template or map. *ret_index: of it.
EVX_MUST_USE bool provider_add_template(struct providers *providers, struct provider *provider,
                                        const uint8_t guid[16], uint32_t *ret_index);
EVX_MUST_USE bool provider_add_item(struct providers *providers, struct provider *provider,
                                    const struct provider_item *item);
EVX_MUST_USE bool provider_add_map(struct providers *providers, struct provider *provider,
                                   bool is_bits, uint32_t *ret_index);
EVX_MUST_USE bool provider_add_map_row(struct providers *providers, struct provider *provider,
                                       uint32_t value, uint32_t message_id);
// Puts a provider's events in order: due when the last one has been added.
void provider_finish(struct provider *provider);

// An empty list of the set, for any number of providers.
struct message_list *providers_add_messages(struct providers *providers);
// The text is looked at in place and must live as long as the set: see providers_copy().
EVX_MUST_USE bool message_list_add(struct providers *providers, struct message_list *list,
                                   uint32_t id, uint16_t language, struct wevt_text text);
// Due when the last one has been added.
void message_list_sort(struct providers *providers, struct message_list *list);

// Takes over a block of the memory's, which texts lie in. False: no memory, and it has not.
EVX_MUST_USE bool providers_keep_block(struct providers *providers, void *bytes, size_t size);
// Room for text that lives as long as the set; a copy of one. No units without memory (or of none).
uint8_t *providers_text_room(struct providers *providers, size_t bytes);
struct wevt_text providers_copy(struct providers *providers, struct wevt_text text);
// The same of UTF-8, of which what is no UTF-8 becomes U+FFFD. False without memory.
EVX_MUST_USE bool providers_copy_utf8(struct providers *providers, const char *text, size_t size,
                                      struct wevt_text *ret);

// -------------------------------------------------------------------------------------------
// finding

// The first version of a provider: by its GUID (NULL: none), else by the first of the names that is
// one, in any case of letters. NULL: unknown. `after` (NULL: none) gives the one behind it.
const struct provider *providers_find(struct providers *providers, const uint8_t *guid,
                                      const struct wevt_text names[2],
                                      const struct provider *after);

// The event of this id and version. NULL: none. Of several the first.
const struct provider_event *provider_find_event(const struct provider *provider, uint16_t id,
                                                 uint8_t version);
// NULL: none.
const struct provider_template *provider_find_template(const struct provider *provider,
                                                       const uint8_t guid[16]);
const struct provider_row *provider_find_row(const struct provider *provider, enum wevt_kind kind,
                                             uint64_t value);

// The text of a number in the language that comes first: the one that is wanted, another one of the
// same primary language, English (US), none, any other. NULL: there is none.
const struct message_entry *message_list_find(const struct message_list *list, uint32_t id);
// Among all lists of a provider.
const struct message_entry *provider_find_message(const struct provider *provider, uint32_t id);

#endif
