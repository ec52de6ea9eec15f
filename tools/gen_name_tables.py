#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints src/decode/name_tables.h: what stands in XML names beyond ASCII, from tools/xml_names.txt.

Run from the top of the tree: python3 tools/gen_name_tables.py > src/decode/name_tables.h
"""
import pathlib

DATA = pathlib.Path(__file__).with_name("xml_names.txt")
PER_LINE = 5


def classes():
    """Name of each class -> the set of its characters."""
    found = {}
    for line in DATA.read_text(encoding="ascii").splitlines():
        if line.startswith(" "):
            for part in line.split():
                first, _, last = part.partition("-")
                found[name].update(range(int(first, 16), int(last or first, 16) + 1))
        elif line and not line.startswith("#"):
            name = line
            found[name] = set()
    return found


def ranges(characters):
    """The characters beyond ASCII as ranges, both ends included."""
    found = []
    for character in sorted(c for c in characters if c >= 0x80):
        if found and found[-1][1] == character - 1:
            found[-1][1] = character
        else:
            found.append([character, character])
    return found


def print_table(name, characters):
    entries = [f"{{0x{first:04X}, 0x{last:04X}}}," for first, last in ranges(characters)]
    print(f"\nstatic const uint16_t {name}[][2] = {{")
    for row in range(0, len(entries), PER_LINE):
        print("    " + " ".join(entries[row:row + PER_LINE]))
    print("};")


def main():
    found = classes()
    letters = found["BaseChar"] | found["Ideographic"]
    print("""\
// SPDX-License-Identifier: MIT
// Generated, do not edit: python3 tools/gen_name_tables.py > src/decode/name_tables.h
// Ranges of characters beyond ASCII in the names of XML 1.0, fourth edition: those that a name may
// begin with, and those that may only follow.
#ifndef EVX_DECODE_NAME_TABLES_H
#define EVX_DECODE_NAME_TABLES_H

#include <stdint.h>""")
    print_table("name_letters", letters)
    print_table("name_followers", found["CombiningChar"] | found["Digit"] | found["Extender"])
    print("\n#endif")


main()
