# SPDX-License-Identifier: MIT
"""Does the after-program still do the same? Byte equality of output, reports and exit code on all workloads
and modes; the same JSON on a range of records, which tells how far unequal output differs; the tests."""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench import workloads
from bench.measure import REPOSITORY, clean_environment
from perf import say
from perf.say import Refused

MODES = {
    "xml": ("-o", "xml"),
    "xml-flat": ("-o", "xml", "--no-indent", "--dont-show-record-number"),
    "json": ("-o", "json"),
    "jsonl": ("-o", "jsonl"),
    "jsonl-separate": ("-o", "jsonl", "--separate-json-attributes"),
    "jsonl-recover": ("-o", "jsonl", "--recover-records"),
    "jsonl-checksums": ("-o", "jsonl", "--validate-checksums"),
}
THREADED_MODES = ("xml", "jsonl")
THREADS = ("2", "8")
READ_BYTES = 1 << 20
DIFFERENCES_KEPT = 20
ALL_TESTS = "all"


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: hashes of both streams, and the exit code."""
    output: str
    reports: str
    code: int


def outcome(command: list[str]) -> Outcome:
    output = hashlib.sha256()
    with tempfile.TemporaryFile() as reports:
        with subprocess.Popen(command, env=clean_environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=reports) as child:
            while block := child.stdout.read(READ_BYTES):
                output.update(block)
        reports.seek(0)
        return Outcome(output.hexdigest(), hashlib.file_digest(reports, "sha256").hexdigest(), child.returncode)


def modes(log: pathlib.Path, small: bool) -> Iterator[list[str]]:
    """Arguments of every run; threads make no difference to a log of one chunk."""
    for mode in MODES.values():
        yield ["-t", "1", *mode, str(log)]
    for threads in () if small else THREADS:
        for mode in THREADED_MODES:
            yield ["-t", threads, *MODES[mode], str(log)]


def runs(names: Iterable[str]) -> Iterator[list[str]]:
    for name in names:
        place = workloads.path(name)
        if place.is_dir():
            for log in sorted(place.rglob("*.evtx")):
                yield from modes(log, small=True)
        else:
            yield from modes(place, small=False)


def same_bytes(before: pathlib.Path, after: pathlib.Path, names: list[str]) -> dict[str, Any]:
    everything = list(runs(names))
    differences: list[str] = []
    show = say.progress("comparing output")

    def equal(arguments: list[str]) -> bool:
        return outcome([str(before), *arguments]) == outcome([str(after), *arguments])

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for done, (arguments, is_equal) in enumerate(zip(everything, pool.map(equal, everything)), 1):
            if not is_equal:
                differences.append(" ".join([*arguments[:-1], pathlib.Path(arguments[-1]).name]))
            if show:
                show(done, len(everything))
    return {"workloads": names, "runs": len(everything), "different": len(differences),
            "differences": differences[:DIFFERENCES_KEPT]}


def _json_lines(program: pathlib.Path, records: str, log: pathlib.Path) -> list[Any]:
    command = [str(program), "-t", "1", "-o", "jsonl", "--events", records, str(log)]
    done = subprocess.run(command, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def same_records(before: pathlib.Path, after: pathlib.Path, records: str, name: str) -> dict[str, Any]:
    """The JSON of records with these identifiers, parsed: order of members and layout do not matter."""
    log = workloads.path(name)
    ours = [_json_lines(program, records, log) for program in (before, after)]
    pairs = list(zip(*ours))
    different = sum(1 for one, other in pairs if one != other) + abs(len(ours[0]) - len(ours[1]))
    return {"workload": name, "records": records, "compared": len(pairs), "different": different}


def tests(suite: str) -> dict[str, Any]:
    """All of ./dev test, or one suite in the release build; what the working tree holds is tested."""
    if suite == ALL_TESTS:
        command = ["./dev", "test"]
    else:
        subprocess.run(["./dev", "build", "cli/evtx_dump"], cwd=REPOSITORY, check=True)
        command = ["meson", "test", "-C", "build", "--suite", suite]
    say.say(f"running {' '.join(command)} ...")
    file = REPOSITORY / "build" / "lab" / "tests.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as log, subprocess.Popen(
            command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace") as child:
        for line in child.stdout:
            log.write(line)
            if sys.stderr.isatty():
                sys.stderr.write(line)
    return {"suite": suite, "exit_code": child.returncode, "summary": _summary(file.read_text(encoding="utf-8"))}


def _summary(log: str) -> str:
    ours = re.findall(r"^\d+ passed, \d+ failed, \d+ skipped$", log, re.MULTILINE)
    if ours:
        return ours[-1]
    counts = dict(re.findall(r"^(Ok|Fail|Skipped):\s+(\d+)", log, re.MULTILINE))
    if not counts:
        raise Refused("the tests gave no result; see build/lab/tests.log")
    return f"{counts.get('Ok', 0)} passed, {counts.get('Fail', 0)} failed, {counts.get('Skipped', 0)} skipped"


def passed(checked: dict[str, Any]) -> bool:
    return not failures(checked)


def failures(checked: dict[str, Any]) -> list[str]:
    """Why a thesis must not be accepted, whatever its speed."""
    found = []
    if checked["tests"]["exit_code"] != 0:
        found.append(f"tests: {checked['tests']['summary']}")
    if checked["bytes"]["different"]:
        found.append(f"output differs in {checked['bytes']['different']} of {checked['bytes']['runs']} runs")
    if checked["records"]["different"]:
        found.append(f"{checked['records']['different']} of {checked['records']['compared']} records differ")
    return found
