#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints src/text/ansi_tables.h: the upper halves of the single-byte code pages.

Run from the top of the tree: python3 tools/gen_ansi_tables.py > src/text/ansi_tables.h

The tables are those of the WHATWG Encoding Standard. Python's codecs give the same characters but
for the differences spelled out in C1_HOLES and PATCHES.
"""

# Name in the standard -> Python codec.
CODE_PAGES = {
    'ibm866': 'cp866',
    'koi8-r': 'koi8-r',
    'koi8-u': 'koi8-u',
    'macintosh': 'mac-roman',
    'x-mac-cyrillic': 'mac-cyrillic',
    **{f'iso-8859-{n}': f'iso-8859-{n}' for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    'windows-874': 'cp874',
    **{f'windows-{n}': f'cp{n}' for n in range(1250, 1259)},
}

# The standard fills the holes of the Windows code pages below 0xA0 with the C1 controls.
C1_HOLES = {name for name in CODE_PAGES if name.startswith('windows-')}

# Later assignments that Python's codecs lack.
PATCHES = {
    'koi8-u': {0xAE: 0x045E, 0xBE: 0x040E},  # KOI8-RU: Belarusian short u
    'windows-1255': {0xCA: 0x05BA},          # holam haser for vav
}


def unit(name, byte):
    if byte in PATCHES.get(name, {}):
        return PATCHES[name][byte]
    try:
        return ord(bytes([byte]).decode(CODE_PAGES[name]))
    except UnicodeDecodeError:
        return byte if byte < 0xA0 and name in C1_HOLES else 0


def print_table(name, units):
    print(f"\nstatic const uint16_t {name.replace('-', '_')}_high[128] = {{")
    for row in range(0, 128, 8):
        print('    ' + ' '.join(f'0x{u:04X},' for u in units[row:row + 8]))
    print('};')


def main():
    print('// SPDX-License-Identifier: MIT')
    print('// Generated, do not edit: python3 tools/gen_ansi_tables.py > src/text/ansi_tables.h')
    print('// UTF-16 units of the bytes 0x80..0xFF of single-byte code pages; 0: undefined byte.')
    print('#ifndef EVX_TEXT_ANSI_TABLES_H')
    print('#define EVX_TEXT_ANSI_TABLES_H')
    print('\n#include <stdint.h>')
    for name in CODE_PAGES:
        print_table(name, [unit(name, byte) for byte in range(0x80, 0x100)])
    print_table('x-user-defined', [0xF700 + byte for byte in range(0x80, 0x100)])
    print('\n#endif')


main()
