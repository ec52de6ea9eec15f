// SPDX-License-Identifier: MIT
// Users, hosts, images and addresses that the values of a log are drawn from.
#include "gen/generator.h"

static const char16_t *const given_names[] = {
    u"james", u"mary", u"robert", u"patricia", u"john", u"jennifer", u"michael", u"linda", u"david",
    u"elizabeth", u"william", u"barbara", u"richard", u"susan", u"joseph", u"jessica", u"thomas",
    u"sarah", u"carlos", u"karen", u"daniel", u"lisa", u"matthew", u"nancy", u"anthony", u"betty",
    u"mark", u"sandra", u"ines", u"ashley", u"paul", u"kim", u"andreas", u"olga", u"ivan", u"yuki",
    u"wei", u"fatima", u"omar", u"J\u00fcrgen", u"Ren\u00e9e", u"Bj\u00f6rn", u"Zo\u00eb",
    u"\u0141ukasz", u"\u0418\u0432\u0430\u043d", u"\u041c\u0430\u0440\u0438\u044f", u"\u5f20\u4f1f",
    u"\u7530\u4e2d", u"\uae40\uc9c0\ud6c8",
};

static const char16_t *const family_names[] = {
    u"smith", u"johnson", u"williams", u"brown", u"jones", u"garcia", u"miller", u"davis",
    u"rodriguez", u"martinez", u"hernandez", u"lopez", u"gonzalez", u"wilson", u"anderson",
    u"taylor", u"moore", u"lee", u"perez", u"white", u"harris", u"clark", u"lewis", u"walker",
    u"hall", u"young", u"king", u"wright", u"novak", u"kowalski", u"petrov", u"nguyen", u"tanaka",
    u"schmidt", u"meyer", u"rossi", u"silva", u"M\u00fcller", u"Lef\u00e8vre", u"Garc\u00eda",
    u"S\u00f8rensen", u"\u041f\u0435\u0442\u0440\u043e\u0432", u"\u5c71\u672c", u"\u00c5str\u00f6m",
    u"\U0001F680team",
};

static const struct {
    const char16_t *name, *domain;
    uint8_t sub_authorities;
    uint32_t sids[4];
} well_known[] = {
    {u"SYSTEM", u"NT AUTHORITY", 1, {18}},          {u"LOCAL SERVICE", u"NT AUTHORITY", 1, {19}},
    {u"NETWORK SERVICE", u"NT AUTHORITY", 1, {20}}, {u"ANONYMOUS LOGON", u"NT AUTHORITY", 1, {7}},
    {u"DWM-1", u"Window Manager", 3, {90, 0, 1}},   {u"UMFD-0", u"Font Driver Host", 3, {96, 0, 0}},
};

static const char *const domain_names[GENERATE_DOMAINS][2] = {
    {"CONTOSO", "contoso.example"},
    {"FABRIKAM", "corp.fabrikam.example"},
    {"NORTHWIND", "northwind.example"},
    {"WORKGROUP", "local"},
};

static const char *const folders[] = {
    "C:\\Windows\\System32\\", "C:\\Windows\\", "C:\\Program Files\\Common Files\\Contoso\\",
    "C:\\Windows\\SysWOW64\\", "C:\\Program Files (x86)\\Fabrikam\\Update\\",
    "C:\\Program Files\\Northwind\\bin\\", "C:\\ProgramData\\Package Cache\\",
    "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\", "D:\\Apps\\Line of Business\\",
};

static const char *const executables[] = {
    "svchost.exe", "services.exe", "lsass.exe", "explorer.exe", "conhost.exe", "cmd.exe",
    "backgroundTaskHost.exe", "RuntimeBroker.exe", "taskhostw.exe", "SearchProtocolHost.exe",
    "WmiPrvSE.exe", "dllhost.exe", "winlogon.exe", "spoolsv.exe", "MsMpEng.exe", "sppsvc.exe",
    "wuauclt.exe", "msiexec.exe", "rundll32.exe", "reg.exe", "schtasks.exe", "net.exe",
    "whoami.exe", "wscript.exe", "mshta.exe", "certutil.exe", "msedge.exe", "chrome.exe",
    "OUTLOOK.EXE", "EXCEL.EXE", "Teams.exe", "OneDrive.exe", "sqlservr.exe", "w3wp.exe",
    "dfsrs.exe", "dns.exe", "ntoskrnl.exe", "VSSVC.exe", "backup agent.exe", "inventory.exe",
    "monitor.exe", "updater.exe", "python.exe", "git.exe", "node.exe", "java.exe", "putty.exe",
    "7z.exe",
};

static const char *const arguments[] = {
    "-k netsvcs -p -s Schedule",
    "-Embedding",
    "/c \"dir /s C:\\Users & type log.txt > out.txt\"",
    "--type=renderer --lang=en-US --field-trial-handle=1844,i,7341,262144 --seatbelt-client=0",
    "/Run /TN \"\\Contoso\\Nightly <full>\"",
    "-Embedding -s wlidsvc",
    "0xffffffff -ForceV1",
    "query \"HKLM\\SOFTWARE\\Contoso\\Agent\" /v Version /reg:64",
    "-NoProfile -File C:\\scripts\\run.ps1",
    "--config 'C:\\etc\\agent.yml' --log-level=debug && exit",
    "user /domain",
    "/quiet /norestart",
    "",
};

static const char *const companies[] = {
    "Microsoft Corporation", "Contoso Ltd.", "Fabrikam, Inc.", "Northwind Traders & Sons",
    "The Python <Software> Foundation", "-",
};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof((list)[0])))

static text16 keep_ascii(generator *g, const char *ascii)
{
    uint32_t begin = text_begin(g);
    text_add(g, ascii);
    return text_keep(g, begin);
}

static text16 borrow16(const char16_t *units)
{
    uint32_t count = 0;
    while (units[count])
        count++;
    return (text16){units, count};
}

static void make_sid(user *u, const uint32_t *numbers, unsigned count)
{
    static const uint8_t start[8] = {1, 0, 0, 0, 0, 0, 0, 5};
    memcpy(u->sid, start, sizeof start);
    u->sid[1] = (uint8_t)count;
    for (unsigned i = 0; i < count; i++)
        store_u32(u->sid + 8 + 4 * i, numbers[i]);
    u->sid_size = (uint8_t)(8 + 4 * count);
}

static text16 make_user_name(generator *g, unsigned i)
{
    uint32_t begin = text_begin(g);
    text16 given = borrow16(given_names[random_below(g, COUNT(given_names))]);
    text16 family = borrow16(family_names[random_below(g, COUNT(family_names))]);
    switch (i % 5) {
    case 0:
        text_add16(g, (text16){given.units, 1});
        text_add16(g, family);
        break;
    case 1: {
        const char *name =
            pick_ascii(g, GENERATE_TEXTS("svc_backup", "svc_sql", "adm_t0", "scanner", "kiosk"));
        text_add(g, name);
        text_add_number(g, i, 2);
        break;
    }
    case 2:
        text_add16(g, g->hosts[random_below(g, GENERATE_HOSTS)]);
        text_add(g, "$");
        break;
    default:
        text_add16(g, given);
        text_add(g, i % 5 == 3 ? "." : " ");
        text_add16(g, family);
    }
    return text_keep(g, begin);
}

static void make_users(generator *g)
{
    uint32_t machine[GENERATE_DOMAINS][3];
    for (unsigned d = 0; d < GENERATE_DOMAINS; d++) {
        for (unsigned k = 0; k < 3; k++)
            machine[d][k] = (uint32_t)random_bits(g);
    }
    for (unsigned i = 0; i < GENERATE_USERS; i++) {
        user *u = &g->users[i];
        random_guid(g, u->logon_guid);
        if (i < COUNT(well_known)) {
            u->name = borrow16(well_known[i].name);
            u->domain = borrow16(well_known[i].domain);
            make_sid(u, well_known[i].sids, well_known[i].sub_authorities);
            u->logon_id = 0x3E7 - i;
            continue;
        }
        unsigned d = random_skewed(g, GENERATE_DOMAINS);
        uint32_t numbers[5] = {21, machine[d][0], machine[d][1], machine[d][2], 1000 + i * 7};
        make_sid(u, numbers, 5);
        u->name = make_user_name(g, i);
        u->domain = g->domains[d];
        u->logon_id = random_sized(g, 24);
    }
}

static void make_hosts(generator *g)
{
    for (unsigned i = 0; i < GENERATE_HOSTS; i++) {
        uint32_t begin = text_begin(g);
        text_add(g, pick_ascii(g, GENERATE_TEXTS("WS-", "LAPTOP-", "SRV", "DC", "SQL-PROD-", "WEB",
                                                 "B\xdcRO-")));
        if (i % 4 == 1) {
            for (unsigned k = 0; k < 7; k++)
                text_add(g, (char[]){"ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[random_below(g, 32)], 0});
        } else {
            text_add_number(g, 1 + i * 3, 3);
        }
        g->hosts[i] = text_keep(g, begin);
    }
}

static void make_images(generator *g)
{
    for (unsigned i = 0; i < GENERATE_IMAGES; i++) {
        image *p = &g->images[i];
        const char *executable = executables[i % COUNT(executables)];
        p->name = keep_ascii(g, executable);
        uint32_t begin = text_begin(g);
        if (i > 60 && i % 3 == 0) {
            text_add(g, "C:\\Users\\");
            text_add16(g, g->users[random_below(g, GENERATE_USERS)].name);
            text_add(g, "\\AppData\\Local\\Programs\\");
        } else {
            text_add(g, folders[i < 40 ? 0 : random_below(g, COUNT(folders))]);
        }
        text_add16(g, p->name);
        p->path = text_keep(g, begin);
        begin = text_begin(g);
        text_add(g, "\\device\\harddiskvolume");
        text_add_number(g, 1 + i % 4, 1);
        text_add16(g, (text16){p->path.units + 2, p->path.count - 2});
        p->device_path = text_keep(g, begin);
        p->arguments = keep_ascii(g, arguments[random_below(g, COUNT(arguments))]);
        p->company = keep_ascii(g, companies[random_skewed(g, COUNT(companies))]);
        begin = text_begin(g);
        text_add(g, pick_ascii(g, GENERATE_TEXTS("Host Process for ", "Service of ",
                                                 "Agent \"R2\" for ", "")));
        text_add16(g, p->name);
        p->description = text_keep(g, begin);
        for (unsigned k = 0; k < sizeof p->hash; k++)
            p->hash[k] = (uint8_t)random_bits(g);
    }
}

static void make_address(generator *g, unsigned i)
{
    uint32_t begin = text_begin(g);
    if (i == 0) {
        text_add(g, "-");
    } else if (i < 3) {
        text_add(g, i == 1 ? "127.0.0.1" : "::1");
    } else if (i % 7 == 6) {
        static const char hex[] = "0123456789abcdef";
        text_add(g, "fe80:");
        for (unsigned k = 0; k < 20; k++)
            text_add(g, k % 5 ? (char[]){hex[random_below(g, 16)], 0} : ":");
    } else {
        text_add(g, i % 3 ? "10." : "192.168.");
        for (unsigned k = i % 3 ? 0 : 1; k < 3; k++) {
            text_add_number(g, random_below(g, 255), 1);
            text_add(g, k < 2 ? "." : "");
        }
    }
    g->addresses[i] = text_keep(g, begin);
}

bool generate_world(generator *g)
{
    for (unsigned d = 0; d < GENERATE_DOMAINS; d++) {
        g->domains[d] = keep_ascii(g, domain_names[d][0]);
        g->dns_domains[d] = keep_ascii(g, domain_names[d][1]);
    }
    make_hosts(g);
    make_users(g);
    make_images(g);
    for (unsigned i = 0; i < GENERATE_ADDRESSES; i++)
        make_address(g, i);
    g->clock = 133485408000000000 + (random_bits(g) >> 40) * 10000000;
    return !encode_error(g->builder);
}
