#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against symbols that leak from libevx.so, and declarations that nobody defined.
usage: test_symbols.py LIBRARY INCLUDE_FOLDER"""
import pathlib
import re
import subprocess
import sys

DECLARATION = re.compile(r"^EVX_API\b[^;(]*?\b(\w+)\s*\(", re.MULTILINE)


def exported(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, text=True,
                           capture_output=True).stdout.splitlines()
    names = {line.split()[-1].split("@")[0] for line in lines}
    return {name for name in names if not name.startswith(("__asan", "__odr_asan", "__tsan"))}


def declared(include):
    headers = sorted(pathlib.Path(include).glob("evx/*.h"))
    return {name for header in headers
            for name in DECLARATION.findall(header.read_text(encoding="utf-8"))}


def main():
    library, include = sys.argv[1:]
    have, want = exported(library), declared(include)
    foreign = {name for name in have if not name.startswith("evx_")}
    for what, names in [("exported without the prefix evx_", foreign),
                        ("exported but in no public header", have - want - foreign),
                        ("declared EVX_API but not exported", want - have)]:
        for name in sorted(names):
            print(f"{name}: {what}")
    if not want:
        print("no EVX_API declaration found: the pattern of this test is wrong")
    print(f"{len(have)} symbols exported, {len(want)} declared")
    return 0 if want and have == want else 1


if __name__ == "__main__":
    sys.exit(main())
