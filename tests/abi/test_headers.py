#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against public headers that lean on others, on extensions, or break C++ users.
usage: test_headers.py INCLUDE_FOLDER CXX_OR_EMPTY CC..."""
import pathlib
import subprocess
import sys
import tempfile

STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]


def compiles(command, language, standard, include, header, folder):
    source = pathlib.Path(folder) / ("alone.c" if language == "c" else "alone.cpp")
    # Twice: the include guard has to work.
    source.write_text(f"#include <evx/{header}>\n" * 2 + "int evx_alone;\n", encoding="utf-8")
    run = subprocess.run([*command, "-x", language, f"-std={standard}", *STRICT, "-I", include,
                          str(source)], text=True, stderr=subprocess.PIPE)
    print(f"{header} as {standard}: {'ok' if run.returncode == 0 else 'FAILED'}")
    print(run.stderr, end="")
    return run.returncode == 0


def main():
    include, cxx, *cc = sys.argv[1:]
    headers = sorted(path.name for path in pathlib.Path(include).glob("evx/*.h"))
    good = bool(headers)
    with tempfile.TemporaryDirectory() as folder:
        for header in headers:
            good &= compiles(cc, "c", "c17", include, header, folder)
            if cxx:
                good &= compiles([cxx], "c++", "c++17", include, header, folder)
    if not cxx:
        print("C++: skipped, no compiler")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
