# SPDX-License-Identifier: MIT
"""Runs programs and says what they cost. Knows nothing of logs, theses or statistics.

A time means little alone on a machine whose clock moves: measure what you compare in one interleave().
"""
import functools
import os
import pathlib
import platform
import re
import subprocess
import tempfile
from typing import IO
from collections.abc import Callable
from dataclasses import dataclass

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
PIPE_READ_BYTES = 1 << 20

Commands = dict[str, list[str]]


class CommandFailed(RuntimeError):
    """A measured program did not exit with 0."""


@dataclass(frozen=True)
class Sample:
    """One run, or the sum of `loops` runs (the largest of their peaks of memory)."""
    wall_ns: int
    cpu_ns: int
    max_rss_bytes: int


Samples = dict[str, list[Sample]]


def clean_environment() -> dict[str, str]:
    """The same few variables for every measured program: RUST_BACKTRACE alone doubles some rivals' times."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/"),
            "LC_ALL": "C.UTF-8"}


def _drain(descriptor: int) -> None:
    buffer = [bytearray(PIPE_READ_BYTES)]
    while os.readv(descriptor, buffer) > 0:
        pass


@functools.cache
def _runner() -> str:
    """bench/run_once.c, compiled."""
    source, program = REPOSITORY / "bench" / "run_once.c", REPOSITORY / "build" / "lab" / "run_once"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        part = program.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", part, source], check=True)
        part.rename(program)
    return str(program)


def _run_once(command: list[str], environment: dict[str, str], output: int, reading: int | None) -> Sample:
    """Output is closed on the way when somebody reads: the reader must see its end."""
    report, reporting = os.pipe()
    actions: list[tuple] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                            (os.POSIX_SPAWN_DUP2, output, 1),
                            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                            (os.POSIX_SPAWN_DUP2, reporting, 3)]
    runner = _runner()
    child = os.posix_spawn(runner, [runner, *command], environment, file_actions=actions)
    os.close(reporting)
    if reading is not None:
        os.close(output)
        _drain(reading)
    os.waitpid(child, 0)
    with os.fdopen(report) as file:
        took = file.read()
    try:
        wall, cpu, peak, code = map(int, took.split())
    except ValueError as error:
        raise CommandFailed(f"{command[0]}: {took or 'cannot be run'}") from error
    if code != 0:
        raise CommandFailed(f"exit code {code}: {' '.join(command)}")
    return Sample(wall, cpu, peak)


def _run_into(command: list[str], environment: dict[str, str], sink: str) -> Sample:
    if sink == "null":
        output = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        try:
            return _run_once(command, environment, output, None)
        finally:
            os.close(output)
    if sink == "pipe":
        reading, writing = os.pipe()
        try:
            return _run_once(command, environment, writing, reading)
        finally:
            os.close(reading)
    if sink == "file":
        with tempfile.TemporaryFile() as file:  # new each time: overwriting cached pages is cheaper
            return _run_once(command, environment, file.fileno(), None)
    raise ValueError(f"no sink {sink}; there are null, pipe, file")


def run(command: list[str], sink: str = "null", loops: int = 1) -> Sample:
    """What `loops` runs cost. Standard error goes to /dev/null; a failing exit code is CommandFailed."""
    environment = clean_environment()
    runs = [_run_into(command, environment, sink) for _ in range(loops)]
    return Sample(sum(r.wall_ns for r in runs), sum(r.cpu_ns for r in runs), max(r.max_rss_bytes for r in runs))


def loops_for(command: list[str], least_ns: int = 20_000_000, sink: str = "null") -> int:
    """How many runs make one sample of at least that time, so that start-up and ticks do not rule it."""
    run(command, sink)
    once = min(run(command, sink).wall_ns for _ in range(3))
    return max(1, -(-least_ns // once))


def interleave(commands: Commands, *, warmup: int = 5, rounds: int = 40, loops: int | dict[str, int] = 1,
               sink: str = "null", until: Callable[[Samples], bool] | None = None,
               progress: Callable[[int, int], None] | None = None) -> Samples:
    """One sample of each command per round, so that what befalls the machine befalls all of them.

    The order turns round and back: nobody always runs behind the same neighbour. The i-th samples of all
    commands are of the same round. `until` may stop before `rounds`; `progress` is told (done, rounds).
    """
    names = list(commands)
    times = loops if isinstance(loops, dict) else dict.fromkeys(names, loops)
    for _ in range(warmup):
        for name in names:
            run(commands[name], sink)
    samples: Samples = {name: [] for name in names}
    for done in range(rounds):
        first = (done // 2) % len(names)
        order = names[first:] + names[:first]
        if done % 2:
            order.reverse()
        for name in order:
            samples[name].append(run(commands[name], sink, times[name]))
        if progress:
            progress(done + 1, rounds)
        if until and until(samples):
            break
    return samples


def instructions(command: list[str], output: IO[bytes] | int = subprocess.DEVNULL, **variables: str) -> int:
    """Instructions of one run under callgrind. Hardly moves between runs: see a change of 0.1 % in it.

    `variables` are added to the environment. Valgrind's processor has no AVX-512, so that what is counted
    is the engine's other variant (src/kernels/avx512.h)."""
    wrapped = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    done = subprocess.run(wrapped, env=clean_environment() | variables, stdin=subprocess.DEVNULL, check=False,
                          stdout=output, stderr=subprocess.PIPE, text=True, errors="replace")
    count = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not count:
        raise CommandFailed(f"{' '.join(wrapped)}:\n{done.stderr[-2000:]}")
    return int(count.group(1))


def _line_of(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
    except OSError:
        return "unknown"
    return done.stdout.split("\n", 1)[0].strip() or "unknown"


def _cpu_model() -> str:
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    model = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return model.group(1) if model else platform.machine()


def machine() -> dict[str, str | int]:
    """Where and of what a figure was taken; kept beside every figure."""
    return {"cpu": _cpu_model(), "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "compiler": _line_of("cc", "--version"), "commit": _line_of("git", "rev-parse", "HEAD")}
