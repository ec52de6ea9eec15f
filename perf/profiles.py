# SPDX-License-Identifier: MIT
"""Profiles: record one, sum it up in tables, compare two.

  python -m perf.profiles record --label L --out DIR [--iterations 200] [--recorder auto] -- COMMAND...
  python -m perf.profiles tables --label L --out DIR [--top 30] [--weight cpu]
  python -m perf.profiles diff --out DIR BEFORE AFTER

record writes DIR/L.profile.json.gz, for https://profiler.firefox.com and for the other two. tables writes
top_leaves_L, top_inclusive_L and leaf_callers_L, each as Markdown and JSON, and flame_L.svg. diff writes
top_leaves_BEFORE_vs_AFTER. Costs are those of one iteration.
"""
import argparse
import json
import pathlib
import sys
from collections.abc import Sequence

from perf import firefox, flamegraph, recorders
from perf.stacks import WEIGHTS, Delta, Frame, Profile, Row, Sums, deltas, sums

ITERATIONS = 200
TOP = 30
CALLERS = 10
UNKNOWN_SHARE_MAX = 0.2
PROGRAM = "program"


def profile_path(folder: pathlib.Path, label: str) -> pathlib.Path:
    return folder / f"{label}.profile.json.gz"


def say(text: str) -> None:
    print(f"profiles: {text}", file=sys.stderr)


# ---------------------------------------------------------------------------------------------- record

def record(label: str, folder: pathlib.Path, command: list[str], iterations: int = ITERATIONS,
           recorder: str = "auto") -> Profile:
    profile = recorders.record(command, iterations, recorder, say)
    path = profile_path(folder, label)
    firefox.write(profile, path)
    unknown = sums(profile).unknown_share
    if unknown > UNKNOWN_SHARE_MAX:
        say(f"{100 * unknown:.0f} % of the cost has no function's name: is {command[0]} stripped?")
    say(f"{len(profile.samples)} stacks with {profile.recorder} in {path}")
    return profile


# ---------------------------------------------------------------------------------------------- tables

def number(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit == "instructions" else f"{value:,.3f}"


def code(text: str) -> str:
    """For a cell of a Markdown table."""
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 2) -> str:
    """A Markdown table whose last `texts` columns are text, the others numbers."""
    marks = ["---:"] * (len(head) - texts) + ["---"] * texts
    lines = [head, marks, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def describe(profile: Profile, unit: str) -> str:
    program = pathlib.Path(profile.command[0]).name
    runs = "one iteration" if profile.iterations == 1 else f"{profile.iterations} iterations"
    return (f"`{' '.join([program, *profile.command[1:]])}`, main thread, {profile.recorder}, {runs}, "
            f"{len(profile.samples)} stacks; {unit} of one iteration.")


def cost_table(rows: list[Row], unit: str) -> str:
    return table(["#", unit, "%", "function", "module"],
                 [[str(rank), number(row.value, unit), f"{100 * row.share:.2f}", code(row.function), row.module]
                  for rank, row in enumerate(rows, 1)])


def caller_tables(summed: Sums, rows: list[Row], unit: str) -> str:
    parts = []
    for row in rows:
        callers = summed.callers[Frame(row.function, row.module)][:CALLERS]
        parts.append(f"## {code(row.function)}: {number(row.value, unit)} {unit}, {100 * row.share:.2f} %\n\n"
                     + cost_table(callers, unit))
    return "\n".join(parts)


def as_json(rows: Sequence[Row | Delta]) -> list[dict]:
    return [row._asdict() for row in rows]


def write_pair(folder: pathlib.Path, stem: str, title: str, note: str, body: str, document: dict) -> None:
    (folder / f"{stem}.md").write_text(f"# {title}\n\n{note}\n\n{body}", encoding="utf-8")
    (folder / f"{stem}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def write_tables(label: str, folder: pathlib.Path, top: int = TOP, weight: str = "cpu") -> Sums:
    profile = firefox.read(profile_path(folder, label))
    unit, summed = profile.unit(weight), sums(profile, weight)
    note = describe(profile, unit)
    about = {"label": label, "recorder": profile.recorder, "command": profile.command,
             "iterations": profile.iterations, "unit": unit, "total": summed.total,
             "unknown_share": summed.unknown_share}
    leaves, inclusive = summed.leaves[:top], summed.inclusive[:top]
    write_pair(folder, f"top_leaves_{label}", f"Top leaves: {label}", note, cost_table(leaves, unit),
               {**about, "rows": as_json(leaves)})
    write_pair(folder, f"top_inclusive_{label}", f"Top inclusive: {label}", note, cost_table(inclusive, unit),
               {**about, "rows": as_json(inclusive)})
    write_pair(folder, f"leaf_callers_{label}", f"Callers of the top leaves: {label}", note,
               caller_tables(summed, leaves, unit),
               {**about, "rows": [{**row._asdict(), "callers": as_json(
                   summed.callers[Frame(row.function, row.module)][:CALLERS])} for row in leaves]})
    root = flamegraph.tree(profile.weighted(weight))
    svg = flamegraph.render(root, label, note.replace("`", ""), pathlib.Path(profile.command[0]).name, unit)
    (folder / f"flame_{label}.svg").write_text(svg, encoding="utf-8")
    return summed


# ------------------------------------------------------------------------------------------------ diff

def write_diff(before: str, after: str, folder: pathlib.Path, top: int = TOP, weight: str = "cpu") -> list[Delta]:
    old, new = (firefox.read(profile_path(folder, label)).of_program(PROGRAM) for label in (before, after))
    if old.recorder != new.recorder:
        raise recorders.RecorderFailed(f"{before} was recorded with {old.recorder}, {after} with {new.recorder}")
    unit, old_sums, new_sums = old.unit(weight), sums(old, weight), sums(new, weight)
    rows = deltas(old_sums, new_sums)[:top]
    body = table(["#", "before", "after", f"change in {unit}", "before %", "after %", "function", "module"],
                 [[str(rank), number(row.before, unit), number(row.after, unit),
                   ("+" if row.delta > 0 else "") + number(row.delta, unit), f"{100 * row.before_share:.2f}",
                   f"{100 * row.after_share:.2f}", code(row.function), row.module]
                  for rank, row in enumerate(rows, 1)])
    note = (f"Leaves of {before} and {after}, {unit} of one iteration; in all "
            f"{number(old_sums.total, unit)} and {number(new_sums.total, unit)}.")
    write_pair(folder, f"top_leaves_{before}_vs_{after}", f"Top leaves: {before} and {after}", note, body,
               {"before": before, "after": after, "unit": unit, "before_total": old_sums.total,
                "after_total": new_sums.total, "rows": as_json(rows)})
    return rows


# ------------------------------------------------------------------------------------------------ main

def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf.profiles", description=__doc__.split("\n", 1)[0])
    actions = parser.add_subparsers(dest="action", required=True)
    recording = actions.add_parser("record", help="record a profile and write it")
    tables = actions.add_parser("tables", help="sum a profile up")
    diff = actions.add_parser("diff", help="compare the leaves of two profiles")
    for action in (recording, tables, diff):
        action.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR")
    for action in (recording, tables):
        action.add_argument("--label", required=True)
    for action in (tables, diff):
        action.add_argument("--top", type=int, default=TOP)
        action.add_argument("--weight", choices=WEIGHTS, default="cpu")
    recording.add_argument("--iterations", type=int, default=ITERATIONS)
    recording.add_argument("--recorder", choices=["auto", *recorders.RECORDERS], default="auto")
    recording.add_argument("command", nargs="+", metavar="COMMAND")
    diff.add_argument("before")
    diff.add_argument("after")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    asked = parse(arguments)
    try:
        if asked.action == "record":
            record(asked.label, asked.out, asked.command, asked.iterations, asked.recorder)
        elif asked.action == "tables":
            write_tables(asked.label, asked.out, asked.top, asked.weight)
        else:
            write_diff(asked.before, asked.after, asked.out, asked.top, asked.weight)
    except (recorders.RecorderFailed, OSError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
