// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "decode/value.h"

const char *value_type_name(uint8_t type)
{
    static const char *const names[] = {
        [TYPE_NULL] = "null",
        [TYPE_STRING] = "string",
        [TYPE_ANSI] = "ansi",
        [TYPE_I8] = "i8",
        [TYPE_U8] = "u8",
        [TYPE_I16] = "i16",
        [TYPE_U16] = "u16",
        [TYPE_I32] = "i32",
        [TYPE_U32] = "u32",
        [TYPE_I64] = "i64",
        [TYPE_U64] = "u64",
        [TYPE_F32] = "f32",
        [TYPE_F64] = "f64",
        [TYPE_BOOL] = "bool",
        [TYPE_BINARY] = "binary",
        [TYPE_GUID] = "guid",
        [TYPE_SIZE_T] = "size",
        [TYPE_FILETIME] = "filetime",
        [TYPE_SYSTEMTIME] = "systemtime",
        [TYPE_SID] = "sid",
        [TYPE_HEX32] = "hex32",
        [TYPE_HEX64] = "hex64",
        [TYPE_HANDLE] = "handle",
        [TYPE_FRAGMENT] = "elements",
        [TYPE_XML] = "xml",
    };
    return type < sizeof names / sizeof *names ? names[type] : NULL;
}
