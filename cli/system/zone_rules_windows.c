// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "zone_rules.h"

#include <stddef.h>
#include <time.h>

bool zone_rules_use(const char *name)
{
    if (name) // there is no table of zones by these names
        return false;
    _tzset();
    return true;
}

#endif
