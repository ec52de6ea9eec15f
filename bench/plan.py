# SPDX-License-Identifier: MIT
"""What a benchmark will measure, and how long that takes: logs, cases, sessions, and their costs.

A case is one log in one format with one number of threads into one sink. Its converters are measured in
sessions: ours with the fast rivals in turn, for many rounds; ours with the slow ones, for a few. A rival
that is too slow for a log is measured on a smaller one of the same kind.
"""
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from bench import measure, rivals, workloads
from bench.rivals import Converter

SINKS = ("null", "pipe", "file")
FORMATS = ("jsonl", "xml", "json")
SAMPLE_SECONDS = 0.02 # short runs are repeated until a sample takes so long
LOOPS_MAX = 20
COMPARED_RECORDS = 2000 # whose content is compared; of all others the identifiers are
COUNTED_SIZES = ("1M", "2M") # logs whose instructions are counted; the difference leaves the start out
CALLGRIND_FACTOR, CALLGRIND_START_SECONDS = 60, 1.2


@dataclass(frozen=True)
class Effort:
    """Of one session. Rounds are as many as the time allows, within bounds."""
    seconds: float
    least_rounds: int
    most_rounds: int
    slow_rounds: int


QUICK = Effort(seconds=2.5, least_rounds=7, most_rounds=25, slow_rounds=3)
FULL = Effort(seconds=6, least_rounds=7, most_rounds=40, slow_rounds=3)


@dataclass(frozen=True)
class Log:
    name: str
    path: Path
    profile: str | None = None # of a generated log: there are others of this kind

    @property
    def is_folder(self) -> bool:
        return self.path.is_dir()

    @cached_property
    def files(self) -> list[Path]:
        return sorted(self.path.rglob("*.evtx")) if self.is_folder else [self.path]

    @cached_property
    def size(self) -> int:
        return sum(file.stat().st_size for file in self.files)

    def command(self, converter: Converter, output_format: str, threads: int) -> list[str]:
        if self.is_folder:
            return converter.command_for_folder(self.path, output_format, threads)
        return converter.command(str(self.path), output_format, threads)


@dataclass(frozen=True)
class Case:
    log: Log
    output_format: str
    threads: int
    sink: str
    converters: tuple[Converter, ...] # ours first
    is_small: bool = False # made for slow rivals

    @property
    def name(self) -> str:
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{self.log.name}, {self.output_format}, {threads}, {self.sink}"


@dataclass(frozen=True)
class Selection:
    workloads: tuple[str, ...]
    formats: tuple[str, ...]
    threads: tuple[int, ...]
    sinks: tuple[str, ...]
    has_slow: bool = True # smaller logs of the kinds for the slow rivals


OURS, OURS_PER_LOG = rivals.Evx(), rivals.EvxPerLog()
ALL_THREADS = len(os.sched_getaffinity(0))
SIZED = ("security", "system", "sysmon", "powershell", "mixed")
THREADS = tuple(sorted({1, 2, ALL_THREADS}))
# What is measured when nothing is selected: every combination on the usual logs, less on the others.
FULL_PLAN = (
    Selection((*SIZED, "stitched"), FORMATS, THREADS, SINKS),
    Selection(("folder", "security1g"), FORMATS, THREADS, ("null",)),
    Selection(("samples",), FORMATS, (1,), ("null",)),
)
QUICK_PLAN = (
    Selection((*SIZED, "stitched"), ("jsonl", "xml"), (1,), ("null",), has_slow=False),
    Selection(("security",), ("jsonl", "xml"), (1,), ("null",)),
    Selection(("security",), ("jsonl",), THREADS, ("null",)),
    Selection(("security",), ("jsonl",), (1,), SINKS),
    Selection(("folder",), ("jsonl",), THREADS[-1:], ("null",)),
)


# ---------------------------------------------------------------------------------------------- logs

def small_log(profile: str, size: str) -> Log:
    """A generated log of any size; not one of the recorded workloads."""
    path = workloads.FOLDER / f"{profile}-{size}.evtx"
    if not path.exists():
        workloads.generate(path, profile, size, 1)
    return Log(f"{profile} {size}", path, profile)


def log(name: str) -> Log:
    profile = workloads.RECORDED[name]["profile"] if name in workloads.GENERATED else None
    return Log(name, workloads.path(name), profile)


@lru_cache(maxsize=None)
def record_count(path: Path) -> int:
    """Records that we write of it."""
    command = Log("", path).command(OURS, "jsonl", ALL_THREADS)
    with subprocess.Popen(command, env=measure.clean_environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        return sum(block.count(b"\n") for block in iter(lambda: process.stdout.read(1 << 20), b""))


def size_text(size: int) -> str:
    return f"{size >> 20}M" if size >= 1 << 20 else f"{size >> 10}K"


# --------------------------------------------------------------------------------------------- cases

def expanded(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from workloads.sample_names() if name == "samples" else (name,)


def is_slow(rival: Converter, log_: Log) -> bool:
    return rival.log_bytes_max is not None and log_.size > rival.log_bytes_max


def cases_of(log_: Log, selection: Selection, others: list[Converter]) -> Iterator[Case]:
    for output_format in selection.formats:
        able = [other for other in others if output_format in other.formats]
        slow = [other for other in able if is_slow(other, log_)]
        per_log = [OURS_PER_LOG] if log_.is_folder else []
        for threads in selection.threads:
            fast = [other for other in able if other not in slow and (other.is_threaded or threads == 1)]
            for sink in selection.sinks:
                yield Case(log_, output_format, threads, sink, (OURS, *per_log, *fast))
        if selection.has_slow and log_.name in SIZED and 1 in selection.threads:
            yield from small_cases(log_, output_format, slow)


def small_cases(log_: Log, output_format: str, slow: list[Converter]) -> Iterator[Case]:
    """Smaller logs of the kind for the slow rivals, one for each size: one thread, no output."""
    for limit in sorted({other.log_bytes_max or 0 for other in slow}, reverse=True):
        able = tuple(other for other in slow if other.log_bytes_max == limit)
        small = small_log(log_.profile or "", size_text(limit))
        yield Case(small, output_format, 1, "null", (OURS, *able), is_small=True)


def cases(plan: Iterable[Selection], others: list[Converter]) -> list[Case]:
    """Each once, in the order of the logs; those of the slow rivals come last."""
    found: dict[tuple, Case] = {}
    for selection in plan:
        for name in expanded(selection.workloads):
            for case in cases_of(log(name), selection, others):
                key = (case.log.name, case.output_format, case.threads, case.sink, case.converters)
                found.setdefault(key, case)
    logs = list(dict.fromkeys(case.log.name for case in found.values()))
    return sorted(found.values(), key=lambda case: (
        case.is_small, logs.index(case.log.name), FORMATS.index(case.output_format), case.threads,
        SINKS.index(case.sink)))


# --------------------------------------------------------------------------------------------- costs

def quickest_seconds(command: list[str]) -> float:
    """Of three runs; one is enough of a long one."""
    first = measure.run(command).wall_ns / 1e9
    return first if first > 0.5 else min(first, *(measure.run(command).wall_ns / 1e9 for _ in range(2)))


class Costs:
    """What each converter takes, from calibration runs on two small logs: a start and a rate."""

    def __init__(self, cases_: list[Case]):
        pairs = {(converter.name, case.output_format): converter
                 for case in cases_ for converter in case.converters}
        self.costs = {(name, output_format): self.calibrate(converter, output_format)
                      for (name, output_format), converter in pairs.items()}

    @staticmethod
    def calibrate(converter: Converter, output_format: str) -> tuple[float, float, float]:
        """Seconds to start, seconds per byte, seconds to compare a record."""
        large_size = min(converter.log_bytes_max, 1 << 20) if converter.log_bytes_max else 8 << 20
        logs = [small_log("security", "64K"), small_log("security", size_text(large_size))]
        commands = [log_.command(converter, output_format, 1) for log_ in logs]
        try:
            small, large = map(quickest_seconds, commands)
            start = time.monotonic()
            compare(logs[0], converter, output_format, 1)
            comparing = (time.monotonic() - start - small) / record_count(logs[0].path)
        except measure.CommandFailed: # said when it comes to the comparison
            return 0.0, 0.0, 0.0
        rate = max(large - small, 0) / (logs[1].size - logs[0].size)
        return max(small - rate * logs[0].size, 0), rate, max(comparing, 0)

    def run_seconds(self, case: Case, converter: Converter) -> float:
        start, rate, _ = self.costs[converter.name, case.output_format]
        files = len(case.log.files) if case.log.is_folder and converter.name != "evx" else 1
        threads = min(case.threads, ALL_THREADS) if converter.is_threaded else 1
        return files * start + rate * case.log.size / threads

    def compare_seconds(self, case: Case, converter: Converter) -> float:
        records = min(COMPARED_RECORDS, record_count(case.log.path)) if converter.rules else 0
        return (self.run_seconds(case, converter) + case.log.size * 2e-9 +
                records * self.costs[converter.name, case.output_format][2])

    def count_seconds(self, converter: Converter, output_format: str) -> float:
        start, rate, _ = self.costs[converter.name, output_format]
        return len(COUNTED_SIZES) * (CALLGRIND_START_SECONDS + CALLGRIND_FACTOR * (start + rate * (1536 << 10)))


@dataclass(frozen=True)
class Session:
    """Converters that are measured in turn."""
    case: Case
    loops: dict[Converter, int] # runs per sample; ours first
    rounds: int
    seconds: float
    is_first: bool # of its case


def loops(seconds: float) -> int:
    return max(1, min(LOOPS_MAX, round(SAMPLE_SECONDS / max(seconds, 1e-3))))


def session(case: Case, seconds: dict[Converter, float], effort: Effort, is_first: bool) -> Session:
    times = {converter: loops(once) for converter, once in seconds.items()}
    round_seconds = sum(times[converter] * once for converter, once in seconds.items()) or 1e-3
    rounds = int(effort.seconds / round_seconds)
    rounds = max(effort.least_rounds, min(effort.most_rounds, rounds)) if is_first else effort.slow_rounds
    return Session(case, times, rounds, (rounds + is_first) * round_seconds, is_first)


def sessions(case: Case, costs: Costs, effort: Effort) -> list[Session]:
    """One with the fast converters and, if there are any, one with the slow ones."""
    seconds = {converter: costs.run_seconds(case, converter) for converter in case.converters}
    slow = {converter: once for converter, once in seconds.items()
            if once * effort.slow_rounds > effort.seconds and converter is not OURS}
    fast = {converter: once for converter, once in seconds.items() if converter not in slow}
    found = [session(case, fast, effort, True)]
    if slow:
        found.append(session(case, {OURS: seconds[OURS], **slow}, effort, False))
    return found


# ----------------------------------------------------------------------------------------- comparing

def compare(log_: Log, converter: Converter, output_format: str, threads: int) -> str | None:
    """Where its dump of the log differs from ours, or None; CommandFailed when it makes none."""
    ours = log_.command(OURS, converter.our_format(output_format), 1)
    theirs = log_.command(converter, output_format, threads)
    with rivals.dump(ours) as our, rivals.dump(theirs) as their:
        return converter.difference(our, their, output_format, COMPARED_RECORDS)


def instructions_per_record(converter: Converter, profile: str, output_format: str) -> float:
    """Of one record more in a log of the kind; what the start takes is left out."""
    logs = [small_log(profile, size) for size in COUNTED_SIZES]
    small, large = (measure.instructions(log_.command(converter, output_format, 1)) for log_ in logs)
    return (large - small) / (record_count(logs[1].path) - record_count(logs[0].path))
