// SPDX-License-Identifier: MIT
#include "container/fault.h"

#include "base/check.h"

static evx_status status_of(enum fault_kind kind)
{
    EVX_CHECK(kind > FAULT_NONE && kind < FAULT_KIND_COUNT);
    if (kind == FAULT_MEMORY)
        return EVX_ERR_MEMORY;
    if (kind < FAULT_FILE_HEADER_CUT)
        return EVX_ERR_IO;
    if (kind < FAULT_CHUNK_MISSING)
        return EVX_ERR_NOT_EVTX;
    if (kind < FAULT_RECORD_MAGIC)
        return EVX_ERR_CHUNK;
    return kind < FAULT_LIMIT_ELEMENTS ? EVX_ERR_RECORD : EVX_ERR_LIMIT;
}

bool fault_set(struct fault *fault, const struct fault *what)
{
    *fault = *what;
    fault->status = status_of(what->kind);
    return false;
}

bool fault_of(struct fault *fault, enum fault_kind kind)
{
    return fault_set(fault, &(struct fault){.kind = kind});
}

bool fault_at(struct fault *fault, enum fault_kind kind, uint64_t offset)
{
    return fault_set(fault, &(struct fault){.kind = kind, .offset = offset});
}

bool fault_of_type(struct fault *fault, enum fault_kind kind, uint64_t offset, uint8_t type)
{
    return fault_set(
        fault, &(struct fault){.kind = kind, .offset = offset, .type = type, .had = EVX_NONE});
}

bool fault_short(struct fault *fault, uint32_t field, uint64_t offset, uint64_t needed,
                 uint64_t had)
{
    EVX_CHECK(had < needed);
    return fault_set(fault, &(struct fault){
                                .kind = FAULT_SHORT,
                                .field = field < FIELD_VALUE ? (uint16_t)field : FIELD_VALUE,
                                .type = field < FIELD_VALUE ? 0 : (uint8_t)(field - FIELD_VALUE),
                                .offset = offset,
                                .needed = needed,
                                .had = had,
                            });
}

bool fault_past_end(struct fault *fault, uint32_t field, uint64_t offset)
{
    return fault_set(fault, &(struct fault){
                                .kind = FAULT_PAST_END,
                                .field = field < FIELD_VALUE ? (uint16_t)field : FIELD_VALUE,
                                .type = field < FIELD_VALUE ? 0 : (uint8_t)(field - FIELD_VALUE),
                                .offset = offset,
                            });
}

bool fault_foreign(struct fault *fault, enum fault_kind kind, uint64_t offset, uint64_t needed,
                   uint64_t had)
{
    EVX_CHECK(kind == FAULT_NAME_FOREIGN || kind == FAULT_TEMPLATE_FOREIGN);
    return fault_set(fault,
                     &(struct fault){.kind = kind, .offset = offset, .needed = needed, .had = had});
}

bool fault_memory(struct fault *fault)
{
    return fault_of(fault, FAULT_MEMORY);
}

bool fault_is_foreign(const struct fault *fault)
{
    return fault->kind == FAULT_NAME_FOREIGN || fault->kind == FAULT_TEMPLATE_FOREIGN;
}

struct damage damage_of(enum fault_kind kind)
{
    struct damage damage = {
        .chunk = EVX_NONE,
        .record_id = EVX_NONE,
        .offset = EVX_NONE,
        .length = EVX_NONE,
    };
    fault_of(&damage.fault, kind);
    return damage;
}
