// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "zone_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Whether the name is one of the table. The C library takes others for UTC, and says nothing.
static bool is_known(const char *name)
{
    const char *folder = getenv("TZDIR");
    char *path;
    if (*name == '/' || *name == '.' || *name == '\0' || strstr(name, ".."))
        return false;
    if (asprintf(&path, "%s/%s", folder ? folder : "/usr/share/zoneinfo", name) < 0)
        return false;
    char magic[4] = {0};
    FILE *file = fopen(path, "re");
    bool is_known = file && fread(magic, 1, sizeof magic, file) == sizeof magic &&
                    memcmp(magic, "TZif", sizeof magic) == 0;
    if (file)
        fclose(file);
    free(path);
    return is_known;
}

bool zone_rules_use(const char *name)
{
    char *rule;
    if (name) {
        if (!is_known(name) || asprintf(&rule, ":%s", name) < 0)
            return false;
        setenv("TZ", rule, 1);
        free(rule);
    }
    tzset();
    return true;
}

#endif
