// SPDX-License-Identifier: MIT
#include <evx/evx.h>

const char *evx_status_name(evx_status status)
{
    switch (status) {
    case EVX_OK:
        return "EVX_OK";
    case EVX_END:
        return "EVX_END";
    case EVX_VALUE_REFUSED:
        return "EVX_VALUE_REFUSED";
    case EVX_NOTE:
        return "EVX_NOTE";
    case EVX_ERR_ARGUMENT:
        return "EVX_ERR_ARGUMENT";
    case EVX_ERR_MEMORY:
        return "EVX_ERR_MEMORY";
    case EVX_ERR_IO:
        return "EVX_ERR_IO";
    case EVX_ERR_NOT_EVTX:
        return "EVX_ERR_NOT_EVTX";
    case EVX_ERR_CHUNK:
        return "EVX_ERR_CHUNK";
    case EVX_ERR_RECORD:
        return "EVX_ERR_RECORD";
    case EVX_ERR_LIMIT:
        return "EVX_ERR_LIMIT";
    case EVX_ERR_SINK:
        return "EVX_ERR_SINK";
    case EVX_ERR_STOPPED:
        return "EVX_ERR_STOPPED";
    }
    return "unknown status";
}

unsigned evx_abi_version(void)
{
    return EVX_ABI_VERSION;
}

const char *evx_version(void)
{
    return EVX_VERSION_STRING;
}
