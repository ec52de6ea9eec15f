#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards programs that act on kinds of damage: their values stay, each once, and docs/damage.md has them all.
usage: test_damage_table.py SOURCE_ROOT"""
import pathlib
import re
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    header = re.findall(r"^    EVX_DAMAGE_(\w+) = (\d+),", (root / "include/evx/evx.h").read_text(encoding="utf-8"),
                        re.MULTILINE)
    table = [(name, value) for value, name in
             re.findall(r"^\| (\d+) \| `(\w+)` \|", (root / "docs/damage.md").read_text(encoding="utf-8"),
                        re.MULTILINE)]
    for name, value in sorted(set(header) ^ set(table)):
        print(f"{name} = {value}: not in both evx.h and docs/damage.md")
    values = [int(value) for _, value in table]
    if values != sorted(set(values)):
        print("docs/damage.md: values out of order or given twice")
        return 1
    print(f"{len(table)} kinds")
    return 0 if header and header == table else 1


if __name__ == "__main__":
    sys.exit(main())
