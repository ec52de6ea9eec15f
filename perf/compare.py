# SPDX-License-Identifier: MIT
"""HEAD against any commit, measured as the two states of a thesis are, but without one: no claim, no branch, no
write-up. Whether both write the same is told, not demanded.

usage: ./dev perf compare COMMIT [WORKLOAD...] [OPTION...]
"""
import argparse
import statistics

from bench import workloads
from perf import check, pairs, repository, states
from perf.pairs import Benched
from perf.say import say
from perf.states import STATES, Program, State
from perf.writeup import milliseconds

WORKLOADS = ("W1", "W3", "mixed", "powershell")


def build(commits: tuple[str, str]) -> tuple[Program, Program]:
    """Kept under their commits, so that the next comparison finds them."""
    before, after = (states.build(commit[:12], State(commit)) for commit in commits)
    return before, after


def row(benched: Benched, workload: str) -> list[str]:
    time = pairs.times(benched, workload)[0]
    medians = [milliseconds(statistics.median(pairs.runs(benched, workload, state, time))) for state in STATES]
    counted = pairs.ratio(benched, workload, "instructions")
    return [workload, time, *medians, str(pairs.main_ratio(benched, workload)),
            f"{counted.ratio:.4f}" if counted else "-", str(pairs.ratio(benched, workload, "peak_memory"))]


def table(benched: Benched) -> str:
    rows = [["workload", "measure", *STATES, "after / before [99 %]", "instructions", "peak memory"],
            *(row(benched, workload) for workload in benched["workloads"])]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in rows)


def about_output(programs: tuple[Program, Program], names: list[str]) -> str:
    """Of all modes, on the logs of the workloads."""
    before, after = (program.path for program in programs)
    found = check.same_bytes(before, after, list(dict.fromkeys(workloads.parse(name).log for name in names)))
    if not found["different"]:
        return f"both write the same in {found['runs']} runs on {', '.join(found['workloads'])}"
    return f"the output differs in {found['different']} of {found['runs']} runs, such as {found['differences'][0]}"


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev perf compare", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("commit", help="the state before; after is HEAD")
    parser.add_argument("workloads", nargs="*", default=WORKLOADS, metavar="WORKLOAD",
                        help=f"named as PERF.md says, else {' '.join(WORKLOADS)}")
    parser.add_argument("--max-ratio", type=float, default=float("inf"), metavar="RATIO",
                        help="exit with 1 where the estimate of the time, after / before, is above")
    pairs.add_options(parser)
    return parser.parse_intermixed_args(arguments)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    commits = repository.commit_of(options.commit), repository.head()
    for name in options.workloads:
        workloads.path(workloads.parse(name).log)  # a misspelt name shows before anything is built
    if repository.uncommitted():
        say("note: what is in no commit is not measured")
    programs = build(commits)
    measures = {name: [pairs.main_measure(name), "peak_memory"] for name in options.workloads}
    benched = pairs.bench(programs, measures, options.workloads, pairs.method(options))
    say(f"before is {commits[0][:12]}, after is HEAD, {commits[1][:12]}; {about_output(programs, options.workloads)}")
    print(table(benched))
    above = [name for name in options.workloads if pairs.main_ratio(benched, name).ratio > options.max_ratio]
    if above:
        say(f"above --max-ratio {options.max_ratio:g}: {', '.join(above)}")
    return 1 if above else 0
