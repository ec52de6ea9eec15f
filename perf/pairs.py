# SPDX-License-Identifier: MIT
"""Two programs against each other on one workload, and bench.json, which keeps every raw time.

The number of rounds is chosen by the interval reached: at least `rounds`, then more until the intervals
of all measures that matter are narrow, or the time is up. Narrowness alone decides, never whether the
result pleases, so looking often does not bend it. bench.json is laid out as hyperfine's, one entry of
"results" per program and workload; what hyperfine has not is beside it.
"""
import json
import pathlib
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bench import estimate, measure, workloads
from bench.estimate import Ratio
from perf import say
from perf.thesis import Criterion

LOOK_EVERY = 10  # rounds
FIELDS = {"cpu_median": "cpu_times", "wall_median": "times", "peak_memory": "memory_usage_byte"}
TIMES = ("cpu_median", "wall_median")
ALWAYS = ("W1", "W2", "W3")


@dataclass(frozen=True)
class Method:
    """How long to measure; half_width is a part of the ratio."""
    warmup: int = 5
    rounds: int = 40
    rounds_max: int = 2000
    seconds_max: float = 180.0
    half_width: float = 0.004
    confidence: float = 0.99


def one_thread(workload: str) -> bool:
    return workloads.parse(workload).threads == 1


def measures(workload: str, criteria: Iterable[Criterion]) -> list[str]:
    """The times whose intervals must become narrow, the main one first.

    CPU time leaves out what others take from us; with threads only the clock on the wall tells.
    """
    main = "cpu_median" if one_thread(workload) else "wall_median"
    asked = [c["measure"] for c in criteria if c["workload"] == workload and c["measure"] in TIMES]
    return list(dict.fromkeys([main, *asked]))


def _values(samples: list[measure.Sample], name: str) -> list[float]:
    return [sample.cpu_ns if name == "cpu_median" else sample.wall_ns for sample in samples]


def narrow(method: Method, names: list[str]):
    started = time.monotonic()

    def until(samples: measure.Samples) -> bool:
        before, after = samples.values()
        if len(before) < method.rounds or len(before) % LOOK_EVERY:
            return False
        if time.monotonic() - started > method.seconds_max:
            return True
        return all(estimate.ratio(_values(before, name), _values(after, name), method.confidence).half_width()
                   <= method.half_width for name in names)
    return until


def compare(commands: measure.Commands, names: list[str], method: Method, label: str) -> measure.Samples:
    """Interleaved samples of exactly two commands, as many as the method asks for. Short runs are looped."""
    loops = max(measure.loops_for(command) for command in commands.values())
    samples = measure.interleave(commands, warmup=method.warmup, rounds=method.rounds_max, loops=loops,
                                 until=narrow(method, names), progress=say.rounds(label))
    say.clear_progress()
    return {name: [measure.Sample(s.wall_ns // loops, s.cpu_ns // loops, s.max_rss_bytes) for s in taken]
            for name, taken in samples.items()}


def result(state: str, workload: str, command: list[str], samples: list[measure.Sample],
           instructions: int | None) -> dict[str, Any]:
    """One entry of "results"; seconds, as hyperfine has them."""
    times = [round(sample.wall_ns / 1e9, 7) for sample in samples]
    wall = estimate.summary(times)
    text = " ".join(command).replace(f"{measure.REPOSITORY}/", "")
    return {"command": f"{text} > /dev/null", "mean": wall["mean"], "stddev": wall["stddev"],
            "median": wall["median"], "min": wall["minimum"], "max": max(times), "times": times,
            "exit_codes": [0] * len(times), "parameters": {"state": state, "workload": workload},
            "cpu_times": [round(sample.cpu_ns / 1e9, 7) for sample in samples],
            "memory_usage_byte": [sample.max_rss_bytes for sample in samples], "instructions": instructions}


def bench(programs: dict[str, pathlib.Path], criteria: list[Criterion], method: Method) -> dict[str, Any]:
    """All workloads that the criteria name and the canonical ones; programs are before and after.

    What no criterion judges gets the least number of rounds.
    """
    benched: dict[str, Any] = {"machine": measure.machine(), "date": time.strftime("%Y-%m-%d"),
                               "method": asdict(method), "workloads": {}, "results": []}
    for name in dict.fromkeys([*ALWAYS, *(c["workload"] for c in criteria)]):
        commands = {state: workloads.command(program, name) for state, program in programs.items()}
        log, needed = pathlib.Path(commands["before"][-1]), measures(name, criteria)
        benched["workloads"][name] = {"log": log.name, "bytes": log.stat().st_size,
                                      "sha256": workloads.sha256(log), "measures": needed}
        say.say(f"{name}: {' '.join(commands['before'])}, in turn with after ...")
        judged = any(criterion["workload"] == name for criterion in criteria)
        samples = compare(commands, needed if judged else [], method, name)
        for state, command in commands.items():
            counted = measure.instructions(command) if one_thread(name) else None
            benched["results"].append(result(state, name, command, samples[state], counted))
        say.say(f"{name}: {len(samples['before'])} rounds, after / before {needed[0]} "
                f"{ratio(benched, name, needed[0])}")
    return benched


def find(benched: dict[str, Any], workload: str, state: str) -> dict[str, Any] | None:
    wanted = {"state": state, "workload": workload}
    return next((entry for entry in benched["results"] if entry["parameters"] == wanted), None)


def ratio(benched: dict[str, Any], workload: str, name: str) -> Ratio | None:
    """after / before of one measure, from the raw times; None when it was not measured."""
    before, after = find(benched, workload, "before"), find(benched, workload, "after")
    if not before or not after:
        return None
    if name == "instructions":
        if not before[name] or not after[name]:
            return None
        exact = after[name] / before[name]
        return Ratio(exact, exact, exact)
    confidence = benched.get("method", {}).get("confidence", Method.confidence)
    return estimate.ratio(before[FIELDS[name]], after[FIELDS[name]], confidence)


def write(benched: dict[str, Any], file: pathlib.Path) -> None:
    """One line per result: raw times do not make a readable file longer than it must be."""
    head = {key: value for key, value in benched.items() if key != "results"}
    lines = ",\n".join("    " + json.dumps(entry) for entry in benched["results"])
    text = json.dumps(head, indent=2)[:-2] + f',\n  "results": [\n{lines}\n  ]\n}}\n'
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
