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
    case EVX_ERR_PACK:
        return "EVX_ERR_PACK";
    }
    return "unknown status";
}

#define NAME(kind)                                                                                 \
    case kind:                                                                                     \
        return #kind

const char *evx_damage_name(evx_damage kind)
{
    switch (kind) {
        NAME(EVX_DAMAGE_NONE);
        NAME(EVX_DAMAGE_INPUT_OPEN);
        NAME(EVX_DAMAGE_INPUT_READ);
        NAME(EVX_DAMAGE_FILE_CUT);
        NAME(EVX_DAMAGE_FILE_MAGIC);
        NAME(EVX_DAMAGE_FILE_HEADER);
        NAME(EVX_DAMAGE_FILE_CHUNKS);
        NAME(EVX_DAMAGE_CHUNK_READ);
        NAME(EVX_DAMAGE_CHUNK_MISSING);
        NAME(EVX_DAMAGE_CHUNK_CUT);
        NAME(EVX_DAMAGE_CHUNK_MAGIC);
        NAME(EVX_DAMAGE_CHUNK_CHECKSUM);
        NAME(EVX_DAMAGE_CHUNK_HEADER);
        NAME(EVX_DAMAGE_CHUNK_LEFT_OUT);
        NAME(EVX_DAMAGE_CHUNK_RECORDS);
        NAME(EVX_DAMAGE_RECORD_MAGIC);
        NAME(EVX_DAMAGE_RECORD_TIME);
        NAME(EVX_DAMAGE_RECORD_SIZE);
        NAME(EVX_DAMAGE_RECORD_CUT);
        NAME(EVX_DAMAGE_RECORD_TAIL);
        NAME(EVX_DAMAGE_RECORD_UNREADABLE);
        NAME(EVX_DAMAGE_STRUCTURE_CUT);
        NAME(EVX_DAMAGE_STRUCTURE_EMPTY);
        NAME(EVX_DAMAGE_TOKEN);
        NAME(EVX_DAMAGE_TOKEN_ORDER);
        NAME(EVX_DAMAGE_NAME);
        NAME(EVX_DAMAGE_NAME_FOREIGN);
        NAME(EVX_DAMAGE_TEMPLATE);
        NAME(EVX_DAMAGE_TEMPLATE_FOREIGN);
        NAME(EVX_DAMAGE_INSTANCE_CUT);
        NAME(EVX_DAMAGE_STREAM_REST);
        NAME(EVX_DAMAGE_FORM);
        NAME(EVX_DAMAGE_VALUE_CUT);
        NAME(EVX_DAMAGE_VALUE_SIZE);
        NAME(EVX_DAMAGE_VALUE_TIME);
        NAME(EVX_DAMAGE_VALUE_TEXT);
        NAME(EVX_DAMAGE_VALUE_TYPE);
        NAME(EVX_DAMAGE_VALUE_ELEMENTS);
        NAME(EVX_DAMAGE_VALUE_FOREIGN);
        NAME(EVX_DAMAGE_VALUE_DOUBTFUL);
        NAME(EVX_DAMAGE_VALUES_MORE);
        NAME(EVX_DAMAGE_VALUE_COLUMN);
        NAME(EVX_DAMAGE_LIMIT_DEPTH);
        NAME(EVX_DAMAGE_LIMIT_NODES);
        NAME(EVX_DAMAGE_LIMIT_OUTPUT);
        NAME(EVX_DAMAGE_LIMIT_MEMORY);
    }
    return "unknown damage";
}

#undef NAME

unsigned evx_abi_version(void)
{
    return EVX_ABI_VERSION;
}

const char *evx_version(void)
{
    return EVX_VERSION_STRING;
}
