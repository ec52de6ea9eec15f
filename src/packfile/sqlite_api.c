// SPDX-License-Identifier: MIT
#include "packfile/sqlite_api.h"

#if EVX_HAVE_SQLITE

#include <string.h>

#include "base/check.h"
#include "system/library.h"

bool sqlite_api_load(struct sqlite_api *ret_api)
{
    *ret_api = (struct sqlite_api){.library = library_load("libsqlite3.so.0")};
    if (!ret_api->library)
        return false;
    bool fine = true;
#define LOAD(name)                                                                                 \
    void *call_##name = library_find(ret_api->library, "sqlite3_" #name);                          \
    fine = fine && call_##name;                                                                    \
    memcpy(&ret_api->name, &call_##name, sizeof call_##name);
    SQLITE_API_CALLS(LOAD)
#undef LOAD
    if (!fine)
        sqlite_api_unload(ret_api);
    return fine;
}

void sqlite_api_unload(struct sqlite_api *api)
{
    EVX_CHECK(api->library != NULL);
    library_unload(api->library);
    *api = (struct sqlite_api){0};
}

#endif
