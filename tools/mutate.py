#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks the engine on purpose, one line at a time, and demands that a test notices.
usage: mutate.py [WORD]   only mutants with the word in their file or reason

The mutants are in tests/mutants.toml. They are made in a copy of the tree, build/mutate/tree, that is compiled
with ASan into build/mutate/build; both stay for the next time. A mutant that passes all its tests has
survived: a test is missing. One whose text is not there exactly once, that does not compile, or that names a
test that is none, is no mutant. Either fails.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import tomllib

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
LIST = pathlib.PurePath("tests", "mutants.toml")
TREE = REPOSITORY / "build" / "mutate" / "tree"
BUILD = REPOSITORY / "build" / "mutate" / "build"
COPIED = ("include", "src", "gen", "cli", "examples", "tests", "tools", "bench", "docs")
# Compiling is what takes the time. Asserts kill, too; Meson leaves them out of plain builds otherwise.
OPTIONS = ("--buildtype=plain", "-Dpython=disabled", "-Db_ndebug=false", "-Db_sanitize=address", "-Db_lundef=false")
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1"}
USUAL_SUITES = ("unit", "fuzz")  # whose tests are run where a mutant names none
SECONDS_MAX = 120  # a test that takes longer has noticed, too
KEYS = {"file", "old", "new", "why", "killed_by"}


class NoMutant(Exception):
    """The entry is wrong, not the tests."""


def read_list(tree):
    return tomllib.loads((tree / LIST).read_text(encoding="utf-8"))["mutant"]


def mutated(mutant, tree):
    """The text of its file, broken."""
    if set(mutant) - KEYS or KEYS - {"killed_by"} - set(mutant):
        raise NoMutant(f"it has the keys {', '.join(mutant)}")
    path = tree / mutant["file"]
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = text.count(mutant["old"])
    if found != 1:
        raise NoMutant(f"its text stands there {found} times: {mutant['old']}")
    return text.replace(mutant["old"], mutant["new"])


def wanted_files():
    files = [path for path in REPOSITORY.iterdir() if path.is_file()]
    for folder in COPIED:
        files += [path for path in (REPOSITORY / folder).rglob("*")
                  if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(REPOSITORY) for path in files}


def copy_tree():
    """What did not change keeps its time, so that only what did is compiled again."""
    wanted = wanted_files()
    for path in TREE.rglob("*"):
        if path.is_file() and path.relative_to(TREE) not in wanted:
            path.unlink()
    for name in sorted(wanted):
        source, target = REPOSITORY / name, TREE / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def configure():
    stamp, options = BUILD / "options", " ".join(OPTIONS)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == options:
        return
    shutil.rmtree(BUILD, ignore_errors=True)
    done = subprocess.run(["meson", "setup", BUILD, TREE, *OPTIONS], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"mutate: meson failed:\n{done.stdout}")
    stamp.write_text(options, encoding="utf-8")


def build(files):
    """None, or what the compiler says."""
    done = subprocess.run(["ninja", "-C", BUILD, "--quiet", *files], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout if done.returncode else None


class Tests:
    """As Meson knows them, by name."""

    def __init__(self):
        build(["build.ninja"])  # Meson again, if its files have changed
        files = {target["id"]: [os.path.relpath(name, BUILD) for name in target["filename"]]
                 for target in self.introspect("targets")}
        self.tests = {test["name"]: test for test in self.introspect("tests")}
        for test in self.tests.values():
            test["files"] = [name for target in test["depends"] for name in files[target]]
        self.usual = [name for name, test in self.tests.items()
                      if any(suite.endswith(USUAL_SUITES) for suite in test["suite"])]

    @staticmethod
    def introspect(what):
        return json.loads((BUILD / "meson-info" / f"intro-{what}.json").read_text(encoding="utf-8"))

    def files(self, names):
        return sorted({name for test in names for name in self.tests[test]["files"]})

    def passes(self, name):
        test = self.tests[name]
        try:
            done = subprocess.run(test["cmd"], cwd=test["workdir"] or BUILD,
                                  env={**os.environ, **SANITIZERS, **test["env"]}, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS_MAX,
                                  check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def killer(mutant, tests):
    """Name of the test that notices, or None."""
    names = mutant.get("killed_by", tests.usual)
    unknown = [name for name in names if name not in tests.tests]
    if unknown:
        raise NoMutant(f"there is no test {', '.join(unknown)}")
    broken = mutated(mutant, TREE)
    path = TREE / mutant["file"]
    original = path.read_text(encoding="utf-8")
    path.write_text(broken, encoding="utf-8")
    try:
        for name in names:
            problem = build(tests.files([name]))
            if problem:
                raise NoMutant(f"it does not compile:\n{problem}")
            if not tests.passes(name):
                return name
        return None
    finally:
        path.write_text(original, encoding="utf-8")


def check_unbroken(mutants, tests):
    """A test that fails anyway kills nothing."""
    names = sorted({name for mutant in mutants for name in mutant.get("killed_by", tests.usual)} & set(tests.tests))
    problem = build(tests.files(names))
    if problem:
        sys.exit(f"mutate: the tree does not compile:\n{problem}")
    failing = [name for name in names if not tests.passes(name)]
    if failing:
        sys.exit(f"mutate: without any mutant these fail: {', '.join(failing)}")


def main(word=""):
    mutants = [mutant for mutant in read_list(REPOSITORY) if word in mutant["file"] or word in mutant["why"]]
    copy_tree()
    configure()
    tests = Tests()
    check_unbroken(mutants, tests)
    killed, failures = 0, 0
    for mutant in mutants:
        started = time.monotonic()
        try:
            name = killer(mutant, tests)
            verdict = f"killed by {name}" if name else "SURVIVED"
        except NoMutant as error:
            name, verdict = None, f"NO MUTANT: {error}"
        killed += name is not None
        failures += name is None
        print(f"{time.monotonic() - started:5.1f} s  {mutant['file']}: {mutant['why']}: {verdict}", flush=True)
    print(f"mutate: {killed} killed, {failures} not")
    return 1 if failures or not killed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
