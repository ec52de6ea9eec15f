// SPDX-License-Identifier: MIT
// Decoding of one worker: chunk bytes to fragments, instances and templates.
//
// Lifetimes: templates and names of the store live for the run; what the store does not take lives
// in the chunk arena until decoder_start_chunk; fragments, instances and value tables live in the
// record arena until decoder_start_record.
#ifndef EVX_DECODE_DECODER_H
#define EVX_DECODE_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ablate.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/limits.h"
#include "container/chunk.h"
#include "container/fault.h"
#include "container/note.h"
#include "decode/node.h"
#include "decode/offset_map.h"
#include "decode/store.h"
#include "decode/template.h"

enum decode_mode {
    DECODE_USUAL,
    DECODE_HOOKED,  // by the decoder's hooks, wherever they read otherwise
    DECODE_LENIENT, // what cannot be read costs no more than the value or the rest it belongs to
};

// What the definitions and names of a chunk take, wherever they are kept. Each is charged once,
// whether or not the store has it, so that what a chunk may have does not depend on others. That is
// only reckoned up when a bound that is cheap to keep, each use charged, passes the limit.
struct charges {
    size_t bytes;
    size_t forgotten; // of them for what decoder_forget_chunk() has dropped
    bool exact;
    uint64_t
        *names; // when exact, a bit for each offset: the name there is charged; made when needed
};

struct decoder;

// Another way to read: that of the reference, when a fault is to be named as it does
// (compat/first_fault.h). All return false with the fault set.
struct decode_hooks {
    // In DECODE_HOOKED: in front of a stream of so many bytes, and in place of an instance, whose
    // token lies in front of *position.
    bool (*begin_stream)(struct decoder *decoder, uint32_t size);
    bool (*read_instance)(struct decoder *decoder, uint32_t *position, uint32_t depth);
    // In every mode: of an instance in a definition, where none may be.
    bool (*skip_instance)(struct decoder *decoder, uint32_t *position);
};

struct decoder {
    struct store *store;
    struct chunk *chunk;
    struct arena chunk_arena;
    struct arena record_arena;
    struct charges charges;      // for definitions and names, this chunk
    struct offset_map names;     // chunk offset -> struct name, this chunk
    struct offset_map templates; // chunk offset -> struct template, this chunk
    struct {
        uint32_t offset;
        struct template *template; // NULL: empty
    } recent[128];                 // front of `templates`
    struct offset_map
        fragments; // chunk offset of a value token's payload -> struct fragment, this record
    struct offset_map proofs; // chunk offset of a definition -> struct fault, or what stands for
                              // none: see prove_definition(), this chunk
    uint64_t *proved_names; // a bit for each offset: the name there has its stored hash, this chunk
    struct fault fault;     // why the last call returned false

    bool recovered;              // the record was carved: its structure must prove to be its own
    struct elsewhere *elsewhere; // who has other definitions for such records; NULL: nobody
    unsigned origins;            // of those that were taken since it was set to 0
    uint32_t *definition_offsets,
        definition_count; // chunk_definitions(), this chunk; NULL: not yet
    bool proving;         // a definition is read once more, for the names in it
    bool names_in_place;  // definitions have their names where they use them: see decode_outside()
    uint32_t tail_bytes;  // of the record behind its stream
    // What is shown of the record and damaged, by offset, each place once.
    struct note notes[RECORD_NOTES_MAX];
    uint32_t note_count;
    bool has_more_notes;

    // Scratch of the token parser.
    struct node *nodes;
    uint32_t node_count, node_capacity;
    struct name_reference *references; // of the definition that is being parsed
    uint32_t reference_count, reference_capacity;
    uint32_t open_definitions; // that are being parsed inside one another
    uint32_t inner_height;     // the largest of the definitions that the innermost one uses
    bool definitions_too_deep; // one of those that are being parsed failed for that

    enum decode_mode mode;
    const struct decode_hooks *hooks; // NULL: none
    void *hook_context;               // theirs, in DECODE_HOOKED
    uint32_t stream_end;              // where the last stream that was parsed ended
};

void decoder_init(struct decoder *decoder, struct store *store);
void decoder_destroy(struct decoder *decoder);
void decoder_start_chunk(struct decoder *decoder, struct chunk *chunk);
// What was decoded of the chunk so far may rest on bytes that are not there: it is forgotten.
EVX_COLD void decoder_forget_chunk(struct decoder *decoder);

EVX_INLINE void decoder_start_record(struct decoder *decoder, bool recovered)
{
    EVX_CHECK(decoder->open_definitions == 0);
    arena_reset(&decoder->record_arena);
    if (decoder->fragments.count)
        offset_map_clear(&decoder->fragments);
    decoder->recovered = recovered;
    decoder->note_count = 0;
    decoder->has_more_notes = false;
}

// The stream of a record: chunk bytes [start, end).
EVX_MUST_USE bool decode_record(struct decoder *decoder, uint32_t start, uint32_t end,
                                struct fragment *ret_fragment);

// The elements of a value of FORM_FRAGMENT (or of a value token inside a fragment of this depth).
// NULL with the fault set when they cannot be decoded. The same for one that is looked at once, by
// place: nothing is kept.
const struct fragment *decode_span(struct decoder *decoder, const uint8_t *data, uint32_t size,
                                   uint32_t depth);
const struct fragment *decode_value(struct decoder *decoder, struct value *value, uint32_t depth);
const struct fragment *decode_token(struct decoder *decoder, const struct node *node,
                                    uint32_t depth);

// The definition at a chunk offset. NULL with the fault set when it cannot be used. The second one
// while another definition is being parsed, which then stands on this one.
struct template *decode_template_slow(struct decoder *decoder, uint32_t offset);
struct template *decode_inner_template(struct decoder *decoder, uint32_t offset);

EVX_INLINE struct template *decode_template(struct decoder *decoder, uint32_t offset)
{
    if (EVX_UNLIKELY(decoder->open_definitions > 0))
        return decode_inner_template(decoder, offset);
    if (EVX_ABLATE_RECENT_TEMPLATES)
        return decode_template_slow(decoder, offset);
    uint32_t place = offset * UINT32_C(0x9E3779B1) >> 25;
    if (EVX_LIKELY(decoder->recent[place].offset == offset && decoder->recent[place].template))
        return decoder->recent[place].template;
    struct template *template = decode_template_slow(decoder, offset);
    decoder->recent[place].offset = offset;
    decoder->recent[place].template = template;
    return template;
}

// The descriptors of an instance in a record's own stream may lead to the end of its values, as
// decoding has proved, and still be wrong: behind a SID that is larger than they say. Then its
// values become those that a look at the SIDs' own sizes gives. Whoever meets such a SID asks, and
// whoever reads values raw before it does. False with the fault set without memory.
EVX_MUST_USE bool instance_settle_sids(struct decoder *decoder, struct instance *instance);

// Makes the table of an instance's values. False with the fault set without memory.
EVX_MUST_USE bool instance_make_values(struct decoder *decoder, struct instance *instance);

EVX_INLINE EVX_MUST_USE bool instance_need_values(struct decoder *decoder,
                                                  const struct instance *instance)
{
    return EVX_LIKELY(instance->values != NULL) ||
           instance_make_values(decoder, (struct instance *)instance);
}

// One value, classified without the table of all of them if there is none yet. False with the fault
// set without memory. Where the instance has no offsets afterwards, the values stand elsewhere than
// the descriptors say.
EVX_MUST_USE bool instance_one_value(struct decoder *decoder, const struct instance *instance,
                                     uint32_t hole, struct value *ret);

// The template of the only instance in the value of a hole, as far as its head tells: for those who
// may have no need of its values, and so decode nothing. NULL: the value has to be decoded.
const struct template *instance_child_template(struct decoder *decoder,
                                               const struct instance *instance, uint32_t hole);

// The elements in the value of a hole, which is one of them and not empty. They are decoded once
// and kept, whoever asks. NULL with the fault set when they cannot be decoded.
const struct fragment *instance_child(struct decoder *decoder, const struct instance *instance,
                                      uint32_t hole);

// Whether the chunk's bytes up to `end` are there. False with a fault that is never told: the
// record is decoded once more, or the input does not have what it needs (container/chunk.h).
EVX_INLINE bool decoder_covers(struct decoder *decoder, uint32_t end)
{
    return chunk_covers(decoder->chunk, end) ||
           fault_past_end(&decoder->fault, FIELD_DEFINITION, end);
}

// Where chunk bytes lie in the chunk.
EVX_INLINE uint32_t chunk_offset_of(const struct decoder *decoder, const uint8_t *data)
{
    return (uint32_t)(data - decoder->chunk->data);
}

// Notes damage in the record: a value with the size that its descriptor declares and what there is
// of it, or another place.
EVX_COLD void decoder_note_value(struct decoder *decoder, enum note_kind kind, const uint8_t *data,
                                 uint8_t type, uint32_t declared, uint32_t present);
EVX_COLD void decoder_note_place(struct decoder *decoder, enum note_kind kind, uint32_t offset);
// Takes back what was noted of the record from a place of the chunk on.
EVX_COLD void decoder_drop_notes(struct decoder *decoder, uint32_t from);

// What hooks need, too: the head of an instance, within the chunk, and whether a descriptor has a
// type that the format does not have (true with the fault set).
struct instance_head {
    uint32_t definition;
    uint32_t value_count;
    uint32_t descriptors; // offset of the first
    uint32_t values;      // of the first
};

EVX_MUST_USE bool instance_read_head(struct decoder *decoder, uint32_t position,
                                     struct instance_head *ret);
bool instance_has_unknown_type(struct decoder *decoder, uint32_t descriptors, uint32_t count);

// Internal to decode/.
// Whether the chunk may have the name at this offset, which it uses for the first time; a
// definition that has been parsed, without its names; and one from the store.
EVX_MUST_USE bool charge_name(struct decoder *decoder, uint32_t offset, size_t unit_count);
EVX_MUST_USE bool charge_parsed(struct decoder *decoder, const struct template *parsed);
void charges_forget(struct decoder *decoder); // what is charged stays so, though it is dropped
void charges_destroy(struct charges *charges, struct memory *memory);
EVX_MUST_USE bool charge_stored(struct decoder *decoder, const struct template *stored,
                                uint32_t offset);
const struct name *decode_name(struct decoder *decoder, uint32_t offset);
bool name_has_stored_hash(struct decoder *decoder, uint32_t offset);
EVX_MUST_USE bool parse_definition(struct decoder *decoder, uint32_t start, uint32_t size,
                                   struct template *ret);
// Whether a literal value is shown as hex, and noted, because its bytes do not fit its type.
bool is_refused_token(const struct node *node);
// Sets the fault of the definition at this offset, in whose place one from outside stands.
EVX_COLD void tell_own_fault(struct decoder *decoder, uint32_t offset);
EVX_MUST_USE bool decode_stream(struct decoder *decoder, uint32_t start, uint32_t end,
                                bool is_definition, uint32_t depth, uint32_t *ret_roots);
// The parser's nodes from `base` on, which are given up: good until the parser runs again. Their
// indexes count from the first of them. NULL when there are none.
struct node *take_scratch_nodes(struct decoder *decoder, uint32_t base, uint32_t *ret_count);
// The position is behind the token; INSTANCE_FIXED_BYTES lie in front of the end.
EVX_MUST_USE bool decode_instance(struct decoder *decoder, uint32_t *position, uint32_t end,
                                  uint32_t depth, struct instance **ret_instance);

enum {
    INSTANCE_FIXED_BYTES = 9, // behind the token: u8, template id, definition offset
};

// For records that were carved: whether all names of the definition have the hash that is stored
// with them. Others have been overwritten.
EVX_COLD EVX_MUST_USE bool prove_definition(struct decoder *decoder, uint32_t offset);

enum lone_instance { LONE_NO, LONE_YES, LONE_FAULT };

// Nearly every fragment is one template instance, with or without a fragment header: that needs no
// parser. LONE_NO: this one is something else.
// *ret_tail_bytes: what is left behind it and its EOF token.
enum lone_instance decode_lone_instance(struct decoder *decoder, uint32_t start, uint32_t end,
                                        uint32_t depth, struct fragment *ret_fragment,
                                        uint32_t *ret_tail_bytes);

#endif
