#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the size of the library for those who want no tables: their code stays below a bar.
usage: check_size.py SOURCE_ROOT CC..."""
import pathlib
import subprocess
import sys
import tempfile

BYTES_MAX = 72 << 10
FLAGS = ["-O2", "-std=gnu17", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", "-DNDEBUG", "-DEVX_BUILDING_LIBRARY",
         "-fPIC", "-fvisibility=hidden", "-fno-strict-aliasing", "-w"]


def main():
    root, compiler = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    files = sorted([*root.glob("src/table/*.c"), *root.glob("src/api/table_*.c")])
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*compiler, *FLAGS, "-I", str(root / "include"), "-I", str(root / "src"), "-c",
                        *map(str, files)], check=True, cwd=folder)
        lines = subprocess.run(["size", *map(str, pathlib.Path(folder).glob("*.o"))], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()[1:]
    total = sum(sum(map(int, line.split()[:3])) for line in lines)
    print(f"{len(files)} files, {total} bytes of at most {BYTES_MAX}")
    return 0 if files and 0 < total <= BYTES_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
