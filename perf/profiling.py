# SPDX-License-Identifier: MIT
"""Profiles of a thesis's two states on W1, by perf.profiles, into perf/theses/hN/profile."""
import subprocess
import sys

from bench import workloads
from bench.measure import REPOSITORY
from perf.say import Refused
from perf.states import Program
from perf.thesis import Thesis

ITERATIONS = 200
SHOWN = 8  # rows of the write-up's table


def _profiles(*arguments: str) -> None:
    command = [sys.executable, "-m", "perf.profiles", *arguments]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode != 0:
        raise Refused(f"python -m perf.profiles {' '.join(arguments)} failed")


def record(thesis: Thesis, before: Program, after: Program, iterations: int) -> None:
    out = ["--out", str(thesis.folder / "profile")]
    labels = [program.path.name.removeprefix("evtx_dump.") for program in (before, after)]
    for label, program in zip(labels, (before, after)):
        _profiles("record", "--label", label, *out, "--iterations", str(iterations), "--",
                  *workloads.w1(program.path))
        _profiles("tables", "--label", label, *out)
    _profiles("diff", *out, *labels)


def delta(thesis: Thesis) -> dict | None:
    """The largest changes of cost per function, as perf.profiles wrote them."""
    label = f"h{thesis.number}"
    return thesis.artifact(f"profile/top_leaves_{label}_before_vs_{label}_after.json")
