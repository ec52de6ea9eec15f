# SPDX-License-Identifier: MIT
"""./dev bench --micro: runs the programs of bench/micro and makes tables of what they say.

Stages: a log is converted up to one step of the way after the other, in turn with whole runs of evtx_dump.
The differences are the costs of the steps; with the start of the process they should explain the whole run.
"""
import json
from collections.abc import Callable
from pathlib import Path

from bench import measure, plan, table

PROGRAMS = measure.REPOSITORY / "build" / "lab" / "micro" / "bench" / "micro"
STEPS = ("read", "walk", "decode", "run", "convert") # as bench/micro/stages.c has them
PARTS = {
    "start": "the process, until it does something: evtx_dump --version",
    "read": "chunks as far as they are used, and their headers",
    "walk": "from record to record",
    "decode": "records to instances and places of values",
    "run": "programs, walks and compiling: everything that makes text",
    "convert": "framing of records, blocks to the sink",
    "rest": "what the parts do not explain: writing, the command line, the end of the process",
}
WORKLOADS, FORMATS = ("security", "stitched"), ("jsonl", "xml")
STAGES_SECONDS, KERNELS_SECONDS = 20, 5
ROUNDS = 15
SIZES = ("1M", "4M") # whose instructions are counted; the difference leaves the start out

Figures = dict[str, float]


def lines(*command: str) -> list[dict]:
    return [json.loads(line) for line in plan.rivals.output(*command).splitlines()]


# --------------------------------------------------------------------------------------------- stages

def step_times(log: Path, output_format: str, show: Callable[[str], None]) -> Figures:
    """Nanoseconds up to each step, of the start and of the whole. Minima of rounds in turn: what disturbs a
    round only adds to it, and differences of disturbed times say nothing."""
    found: dict[str, list[float]] = {}
    for done in range(ROUNDS):
        show(f"stages of {log.stem}, {output_format}: round {done + 1} of {ROUNDS}")
        for line in lines(str(PROGRAMS / "stages"), output_format, "1", str(log)):
            found.setdefault(line["step"], []).append(line["minimum_ns"])
        for name, command in (("start", [str(plan.OURS.path), "--version"]),
                              ("whole", plan.OURS.command(str(log), output_format, 1))):
            found.setdefault(name, []).append(measure.run(command).wall_ns)
    return {name: min(times) for name, times in found.items()}


def instructions(log: plan.Log, output_format: str) -> Figures:
    """Of one pass up to each step, and of the whole."""
    steps = {step: measure.instructions([str(PROGRAMS / "stages"), output_format, "1", str(log.path), step])
             for step in STEPS}
    return steps | {"whole": measure.instructions(log.command(plan.OURS, output_format, 1))}


def step_instructions(log: plan.Log, output_format: str) -> Figures:
    """Per record up to each step. Where there are other logs of the kind, of one record more; else of the log,
    and the start is part of the first step."""
    if log.profile:
        small, large = (plan.small_log(log.profile, size) for size in SIZES)
        less = instructions(small, output_format)
        records = plan.record_count(large.path) - plan.record_count(small.path)
    else:
        large, less, records = log, {}, plan.record_count(log.path)
    found = {step: (count - less.get(step, 0)) / records
             for step, count in instructions(large, output_format).items()}
    return {"start": 0.0, **found}


def parts(until: Figures) -> Figures:
    """What each step adds, and what is left of the whole."""
    found = {"start": until["start"], "read": until["read"]}
    for before, step in zip(STEPS, STEPS[1:]):
        found[step] = until[step] - until[before]
    return found | {"rest": until["whole"] - sum(found.values())}


def explained(until: Figures) -> float:
    return 1 - parts(until)["rest"] / until["whole"]


def stages(log: plan.Log, output_format: str, show: Callable[[str], None]) -> dict:
    show(f"stages of {log.name}, {output_format}: counting instructions")
    return {"log": log.name, "format": output_format, "records": plan.record_count(log.path),
            "instructions_per_record": step_instructions(log, output_format),
            "ns": step_times(log.path, output_format, show)}


def stages_text(result: dict) -> str:
    times, counts, records = result["ns"], result["instructions_per_record"], result["records"]
    added, counted = parts(times), parts(counts)
    rows = [["step", "ms", "of the whole", "ns/record", "instr/record", "what"]]
    for name, what in PARTS.items():
        rows.append([name, f"{added[name] / 1e6:.2f}", f"{added[name] / times['whole']:.1%}",
                     f"{added[name] / records:.1f}", f"{counted[name]:.0f}", what])
    rows.append(["whole", f"{times['whole'] / 1e6:.2f}", "100 %", f"{times['whole'] / records:.1f}",
                 f"{counts['whole']:.0f}", "evtx_dump -t 1, output to /dev/null"])
    return (f"stages of {result['log']}, {result['format']}, {records} records\n\n" +
            table.aligned(rows, {"step", "what"}) +
            f"\n\nexplained: {explained(times):.1%} of the time and {explained(counts):.1%} of the instructions\n")


# -------------------------------------------------------------------------------------------- kernels

def kernels_text(results: list[dict]) -> str:
    """Nanoseconds of a call: text by kind and length, then everything else."""
    found = []
    for kernel in dict.fromkeys(line["kernel"] for line in results if line["text"]):
        own = [line for line in results if line["kernel"] == kernel]
        texts = list(dict.fromkeys(line["text"] for line in own))
        times = {(line["text"], line["units"]): line["median_ns"] for line in own}
        rows = [["units", *texts]]
        for units in dict.fromkeys(line["units"] for line in own):
            rows.append([str(units), *(f"{times[text, units]:.1f}" for text in texts)])
        found.append(f"{kernel}, ns per call\n\n{table.aligned(rows, set())}\n")
    rows = [["kernel", "ns per call"]]
    rows += [[line["kernel"], f"{line['median_ns']:.1f}"] for line in results if not line["text"]]
    return "\n".join([*found, table.aligned(rows, {"kernel"}), ""])


# ------------------------------------------------------------------------------------------- together

def seconds(logs: list[plan.Log], formats: tuple[str, ...]) -> float:
    """A guess of what measure_all takes."""
    return len(logs) * len(formats) * STAGES_SECONDS + KERNELS_SECONDS


def measure_all(logs: list[plan.Log], formats: tuple[str, ...], folder: Path,
                show: Callable[[str], None], finish: Callable[[float], None]) -> None:
    """Into micro.jsonl."""
    with open(folder / "micro.jsonl", "w", encoding="utf-8") as results:
        def write(line: dict) -> None:
            results.write(json.dumps(line) + "\n")
            results.flush()

        write({"machine": measure.machine()})
        for log in logs:
            for output_format in formats:
                write(stages(log, output_format, show))
                finish(STAGES_SECONDS)
        show("kernels")
        for line in lines(str(PROGRAMS / "kernels")):
            write(line)


def text(results: list[dict]) -> str:
    return "\n".join([*(stages_text(line) for line in results if "ns" in line),
                      kernels_text([line for line in results if "kernel" in line])])
