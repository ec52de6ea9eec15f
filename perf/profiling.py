# SPDX-License-Identifier: MIT
"""Profiles of a thesis's two states on W1, by perf.profiles, in build/lab/profiles/hN: they are large, and
`./dev perf rerun HN --profile` makes them again. The thesis keeps the largest changes alone, as profile.json."""
import json
import pathlib
import subprocess
import sys

from bench import workloads
from bench.measure import REPOSITORY
from perf.say import Refused, say
from perf.states import STATES, Program
from perf.thesis import PROFILE, Thesis

ITERATIONS = 200
KEPT = 10  # functions


def _profiles(*arguments: str) -> None:
    command = [sys.executable, "-m", "perf.profiles", *arguments]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode != 0:
        raise Refused(f"python -m perf.profiles {' '.join(arguments)} failed")


def folder(thesis: Thesis) -> pathlib.Path:
    return thesis.root / "build" / "lab" / "profiles" / f"h{thesis.number}"


def _labels(thesis: Thesis) -> list[str]:
    return [f"h{thesis.number}_{state}" for state in STATES]


def record(thesis: Thesis, programs: tuple[Program, Program], iterations: int) -> None:
    out = ["--out", str(folder(thesis))]
    for label, program in zip(_labels(thesis), programs):
        _profiles("record", "--label", label, *out, "--iterations", str(iterations), "--",
                  *workloads.w1(program.path))
        _profiles("tables", "--label", label, *out)
    _profiles("diff", *out, *_labels(thesis))
    say(f"profiles, tables and flame graphs are in {folder(thesis)}")


def keep(thesis: Thesis) -> None:
    """What the write-up shows of the profiles that are there."""
    before, after = _labels(thesis)
    changes = json.loads((folder(thesis) / f"top_leaves_{before}_vs_{after}.json").read_text(encoding="utf-8"))
    rows = [[row["function"], round(row["before"], 6), round(row["after"], 6)] for row in changes["rows"][:KEPT]]
    text = json.dumps({"unit": changes["unit"], "functions": rows}) + "\n"
    (thesis.folder / PROFILE).write_text(text, encoding="utf-8")
