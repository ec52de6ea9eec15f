# SPDX-License-Identifier: MIT
"""Instructions per record on small generated logs, against the figures of perf/instructions.json.

Counts, not times: they say on any busy machine whether a change made the engine do more. More than 2 % above
the record fails; the figures are then to be put right in the commit that makes them rise, by

  ./dev perf gate --update

The count is of the release build, by callgrind. libc's own choice by CPU (memcpy and the like) is switched off,
and the engine's (src/kernels/avx512.h) comes out the same everywhere, as callgrind's processor has no AVX-512: so
what is written is compared with the output of a run without it. Still compilers and libraries differ, so that
elsewhere than where the figures were recorded nothing is compared: exit code 77, which Meson counts as skipped.
"""
import argparse
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any, NamedTuple

from bench import workloads
from bench.measure import REPOSITORY, CommandFailed, clean_environment, instructions

RECORD = REPOSITORY / "perf" / "instructions.json"
RISE_MAX = 0.02
LOGS = {"security": {"profile": "security", "size": "2M", "seed": 1},
        "mixed": {"profile": "mixed", "size": "2M", "seed": 1}}
FORMATS = ("jsonl", "xml")
# The same functions of libc on every x86-64 (SSE2), and the same sizes at which they change their way.
BASELINE = {"GLIBC_TUNABLES": ":".join((
    "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_2,-BMI2,-RTM,-MOVBE",
    "glibc.cpu.x86_non_temporal_threshold=0xc0000"))}
PASSED, FAILED, SKIPPED = 0, 1, 77

Record = dict[str, Any]


class Line(NamedTuple):
    name: str
    recorded: float
    counted: float

    def change(self) -> float:
        return self.counted / self.recorded - 1

    def verdict(self) -> str:
        if self.counted > self.recorded * (1 + RISE_MAX):
            return "MORE"
        return "less" if self.counted < self.recorded * (1 - RISE_MAX) else "same"


# ------------------------------------------------------------------------------------------- counting

def compiler(program: bytes) -> str:
    """As it signed the program: clang beside the gcc of the C library's start files, or that alone."""
    for name, signature in (("clang", rb"clang version ([\d.]+)"), ("gcc", rb"GCC: \([^)]*\) ([\d.]+)")):
        found = re.search(signature, program)
        if found:
            return f"{name} {found[1].decode()}"
    return "unknown"


def machine(build: pathlib.Path) -> dict[str, str]:
    """What besides the sources decides how many instructions there are."""
    valgrind = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True)
    return {"architecture": platform.machine(), "compiler": compiler((build / "cli" / "evtx_dump").read_bytes()),
            "libc": os.confstr("CS_GNU_LIBC_VERSION") or "unknown", "valgrind": valgrind.stdout.strip()}


def generate(evx: pathlib.Path, log: pathlib.Path, options: dict[str, Any]) -> None:
    subprocess.run([evx, "gen", "--profile", options["profile"], "--size", options["size"], "--seed",
                    str(options["seed"]), "-f", log], env=clean_environment(), check=True)


def dump(program: pathlib.Path, output_format: str, log: pathlib.Path) -> list[str]:
    return [str(program), "-t", "1", "-o", output_format, str(log)]


def native_output(program: pathlib.Path, output_format: str, log: pathlib.Path) -> bytes:
    return subprocess.run(dump(program, output_format, log), env=clean_environment(), check=True,
                          capture_output=True).stdout


def count(build: pathlib.Path) -> Record:
    """What perf/instructions.json holds, of this build."""
    record: Record = {"machine": machine(build), "logs": {}, "instructions_per_record": {}}
    program = build / "cli" / "evtx_dump"
    with tempfile.TemporaryDirectory(prefix="evx-gate-") as folder:
        for name, options in LOGS.items():
            log = pathlib.Path(folder) / f"{name}.evtx"
            generate(build / "cli" / "evx", log, options)
            text = {output_format: native_output(program, output_format, log) for output_format in FORMATS}
            lines = text["jsonl"].count(b"\n")
            record["logs"][name] = {**options, "records": lines,
                                    "sha256": hashlib.sha256(log.read_bytes()).hexdigest()}
            for output_format in FORMATS:
                with open(pathlib.Path(folder) / "counted", "w+b") as output:
                    counted = instructions(dump(program, output_format, log), output, **BASELINE)
                    output.seek(0)
                    if output.read() != text[output_format]:
                        raise CommandFailed(f"{name} {output_format}: another output under callgrind, whose "
                                            "processor has no AVX-512")
                record["instructions_per_record"][f"{name} {output_format}"] = round(counted / lines, 1)
    return record


# ------------------------------------------------------------------------------------------ comparing

def other_machine(recorded: dict[str, str], here: dict[str, str]) -> list[str]:
    """What is not as it was where the figures were recorded."""
    return [f"{key}: recorded with {recorded.get(key)}, here {value}"
            for key, value in here.items() if recorded.get(key) != value]


def compare(recorded: Record, counted: Record) -> tuple[int, list[Line], str]:
    """(exit code, a line per figure, what to do)"""
    if recorded["logs"] != counted["logs"]:
        return FAILED, [], "the generated logs are others than those recorded"
    figures, now = recorded["instructions_per_record"], counted["instructions_per_record"]
    if figures.keys() != now.keys():
        return FAILED, [], "other formats are counted than those recorded"
    lines = [Line(name, figures[name], now[name]) for name in figures]
    verdicts = {line.verdict() for line in lines}
    if "MORE" in verdicts:
        return FAILED, lines, "a record costs over 2 % more instructions than recorded"
    if "less" in verdicts:
        return PASSED, lines, "a record costs over 2 % fewer instructions than recorded"
    return PASSED, lines, ""


def show(lines: list[Line]) -> None:
    print(f"{'instructions per record':<24}{'recorded':>12}{'now':>12}{'change':>10}")
    for line in lines:
        mark = "" if line.verdict() == "same" else f"  {line.verdict()}"
        print(f"{line.name:<24}{line.recorded:>12,.1f}{line.counted:>12,.1f}{100 * line.change():>+9.2f} %{mark}")


def check(recorded: Record, counted: Record) -> int:
    code, lines, words = compare(recorded, counted)
    show(lines)
    if words:
        print(f"{words}: if that is meant, ./dev perf gate --update, and commit {RECORD.relative_to(REPOSITORY)} "
              "with the change")
    return code


def update(build: pathlib.Path) -> int:
    counted = count(build)
    RECORD.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
    print(f"recorded in {RECORD.relative_to(REPOSITORY)}:")
    for name, figure in counted["instructions_per_record"].items():
        print(f"{name:<24}{figure:>12,.1f}")
    return PASSED


def gate(build: pathlib.Path) -> int:
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    differences = other_machine(recorded["machine"], machine(build))
    if differences:
        print("skipped, the figures were recorded elsewhere:", *differences, sep="\n  ")
        return SKIPPED
    return check(recorded, count(build))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev perf gate", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--update", action="store_true", help="record the figures of this build")
    parser.add_argument("--build", type=pathlib.Path, metavar="DIR",
                        help="a build folder of the release recipe; else ./dev build makes one")
    asked = parser.parse_args(arguments)
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        return SKIPPED
    try:
        if not asked.build:
            workloads.build()
        build = asked.build or REPOSITORY / "build"
        return update(build) if asked.update else gate(build)
    except (CommandFailed, subprocess.CalledProcessError, OSError) as error:
        print(f"gate: {error}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
