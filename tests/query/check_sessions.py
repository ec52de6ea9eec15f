#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the sessions that are shown in README.md, docs/queries.md and docs/tampered.md: their commands are run, in an empty folder for
each document, and must print what stands there. Only blocks of `evx` commands are sessions.

EVX: the program. usage: check_sessions.py [--write], which puts in what is printed
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVX = pathlib.Path(os.environ.get("EVX", ROOT / "build" / "evx")).absolute()
DOCUMENTS = ("README.md", "docs/queries.md", "docs/tampered.md")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)$")


def commands(block):
    """Each command line with the lines that are shown behind it."""
    shown = []
    for line in block.splitlines():
        command = COMMAND.match(line)
        if command:
            shown.append((command[1], []))
        elif shown:
            shown[-1][1].append(line)
    return shown


def run(command, folder):
    environment = dict(os.environ, PATH=f"{EVX.parent}:{os.environ['PATH']}", LC_ALL="C.UTF-8")
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    return done.stdout.splitlines()


def rerun(block, folder):
    """The block with what its commands print."""
    lines = []
    for command, _ in commands(block):
        lines += [f"$ {command}", *run(command, folder)]
    return "".join(f"{line}\n" for line in lines)


def check(name, writes):
    """How many commands were run, and what they print that is not shown."""
    document = ROOT / name
    text = document.read_text(encoding="utf-8")
    count, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for block in BLOCK.findall(text):
            if not all(command.startswith("evx ") for command, _ in commands(block)):
                continue
            count += len(commands(block))
            printed = rerun(block, folder)
            if printed != block:
                wrong.append(f"{name} shows\n{block}and evx prints\n{printed}")
                text = text.replace(block, printed)
    if writes and wrong:
        document.write_text(text, encoding="utf-8")
    return count, wrong


def main():
    writes = sys.argv[1:] == ["--write"]
    failed = False
    for name in DOCUMENTS:
        count, wrong = check(name, writes)
        if count == 0:
            wrong.append(f"{name} shows no session")
        print("\n".join(wrong) or f"{name}: {count} commands print what is shown")
        failed |= bool(wrong)
    return int(failed and not writes)


if __name__ == "__main__":
    sys.exit(main())
