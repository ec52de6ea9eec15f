// SPDX-License-Identifier: MIT
// Inside of the log generator: a small world of users, hosts and images, sources that draw values
// from it, and profiles that say which events exist and how often they happen.
#ifndef EVX_GEN_GENERATOR_H
#define EVX_GEN_GENERATOR_H

#include <stdio.h>
#include <string.h>

#include "base/load.h"
#include "encode/encode.h"

enum {
    GENERATE_USERS = 400,
    GENERATE_HOSTS = 80,
    GENERATE_DOMAINS = 4,
    GENERATE_IMAGES = 220,
    GENERATE_ADDRESSES = 600,
    GENERATE_TEXT_UNITS = 64 << 10, // of one record
    GENERATE_FIELDS_MAX = 32,
    GENERATE_EVENTS_MAX = 1200,
    GENERATE_RECENT = 6,
    GENERATE_LOGGING_HOSTS = 6, // that write into one log of forwarded events
};

typedef struct generator generator;

typedef struct text16 {
    const char16_t *units; // a NUL unit follows
    uint32_t count;
} text16;

typedef struct user {
    text16 name, domain;
    uint8_t sid[28];
    uint8_t sid_size;
    uint64_t logon_id;
    uint8_t logon_guid[16];
} user;

// A program file, by the name that Sysmon gives it.
typedef struct image {
    text16 path, device_path, name, arguments, company, description;
    uint8_t hash[20];
} image;

// Where the values of one field come from.
typedef struct value_source value_source;
typedef encode_value value_source_fn(generator *g, const value_source *from);
struct value_source {
    const char *name;
    uint8_t type;
    value_source_fn *draw;
    const void *list; // of text_from and number_from, NULL-terminated / counted
    unsigned part;    // which of the things that the function can give
};

// Event shapes: what stands in the place of the data.
typedef enum event_shape {
    SHAPE_EVENT_DATA = 0, // <EventData> of an instance
    SHAPE_USER_DATA,      // <UserData>, then an instance with a root of the provider's own
    SHAPE_CLASSIC,        // short System, string array and binary
    SHAPE_PLAIN,          // <UserData>, then elements without a template
    SHAPE_RENDERED,       // EventData, and RenderingInfo as a second top-level instance
} event_shape;

// One kind of event as a profile lists it. fields: "Name:source" separated by blanks; the name
// Binary is an element of its own, the name [] the string array of classic events.
typedef struct event_spec {
    uint16_t id;
    uint8_t version, level, opcode;
    uint16_t task;
    uint64_t keywords;
    unsigned weight;
    const char *fields;
    event_shape shape;
    const char *root; // of SHAPE_USER_DATA and SHAPE_PLAIN
    uint16_t qualifiers;
} event_spec;

typedef struct provider_spec {
    const char *name, *guid, *channel; // guid NULL: none
    bool literal;                  // provider and channel are literal text in the outer template
    bool with_user, with_activity; // Security/@UserID and Correlation ids are often there
    const event_spec *events;
    size_t event_count;
} provider_spec;

// An event ready to be drawn.
typedef struct event_kind {
    event_spec spec;
    const struct provider_kind *provider;
    encode_template *outer[GENERATE_LOGGING_HOSTS], *data, *rendering;
    const value_source *sources[GENERATE_FIELDS_MAX];
    const char *names[GENERATE_FIELDS_MAX];
    unsigned field_count;
    unsigned weight_end; // sum of the weights up to here
} event_kind;

typedef struct provider_kind {
    provider_spec spec;
    text16 name, channel;
    encode_value guid;
    uint32_t process_id;
} provider_kind;

typedef struct profile {
    const char *name;
    const provider_spec *providers;
    size_t provider_count;
    const value_source *const *sources; // lists of sources besides the common ones, NULL-terminated
    bool (*set_up)(generator *g); // instead of providers, where they are made up; NULL otherwise
    unsigned hosts;  // that write into the log; above 1 it is a log of forwarded events
    unsigned bursts; // percent of records that are of a kind seen just before
    unsigned pause;  // mean time between records in milliseconds
} profile;

struct generator {
    encode_builder *builder;
    const profile *profile;
    uint64_t random[4];
    uint64_t clock; // FILETIME

    text16 domains[GENERATE_DOMAINS], dns_domains[GENERATE_DOMAINS];
    user users[GENERATE_USERS];
    text16 hosts[GENERATE_HOSTS];
    image images[GENERATE_IMAGES];
    text16 addresses[GENERATE_ADDRESSES];

    event_kind *events; // GENERATE_EVENTS_MAX
    size_t event_count;
    const event_kind *recent[GENERATE_RECENT];
    encode_template *outers[GENERATE_LOGGING_HOSTS][3]; // by shape of the data, for many providers
    uint64_t event_record_id[GENERATE_LOGGING_HOSTS];

    // The scene of the record being made.
    const user *subject, *target;
    const image *image, *parent;
    unsigned host;
    char16_t *text; // composed strings of the record
    uint32_t text_used;
};

// Random numbers: xoshiro256**, the same everywhere.
void generate_seed(generator *g, uint64_t seed);

static inline uint64_t random_bits(generator *g)
{
    uint64_t *s = g->random;
    uint64_t result = s[1] * 5, t = s[1] << 17;
    result = (result << 7 | result >> 57) * 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return result;
}

static inline uint32_t random_below(generator *g, uint32_t bound)
{
    return (uint32_t)((random_bits(g) >> 32) * bound >> 32);
}

static inline bool random_percent(generator *g, unsigned percent)
{
    return random_below(g, 100) < percent;
}

// Small numbers far more often than large ones (Zipf-like: the cube of a uniform number). Integers
// only: floating point would not give the same bytes everywhere.
static inline uint32_t random_skewed(generator *g, uint32_t bound)
{
    uint64_t u = random_bits(g) >> 32;
    uint64_t cube = (u * u >> 32) * u >> 32;
    return (uint32_t)(cube * bound >> 32);
}

// Any number of bits up to 64 less `spared`, small ones as likely as large ones. C leaves the order
// open in which operands and arguments are evaluated, so no expression may draw twice: that is why
// these exist.
static inline uint64_t random_sized(generator *g, unsigned spared)
{
    unsigned shift = spared + random_below(g, 64 - spared);
    return random_bits(g) >> shift;
}

static inline void random_guid(generator *g, uint8_t ret_guid[16])
{
    store_u64(ret_guid, random_bits(g));
    store_u64(ret_guid + 8, random_bits(g));
}

// Composed text. Strings are begun, added to and ended; ended ones live as long as the record.
static inline uint32_t text_begin(const generator *g)
{
    return g->text_used;
}
void text_add16(generator *g, text16 text);
void text_add(generator *g, const char *latin1);
void text_add_number(generator *g, uint64_t number, unsigned digits); // padded with 0 to digits
void text_add_hex(generator *g, const uint8_t *bytes, size_t size);   // upper case
text16 text_end(generator *g, uint32_t begin);
text16 text_keep(generator *g, uint32_t begin);     // lives as long as the builder
encode_value text_value(generator *g, text16 text); // one in six with its NUL
encode_value text_value_end(generator *g, uint32_t begin);

bool generate_world(generator *g);
const char *pick_ascii(generator *g, const char *const *list); // NULL-terminated, skewed

// Sources.
extern const value_source generate_common_sources[];
const value_source *generate_find_source(const generator *g, const char *name, size_t size);
// Their lists: const char *const[]; uint64_t[], the count first.
encode_value text_from(generator *g, const value_source *from);
encode_value number_from(generator *g, const value_source *from);
encode_value value_of_number(uint8_t type, uint64_t number);

#define GENERATE_TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define GENERATE_NUMBERS(...)                                                                      \
    ((const uint64_t[]){sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), __VA_ARGS__})

// Events.
bool generate_add_provider(generator *g, const provider_spec *spec);
void generate_draw_scene(generator *g);
encode_place generate_record(generator *g, uint64_t id); // 0: the next one

extern const profile profile_security, profile_system, profile_sysmon, profile_powershell,
    profile_mixed;

// Damage.
typedef enum damage {
    DAMAGE_TORN_PAGE = 1 << 0,
    DAMAGE_BAD_MAGIC = 1 << 1,
    DAMAGE_STALE_HEADER = 1 << 2,
    DAMAGE_ZEROED_SLOT = 1 << 3,
    DAMAGE_NAME_LINK_CYCLE = 1 << 4,
    DAMAGE_WRAPPED = 1 << 5,
    DAMAGE_ZERO_SIZE_RECORD = 1 << 6,
    DAMAGE_BAD_CHECKSUMS = 1 << 7,
    DAMAGE_TRUNCATED = 1 << 8,
    DAMAGE_GARBAGE_SLOT = 1 << 9,
    DAMAGE_SLACK_RECORDS = 1 << 10,
    DAMAGE_BAD_TOKEN = 1 << 11,
    DAMAGE_HIDDEN_RECORD = 1 << 12,
    DAMAGE_COUNT = 13,
} damage;

// Whether this damage is done to this slot: one slot in 16, at least one.
bool damage_hits(uint64_t seed, damage kind, uint64_t slot, uint64_t slots);
// Does to one finished chunk what the set says. previous: the chunk in front, undamaged, or NULL.
void damage_chunk(uint8_t *chunk, const uint8_t *previous, unsigned set, uint64_t seed,
                  uint64_t slot, uint64_t slots);

#endif
