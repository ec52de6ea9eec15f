# SPDX-License-Identifier: MIT
"""What the statistics are worth here: a program against its own copy must count as equal, a load that is
3 % larger must be found.

The 3 % are the same on every machine: the same program on the same log, with 610 chunks instead of 592.
"""
import argparse
import pathlib
import shutil

from bench import estimate, workloads
from bench.measure import REPOSITORY, Commands, Samples
from perf import pairs
from perf.say import say
from perf.states import PROGRAMS

SIZES = {"shorter": 592, "longer": 610}  # chunks
PROFILE, SEED = "security", 62
FOUND_PART = 0.9
METHOD = pairs.Method()


def _programs() -> list[pathlib.Path]:
    """The release program and its copy: two files, as the two programs of a thesis are."""
    built = REPOSITORY / "build" / "cli" / "evtx_dump"
    if not built.exists():
        workloads.build()
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    return [pathlib.Path(shutil.copy2(built, PROGRAMS / f"evtx_dump.aa_{name}")) for name in ("one", "other")]


def _log(name: str) -> pathlib.Path:
    file = workloads.FOLDER / f"aa-{name}.evtx"
    if not file.exists():
        workloads.generate(file, PROFILE, SIZES[name] * workloads.CHUNK_BYTES, SEED)
    return file


def _command(program: pathlib.Path, log: pathlib.Path) -> list[str]:
    return [str(program), "-t", "1", "-o", "jsonl", str(log)]


def _ratio(samples: Samples) -> estimate.Ratio:
    before, after = ([sample.cpu_ns for sample in taken] for taken in samples.values())
    return estimate.ratio(before, after)


def _series(title: str, commands: Commands, runs: int, wanted: str) -> int:
    """How many of the runs end as wanted."""
    say(f"{title}: {runs} runs, each must say '{wanted}'")
    hits = 0
    for number in range(1, runs + 1):
        samples = pairs.alternate(commands, ["cpu_median"], METHOD, f"{title} {number}")
        ratio = _ratio(samples)
        hits += ratio.verdict() == wanted
        say(f"  {number:2}: {ratio.verdict():13} {ratio} in {len(next(iter(samples.values())))} rounds")
    say(f"{title}: {hits} of {runs}")
    return hits


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev perf aa", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--runs", type=int, default=20, help="comparisons of each kind (20)")
    runs = parser.parse_args(arguments).runs
    one, other = _programs()
    shorter, longer = _log("shorter"), _log("longer")
    same = _series("A/A", {"one": _command(one, shorter), "other": _command(other, shorter)}, runs, estimate.SAME)
    found = _series("3 % more chunks", {"one": _command(one, shorter), "other": _command(other, longer)}, runs,
                    estimate.SLOWER)
    good = same == runs and found >= FOUND_PART * runs
    say("the statistics hold" if good else "the statistics DO NOT HOLD here; is the machine busy?")
    return 0 if good else 1
