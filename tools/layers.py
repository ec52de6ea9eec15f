#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks who includes whom.  usage: layers.py TREE

    api > {flow, stats} > {table > rows, ledger} > {emit, filter} > {fields, print, packs, compat} > decode > container > {bytes, kernels, text} > system > base

A folder of src/ may include itself and what stands below it. bytes, kernels and text do not see each
other, compat and filter do not see bytes, compat does not see kernels, fields and print see neither those nor text nor
compat, packs see text but neither those nor compat, emit and filter do not see each other, rows does not see compat, ledger sees only fields, decode, container and base, flow and stats do not see each other, stats sees neither table nor rows nor emit, salvage sees decode and what stands below it and is seen by flow and api, packfile is seen by api only and sees packs, print and what stands below them, encode sees only base and container/layout.h, and rewrite sees it, decode and what stands below that. Outside of src/, gen sees base and encode/encode.h, and the programs in cli/ see
gen/generate.h. Everyone but base, encode and gen sees system; everyone may include the public headers.
"""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "base": set(),
    "system": {"base"},
    "bytes": {"base"},
    "kernels": {"base"},
    "text": {"base"},
    "container": {"base", "bytes", "kernels", "text"},
    "decode": {"base", "bytes", "kernels", "text", "container"},
    "compat": {"base", "container", "decode"},
    "fields": {"base", "container", "decode"},
    "print": {"base", "decode"},
    "packs": {"base", "text", "container", "decode"},
    "packfile": {"base", "bytes", "text", "container", "decode", "print", "packs"},
    "emit": {"base", "kernels", "text", "container", "decode", "compat", "fields", "print", "packs"},
    "filter": {"base", "kernels", "text", "container", "decode", "fields", "print"},
    "rows": {"base", "kernels", "text", "container", "decode", "fields", "print", "packs", "emit", "filter"},
    "table": {"base", "kernels", "text", "container", "decode", "fields", "print", "packs", "emit", "filter", "rows"},
    "stats": {"base", "text", "container", "decode", "fields", "print", "filter"},
    "rewrite": {"base", "container", "decode", "encode"},
    "salvage": {"base", "bytes", "kernels", "container", "decode"},
    "ledger": {"base", "container", "decode", "fields"},
    "flow": {"base", "bytes", "kernels", "text", "container", "decode", "compat", "fields", "print", "packs",
             "emit", "filter", "rows", "salvage", "table", "ledger"},
    "api": {"base", "bytes", "kernels", "text", "container", "decode", "compat", "fields", "print", "packs",
            "packfile", "emit", "filter", "rewrite", "rows", "salvage", "table", "ledger", "stats", "flow", "encode"},
    "encode": {"base", "container/layout.h"},
    "gen": {"base", "encode/encode.h"},
    "cli": {"gen/generate.h"},
    "include": set(),
}
for folder in MAY_INCLUDE.keys() - {"base", "system", "encode", "gen", "include"}:
    MAY_INCLUDE[folder].add("system")
OUTSIDE = ("gen", "cli", "include")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def refusal(folder, own_folder, quote, name):
    """Why a file of folder may not include name, or None."""
    if name.startswith("evx/") or quote == "<":
        if quote == '"':
            return "public headers are included as <evx/...>"
        first = name.split("/")[0]
        return "internal headers are included with quotes" if first in MAY_INCLUDE else None
    if folder == "include":
        return "include may include <evx/...> only"
    if ".." in name.split("/"):
        return "no .. in includes"
    if "/" not in name:
        return None if (own_folder / name).exists() else "no such header in this folder"
    target = name.split("/")[0]
    if target == folder or target in MAY_INCLUDE[folder] or name in MAY_INCLUDE[folder]:
        return None
    return f"{folder} may not include {target}"


def sources(tree):
    for path in sorted(tree.glob("src/*/*.[ch]")):
        yield path, path.parent.name
    for top in OUTSIDE:
        for path in sorted(tree.glob(f"{top}/**/*.[ch]")):
            yield path, top


def check(tree):
    found = []
    for path, folder in sources(tree):
        if folder not in MAY_INCLUDE:
            found.append(f"{path.relative_to(tree)}: folder {folder} has no place in the layers")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            why = match and refusal(folder, path.parent, *match.groups())
            if why:
                found.append(f"{path.relative_to(tree)}:{number}: {match.group(2)}: {why}")
    return found


def main():
    found = check(pathlib.Path(sys.argv[1]))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
