# SPDX-License-Identifier: MIT
"""A profile: sampled call stacks of one program's main thread, and what they sum up to.

Knows nothing of the tools that record one (recorders.py), of its file format (firefox.py) or of pages.
"""
import pathlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

WEIGHTS = ("cpu", "samples", "wall")
UNKNOWN = re.compile(r"^(\[unknown\]|\?\?|0x[0-9a-f]+)$")
# What gcc and rustc append to the names of copies of a function; two builds must agree on its name.
SUFFIXES = re.compile(r"(\.(lto_priv|part|constprop|isra|cold|localalias)(\.\d+)*)+$|::h[0-9a-f]{16}$")


class Frame(NamedTuple):
    function: str
    module: str

    def is_known(self) -> bool:
        return not UNKNOWN.match(self.function)


class Sample(NamedTuple):
    stack: tuple[Frame, ...] # the caller of all first
    time_ms: float
    cpu_us: float
    weight: float            # instructions for callgrind, else 1


@dataclass
class Profile:
    recorder: str
    command: list[str]
    iterations: int
    interval_ms: float
    samples: list[Sample] = field(default_factory=list)

    def counts_instructions(self) -> bool:
        return self.recorder == "callgrind"

    def of_program(self, module: str) -> "Profile":
        """The same with another name for the program's own module: two programs have the same functions."""
        own = pathlib.PurePath(self.command[0]).name
        renamed = [sample._replace(stack=tuple(frame._replace(module=module) if frame.module == own else frame
                                               for frame in sample.stack)) for sample in self.samples]
        return replace(self, samples=renamed)

    def unit(self, weight: str) -> str:
        if self.counts_instructions():
            return "instructions"
        return {"cpu": "CPU ms", "wall": "wall ms", "samples": "samples"}[weight]

    def weighted(self, weight: str) -> Iterator[tuple[tuple[Frame, ...], float]]:
        """Stacks with what they cost in one iteration; every weight is instructions where those were counted."""
        before = None
        for sample in self.samples:
            if self.counts_instructions() or weight == "samples":
                value = sample.weight
            elif weight == "cpu":
                value = sample.cpu_us / 1000
            else:  # a gap between two iterations is nobody's
                value = self.interval_ms if before is None else sample.time_ms - before
                value = min(max(value, 0.0), 2 * self.interval_ms)
            before = sample.time_ms
            yield sample.stack, value / self.iterations


class Row(NamedTuple):
    function: str
    module: str
    value: float
    share: float


@dataclass
class Sums:
    """Costs of one iteration."""
    total: float
    leaves: list[Row]                          # by the innermost function
    inclusive: list[Row]                       # each function once per stack
    callers: dict[Frame, list[Row]]            # of each leaf, shares of that leaf
    unknown_share: float                       # leaves without a name


def name(function: str, module: str) -> Frame:
    return Frame(SUFFIXES.sub("", function) or function, module)


def _rows(costs: Counter[Frame], total: float) -> list[Row]:
    ordered = sorted(costs.items(), key=lambda item: (-item[1], item[0]))
    return [Row(frame.function, frame.module, value, value / total if total else 0.0) for frame, value in ordered]


def sums(profile: Profile, weight: str = "cpu") -> Sums:
    leaves: Counter[Frame] = Counter()
    inclusive: Counter[Frame] = Counter()
    callers: dict[Frame, Counter[Frame]] = {}
    for stack, value in profile.weighted(weight):
        leaf = stack[-1]
        leaves[leaf] += value
        for frame in set(stack):
            inclusive[frame] += value
        outside = next((frame for frame in reversed(stack) if frame != leaf), Frame("(none)", ""))
        callers.setdefault(leaf, Counter())[outside] += value
    total = sum(leaves.values())
    unknown = sum(value for frame, value in leaves.items() if not frame.is_known())
    return Sums(total, _rows(leaves, total), _rows(inclusive, total),
                {leaf: _rows(costs, leaves[leaf]) for leaf, costs in callers.items()},
                unknown / total if total else 0.0)


class Delta(NamedTuple):
    function: str
    module: str
    before: float
    after: float
    delta: float
    before_share: float
    after_share: float


def deltas(before: Sums, after: Sums) -> list[Delta]:
    """Leaves of either side, the largest change of cost first."""
    absent = Row("", "", 0.0, 0.0)
    old = {(row.function, row.module): row for row in before.leaves}
    new = {(row.function, row.module): row for row in after.leaves}
    found = []
    for key in {**old, **new}:
        a, b = old.get(key, absent), new.get(key, absent)
        found.append(Delta(*key, a.value, b.value, b.value - a.value, a.share, b.share))
    return sorted(found, key=lambda row: (-abs(row.delta), row.function, row.module))
