// SPDX-License-Identifier: MIT
// Sysmon: process, network, module, registry, file and DNS events with their real field names and
// types.
#include "gen/generator.h"

static encode_value rule_name(generator *g, const value_source *from)
{
    uint32_t begin = text_begin(g);
    if (random_percent(g, 35)) {
        text_add(g, "technique_id=T1");
        text_add_number(g, random_below(g, 600), 3);
        text_add(g, ",technique_name=");
    }
    text_add(g, pick_ascii(g, from->list));
    return text_value_end(g, begin);
}

// "2024-02-21 10:40:10.012" of the clock: text in Sysmon events.
static encode_value utc_time(generator *g, const value_source *from)
{
    (void)from;
    uint64_t ms = g->clock / 10000;
    uint64_t days = ms / 86400000 + 584754; // since 0000-03-01
    uint64_t era = days / 146097, day = days % 146097;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * day_of_year + 2) / 153;
    const uint64_t parts[7] = {
        year + era * 400 + (month >= 10),
        month < 10 ? month + 3 : month - 9,
        day_of_year - (153 * month + 2) / 5 + 1,
        ms / 3600000 % 24,
        ms / 60000 % 60,
        ms / 1000 % 60,
        ms % 1000,
    };
    static const char *const separators[7] = {"", "-", "-", " ", ":", ":", "."};
    static const unsigned digits[7] = {4, 2, 2, 2, 2, 2, 3};
    uint32_t begin = text_begin(g);
    for (unsigned i = 0; i < 7; i++) {
        text_add(g, separators[i]);
        text_add_number(g, parts[i], digits[i]);
    }
    return text_value_end(g, begin);
}

static encode_value hashes(generator *g, const value_source *from)
{
    const image *p = from->part ? g->parent : g->image;
    uint32_t begin = text_begin(g);
    text_add(g, "SHA1=");
    text_add_hex(g, p->hash, 20);
    text_add(g, ",MD5=");
    text_add_hex(g, p->hash + 4, 16);
    text_add(g, ",SHA256=");
    text_add_hex(g, p->hash, 20);
    text_add_hex(g, p->hash + 8, 12);
    text_add(g, ",IMPHASH=");
    text_add_hex(g, p->hash + 2, 16);
    return text_value_end(g, begin);
}

static encode_value version(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g);
    text_add(g, "10.0.");
    text_add_number(g, 14393 + random_skewed(g, 8000), 5);
    text_add(g, ".");
    text_add_number(g, 1 + random_skewed(g, 4000), 1);
    text_add(g, " (WinBuild.160101.0800)");
    return text_value_end(g, begin);
}

static encode_value call_trace(generator *g, const value_source *from)
{
    uint32_t begin = text_begin(g), frames = 3 + random_skewed(g, 14);
    for (uint32_t i = 0; i < frames; i++) {
        text_add(g, i ? "|C:\\Windows\\System32\\" : "C:\\Windows\\SYSTEM32\\");
        text_add(g, pick_ascii(g, from->list));
        text_add(g, "+");
        uint64_t bits = random_bits(g);
        text_add_hex(g, (const uint8_t *)&bits, 3);
    }
    return text_value_end(g, begin);
}

static encode_value query_results(generator *g, const value_source *from)
{
    (void)from;
    uint32_t begin = text_begin(g), count = random_skewed(g, 6);
    for (uint32_t i = 0; i < count; i++) {
        text_add(g, "::ffff:");
        text_add16(g, g->addresses[3 + random_skewed(g, GENERATE_ADDRESSES - 3)]);
        text_add(g, ";");
    }
    if (count == 0)
        text_add(g, "-");
    return text_value_end(g, begin);
}

static const value_source sources[] = {
    {"rule", ENCODE_STRING, rule_name,
     GENERATE_TEXTS("-", "Alert", "PowerShell", "Query Registry", "DLL Side-Loading"), 0},
    {"utc", ENCODE_STRING, utc_time, NULL, 0},
    {"hashes", ENCODE_STRING, hashes, NULL, 0},
    {"parent_hashes", ENCODE_STRING, hashes, NULL, 1},
    {"version", ENCODE_STRING, version, NULL, 0},
    {"product", ENCODE_STRING, text_from,
     GENERATE_TEXTS("Microsoft\xae Windows\xae Operating System", "Microsoft Edge", "-",
                    "Contoso <Agent> & Tools"),
     0},
    {"directory", ENCODE_STRING, text_from,
     GENERATE_TEXTS("C:\\Windows\\system32\\", "C:\\Users\\Public\\", "D:\\"), 0},
    {"session", ENCODE_U32, number_from, GENERATE_NUMBERS(0, 1, 2, 3), 0},
    {"integrity", ENCODE_STRING, text_from,
     GENERATE_TEXTS("System", "Medium", "High", "AppContainer", "Low"), 0},
    {"protocol_name", ENCODE_STRING, text_from, GENERATE_TEXTS("tcp", "udp"), 0},
    {"port_name", ENCODE_STRING, text_from,
     GENERATE_TEXTS("-", "https", "http", "domain", "microsoft-ds", "ldap"), 0},
    {"signed", ENCODE_STRING, text_from, GENERATE_TEXTS("true", "false"), 0},
    {"signature", ENCODE_STRING, text_from,
     GENERATE_TEXTS("Microsoft Windows", "Contoso Ltd.", "-"), 0},
    {"signature_status", ENCODE_STRING, text_from,
     GENERATE_TEXTS("Valid", "Unavailable", "Expired"), 0},
    {"access", ENCODE_HEX32, number_from, GENERATE_NUMBERS(0x1000, 0x1410, 0x1400, 0x1FFFFF, 0x40),
     0},
    {"call_trace", ENCODE_STRING, call_trace,
     GENERATE_TEXTS("ntdll.dll", "KERNELBASE.dll", "kernel32.dll", "sechost.dll"), 0},
    {"registry_event", ENCODE_STRING, text_from,
     GENERATE_TEXTS("SetValue", "CreateKey", "DeleteValue", "DeleteKey"), 0},
    {"details", ENCODE_STRING, text_from,
     GENERATE_TEXTS("DWORD (0x00000001)", "Binary Data", "QWORD (0x01da64b0-0x12345678)", "(Empty)",
                    "<value> & more"),
     0},
    {"query_status", ENCODE_STRING, text_from, GENERATE_TEXTS("0", "9003", "9701", "1460"), 0},
    {"query_results", ENCODE_STRING, query_results, NULL, 0},
    {"start_address", ENCODE_STRING, text_from,
     GENERATE_TEXTS("0x00007FFB5A5F0000", "0xFFFFD40A4D9E0000"), 0},
    {"start_function", ENCODE_STRING, text_from, GENERATE_TEXTS("-", "LoadLibraryA", "CtrlRoutine"),
     0},
    {NULL, 0, NULL, NULL, 0},
};

#define WHO      "RuleName:rule UtcTime:utc ProcessGuid:guid ProcessId:pid32 "
#define KEYWORDS 0x8000000000000000

static const event_spec events[] = {
    {1, 5, 4, 0, 1, KEYWORDS, 60,
     WHO "Image:image FileVersion:version Description:image_about Product:product "
         "Company:image_company OriginalFileName:image_name CommandLine:command "
         "CurrentDirectory:directory User:subject_user LogonGuid:subject_guid "
         "LogonId:subject_logon TerminalSessionId:session IntegrityLevel:integrity Hashes:hashes "
         "ParentProcessGuid:guid ParentProcessId:pid32 ParentImage:parent "
         "ParentCommandLine:parent_command ParentUser:target_user",
     0, NULL, 0},
    {3, 5, 4, 0, 3, KEYWORDS, 80,
     WHO "Image:image User:subject_user Protocol:protocol_name Initiated:bool SourceIsIpv6:bool "
         "SourceIp:address SourceHostname:fqdn SourcePort:port SourcePortName:port_name "
         "DestinationIsIpv6:bool DestinationIp:address DestinationHostname:fqdn "
         "DestinationPort:port DestinationPortName:port_name",
     0, NULL, 0},
    {5, 3, 4, 0, 5, KEYWORDS, 40, WHO "Image:image User:subject_user", 0, NULL, 0},
    {7, 3, 4, 0, 7, KEYWORDS, 110,
     WHO
     "Image:image ImageLoaded:parent FileVersion:version Description:image_about Product:product "
     "Company:image_company OriginalFileName:image_name Hashes:parent_hashes Signed:signed "
     "Signature:signature SignatureStatus:signature_status User:subject_user",
     0, NULL, 0},
    {8, 2, 4, 0, 8, KEYWORDS, 3,
     "RuleName:rule UtcTime:utc SourceProcessGuid:guid SourceProcessId:pid32 SourceImage:image "
     "TargetProcessGuid:guid TargetProcessId:pid32 TargetImage:parent NewThreadId:pid32 "
     "StartAddress:start_address StartModule:file StartFunction:start_function "
     "SourceUser:subject_user TargetUser:target_user",
     0, NULL, 0},
    {10, 3, 4, 0, 10, KEYWORDS, 70,
     "RuleName:rule UtcTime:utc SourceProcessGUID:guid SourceProcessId:pid32 SourceThreadId:pid32 "
     "SourceImage:image TargetProcessGUID:guid TargetProcessId:pid32 TargetImage:parent "
     "GrantedAccess:access CallTrace:call_trace SourceUser:subject_user TargetUser:target_user",
     0, NULL, 0},
    {11, 2, 4, 0, 11, KEYWORDS, 60,
     WHO "Image:image TargetFilename:file CreationUtcTime:utc User:subject_user", 0, NULL, 0},
    {12, 2, 4, 0, 12, KEYWORDS, 50,
     "RuleName:rule EventType:registry_event UtcTime:utc ProcessGuid:guid ProcessId:pid32 "
     "Image:image TargetObject:registry User:subject_user",
     0, NULL, 0},
    {13, 2, 4, 0, 13, KEYWORDS, 70,
     "RuleName:rule EventType:registry_event UtcTime:utc ProcessGuid:guid ProcessId:pid32 "
     "Image:image TargetObject:registry Details:details User:subject_user",
     0, NULL, 0},
    {22, 5, 4, 0, 22, KEYWORDS, 60,
     WHO "QueryName:dns_name QueryStatus:query_status QueryResults:query_results Image:image "
         "User:subject_user",
     0, NULL, 0},
    {23, 5, 4, 0, 23, KEYWORDS, 20,
     WHO "User:subject_user Image:image TargetFilename:file Hashes:hashes IsExecutable:bool "
         "Archived:bool",
     0, NULL, 0},
};

static const provider_spec providers[] = {
    {"Microsoft-Windows-Sysmon", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
     "Microsoft-Windows-Sysmon/Operational", false, true, false, events,
     sizeof events / sizeof events[0]},
};

static const value_source *const source_lists[] = {sources, generate_common_sources, NULL};

const profile profile_sysmon = {
    .name = "sysmon",
    .providers = providers,
    .provider_count = 1,
    .sources = source_lists,
    .hosts = 1,
    .bursts = 80,
    .pause = 300,
};
