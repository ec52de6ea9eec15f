// SPDX-License-Identifier: MIT
#include "text/fold.h"

#include "base/load.h"
#include "text/fold_table.h"

uint16_t fold_unit(uint16_t unit)
{
    return (uint16_t)(unit + fold_pages[fold_page_of[unit >> 8]][unit & 0xFF]);
}

void fold_units(uint8_t *out, const uint8_t *units, size_t count)
{
    for (size_t i = 0; i < count; i++)
        store_u16(out + 2 * i, fold_unit(load_u16(units + 2 * i)));
}
