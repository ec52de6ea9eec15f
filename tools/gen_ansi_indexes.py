#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints src/text/ansi_indexes.h: the characters of the multi-byte code pages.

Run from the top of the tree: python3 tools/gen_ansi_indexes.py > src/text/ansi_indexes.h

The tables are the indexes of the WHATWG Encoding Standard. Python's codecs (3.11) give the same characters
but for the differences spelled out here: the first sequence of bytes, and the characters from there on.
"""
import textwrap

GAP = 8  # from so many undefined characters on, a table says where it goes on

# A3A0 is the full-width blank of older GBK text; all others are newer assignments, up to GB 18030-2022, in
# place of private use.
GB18030_PAIRS = {
    0xA3A0: [0x3000],
    0xA6D9: [0xFE10, 0xFE12, 0xFE11, 0xFE13, 0xFE14, 0xFE15, 0xFE16],
    0xA6EC: [0xFE17, 0xFE18],
    0xA6F3: [0xFE19],
    0xA8BC: [0x1E3F],
    0xFE59: [0x9FB4],
    0xFE61: [0x9FB5],
    0xFE66: [0x9FB6, 0x9FB7],
    0xFE6D: [0x9FB8],
    0xFE7E: [0x9FB9],
    0xFE90: [0x9FBA],
    0xFEA0: [0x9FBB],
}
# Its character went to A8BC, whose private one came here.
GB18030_FOURS = {0x8135F437: [0xE7C7]}

# Python's HKSCS is that of 2004. The standard has the additions of 2008 (87xx), ETEN's control pictures
# (A3xx), and the duplicates of other characters that HKSCS left out (all else).
BIG5 = {
    0x877A: [0x3875, 0x21D53, 0x2369E, 0x26021, 0x3EEC],
    0x87A1: [
        0x258DE, 0x3AF5, 0x7AFC, 0x9F97, 0x24161, 0x2890D, 0x231EA, 0x20A8A, 0x2325E, 0x430A, 0x8484,
        0x9F96, 0x942F, 0x4930, 0x8613, 0x5896, 0x974A, 0x9218, 0x79D0, 0x7A32, 0x6660, 0x6A29, 0x889D,
        0x744C, 0x7BC5, 0x6782, 0x7A2C, 0x524F, 0x9046, 0x34E6, 0x73C4, 0x25DB9, 0x74C6, 0x9FC7, 0x57B3,
        0x492F, 0x544C, 0x4131, 0x2368E, 0x5818, 0x7A72, 0x27B65, 0x8B8F, 0x46AE, 0x26E88, 0x4181,
        0x25D99, 0x7BAE, 0x224BC, 0x9FC8, 0x224C1, 0x224C9, 0x224CC, 0x9FC9, 0x8504, 0x235BB, 0x40B4,
        0x9FCA, 0x44E1, 0x2ADFF, 0x62C1, 0x706E, 0x9FCB],

    0x8E69: [0x7BB8], 0x8E6F: [0x7C06], 0x8E7E: [0x7CCE], 0x8EAB: [0x7DD2], 0x8EB4: [0x7E1D],
    0x8ECD: [0x8005], 0x8ED0: [0x8028], 0x8F57: [0x83C1], 0x8F69: [0x84A8], 0x8F6E: [0x840F],
    0x8FCB: [0x89A6, 0x89A9], 0x8FFE: [0x8D77], 0x906D: [0x90FD], 0x907A: [0x92B9], 0x90DC: [0x975C],
    0x90F1: [0x97FF], 0x91BF: [0x9F16], 0x9244: [0x8503], 0x92AF: [0x5159, 0x515B, 0x515D, 0x515E],
    0x92C8: [0x936E], 0x92D1: [0x7479], 0x9447: [0x6D67], 0x94CA: [0x799B], 0x95D9: [0x9097],
    0x9644: [0x975D], 0x96ED: [0x701E], 0x96FC: [0x5B28], 0x9B76: [0x7201], 0x9B78: [0x77D7],
    0x9B7B: [0x7E87], 0x9BC6: [0x99D6], 0x9BDE: [0x91D4], 0x9BEC: [0x60DE], 0x9BF6: [0x6FB6],
    0x9C42: [0x8F36], 0x9C53: [0x4FBB], 0x9C62: [0x71DF], 0x9C68: [0x9104], 0x9C6B: [0x9DF0],
    0x9C77: [0x83CF], 0x9CBC: [0x5C10, 0x79E3], 0x9CD0: [0x5A67], 0x9D57: [0x8F0B], 0x9D5A: [0x7B51],
    0x9DC4: [0x62D0], 0x9EA9: [0x6062], 0x9EEF: [0x75F9], 0x9EFD: [0x6C4A], 0x9F60: [0x9B2E],
    0x9F66: [0x9F17], 0x9FCB: [0x50ED], 0x9FD8: [0x5F0C], 0xA063: [0x880F], 0xA077: [0x62CE],
    0xA0D5: [0x7468], 0xA0DF: [0x7162], 0xA0E4: [0x7250],
    0xA3C0: [*range(0x2400, 0x2420), 0x2421],
    0xC6CF: [0x5EF4], 0xC6D3: [0x65E0], 0xC6D5: [0x7676], 0xC6D7: [0x96B6], 0xC6DE: [0x3003, 0x4EDD],
    0xFA5F: [0x5029], 0xFA66: [0x507D], 0xFABD: [0x5305], 0xFAC5: [0x5344], 0xFAD5: [0x537F],
    0xFB48: [0x5605], 0xFBB8: [0x5A77], 0xFBF3: [0x5E75], 0xFBF9: [0x5ED0], 0xFC4F: [0x5F58],
    0xFC6C: [0x60A4], 0xFCB9: [0x6490], 0xFCE2: [0x6674], 0xFCF1: [0x675E], 0xFDB7: [0x6C9C, 0x6E1D],
    0xFDBB: [0x6E2F], 0xFDF1: [0x716E], 0xFE52: [0x732A], 0xFE6F: [0x745C], 0xFEAA: [0x74E9],
    0xFEDD: [0x7809],
}

JIS0212 = {0x8FA2B7: [0xFF5E]}  # the full-width tilde of Windows


def units(sequence, codec, exceptions):
    """UTF-16 units of a sequence of bytes, given as a number; none where it is undefined."""
    for first, characters in exceptions.items():
        if 0 <= sequence - first < len(characters):
            text = chr(characters[sequence - first])
            break
    else:
        try:
            text = sequence.to_bytes((sequence.bit_length() + 7) // 8, "big").decode(codec)
        except UnicodeDecodeError:
            return []
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2)]


def unit(*source):
    """The only unit of a sequence, 0 where it is undefined."""
    return (units(*source) or [0])[0]


def big5_units(lead, trail):
    """Of the punctuation in the rows A1 to A3, the standard has the choice of Windows."""
    return units(lead << 8 | trail, "cp950" if 0xA1 <= lead <= 0xA3 else "big5hkscs", BIG5)


def shift_jis(row, cell):
    """The sequence of a place in JIS X 0208: Shift_JIS packs two rows of 94 into one lead byte."""
    lead, trail = row // 2, row % 2 * 94 + cell
    return (lead + (0x81 if lead < 0x1F else 0xC1)) << 8 | trail + (0x40 if trail < 0x3F else 0x41)


def print_wrapped(text, indent="    "):
    print(textwrap.fill(text, width=99, initial_indent="    ", subsequent_indent=indent))


def print_runs(number, row):
    """The defined units of a row, each run behind its place."""
    column = 0
    while any(row[column:]):
        while not row[column]:
            column += 1
        end = column
        while any(row[end:end + GAP]):
            end += 1
        run = " ".join(f"0x{u:04X}," for u in row[column:end])
        print_wrapped(f"[0x{number:02X}][0x{column:02X}] = {run}", " " * 8)
        column = end


def open_table(name, rows, comment):
    print(f"\n// {comment}\nstatic const uint16_t {name}[{len(rows)}][{len(rows[0])}] = {{")


def print_table(name, rows, comment):
    open_table(name, rows, comment)
    for number, row in enumerate(rows):
        print_runs(number, row)
    print("};")


def print_pairs(name, pairs, comment):
    open_table(name, pairs, comment)
    # A pair is not torn apart.
    print_wrapped(" ".join(f"{{0x{first:04X},~0x{second:04X}}}," for first, second in pairs).replace("~", " "))
    print("};")


def print_double_byte(name, unit_of):
    rows = [[unit_of(lead, trail) for trail in range(0x40, 0xFF)] for lead in range(0x81, 0xFF)]
    print_table(name, rows, "[lead byte - 0x81][trail byte - 0x40]")


def print_big5():
    two_units = []

    def unit_of(lead, trail):
        found = big5_units(lead, trail)
        if len(found) < 2:
            return found[0] if found else 0
        two_units.append(found)
        return 0xD800 + len(two_units) - 1

    print_double_byte("big5_index", unit_of)
    print_pairs("big5_two_units", two_units, "[unit of big5_index - 0xD800]: the two units that it stands for")


def gb18030_ranges():
    """Where the four-byte sequences of the BMP go on with another character than the next."""
    found = []
    for position in range(39420):
        a, b, c, d = position // 12600, position // 1260 % 10, position // 10 % 126, position % 10
        sequence = (0x81 + a) << 24 | (0x30 + b) << 16 | (0x81 + c) << 8 | 0x30 + d
        character = unit(sequence, "gb18030", GB18030_FOURS)
        if not found or character - found[-1][1] != position - found[-1][0]:
            found.append((position, character))
    return found


def main():
    print("""\
// SPDX-License-Identifier: MIT
// Generated, do not edit: python3 tools/gen_ansi_indexes.py > src/text/ansi_indexes.h
// UTF-16 units of the characters of multi-byte code pages; 0: undefined.
#ifndef EVX_TEXT_ANSI_INDEXES_H
#define EVX_TEXT_ANSI_INDEXES_H

#include <stdint.h>""")
    print_double_byte("gb18030_index", lambda lead, trail: unit(lead << 8 | trail, "gb18030", GB18030_PAIRS))
    print_double_byte("euc_kr_index", lambda lead, trail: unit(lead << 8 | trail, "cp949", {}))
    print_big5()
    jis0208 = [[unit(shift_jis(row, cell), "cp932", {}) for cell in range(94)] for row in range(120)]
    print_table("jis0208_index", jis0208, "[row][cell]; only Shift_JIS has rows from 94 on")
    jis0212 = [[unit(0x8FA1A1 + (row << 8) + cell, "euc_jp", JIS0212) for cell in range(94)] for row in range(94)]
    print_table("jis0212_index", jis0212, "[row][cell]")
    print_pairs("gb18030_ranges", gb18030_ranges(), "Position of a four-byte sequence, and its unit; the next"
                " positions have the next units.")
    print("\n#endif")


main()
