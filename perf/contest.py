# SPDX-License-Identifier: MIT
"""evx and other converters on one log: equal output proved, then times in one interleaved run, then profiles.

perf/profile_comparison.sh is its command line; it says what the options mean.
"""
import argparse
import json
import pathlib
import re
import sys
from dataclasses import dataclass, field
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

from bench import estimate, measure, rivals, workloads  # noqa: E402
from bench.rivals import Converter  # noqa: E402
from perf import profiles  # noqa: E402
from perf.recorders import RecorderFailed  # noqa: E402

WARMUP = 2
IDENTIFIER = re.compile(rb'"EventRecordID": ?"?(\d+)')


class Zig(Converter):
    """Orders and writes its JSON in its own way: that it has every record is what can be proved."""
    name = "zig-evtx"
    package = "ZIG_BINARY"
    formats = ("jsonl",)

    def __init__(self, path: str):
        self.path = path

    def program(self) -> str | None:
        return self.path if pathlib.Path(self.path).is_file() else None

    def version(self) -> str | None:
        return "unknown" if self.program() else None

    def difference(self, ours, theirs, output_format: str, limit: int | None = None) -> str | None:
        our, their = (sorted(map(int, IDENTIFIER.findall(dump))) for dump in (ours, theirs))
        return None if our == their else f"{len(our)} records here, {len(their)} or others there"


class Rust(rivals.CargoEvtx):
    package = "RUST_BINARY"

    def __init__(self, path: str):
        self.path = path

    def program(self) -> str | None:
        return self.path if pathlib.Path(self.path).is_file() else None


@dataclass
class Contest:
    """On which log, who takes part, and why the others do not."""
    log: pathlib.Path
    output_format: str
    converters: list[Converter]
    absent: dict[str, str] = field(default_factory=dict)

    def commands(self, threads: int) -> measure.Commands:
        return {one.name: one.command(str(self.log), self.output_format, threads)
                for one in self.converters if threads == 1 or one.is_threaded}


def say(text: str) -> None:
    print(f"comparison: {text}", file=sys.stderr)


def candidates(rust: str, zig: str) -> list[Converter]:
    others: list[Converter] = [Rust(rust) if rust and rival.name == rivals.CargoEvtx.name else rival
                               for rival in rivals.RIVALS]
    return others + ([Zig(zig)] if zig else [])


def reason_against(rival: Converter, evx: Converter, log: pathlib.Path, output_format: str) -> str | None:
    """Why it is not measured. Its output is compared here."""
    if not rival.version():
        return f"missing ({rival.package})"
    if output_format not in rival.formats:
        return f"writes no {output_format}"
    if rival.log_bytes_max and log.stat().st_size > rival.log_bytes_max:
        return f"too slow for more than {rival.log_bytes_max >> 10} KiB"
    say(f"comparing the output of {rival.name} with ours")
    try:
        with rivals.dump(evx.command(str(log), rival.our_format(output_format), 1)) as ours, \
                rivals.dump(rival.command(str(log), output_format, 1)) as theirs:
            difference = rival.difference(ours, theirs, output_format)
    except measure.CommandFailed as error:
        return f"fails: {error}"
    return difference and f"writes something else: {difference}"


def gather(evx: Converter, others: list[Converter], log: pathlib.Path, output_format: str) -> Contest:
    contest = Contest(log, output_format, [evx])
    for rival in others:
        against = reason_against(rival, evx, log, output_format)
        if against:
            contest.absent[rival.name] = against
            say(f"without {rival.name}: {against}")
        else:
            contest.converters.append(rival)
    if any(reason.startswith("missing") for reason in contest.absent.values()):
        say("./dev rivals installs those that can be installed")
    return contest


# --------------------------------------------------------------------------------------------- timing

def progress():
    """For measure.interleave(): a moving line on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, rounds: int) -> None:
        sys.stderr.write(f"\rround {done} of {rounds}" + ("\r\033[K" if done == rounds else ""))
        sys.stderr.flush()
    return show


def measured(contest: Contest, threads: int, runs: int) -> dict[str, Any]:
    commands = contest.commands(threads)
    say(f"measuring {', '.join(commands)} in turn, {runs} rounds, {threads} thread{'s' * (threads > 1)}")
    loops = {name: measure.loops_for(command) for name, command in commands.items()}
    samples = measure.interleave(commands, warmup=WARMUP, rounds=runs, loops=loops, progress=progress())
    versions = {one.name: one.version() for one in contest.converters}
    walls = {name: [sample.wall_ns // loops[name] for sample in taken] for name, taken in samples.items()}
    results = []
    for name, command in commands.items():
        times, ratio = walls[name], estimate.ratio(walls[contest.converters[0].name], walls[name])
        results.append({"name": name, "version": versions[name], "command": command, "times_ns": times,
                        **estimate.summary(times), "peak_bytes": max(sample.max_rss_bytes for sample in samples[name]),
                        "ratio": ratio.ratio, "ratio_low": ratio.low, "ratio_high": ratio.high})
    return {"machine": measure.machine(), "log": str(contest.log), "log_bytes": contest.log.stat().st_size,
            "format": contest.output_format, "threads": threads, "warmup": WARMUP, "rounds": runs,
            "results": results, "absent": contest.absent}


def title(found: dict[str, Any]) -> str:
    threads = found["threads"]
    return f"{pathlib.Path(found['log']).name}, {found['format']}, {threads} thread{'s' * (threads > 1)}"


def markdown(found: dict[str, Any]) -> str:
    rows = []
    for result in found["results"]:
        speed = found["log_bytes"] / result["median"] * 1e3
        rows.append([f"{result['median'] / 1e6:.2f}", f"{result['minimum'] / 1e6:.2f}", f"{100 * result['spread']:.1f}",
                     f"{speed:,.0f}", f"{result['peak_bytes'] / 1e6:,.1f}", f"{result['ratio']:.3f}",
                     f"{result['ratio_low']:.3f} to {result['ratio_high']:.3f}", result["name"],
                     str(result["version"])])
    table = profiles.table(["median ms", "min ms", "spread %", "MB/s", "peak MB", "ratio to evx", "99 % interval",
                            "program", "version"], rows)
    machine = found["machine"]
    parts = [f"# evx and others on {title(found)}", "",
             f"{found['log_bytes'] / 1e6:.1f} MB, output to /dev/null; {found['rounds']} rounds of all programs in turn, "
             f"after {found['warmup']} to warm up. Spread: between the quartiles. {machine['cpu']}, "
             f"{machine['cores']} cores, commit {machine['commit'][:12]}.", "", table]
    if found["absent"]:
        parts += ["Not measured:", "", *(f"- {name}: {reason}" for name, reason in found["absent"].items()), ""]
    parts += ["Commands:", "", *(f"    {' '.join(result['command'])}" for result in found["results"]), ""]
    return "\n".join(parts)


def plot(found: dict[str, Any], path: pathlib.Path) -> None:
    """Every run a dot, the median a line."""
    results = found["results"]
    figure, axes = pyplot.subplots(figsize=(8, 1.2 + 0.5 * len(results)), layout="constrained")
    for row, result in enumerate(results):
        times = [time / 1e6 for time in result["times_ns"]]
        axes.plot(times, [row + 0.25 * (index / max(len(times) - 1, 1) - 0.5) for index in range(len(times))], "o",
                  markersize=4, alpha=0.5, markeredgewidth=0)
        axes.plot([result["median"] / 1e6] * 2, [row - 0.3, row + 0.3], color="black", linewidth=1.5)
    axes.set_yticks(range(len(results)), [f"{result['name']} {result['version']}" for result in results])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("ms per run")
    axes.set_title(title(found))
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def bench(contest: Contest, threads: int, runs: int, output: pathlib.Path) -> None:
    found = measured(contest, threads, runs)
    stem = output / ("benchmark" if threads == 1 else "benchmark_mt")
    stem.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    stem.with_suffix(".md").write_text(markdown(found), encoding="utf-8")
    plot(found, stem.with_suffix(".svg"))
    print(markdown(found))
    say(f"written: {stem}.md, .json, .svg")


# ------------------------------------------------------------------------------------------- profiling

def profile(contest: Contest, asked: argparse.Namespace) -> None:
    folder = asked.output / "profiles"
    commands = contest.commands(1)
    for name in [one.name for one in contest.converters if one.is_native]:
        say(f"recording {asked.iterations} iterations of {name}")
        profiles.record(name, folder, commands[name], asked.iterations)
        profiles.write_tables(name, folder, asked.top, asked.weight)
        if asked.print_leaves:
            print((folder / f"top_leaves_{name}.md").read_text(encoding="utf-8"))
        if asked.print_flames:
            print(folder / f"flame_{name}.svg")
    say(f"profiles, tables and flame graphs are in {folder}")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf.contest", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--log", default="big", help="a path, or the name of a workload")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--evx", default=str(rivals.OURS))
    parser.add_argument("--rust", default="")
    parser.add_argument("--zig", default="")
    parser.add_argument("--format", default="jsonl")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--iterations", type=int, default=profiles.ITERATIONS)
    parser.add_argument("--top", type=int, default=20)
    parser.add_argument("--weight", default="cpu")
    for switch in ("bench", "many-threads", "profile", "print-leaves", "print-flames"):
        parser.add_argument(f"--{switch}", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    asked = parse(arguments)
    evx = rivals.Evx(pathlib.Path(asked.evx))
    if not evx.program():
        say(f"{asked.evx} is not there; ./dev build makes it")
        return 1
    asked.output.mkdir(parents=True, exist_ok=True)
    try:
        contest = gather(evx, candidates(asked.rust, asked.zig), workloads.path(asked.log), asked.format)
        for threads in (1, 8) if asked.many_threads else (1,):
            if asked.bench:
                bench(contest, threads, asked.runs, asked.output)
        if asked.profile:
            profile(contest, asked)
    except (workloads.WorkloadError, measure.CommandFailed, RecorderFailed) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
