#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints src/text/fold_table.h: the upper case of UTF-16 units, as Windows compares text.

Run from the top of the tree: python3 tools/gen_fold_table.py > src/text/fold_table.h

The mappings are Unicode's simple ones between single units. Windows leaves alone what does not come back
when it is turned to lower case again (dotless i, long s, micro sign), but for the final sigma and the
title case digraphs. Pairs that younger versions of Unicode made are left out, so that every Python from
3.8 on prints the same.
"""

PER_LINE = 10
ONE_WAY = {0x03C2, 0x01C5, 0x01C8, 0x01CB, 0x01F2}
# Georgian, and the block and the letters that are still being paired.
YOUNG = (range(0x10D0, 0x1100), range(0x1C80, 0x1CC0), range(0xA7C0, 0xA800), range(0x2C2F, 0x2C30))


def simple_upper(character):
    """Python knows the full mappings only; where those are longer, the title case is the simple one."""
    for mapped in (character.upper(), character.title()):
        if len(mapped) == 1:
            return mapped
    return character


def fold(unit):
    if 0xD800 <= unit < 0xE000:
        return unit
    character = chr(unit)
    upper = simple_upper(character)
    if ord(upper) > 0xFFFF or any(ord(c) in young for c in (character, upper) for young in YOUNG):
        return unit
    if upper.lower() != character and unit not in ONE_WAY:
        return unit
    return ord(upper)


def main():
    pages, places = [[0] * 256], []
    for high in range(256):
        page = [(fold(high << 8 | low) - (high << 8 | low)) & 0xFFFF for low in range(256)]
        if page not in pages:
            pages.append(page)
        places.append(pages.index(page))
    print("""\
// SPDX-License-Identifier: MIT
// Generated, do not edit: python3 tools/gen_fold_table.py > src/text/fold_table.h
// What is added to a UTF-16 unit to make it upper case, modulo 2^16: a page for each high byte.
#ifndef EVX_TEXT_FOLD_TABLE_H
#define EVX_TEXT_FOLD_TABLE_H

#include <stdint.h>

static const uint8_t fold_page_of[256] = {""")
    for row in range(0, 256, 16):
        print("    " + " ".join(f"{place}," for place in places[row:row + 16]))
    print("};")
    print(f"\nstatic const uint16_t fold_pages[{len(pages)}][256] = {{")
    for page in pages:
        print("    {")
        for row in range(0, 256, PER_LINE):
            print("        " + " ".join(f"0x{delta:04X}," for delta in page[row:row + PER_LINE]))
        print("    },")
    print("};\n\n#endif")


main()
