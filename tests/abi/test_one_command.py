#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards users who copy src/ and include/ into their own build: one cc command, without Meson, without
generated files, makes a working library.  usage: test_one_command.py SOURCE_ROOT CC..."""
import pathlib
import subprocess
import sys
import tempfile


def main():
    root, cc = pathlib.Path(sys.argv[1]), sys.argv[2:]
    sources = sorted(str(path) for path in root.glob("src/**/*.c"))
    includes = ["-I", str(root / "src"), "-I", str(root / "include")]
    with tempfile.TemporaryDirectory() as folder:
        def run(*command):
            subprocess.run(command, check=True, cwd=folder)
        run(*cc, "-O2", "-D_GNU_SOURCE", *includes, "-c", *sources)
        objects = sorted(path.name for path in pathlib.Path(folder).glob("*.o"))
        assert len(objects) == len(sources), "two sources of the same name"
        run("ar", "rcs", "libevx.a", *objects)
        run(*cc, *includes, str(root / "tests/abi/consumer.c"), "-o", "consumer", "libevx.a",
            "-ldeflate", "-pthread")
        run("./consumer")
    return 0


if __name__ == "__main__":
    sys.exit(main())
