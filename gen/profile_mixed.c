// SPDX-License-Identifier: MIT
// Mixed: forwarded events of many made-up but plausible providers, few records of each. Every shape
// of data that occurs in real logs is here.
#include "gen/generator.h"

#include <stdarg.h>

enum {
    PROVIDERS = 240,
    EVENTS_PER_PROVIDER_MAX = 5,
    MIXED_FIELDS_MAX = 16,
    FIELD_TEXT_BYTES = 64,
    TEXT_BYTES = 128,
};

static const char *const areas[] = {
    "Kernel",      "Storage",   "Network",  "Remote",      "Device",      "Backup",    "Print",
    "Certificate", "Power",     "Shell",    "Update",      "Audio",       "Bluetooth", "Hyper-V",
    "Cluster",     "Directory", "Identity", "Application", "Diagnostics", "Policy",
};

static const char *const topics[] = {
    "Management", "Driver", "Services",  "Client",       "Server",      "Broker",
    "Experience", "Filter", "Monitor",   "Provisioning", "Replication", "Discovery",
    "Cache",      "Worker", "Scheduler", "Host",         "Core",
};

// Field names and where their values come from. Their number is prime, so that steps of any width
// through the list meet every field once.
static const char *const fields[] = {
    "ProcessId:pid32", "ProcessName:image", "UserName:subject_name", "UserSid:subject_sid",
    "Domain:subject_domain", "ErrorCode:hex32", "Status:status", "ActivityName:image_about",
    "Path:file", "RegistryKey:registry", "CorrelationId:guid", "StartTime:filetime",
    "EndTime:systemtime", "Count:small32", "Retry:small8", "Port:port", "Address:address",
    "Server:fqdn", "Url:url", "QueryName:dns_name", "IsEnabled:bool", "IsRemote:bool",
    "BufferSize:size", "Handle:handle", "Offset:u64", "Delta:i32", "Balance:i64", "Mask:hex64",
    "Payload:binary", "Comment:empty", "Legacy:ansi", "LegacyPath:ansi", "Computer:host",
    "Owner:any_name", "OwnerSid:any_sid", "CommandLine:command", "Company:image_company",
    "Version:small16", "LogonId:subject_logon", "ParentProcess:parent", "Label:label",
    "Reserved:dash", "Names:strings",
};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof((list)[0])))
_Static_assert(sizeof fields / sizeof fields[0] == 43, "must be prime");

static const char *const roots[] = {
    "EventXML",     "OperationCompleted", "DeviceInstall",
    "PolicyChange", "ServiceShutdown",    "CertVerify",
};

static const char *const plain_fields[] = {
    "Subject:fqdn",       "Issuer:image_company", "Url:url", "Path:file", "User:subject_user",
    "Process:image_name", "Result:image_about",
};

// NULL after an error.
EVX_PRINTF(2, 3)
static const char *make_text(generator *g, const char *format, ...)
{
    char *text = encode_allocate(g->builder, TEXT_BYTES);
    if (!text)
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, TEXT_BYTES, format, arguments);
    va_end(arguments);
    return text;
}

// "Name:source ..." of `count` different fields.
static const char *join_fields(generator *g, const char *const *list, uint32_t list_count,
                               uint32_t count)
{
    char *text = encode_allocate(g->builder, FIELD_TEXT_BYTES * (count + 1));
    if (!text)
        return "";
    uint32_t start = random_below(g, list_count), step = 1 + random_below(g, list_count - 1);
    size_t used = 0;
    for (uint32_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, FIELD_TEXT_BYTES, "%s ",
                                 list[(start + i * step) % list_count]);
    return text;
}

static event_shape draw_shape(generator *g)
{
    static const struct {
        unsigned below;
        event_shape shape;
    } shares[] = {
        {64, SHAPE_EVENT_DATA}, {80, SHAPE_USER_DATA}, {88, SHAPE_CLASSIC},
        {93, SHAPE_PLAIN},      {100, SHAPE_RENDERED},
    };
    uint32_t point = random_below(g, 100);
    unsigned i = 0;
    while (point >= shares[i].below)
        i++;
    return shares[i].shape;
}

static void draw_spec(generator *g, event_spec *spec)
{
    static const uint8_t levels[] = {4, 4, 2, 3, 5, 0, 1};
    spec->id = (uint16_t)(1 + random_skewed(g, 60000));
    spec->version = (uint8_t)random_skewed(g, 4);
    spec->level = levels[random_skewed(g, sizeof levels)];
    spec->opcode = (uint8_t)random_skewed(g, 20);
    spec->task = (uint16_t)random_skewed(g, 2000);
    spec->keywords = 0x8000000000000000 | random_bits(g) >> 59;
    spec->weight = 1 + random_skewed(g, 12);
    spec->shape = draw_shape(g);
    spec->root = roots[random_below(g, COUNT(roots))];
    spec->qualifiers = (uint16_t)random_below(g, 65536);
    if (spec->shape == SHAPE_CLASSIC)
        spec->fields = "[]:strings Binary:binary";
    else if (spec->shape == SHAPE_PLAIN)
        spec->fields = join_fields(g, plain_fields, COUNT(plain_fields), COUNT(plain_fields));
    else
        spec->fields =
            join_fields(g, fields, COUNT(fields), random_skewed(g, MIXED_FIELDS_MAX + 1));
}

static const char *make_guid_text(generator *g)
{
    uint64_t high = random_bits(g), low = random_bits(g);
    return make_text(g, "{%08x-%04x-%04x-%04x-%012llx}", (unsigned)(high >> 32),
                     (unsigned)(high >> 16 & 0xFFFF), (unsigned)(high & 0xFFFF),
                     (unsigned)(low >> 48), (unsigned long long)(low & 0xFFFFFFFFFFFF));
}

static bool add_made_up_provider(generator *g, unsigned i)
{
    provider_spec spec = {0};
    event_spec *events = encode_allocate(g->builder, EVENTS_PER_PROVIDER_MAX * sizeof *events);
    bool classic = random_percent(g, 15);
    const char *area = areas[i % COUNT(areas)], *topic = topics[i % COUNT(topics)];
    spec.name = classic ? make_text(g, "%s %s Agent", area, topic)
                        : make_text(g, "Microsoft-Windows-%s-%s", area, topic);
    if (!events || !spec.name)
        return false;
    spec.channel = "Application";
    if (!classic && random_percent(g, 80)) {
        const char *kind = random_percent(g, 70) ? "Operational" : "Admin";
        spec.channel = make_text(g, "%s/%s", spec.name, kind);
    }
    spec.guid = classic ? NULL : make_guid_text(g);
    if (!spec.channel || (!classic && !spec.guid))
        return false;
    spec.literal = random_percent(g, 12);
    spec.with_user = random_percent(g, 60);
    spec.with_activity = random_percent(g, 40);
    spec.events = events;
    spec.event_count = 1 + random_below(g, EVENTS_PER_PROVIDER_MAX);
    for (size_t k = 0; k < spec.event_count; k++)
        draw_spec(g, &events[k]);
    return generate_add_provider(g, &spec);
}

static bool set_up(generator *g)
{
    for (unsigned i = 0; i < PROVIDERS; i++) {
        if (!add_made_up_provider(g, i))
            return false;
    }
    return true;
}

const profile profile_mixed = {
    .name = "mixed",
    .set_up = set_up,
    .hosts = GENERATE_LOGGING_HOSTS,
    .bursts = 10,
    .pause = 5000,
};
