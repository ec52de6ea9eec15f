# SPDX-License-Identifier: MIT
"""One thesis: its folder perf/theses/hN, its words, its criteria, its number.

thesis.json holds what was claimed before anything was measured, the commits of both states, and what the
steps found. A criterion is "WORKLOAD MEASURE <= RATIO", after against before.
"""
import json
import pathlib
import re
from collections.abc import Iterable
from typing import Any

from bench.measure import REPOSITORY
from perf.say import Refused

THESES = pathlib.PurePath("perf/theses")
BENCH, CHECK, PROFILE, PATCH = "bench.json", "check.json", "profile.json", "change.patch"  # beside thesis.json
WORDS = ("claim", "evidence", "change")
MEASURES = ("cpu_median", "wall_median", "instructions", "peak_memory")
SUCCESS, GUARDRAIL = "W1 cpu_median <= 0.97", "W3 cpu_median <= 1.02"
OPEN, ACCEPTED, REJECTED, UNDECIDED = "open", "accepted", "rejected", "undecided"
CRITERION = re.compile(r"(?P<workload>.+?)\s+(?P<measure>\w+)\s*<=\s*(?P<ratio>\d+(?:\.\d+)?)")
BRANCH = re.compile(r"(?:^|/)perf/h(\d+)-")
FOLDER = re.compile(r"(?:^|/)perf/theses/h(\d+)(?:/|$)")

Criterion = dict[str, Any]


def criterion(text: str) -> Criterion:
    """'W1 cpu_median <= 0.95' as thesis.json keeps it."""
    match = CRITERION.fullmatch(text.strip())
    if not match or match["measure"] not in MEASURES:
        raise Refused(f"'{text}' is no criterion; write 'WORKLOAD MEASURE <= RATIO', such as "
                      f"'W1 cpu_median <= 0.95', with one of {', '.join(MEASURES)}")
    return {"workload": match["workload"], "measure": match["measure"], "at_most_ratio": float(match["ratio"])}


def criterion_text(value: Criterion) -> str:
    return f"{value['workload']} {value['measure']} <= {value['at_most_ratio']:g}"


def slug(title: str) -> str:
    """At most five words of the title, for the branch's name."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words[:5]) or "thesis"


def next_number(names: Iterable[str]) -> int:
    """One more than in any path of perf/theses and any branch that ever was; numbers are not used again."""
    found = [int(match[1]) for name in names for match in [BRANCH.search(name) or FOLDER.search(name)] if match]
    return max(found, default=0) + 1


class Thesis:
    """thesis.json, read and written as a whole."""

    def __init__(self, number: int, data: dict[str, Any], root: pathlib.Path = REPOSITORY):
        self.number = number
        self.data = data
        self.root = root

    @property
    def name(self) -> str:
        return f"H{self.number}"

    @property
    def place(self) -> pathlib.PurePath:
        return THESES / f"h{self.number}"

    @property
    def folder(self) -> pathlib.Path:
        return self.root / self.place

    @property
    def criteria(self) -> list[Criterion]:
        return [self.data["success"], *self.data["guardrails"]]

    def is_stated(self) -> bool:
        return all(self.data[word] for word in WORDS)

    def reopen(self) -> None:
        """New figures take an older verdict away."""
        self.data.update(state=OPEN, verdict=None)
        self.save()

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.data, indent=2) + "\n"
        (self.folder / "thesis.json").write_text(text, encoding="utf-8")

    def artifact(self, name: str) -> Any:
        """A JSON file beside thesis.json, or None."""
        file = self.folder / name
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def load(number: int, root: pathlib.Path = REPOSITORY) -> Thesis:
    file = root / THESES / f"h{number}" / "thesis.json"
    if not file.exists():
        raise Refused(f"there is no thesis H{number} in {THESES}")
    return Thesis(number, json.loads(file.read_text(encoding="utf-8")), root)


def load_all(root: pathlib.Path = REPOSITORY) -> list[Thesis]:
    numbers = sorted(int(match[1]) for file in (root / THESES).glob("h*/thesis.json")
                     if (match := FOLDER.search(file.parent.as_posix())))
    return [load(number, root) for number in numbers]


def number_of(text: str) -> int:
    match = re.fullmatch(r"[hH]?(\d+)", text)
    if not match:
        raise Refused(f"'{text}' is no number of a thesis; write H3")
    return int(match[1])


def start(number: int, title: str, base_commit: str, words: dict[str, str], success: Criterion,
          guardrails: list[Criterion], root: pathlib.Path = REPOSITORY) -> Thesis:
    return Thesis(number, {"id": f"H{number}", "title": title, **words, "success": success,
                           "guardrails": guardrails, "state": OPEN, "verdict": None,
                           "base_commit": base_commit, "change_commit": None, "patch": None}, root)
