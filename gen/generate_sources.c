// SPDX-License-Identifier: MIT
// Sources that more than one profile uses: who, where, which image, when, and plain numbers.
#include "gen/generator.h"

enum { // parts
    SUBJECT,
    TARGET,
    ANY_USER,
    IMAGE,
    PARENT,
};

static const user *who(generator *g, const value_source *from)
{
    if (from->part == SUBJECT)
        return g->subject;
    return from->part == TARGET ? g->target : &g->users[random_skewed(g, GENERATE_USERS)];
}

static const image *which(generator *g, const value_source *from)
{
    if (from->part == IMAGE)
        return g->image;
    return from->part == PARENT ? g->parent : &g->images[random_skewed(g, GENERATE_IMAGES)];
}

static encode_value user_name(generator *g, const value_source *from)
{
    return text_value(g, who(g, from)->name);
}

static encode_value user_domain(generator *g, const value_source *from)
{
    return text_value(g, who(g, from)->domain);
}

static encode_value user_qualified(generator *g, const value_source *from)
{
    const user *u = who(g, from);
    uint32_t begin = text_begin(g);
    text_add16(g, u->domain);
    text_add(g, "\\");
    text_add16(g, u->name);
    return text_value_end(g, begin);
}

static encode_value user_sid(generator *g, const value_source *from)
{
    const user *u = who(g, from);
    return encode_borrowed(ENCODE_SID, u->sid, u->sid_size);
}

static encode_value user_logon_id(generator *g, const value_source *from)
{
    return encode_hex64(who(g, from)->logon_id);
}

static encode_value user_logon_guid(generator *g, const value_source *from)
{
    static const uint8_t null_guid[16];
    const user *u = who(g, from);
    return encode_guid(random_percent(g, 60) ? null_guid : u->logon_guid);
}

// S-1-0-0, or an integrity level.
static encode_value fixed_sid(generator *g, const value_source *from)
{
    uint8_t sid[12] = {1, 1, 0, 0, 0, 0, 0, (uint8_t)from->part};
    if (from->part)
        store_u32(sid + 8, 4096 * (1 + random_below(g, 4)));
    return encode_borrowed(ENCODE_SID, sid, sizeof sid);
}

static encode_value host(generator *g, const value_source *from)
{
    (void)from;
    return text_value(g, g->hosts[random_skewed(g, GENERATE_HOSTS)]);
}

static encode_value host_qualified(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g);
    text_add16(g, g->hosts[random_skewed(g, GENERATE_HOSTS)]);
    text_add(g, ".");
    text_add16(g, g->dns_domains[random_skewed(g, GENERATE_DOMAINS)]);
    return text_value_end(g, begin);
}

static encode_value address(generator *g, const value_source *from)
{
    (void)from;
    return text_value(g, g->addresses[random_skewed(g, GENERATE_ADDRESSES)]);
}

static encode_value port(generator *g, const value_source *from)
{
    static const uint16_t known[] = {0,   53,  80,  88,  123,  135,  137,
                                     139, 389, 443, 445, 3389, 5985, 8080};
    uint32_t number = random_percent(g, 40) ? known[random_below(g, sizeof known / sizeof known[0])]
                                            : 49152 + random_below(g, 16384);
    if (from->type != ENCODE_STRING)
        return value_of_number(from->type, number);
    uint32_t begin = text_begin(g);
    text_add_number(g, number, 1);
    return text_value_end(g, begin);
}

static encode_value image_path(generator *g, const value_source *from)
{
    return text_value(g, which(g, from)->path);
}

static encode_value image_device_path(generator *g, const value_source *from)
{
    return text_value(g, which(g, from)->device_path);
}

static encode_value image_name(generator *g, const value_source *from)
{
    return text_value(g, which(g, from)->name);
}

static encode_value image_company(generator *g, const value_source *from)
{
    return text_value(g, which(g, from)->company);
}

static encode_value image_description(generator *g, const value_source *from)
{
    return text_value(g, which(g, from)->description);
}

static encode_value command_line(generator *g, const value_source *from)
{
    const image *p = which(g, from);
    uint32_t begin = text_begin(g);
    text_add(g, "\"");
    text_add16(g, p->path);
    text_add(g, "\" ");
    text_add16(g, p->arguments);
    if (random_percent(g, 30)) {
        text_add(g, " /session:");
        text_add_number(g, random_bits(g) >> 44, 1);
    }
    return text_value_end(g, begin);
}

static encode_value process_id(generator *g, const value_source *from)
{
    return value_of_number(from->type, 4 * (1 + random_skewed(g, 4000)));
}

static encode_value handle(generator *g, const value_source *from)
{
    return value_of_number(from->type,
                           random_percent(g, 30) ? 0 : 4 * (uint64_t)random_below(g, 2000));
}

static encode_value any_guid(generator *g, const value_source *from)
{
    (void)from;
    uint8_t guid[16];
    random_guid(g, guid);
    return encode_guid(guid);
}

static encode_value null_guid(generator *g, const value_source *from)
{
    (void)g;
    (void)from;
    return encode_guid((const uint8_t[16]){0});
}

static encode_value file_path(generator *g, const value_source *from)
{
    uint32_t begin = text_begin(g);
    if (random_percent(g, 70)) {
        text_add(g, "C:\\Users\\");
        text_add16(g, who(g, from)->name);
    } else {
        text_add(g, "\\\\");
        text_add16(g, g->hosts[random_skewed(g, GENERATE_HOSTS)]);
        text_add(g, "\\share$");
    }
    text_add(
        g, pick_ascii(g, GENERATE_TEXTS("\\Documents\\", "\\AppData\\Local\\Temp\\", "\\Desktop\\",
                                        "\\Downloads\\R&D <draft>\\", "\\Pictures\\2024\\")));
    text_add(
        g, pick_ascii(g, GENERATE_TEXTS("report ", "~$budget", "IMG_", "setup-", "notes'", "tmp")));
    text_add_number(g, random_bits(g) >> 46, 4);
    text_add(g, pick_ascii(g, GENERATE_TEXTS(".docx", ".tmp", ".xlsx", ".pdf", ".exe", ".dll",
                                             ".ps1", "")));
    return text_value_end(g, begin);
}

static encode_value registry_path(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g);
    text_add(g, pick_ascii(g, GENERATE_TEXTS(
                                  "HKLM\\System\\CurrentControlSet\\Services\\",
                                  "HKU\\.DEFAULT\\Software\\Microsoft\\Windows\\CurrentVersion\\",
                                  "HKCR\\CLSID\\", "HKLM\\SOFTWARE\\Policies\\Contoso\\")));
    text_add(g, pick_ascii(g, GENERATE_TEXTS("W32Time\\Config\\LastKnownGoodTime",
                                             "bam\\State\\UserSettings\\", "Run\\Agent",
                                             "Tcpip\\Parameters\\Interfaces\\", "Explorer\\")));
    text_add_number(g, random_skewed(g, 500), 1);
    return text_value_end(g, begin);
}

static encode_value dns_name(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g);
    text_add(g, pick_ascii(g, GENERATE_TEXTS("www", "login", "update", "telemetry", "cdn",
                                             "_ldap._tcp", "api")));
    text_add_number(g, random_skewed(g, 60), 1);
    text_add(g, ".");
    text_add16(g, g->dns_domains[random_skewed(g, GENERATE_DOMAINS)]);
    return text_value_end(g, begin);
}

static encode_value url(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g);
    text_add(g, "https://");
    text_add16(g, g->dns_domains[random_skewed(g, GENERATE_DOMAINS)]);
    text_add(g, "/api/v2/items?id=");
    text_add_number(g, random_bits(g) >> 40, 1);
    text_add(g, "&lang=en&q=%22x%22");
    return text_value_end(g, begin);
}

static encode_value file_time(generator *g, const value_source *from)
{
    (void)from;
    return encode_filetime(g->clock - random_sized(g, 16));
}

static encode_value system_time(generator *g, const value_source *from)
{
    (void)from;
    uint64_t bits = random_bits(g);
    return encode_systemtime(2024, (uint16_t)(1 + bits % 12), (uint16_t)((bits >> 8) % 7),
                             (uint16_t)(1 + (bits >> 16) % 28), (uint16_t)((bits >> 24) % 24),
                             (uint16_t)((bits >> 32) % 60), (uint16_t)((bits >> 40) % 60),
                             (uint16_t)((bits >> 48) % 1000));
}

static encode_value any_number(generator *g, const value_source *from)
{
    return value_of_number(from->type, random_sized(g, 0));
}

static encode_value small_number(generator *g, const value_source *from)
{
    return value_of_number(from->type, random_skewed(g, 200));
}

static encode_value boolean(generator *g, const value_source *from)
{
    (void)from;
    static const uint32_t masks[] = {8, 16, 65536}; // a few providers store bit masks as booleans
    return encode_bool(random_percent(g, 3) ? masks[random_below(g, 3)] : random_below(g, 2));
}

static encode_value null(generator *g, const value_source *from)
{
    (void)g;
    (void)from;
    return encode_null();
}

static encode_value empty(generator *g, const value_source *from)
{
    (void)from;
    return text_value(g, (text16){u"", 0});
}

static encode_value bytes(generator *g, const value_source *from)
{
    (void)from;
    uint64_t *words = encode_allocate(g->builder, 160);
    if (!words)
        return encode_null();
    for (unsigned i = 0; i < 20; i++)
        words[i] = random_bits(g);
    size_t size = random_percent(g, 20) ? 0 : 4 + random_skewed(g, 156);
    return encode_borrowed(ENCODE_BINARY, words, size);
}

static encode_value ansi(generator *g, const value_source *from)
{
    const char *text = pick_ascii(g, from->list);
    return encode_borrowed(ENCODE_ANSI, text, strlen(text) + 1);
}

static encode_value strings(generator *g, const value_source *from)
{
    uint32_t begin = text_begin(g), count = random_skewed(g, 12);
    for (uint32_t i = 0; i < count; i++) {
        if (random_percent(g, 30))
            text_add16(g, g->users[random_skewed(g, GENERATE_USERS)].name);
        else if (random_percent(g, 90))
            text_add(g, pick_ascii(g, from->list));
        text_add16(g, (text16){u"", 1}); // the NUL of the item
    }
    text16 all = text_end(g, begin);
    return encode_borrowed(ENCODE_STRING | ENCODE_ARRAY, all.units, all.count * sizeof *all.units);
}

static encode_value privileges(generator *g, const value_source *from)
{
    (void)from;
    static const char *const names[] = {
        "SeSecurityPrivilege",
        "SeTakeOwnershipPrivilege",
        "SeLoadDriverPrivilege",
        "SeBackupPrivilege",
        "SeRestorePrivilege",
        "SeDebugPrivilege",
        "SeSystemEnvironmentPrivilege",
        "SeImpersonatePrivilege",
        "SeDelegateSessionUserImpersonatePrivilege",
    };
    uint32_t begin = text_begin(g), count = 1 + random_below(g, 9);
    for (uint32_t i = 0; i < count; i++) {
        text_add(g, i ? "\n\t\t\t" : "");
        text_add(g, names[i]);
    }
    return text_value_end(g, begin);
}

encode_value value_of_number(uint8_t type, uint64_t number)
{
    static const uint8_t widths[] = {
        [ENCODE_I8] = 1,   [ENCODE_U8] = 1,    [ENCODE_I16] = 2,  [ENCODE_U16] = 2,
        [ENCODE_I32] = 4,  [ENCODE_U32] = 4,   [ENCODE_BOOL] = 4, [ENCODE_HEX32] = 4,
        [ENCODE_SIZE] = 4, [ENCODE_HEX64] = 8,
    };
    unsigned width = type < sizeof widths && widths[type] ? widths[type] : 8;
    return encode_borrowed(type, &number, width);
}

encode_value text_from(generator *g, const value_source *from)
{
    uint32_t begin = text_begin(g);
    text_add(g, pick_ascii(g, from->list));
    return text_value_end(g, begin);
}

encode_value number_from(generator *g, const value_source *from)
{
    const uint64_t *list = from->list;
    return value_of_number(from->type, list[1 + random_skewed(g, (uint32_t)list[0])]);
}

const value_source generate_common_sources[] = {
    {"subject_name", ENCODE_STRING, user_name, NULL, SUBJECT},
    {"subject_domain", ENCODE_STRING, user_domain, NULL, SUBJECT},
    {"subject_user", ENCODE_STRING, user_qualified, NULL, SUBJECT},
    {"subject_sid", ENCODE_SID, user_sid, NULL, SUBJECT},
    {"subject_logon", ENCODE_HEX64, user_logon_id, NULL, SUBJECT},
    {"subject_guid", ENCODE_GUID, user_logon_guid, NULL, SUBJECT},
    {"target_name", ENCODE_STRING, user_name, NULL, TARGET},
    {"target_domain", ENCODE_STRING, user_domain, NULL, TARGET},
    {"target_user", ENCODE_STRING, user_qualified, NULL, TARGET},
    {"target_sid", ENCODE_SID, user_sid, NULL, TARGET},
    {"target_logon", ENCODE_HEX64, user_logon_id, NULL, TARGET},
    {"target_guid", ENCODE_GUID, user_logon_guid, NULL, TARGET},
    {"any_name", ENCODE_STRING, user_name, NULL, ANY_USER},
    {"any_sid", ENCODE_SID, user_sid, NULL, ANY_USER},
    {"null_sid", ENCODE_SID, fixed_sid, NULL, 0},
    {"label", ENCODE_SID, fixed_sid, NULL, 16},
    {"host", ENCODE_STRING, host, NULL, 0},
    {"fqdn", ENCODE_STRING, host_qualified, NULL, 0},
    {"address", ENCODE_STRING, address, NULL, 0},
    {"port", ENCODE_U16, port, NULL, 0},
    {"port_text", ENCODE_STRING, port, NULL, 0},
    {"image", ENCODE_STRING, image_path, NULL, IMAGE},
    {"image_device", ENCODE_STRING, image_device_path, NULL, IMAGE},
    {"image_name", ENCODE_STRING, image_name, NULL, IMAGE},
    {"image_company", ENCODE_STRING, image_company, NULL, IMAGE},
    {"image_about", ENCODE_STRING, image_description, NULL, IMAGE},
    {"command", ENCODE_STRING, command_line, NULL, IMAGE},
    {"parent", ENCODE_STRING, image_path, NULL, PARENT},
    {"parent_command", ENCODE_STRING, command_line, NULL, PARENT},
    {"pid32", ENCODE_U32, process_id, NULL, 0},
    {"pid64", ENCODE_U64, process_id, NULL, 0},
    {"pid_hex", ENCODE_HEX64, process_id, NULL, 0},
    {"handle", ENCODE_HEX64, handle, NULL, 0},
    {"guid", ENCODE_GUID, any_guid, NULL, 0},
    {"null_guid", ENCODE_GUID, null_guid, NULL, 0},
    {"file", ENCODE_STRING, file_path, NULL, SUBJECT},
    {"registry", ENCODE_STRING, registry_path, NULL, 0},
    {"dns_name", ENCODE_STRING, dns_name, NULL, 0},
    {"url", ENCODE_STRING, url, NULL, 0},
    {"filetime", ENCODE_FILETIME, file_time, NULL, 0},
    {"systemtime", ENCODE_SYSTEMTIME, system_time, NULL, 0},
    {"i32", ENCODE_I32, any_number, NULL, 0},
    {"i64", ENCODE_I64, any_number, NULL, 0},
    {"u64", ENCODE_U64, any_number, NULL, 0},
    {"hex32", ENCODE_HEX32, any_number, NULL, 0},
    {"hex64", ENCODE_HEX64, any_number, NULL, 0},
    {"size", ENCODE_SIZE, any_number, NULL, 0},
    {"small8", ENCODE_U8, small_number, NULL, 0},
    {"small16", ENCODE_U16, small_number, NULL, 0},
    {"small32", ENCODE_U32, small_number, NULL, 0},
    {"bool", ENCODE_BOOL, boolean, NULL, 0},
    {"empty", ENCODE_STRING, empty, NULL, 0},
    {"null", ENCODE_BINARY, null, NULL, 0},
    {"binary", ENCODE_BINARY, bytes, NULL, 0},
    {"ansi", ENCODE_ANSI, ansi,
     GENERATE_TEXTS("localhost", "db-primary", "caf\xe9", "M\xfcnchen", "queue/7", "<none>",
                    "a & b"),
     0},
    {"strings", ENCODE_STRING | ENCODE_ARRAY, strings,
     GENERATE_TEXTS("stopped", "C:\\Windows\\Temp", "0x80070005", "the & operation", "<unknown>",
                    "42"),
     0},
    {"privileges", ENCODE_STRING, privileges, NULL, 0},
    {"dash", ENCODE_STRING, text_from, GENERATE_TEXTS("-"), 0},
    {"status", ENCODE_HEX32, number_from,
     GENERATE_NUMBERS(0, 0, 0, 0xC000006D, 0xC000006A, 0xC0000064, 5), 0},
    {NULL, 0, NULL, NULL, 0},
};

const value_source *generate_find_source(const generator *g, const char *name, size_t size)
{
    const value_source *const *lists = g->profile->sources;
    const value_source *list = lists ? *lists++ : generate_common_sources;
    while (list) {
        for (const value_source *s = list; s->name; s++) {
            if (strlen(s->name) == size && memcmp(s->name, name, size) == 0)
                return s;
        }
        if (list == generate_common_sources)
            return NULL;
        list = lists && *lists ? *lists++ : generate_common_sources;
    }
    return NULL;
}
