// SPDX-License-Identifier: MIT
// On-disk offsets and sizes of the EVTX container, shared by reader (container/) and writer
// (encode/). All integers little-endian; offsets count from the first byte of the structure they
// belong to.
#ifndef EVX_CONTAINER_LAYOUT_H
#define EVX_CONTAINER_LAYOUT_H

enum {
    FILE_HEADER_BLOCK_BYTES = 4096,
    FILE_MAGIC_OFFSET = 0, // "ElfFile\0"
    FILE_FIRST_CHUNK_OFFSET = 8,
    FILE_LAST_CHUNK_OFFSET = 16,
    FILE_NEXT_RECORD_ID_OFFSET = 24,
    FILE_HEADER_SIZE_OFFSET = 32,
    FILE_MINOR_VERSION_OFFSET = 36,
    FILE_MAJOR_VERSION_OFFSET = 38,
    FILE_BLOCK_SIZE_OFFSET = 40,
    FILE_CHUNK_COUNT_OFFSET = 42,
    FILE_FLAGS_OFFSET = 120,
    FILE_CRC32_OFFSET = 124,
    FILE_CRC32_COVERED_BYTES = 120,

    CHUNK_BYTES = 65536,
    CHUNK_HEADER_BYTES = 512, // header proper (128) and the two tables
    CHUNK_MAGIC_OFFSET = 0,   // "ElfChnk\0"
    CHUNK_FIRST_NUMBER_OFFSET = 8,
    CHUNK_LAST_NUMBER_OFFSET = 16,
    CHUNK_FIRST_ID_OFFSET = 24,
    CHUNK_LAST_ID_OFFSET = 32,
    CHUNK_HEADER_SIZE_OFFSET = 40,
    CHUNK_LAST_RECORD_OFFSET = 44,
    CHUNK_FREE_OFFSET = 48,
    CHUNK_RECORDS_CRC32_OFFSET = 52,
    CHUNK_FLAGS_OFFSET = 120,
    CHUNK_HEADER_CRC32_OFFSET = 124,
    CHUNK_NAME_TABLE_OFFSET = 128, // u32[64]
    CHUNK_NAME_BUCKETS = 64,
    CHUNK_TEMPLATE_TABLE_OFFSET = 384, // u32[32]
    CHUNK_TEMPLATE_BUCKETS = 32,

    RECORD_MAGIC = 0x00002A2A,
    RECORD_SIZE_OFFSET = 4,
    RECORD_ID_OFFSET = 8,
    RECORD_TIME_OFFSET = 16,
    RECORD_HEADER_BYTES = 24,
    RECORD_BYTES_MIN = 28, // header and the size copy behind the fragment
    RECORD_PADDING_MAX = 7,

    NAME_HEADER_BYTES = 8, // next u32, hash u16, count u16; then the units and a u16 0
    NAME_HASH_OFFSET = 4,
    NAME_COUNT_OFFSET = 6,
    NAME_HASH_MULTIPLIER = 65599,

    DEFINITION_HEADER_BYTES = 24, // next u32, GUID, size u32; then the fragment
    DEFINITION_GUID_OFFSET = 4,
    DEFINITION_SIZE_OFFSET = 20,
};

// Flag bits of file and chunk headers.
enum {
    EVTX_FLAG_DIRTY = 0x1,
    EVTX_FLAG_FULL = 0x2,
    EVTX_FLAG_NO_CRC32 = 0x4,
};

#define FILE_MAGIC  "ElfFile\0"
#define CHUNK_MAGIC "ElfChnk\0"

#endif
