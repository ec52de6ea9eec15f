#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""House rules that no compiler knows.  usage: lint.py TREE

  functions of at most 70 lines and files of at most 800, but for those in tools/long_functions.txt and
  what a script prints
  no sprintf, vsprintf, strcpy, strcat, gets, alloca
  no malloc, calloc, realloc, free in the library outside src/base, src/encode and src/system
  ASCII only, no tabs, no blanks at the end of a line, an SPDX line on top
  no two source files of the same name (a single cc command builds all of src)
  what differs between systems stands in src/system and cli/system: elsewhere no header of POSIX or Windows and no
  macro that tells systems apart
  relative links in Markdown files lead somewhere
  what the mutants of tests/mutants.toml break is there, exactly once
  at least ten checks of invariants (src/base/check.h) in a thousand lines of src that no script prints
"""
import pathlib
import re
import sys

import mutate

CHECK = re.compile(r"^\s*EVX_CHECK\(", re.MULTILINE)
CHECKS_PER_1000_LINES = 10
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800
EXCEPTIONS = "tools/long_functions.txt"
GENERATED = re.compile(r".*\n// Generated, do not edit: ")
BANNED = re.compile(r"\b(v?sprintf|strcpy|strcat|gets|alloca|__builtin_alloca)\s*\(")
ALLOCATION = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|free|strdup)\s*\(")
ALLOCATION_RULED = re.compile(r"src/(?!base/|encode/|system/)")
SYSTEM_FOLDERS = ("src/system", "cli/system")
SYSTEM_RULED = ("include", "src", "gen", "cli")
SYSTEM_HEADER = re.compile(
    r"^[ \t]*#[ \t]*include[ \t]*<((?:sys|arpa|netinet|linux)/[^>]*|windows\.h|(?:dirent|dlfcn|fcntl|fnmatch|fts|ftw|glob|io|"
    r"langinfo|poll|pthread|pwd|sched|semaphore|signal|spawn|termios|threads|unistd)\.h)>", re.MULTILINE)
SYSTEM_MACRO = re.compile(
    r"\b(_WIN32|_WIN64|__MINGW\w*|_MSC_VER|__CYGWIN__|__unix__|__linux__|__APPLE__|__GLIBC__|__ANDROID__)\b")
FOLDERS = ("include", "src", "gen", "cli", "examples", "tests", "bench", "perf", "tools", "docs")
ROOT_FILES = ("*.md", "meson.build", "dev", ".ci/run")
CODE = {".c", ".h", ".def"}
SOURCE = CODE | {".py", ".sh", ".build"}
TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)


def blank(text, keep=""):
    """The same lines with nothing on them."""
    return keep + "\n" * text.count("\n")


def strip(text):
    """Code without comments, strings and preprocessor lines; line numbers stay."""
    def replace(match):
        token = match.group()
        return blank(token, '""' if token[0] in "\"'" else " ")
    return DIRECTIVE.sub(lambda match: blank(match.group()), TOKEN.sub(replace, text))


def function_name(head):
    """Name of the function whose body opens behind head, or None for a struct, an array, ..."""
    head = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head, flags=re.DOTALL).rstrip()
    if not head.endswith(")"):
        return None
    depth = 0
    for at in range(len(head) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(head[at], 0)
        if depth == 0:
            match = re.search(r"(\w+)\s*$", head[:at])
            return match and (match.group(1), match.start())
    return None


def functions(code):
    """Yields (name, first line, last line) of every function of stripped code."""
    depth, head_start, open_function = 0, 0, None
    for match in re.finditer(r"[{};]|^\}", code, re.MULTILINE):
        at, char = match.start(), match.group()
        if char == "{":
            if depth == 0:
                head = code[head_start:at]
                if re.search(r'extern\s*""\s*$', head):
                    head_start = at + 1
                    continue
                name = function_name(head)
                open_function = name and (name[0], code.count("\n", 0, head_start + name[1]) + 1)
            depth += 1
        elif char == "}":
            depth = max(depth - 1, 0)
            if at == 0 or code[at - 1] == "\n":  # braces that #if split do not carry over
                depth = 0
            if depth == 0:
                if open_function:
                    yield (*open_function, code.count("\n", 0, at) + 1)
                head_start, open_function = at + 1, None
        elif depth == 0:
            head_start = at + 1


def exceptions(tree):
    """Lines "PATH:FUNCTION reason" or "PATH reason"; a reason is a must. PATH:free lets free pass there."""
    names, found = set(), []
    path = tree / EXCEPTIONS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            names.add(name)
            if not reason.strip():
                found.append(f"{EXCEPTIONS}:{number}: {name} has no reason")
    return names, found


def check_text(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isascii():
            yield f"{path}:{number}: not ASCII"
        if "\t" in line:
            yield f"{path}:{number}: tab"
        if line != line.rstrip():
            yield f"{path}:{number}: blanks at the end"
    if path.suffix != ".build" and "SPDX-License-Identifier: MIT" not in "".join(
            text.split("\n")[:3]):
        yield f"{path}:1: no SPDX line"


def check_code(path, text, allowed, used):
    code = strip(text)
    for number, line in enumerate(code.split("\n"), 1):
        for match in BANNED.finditer(line):
            yield f"{path}:{number}: {match.group(1)} is banned"
        if ALLOCATION_RULED.match(path.as_posix()):
            for match in ALLOCATION.finditer(line):
                name = f"{path}:{match.group(1)}"
                used.add(name)
                if name in allowed:
                    continue
                yield f"{path}:{number}: {match.group(1)} outside src/base and src/encode"
    lines = text.count("\n")
    if lines > FILE_LINES_MAX and not GENERATED.match(text):
        used.add(str(path))
        if str(path) not in allowed:
            yield f"{path}: {lines} lines, more than {FILE_LINES_MAX}"
    for name, first, last in functions(code):
        if last - first + 1 > FUNCTION_LINES_MAX:
            used.add(f"{path}:{name}")
            if f"{path}:{name}" not in allowed:
                yield f"{path}:{first}: {name} has {last - first + 1} lines, more than {FUNCTION_LINES_MAX}"


def check_systems(path, text):
    if path.parts[0] not in SYSTEM_RULED or path.parent.as_posix() in SYSTEM_FOLDERS:
        return
    for pattern in (SYSTEM_HEADER, SYSTEM_MACRO):
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {match.group(1)} outside of {' and '.join(SYSTEM_FOLDERS)}"


def check_links(tree, path):
    for number, line in enumerate((tree / path).read_text(encoding="utf-8").split("\n"), 1):
        for link in LINK.findall(line):
            if not (tree / path.parent / link).exists():
                yield f"{path}:{number}: {link} does not exist"


# A switch that only one side knows would measure nothing, and say that nothing is gained.
def check_ablations(tree):
    """The choices of -Dablate are the constants of ablate.h, and each stands in a condition."""
    header, options = tree / "src/base/ablate.h", tree / "meson_options.txt"
    if not header.exists():
        return
    constants = set(re.findall(r"^#define (EVX_ABLATE_\w+) 0$", header.read_text(), re.MULTILINE))
    choices = re.search(r"option\('ablate'.*?choices: \[(.*?)\]", options.read_text(), re.DOTALL)
    names = {f"EVX_ABLATE_{name.upper()}" for name in re.findall(r"'(\w+)'", choices[1])}
    for name in sorted(constants ^ names):
        yield f"src/base/ablate.h: {name} is not in both this file and meson_options.txt"
    text = "".join(path.read_text() for path in sorted(tree.glob("src/**/*.[ch]")) if path != header)
    for name in sorted(constants):
        if not re.search(rf"\b{name}\b", text):
            yield f"src/base/ablate.h: {name} switches nothing off"


# ./dev mutate is too slow to be run on every change, which may take away what an entry breaks.
def check_mutants(tree):
    for mutant in mutate.read_list(tree) if (tree / mutate.LIST).exists() else ():
        try:
            mutate.mutated(mutant, tree)
        except mutate.NoMutant as error:
            yield f"{mutate.LIST}: {mutant.get('file')}: {mutant.get('why')}: {error}"


def files(tree):
    """Every file of ours, with paths relative to the tree; what a user left lying about is not."""
    for pattern in ROOT_FILES + tuple(f"{folder}/**/*" for folder in FOLDERS):
        for path in sorted(tree.glob(pattern)):
            if path.is_file():
                yield path.relative_to(tree)


def check_checks(tree):
    if not (tree / "src" / "base" / "check.h").is_file():
        return []
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in (tree / "src").rglob("*.[ch]")]
    texts = [text for text in texts if not GENERATED.match(text)]
    lines, checks = sum(text.count("\n") for text in texts), sum(len(CHECK.findall(text)) for text in texts)
    if checks * 1000 >= CHECKS_PER_1000_LINES * lines:
        return []
    return [f"src: {checks} checks in {lines} lines, fewer than {CHECKS_PER_1000_LINES} in a thousand"]


def check(tree):
    allowed, found = exceptions(tree)
    used, seen = set(), {}
    for path in files(tree):
        if path.suffix == ".md":
            found.extend(check_links(tree, path))
        if path.suffix not in SOURCE and path.as_posix() not in ("dev", ".ci/run"):
            continue
        text = (tree / path).read_bytes().decode("utf-8", "replace")
        found.extend(check_text(path, text))
        if path.suffix not in CODE:
            continue
        found.extend(check_code(path, text, allowed, used))
        found.extend(check_systems(path, text))
        if path.parts[0] in ("src", "include"):
            if path.name in seen:
                found.append(f"{path}: same name as {seen[path.name]}")
            seen[path.name] = path
    found.extend(check_ablations(tree))
    found.extend(check_mutants(tree))
    found.extend(check_checks(tree))
    for name in sorted(allowed - used):
        found.append(f"{EXCEPTIONS}: {name} stands for nothing (any more)")
    return found


def main():
    found = check(pathlib.Path(sys.argv[1]))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
