#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against generated files that were edited, or left behind by their script: each is what the command in
its second line prints.  usage: test_generated.py SOURCE_ROOT"""
import pathlib
import re
import subprocess
import sys

COMMAND = re.compile(r".*\n// Generated, do not edit: python3 (\S+) > (\S+)\n")


def main():
    root = pathlib.Path(sys.argv[1])
    found = wrong = 0
    for path in sorted(root.glob("src/**/*.[ch]")):
        text = path.read_text(encoding="utf-8")
        match = COMMAND.match(text)
        if not match:
            continue
        found += 1
        script, name = match.groups()
        printed = subprocess.run([sys.executable, root / script], stdout=subprocess.PIPE, check=True, text=True).stdout
        if name != path.relative_to(root).as_posix() or text != printed:
            print(f"{path.relative_to(root)}: not what {script} prints into {name}")
            wrong += 1
    print(f"{found} generated files, {wrong} wrong")
    return 0 if found and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
