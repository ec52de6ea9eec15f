# SPDX-License-Identifier: MIT
"""Two programs against each other on one workload, and bench.json, which keeps every run.

The number of rounds is chosen by the interval reached: at least `rounds`, then more until the intervals
of all measures that matter are narrow, or the time is up. Narrowness alone decides, never whether the
result pleases, so looking often does not bend it.

bench.json has a line for each workload: its log, and for each of the two states the instructions of a run and
the runs of each measure that a verdict may rest on, in microseconds or KiB. The first number of such a list is
the least run, the others are what each run takes more, in the order of the rounds: that needs few digits.
"""
import argparse
import json
import pathlib
import subprocess
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import estimate, measure, workloads
from bench.estimate import Ratio
from perf import say
from perf.states import STATES, Program, facts
from perf.thesis import Criterion

QUIET = measure.REPOSITORY / "perf" / "ensure_quiet.sh"
LOOK_EVERY = 10  # rounds
READ = {"cpu_median": lambda sample: sample.cpu_ns / 1e3, "wall_median": lambda sample: sample.wall_ns / 1e3,
        "peak_memory": lambda sample: sample.max_rss_bytes / 1024}
TIMES = ("cpu_median", "wall_median")
ALWAYS = ("W1", "W2", "W3")

Benched = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """How long to measure; half_width is a part of the ratio."""
    warmup: int = 5
    rounds: int = 40
    rounds_max: int = 2000
    seconds_max: float = 180.0
    half_width: float = 0.004


def add_options(command: argparse.ArgumentParser) -> None:
    """For Method."""
    command.add_argument("--rounds", type=int, default=Method.rounds, help="at least so many")
    command.add_argument("--seconds", type=float, default=Method.seconds_max, help="at most so long for one workload")
    command.add_argument("--half-width", type=float, default=Method.half_width,
                         help="measure until the interval is so narrow")


def method(options: argparse.Namespace) -> Method:
    return Method(rounds=options.rounds, seconds_max=options.seconds, half_width=options.half_width)


# ------------------------------------------------------------------------------------------- measuring

def one_thread(workload: str) -> bool:
    return workloads.parse(workload).threads == 1


def main_measure(workload: str) -> str:
    """CPU time leaves out what others take from us; with threads only the clock on the wall tells."""
    return "cpu_median" if one_thread(workload) else "wall_median"


def wanted(criteria: Iterable[Criterion]) -> dict[str, list[str]]:
    """For each workload the measures whose runs are kept, the main one first: of all workloads that the
    criteria name, and of the canonical ones."""
    found = {name: [main_measure(name)] for name in [*ALWAYS, *(c["workload"] for c in criteria)]}
    for criterion in criteria:
        measures = found[criterion["workload"]]
        if criterion["measure"] in READ and criterion["measure"] not in measures:
            measures.append(criterion["measure"])
    return found


def narrow(method: Method, names: Sequence[str]):
    started = time.monotonic()

    def until(samples: measure.Samples) -> bool:
        before, after = samples.values()
        if len(before) < method.rounds or len(before) % LOOK_EVERY:
            return False
        if time.monotonic() - started > method.seconds_max:
            return True
        return all(estimate.ratio(list(map(READ[name], before)), list(map(READ[name], after))).half_width()
                   <= method.half_width for name in names)
    return until


def alternate(commands: measure.Commands, names: Sequence[str], method: Method, label: str) -> measure.Samples:
    """Interleaved samples of exactly two commands, as many as the method asks for. Short runs are looped."""
    loops = max(measure.loops_for(command) for command in commands.values())
    samples = measure.interleave(commands, warmup=method.warmup, rounds=method.rounds_max, loops=loops,
                                 until=narrow(method, names), progress=say.rounds(label))
    say.clear_progress()
    return {name: [measure.Sample(s.wall_ns // loops, s.cpu_ns // loops, s.max_rss_bytes) for s in taken]
            for name, taken in samples.items()}


def result(samples: list[measure.Sample], measures: list[str], instructions: int | None) -> dict[str, Any]:
    """What bench.json keeps of one program on one workload."""
    kept = {name: _pack([round(READ[name](sample)) for sample in samples]) for name in measures}
    return kept | ({"instructions": instructions} if instructions else {})


def is_quiet() -> bool | None:
    """Waits for a quiet machine; figures are taken on a busy one too, but it is said."""
    if not QUIET.exists():
        return None
    say.say("waiting for a quiet machine (perf/ensure_quiet.sh; a minute at most) ...")
    quiet = subprocess.run([QUIET], check=False).returncode == 0
    if not quiet:
        say.say("the machine is not quiet; measuring all the same, it may take longer and stay undecided")
    return quiet


def bench(programs: tuple[Program, Program], measures: dict[str, list[str]], judged: Collection[str],
          method: Method) -> Benched:
    """What nothing is judged by gets the least number of rounds."""
    benched: Benched = {"programs": facts(programs), "quiet": is_quiet(), "machine": measure.machine(),
                        "date": time.strftime("%Y-%m-%d"), "method": asdict(method), "workloads": {}}
    for name, kept in measures.items():
        commands = {state: workloads.command(program.path, name) for state, program in zip(STATES, programs)}
        log = pathlib.Path(commands["before"][-1])
        say.say(f"{name}: {' '.join(commands['before'])}, in turn with after ...")
        samples = alternate(commands, [m for m in kept if m in TIMES] if name in judged else [], method, name)
        counts = {state: measure.instructions(command) if one_thread(name) else None
                  for state, command in commands.items()}
        benched["workloads"][name] = {"log": log.name, "bytes": log.stat().st_size, "sha256": workloads.sha256(log),
                                      **{state: result(samples[state], kept, counts[state]) for state in STATES}}
        say.say(f"{name}: {len(samples['before'])} rounds, after / before {kept[0]} {main_ratio(benched, name)}")
    return benched


# ------------------------------------------------------------------------------------------ bench.json

def _pack(values: list[int]) -> list[int]:
    least = min(values)
    return [least, *(value - least for value in values)]


def _kept(benched: Benched, workload: str, state: str, name: str) -> Any:
    return benched["workloads"].get(workload, {}).get(state, {}).get(name)


def runs(benched: Benched, workload: str, state: str, name: str) -> list[float]:
    """In the order of the rounds; none when they were not kept."""
    packed = _kept(benched, workload, state, name)
    return [packed[0] + value for value in packed[1:]] if packed else []


def instructions(benched: Benched, workload: str) -> list[int | None]:
    """Of before and after."""
    return [_kept(benched, workload, state, "instructions") for state in STATES]


def times(benched: Benched, workload: str) -> list[str]:
    """The measures of time that were kept, the main one first."""
    return [name for name in benched["workloads"][workload]["before"] if name in TIMES]


def ratio(benched: Benched, workload: str, name: str) -> Ratio | None:
    """after / before of one measure, from the runs; None when it was not measured."""
    if name == "instructions":
        before, after = instructions(benched, workload)
        return Ratio(*[after / before] * 3) if before and after else None
    before, after = (runs(benched, workload, state, name) for state in STATES)
    return estimate.ratio(before, after) if before and after else None


def main_ratio(benched: Benched, workload: str) -> Ratio:
    return ratio(benched, workload, times(benched, workload)[0])


def write(benched: Benched, file: pathlib.Path) -> None:
    """One line per workload: runs do not make a readable file longer than it must be."""
    head = {key: value for key, value in benched.items() if key != "workloads"}
    lines = ",\n".join(f'    "{name}": {json.dumps(entry, separators=(",", ":"))}'
                       for name, entry in benched["workloads"].items())
    text = json.dumps(head, indent=2)[:-2] + f',\n  "workloads": {{\n{lines}\n  }}\n}}\n'
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
