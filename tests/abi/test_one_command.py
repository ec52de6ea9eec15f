#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards users who copy src/ and include/ into their own build: one cc command, without Meson, without
generated files, makes a working library. And against global state: no object has data that changes.
usage: test_one_command.py SOURCE_ROOT LOG CC..."""
import pathlib
import re
import subprocess
import sys
import tempfile

# Sections of variables, as in "0000001c l     O .bss   0000000000000028 lock.0"; .data.rel.ro is constant.
VARIABLE = re.compile(r"^[0-9a-f]+ .{7} (?:\.t?data(?!\.rel\.ro)|\.t?bss|\*COM\*)\S*\t0*[1-9a-f][0-9a-f]* *(\S+)$",
                      re.MULTILINE)


def main():
    root, log, cc = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
    sources = sorted(str(path) for path in root.glob("src/**/*.c"))
    includes = ["-I", str(root / "src"), "-I", str(root / "include")]
    with tempfile.TemporaryDirectory() as folder:
        def run(*command):
            subprocess.run(command, check=True, cwd=folder)
        # Without -O2, which takes three times as long and makes the same names and variables.
        run(*cc, "-O0", "-D_GNU_SOURCE", *includes, "-c", *sources)
        objects = sorted(path.name for path in pathlib.Path(folder).glob("*.o"))
        assert len(objects) == len(sources), "two sources of the same name"
        symbols = subprocess.run(["objdump", "-t", *objects], check=True, cwd=folder, stdout=subprocess.PIPE,
                                 text=True).stdout
        assert "\t" in symbols
        assert not VARIABLE.findall(symbols), f"variables: {VARIABLE.findall(symbols)}"
        run("ar", "rcs", "libevx.a", *objects)
        run(*cc, *includes, str(root / "tests/abi/consumer.c"), "-o", "consumer", "libevx.a",
            "-ldeflate", "-pthread")
        run("./consumer", str(log))
    return 0


if __name__ == "__main__":
    sys.exit(main())
