# SPDX-License-Identifier: MIT
"""./dev bench: evx and the rivals that are installed, on one machine, in one interleaved run.

Every output is compared with ours before it is timed; what differs is said and not timed. The results are
written line by line to results.jsonl, and made into table.txt, table.md and plot.svg beside it.
"""
import argparse
import dataclasses
import datetime
import json
import math
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TextIO

from bench import estimate, measure, micro_table, plan, plot, rivals, table
from bench.plan import Case, Session
from bench.rivals import Converter

FOLDER = measure.REPOSITORY / "build" / "lab" / "bench"
STOP_HALF_WIDTH = 0.005 # of the interval: closer is not worth more rounds
STOP_ROUNDS = 15
QUICK_MINUTES = 4 # the case that is running then is finished


class Progress:
    """One line on a terminal, nothing elsewhere."""

    def __init__(self, seconds: float, stream: TextIO = sys.stderr):
        self.planned, self.done, self.stream = seconds, 0.0, stream
        self.is_shown = stream.isatty()

    def show(self, text: str) -> None:
        if self.is_shown:
            left = duration(max(self.planned - self.done, 0))
            line = f"{text}; {left} left"[:shutil.get_terminal_size().columns - 1]
            self.stream.write(f"\r\033[K{line}")
            self.stream.flush()

    def finish(self, seconds: float) -> None:
        """What was planned for a step, or a part of it, has passed, however long it took."""
        self.done += seconds

    def clear(self) -> None:
        if self.is_shown:
            self.stream.write("\r\033[K")
            self.stream.flush()


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


# ------------------------------------------------------------------------------------------ measuring

class Suite:
    def __init__(self, cases: list[Case], costs: plan.Costs, effort: plan.Effort, results: TextIO,
                 counted: set[str]):
        self.cases, self.costs, self.effort, self.results = cases, costs, effort, results
        self.counted = counted # logs of which instructions are counted
        self.counts: dict[tuple, float | None] = {}
        self.progress = Progress(self.seconds())

    def seconds(self) -> float:
        comparing = sum(self.costs.compare_seconds(case, converter)
                        for cases in self.outputs() for case in cases[:1]
                        for converter in self.converters(cases))
        measuring = sum(session.seconds for case in self.cases for session in self.sessions(case))
        counting = sum(self.costs.count_seconds(converter, output_format)
                       for converter, output_format, _ in
                       {(converter, case.output_format, case.log.profile or case.log.name)
                        for case in self.cases for converter in case.converters
                        if self.is_counted(case, converter)})
        return comparing + measuring + counting

    def sessions(self, case: Case) -> list[Session]:
        return plan.sessions(case, self.costs, self.effort)

    def outputs(self) -> Iterator[list[Case]]:
        """Cases that differ in the sink alone: one comparison serves them."""
        for _, group in groupby(self.cases, lambda case: (case.log, case.output_format, case.threads)):
            yield list(group)

    @staticmethod
    def converters(cases: list[Case]) -> list[Converter]:
        return list(dict.fromkeys(converter for case in cases for converter in case.converters))

    def run(self, deadline: float) -> None:
        """What the deadline does not leave time for is written down."""
        for cases in self.outputs():
            if time.monotonic() > deadline:
                self.write({"not_reached": [case.name for case in cases]})
                continue
            proofs = {converter.name: self.compare(cases[0], converter) for converter in self.converters(cases)}
            for case in cases:
                self.measure_case(case, proofs)
        self.progress.clear()

    def compare(self, case: Case, converter: Converter) -> dict:
        """Members of the converter's rows: how its output was compared, and what was found."""
        self.progress.show(f"{case.name}: comparing {converter.name}")
        try:
            found = plan.compare(case.log, converter, case.output_format, case.threads)
        except measure.CommandFailed as error:
            found = str(error)
        self.progress.finish(self.costs.compare_seconds(case, converter))
        kind = "content" if converter.rules else "bytes"
        return {"compared": kind, "difference": found}

    def measure_case(self, case: Case, proofs: dict[str, dict]) -> None:
        for session in self.sessions(case):
            equal = [converter for converter in session.loops if not proofs[converter.name]["difference"]]
            planned = self.progress.done + session.seconds
            samples = self.interleave(session, equal) if plan.OURS in equal else {}
            self.progress.done = planned # it may have stopped early
            for converter in session.loops:
                if converter is not plan.OURS or session.is_first:
                    self.write(row(case, converter) | proofs[converter.name] |
                               figures(case, converter, samples) | self.count(case, converter, samples))

    def interleave(self, session: Session, converters: list[Converter]) -> measure.Samples:
        """Samples of one run each: what loops took is divided."""
        def show(done: int, rounds: int) -> None:
            self.progress.finish(session.seconds / rounds)
            self.progress.show(f"{session.case.name}: round {done} of {rounds}")

        def is_enough(samples: measure.Samples) -> bool:
            ours = walls(samples, plan.OURS)
            return len(ours) >= STOP_ROUNDS and all(
                estimate.ratio(ours, walls(samples, other)).half_width() < STOP_HALF_WIDTH
                for other in converters)

        case = session.case
        commands = {converter.name: case.log.command(converter, case.output_format, case.threads)
                    for converter in converters}
        loops = {converter.name: session.loops[converter] for converter in converters}
        samples = measure.interleave(commands, warmup=int(session.is_first), rounds=session.rounds, loops=loops,
                                     sink=case.sink, until=is_enough, progress=show)
        return {name: [measure.Sample(sample.wall_ns // loops[name], sample.cpu_ns // loops[name],
                                      sample.max_rss_bytes) for sample in taken]
                for name, taken in samples.items()}

    def is_counted(self, case: Case, converter: Converter) -> bool:
        return (converter.is_native and case.threads == 1 and case.log.profile is not None and
                case.log.profile in self.counted)

    def count(self, case: Case, converter: Converter, samples: measure.Samples) -> dict:
        """Instructions per record, of smaller logs of the kind."""
        if converter.name not in samples or not self.is_counted(case, converter):
            return {}
        key = converter.name, case.log.profile, case.output_format
        if key not in self.counts:
            self.progress.show(f"{case.name}: counting instructions of {converter.name}")
            self.counts[key] = plan.instructions_per_record(converter, case.log.profile or "", case.output_format)
            self.progress.finish(self.costs.count_seconds(converter, case.output_format))
        return {"instructions_per_record": self.counts[key]}

    def write(self, line: dict) -> None:
        self.results.write(json.dumps(line) + "\n")
        self.results.flush()


def walls(samples: measure.Samples, converter: Converter) -> list[int]:
    return [sample.wall_ns for sample in samples[converter.name]]


def row(case: Case, converter: Converter) -> dict:
    return {"log": case.log.name, "log_bytes": case.log.size, "records": plan.record_count(case.log.path),
            "format": case.output_format, "threads": case.threads, "sink": case.sink,
            "converter": converter.name,
            "command": case.log.command(converter, case.output_format, case.threads)[:8]}


def figures(case: Case, converter: Converter, samples: measure.Samples) -> dict:
    if converter.name not in samples:
        return {}
    times = walls(samples, converter)
    summary = estimate.summary(times)
    ratio = estimate.ratio(walls(samples, plan.OURS), times)
    return {"rounds": len(times), "walls_ns": times,
            "cpu_ns": [sample.cpu_ns for sample in samples[converter.name]],
            **{f"{key}_ns": summary[key] for key in ("median", "minimum", "mean", "stddev")},
            "spread": summary["spread"],
            "ratio": ratio.ratio, "ratio_low": ratio.low, "ratio_high": ratio.high,
            "bytes_per_second": case.log.size / summary["median"] * 1e9,
            "ns_per_record": summary["median"] / plan.record_count(case.log.path),
            "peak_bytes": max(sample.max_rss_bytes for sample in samples[converter.name])}


# -------------------------------------------------------------------------------------------- options

def names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def thread_counts(text: str) -> tuple[int, ...]:
    return tuple(sorted({plan.ALL_THREADS if name == "all" else int(name) for name in names(text)}))


def one_of(known: tuple[str, ...]):
    def parse(text: str) -> tuple[str, ...]:
        for name in names(text):
            if name not in known:
                raise argparse.ArgumentTypeError(f"no {name}; there are {', '.join(known)}")
        return names(text)
    return parse


def parser() -> argparse.ArgumentParser:
    rival_names = tuple(rival.name for rival in rivals.RIVALS)
    result = argparse.ArgumentParser(
        prog="./dev bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures evx and the installed rivals on the same logs, after comparing their output.",
        epilog=textwrap.dedent(f"""\
            Lists are separated by commas. Without a selection everything is measured in all formats, on the
            usual logs with every number of threads and into every sink. EVTX_DUMP names another evtx_dump
            of ours. ./dev rivals installs the rivals. How to read the table: bench/README.md.

            workloads: {', '.join(plan.SIZED)} (32 MiB each), stitched, folder, security1g,
            big, samples (each real log alone), or the path of a log.
            rivals: {', '.join(rival_names)}."""))
    result.add_argument("--quick", action="store_true", help="the most telling cases, in under five minutes")
    result.add_argument("--limit", type=float, metavar="MINUTES",
                        help="begin no case after so long; what was not reached is said")
    result.add_argument("--workloads", type=names, metavar="LIST", help="logs by name or path")
    result.add_argument("--formats", type=one_of(plan.FORMATS), metavar="LIST", help="of jsonl, xml, json")
    result.add_argument("--threads", type=thread_counts, metavar="LIST", help="numbers, or all: one per core")
    result.add_argument("--sinks", type=one_of(plan.SINKS), metavar="LIST", help="of null, pipe, file")
    result.add_argument("--rivals", type=one_of((*rival_names, "none")), default=rival_names, metavar="LIST",
                        help="which of them; none: evx alone")
    result.add_argument("--no-instructions", action="store_true", help="do not count instructions with callgrind")
    result.add_argument("--output", type=Path, default=FOLDER, metavar="FOLDER",
                        help="for the results, build/lab/bench by default")
    result.add_argument("--render", action="store_true",
                        help="make table and plot of the results that are in the output folder, measure nothing")
    result.add_argument("--micro", action="store_true",
                        help="measure kernels and stages instead of programs (micro.jsonl, micro.txt)")
    return result


def chosen_plan(options: argparse.Namespace) -> list[plan.Selection]:
    """What is selected replaces that part of the plan; a workload that the plan lacks is put to it."""
    base = plan.QUICK_PLAN if options.quick else plan.FULL_PLAN
    if options.workloads:
        base = (plan.Selection(options.workloads, ("jsonl", "xml") if options.quick else plan.FORMATS,
                               (1,) if options.quick else plan.THREADS, ("null",)),)
    return [dataclasses.replace(part, formats=options.formats or part.formats,
                                threads=options.threads or part.threads, sinks=options.sinks or part.sinks)
            for part in base]


def heading(arguments: list[str], converters: list[Converter]) -> dict:
    return {"machine": measure.machine(), "time": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            "arguments": arguments,
            "versions": {converter.name: converter.version() for converter in converters},
            "packages": {converter.name: converter.package for converter in converters}}


def render(folder: Path) -> None:
    results = table.read(folder / "results.jsonl")
    (folder / "table.txt").write_text(table.text(results), encoding="utf-8")
    (folder / "table.md").write_text(table.markdown(results), encoding="utf-8")
    plot.draw(results, folder / "plot.svg")
    print(table.text(results))
    print("results:", *(folder / name for name in ("results.jsonl", "table.txt", "table.md", "plot.svg")))


def measure_all(options: argparse.Namespace, arguments: list[str], results: TextIO) -> None:
    deadline = time.monotonic() + 60 * (options.limit or (QUICK_MINUTES if options.quick else math.inf))
    wanted = [rival for rival in rivals.RIVALS if rival.name in options.rivals]
    installed = [rival for rival in wanted if rival.version()]
    for rival in wanted:
        if rival not in installed:
            print(f"missing: {rival.name} ({rival.package}); ./dev rivals installs it")
    results.write(json.dumps(heading(arguments, [plan.OURS, *wanted])) + "\n")
    print("preparing logs and a calibration ...", flush=True)
    cases = plan.cases(chosen_plan(options), installed)
    counted = set() if options.no_instructions else {"security"} if options.quick else set(plan.SIZED)
    suite = Suite(cases, plan.Costs(cases), plan.QUICK if options.quick else plan.FULL, results, counted)
    print(f"{len(cases)} cases, about {duration(suite.progress.planned)}", flush=True)
    start = time.monotonic()
    suite.run(deadline)
    print(f"took {duration(time.monotonic() - start)}\n")


def measure_micro(options: argparse.Namespace) -> None:
    if not options.render:
        logs = [plan.log(name) for name in plan.expanded(options.workloads or micro_table.WORKLOADS)]
        formats = options.formats or micro_table.FORMATS
        progress = Progress(micro_table.seconds(logs, formats))
        print(f"stages and kernels, about {duration(progress.planned)}", flush=True)
        micro_table.measure_all(logs, formats, options.output, progress.show, progress.finish)
        progress.clear()
    text = micro_table.text(table.read(options.output / "micro.jsonl"))
    (options.output / "micro.txt").write_text(text, encoding="utf-8")
    print(text)


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    status = 0
    try:
        if options.micro:
            measure_micro(options)
            return 0
        if not options.render:
            with open(options.output / "results.jsonl", "w", encoding="utf-8") as results:
                measure_all(options, arguments, results)
    except KeyboardInterrupt:
        print("\ninterrupted; this is what was measured:\n")
        status = 130
    except (measure.CommandFailed, plan.workloads.WorkloadError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    render(options.output)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
