// SPDX-License-Identifier: MIT
#include "print/fixed_value.h"

#include "base/load.h"

uint8_t *put_fixed_value(uint8_t *p, const struct value *value)
{
    float f32;
    double f64;
    switch (value->form) {
    case FORM_I8:
        return put_i64(p, (int8_t)*value->data);
    case FORM_U8:
        return put_u32(p, *value->data);
    case FORM_I16:
        return put_i64(p, (int16_t)load_u16(value->data));
    case FORM_U16:
        return put_u32(p, load_u16(value->data));
    case FORM_I32:
        return put_i64(p, (int32_t)load_u32(value->data));
    case FORM_U32:
        return put_u32(p, load_u32(value->data));
    case FORM_I64:
        return put_i64(p, (int64_t)load_u64(value->data));
    case FORM_U64:
        return put_u64(p, load_u64(value->data));
    case FORM_HEX32:
        return put_hex(p, load_u32(value->data));
    case FORM_HEX64:
        return put_hex(p, load_u64(value->data));
    case FORM_GUID:
        return put_guid(p, value->data);
    case FORM_FILETIME:
        return put_filetime(p, load_u64(value->data));
    case FORM_SYSTEMTIME:
        return put_systemtime(p, value->data);
    case FORM_SID:
        return put_sid(p, value->data);
    case FORM_F32:
        memcpy(&f32, value->data, sizeof f32);
        return put_f32(p, f32);
    case FORM_F64:
        memcpy(&f64, value->data, sizeof f64);
        return put_f64(p, f64);
    case FORM_BOOL:
        if (load_u32(value->data) > 1)
            return put_i64(p, (int32_t)load_u32(value->data));
        return put_truth(p, load_u32(value->data));
    default:
        return p;
    }
}

uint8_t *put_fixed_value_0_14(uint8_t *p, const struct value *value)
{
    switch (value->form) {
    case FORM_GUID:
        return put_guid_0_14(p, value->data);
    case FORM_FILETIME:
    case FORM_SYSTEMTIME:
        return cut_to_microseconds(put_fixed_value(p, value));
    default:
        return put_fixed_value(p, value);
    }
}
