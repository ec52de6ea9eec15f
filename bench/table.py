# SPDX-License-Identifier: MIT
"""Results of the suite as a table, in text or Markdown. Reads JSON lines and knows nothing of how they came
about: the first line says where and when, each other one is a converter in a case."""
import json
import textwrap
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

Row = dict
NOTE_WIDTH, NAME_WIDTH = 140, 32
CASE = ("log", "format", "threads", "sink")


def read(path: Path) -> list[dict]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def three_digits(value: float) -> str:
    """28.8, 7327, 0.512: as much as a time is worth."""
    return f"{value:.{max(0, 3 - len(str(int(value))))}f}" if value >= 1 else f"{value:.3f}"


def shortened(name: str) -> str:
    """Names of Windows logs begin alike and are long."""
    return name if len(name) <= NAME_WIDTH else ".." + name[2 - NAME_WIDTH:]


def ratio(row: Row) -> str:
    """How often our time goes into the converter's."""
    if row["converter"] == "evx":
        return "1"
    return f"{three_digits(row['ratio'])} [{three_digits(row['ratio_low'])}, {three_digits(row['ratio_high'])}]"


def instructions(row: Row) -> str:
    count = row.get("instructions_per_record")
    return f"{count:.0f}" if count else "-"


COLUMNS: dict[str, Callable[[Row], str]] = {
    "log": lambda row: shortened(row["log"]),
    "format": lambda row: row["format"],
    "threads": lambda row: str(row["threads"]),
    "sink": lambda row: row["sink"],
    "converter": lambda row: row["converter"],
    "median ms": lambda row: three_digits(row["median_ns"] / 1e6),
    "min ms": lambda row: three_digits(row["minimum_ns"] / 1e6),
    "times ours": ratio,
    "MB/s": lambda row: three_digits(row["bytes_per_second"] / 1e6),
    "ns/record": lambda row: three_digits(row["ns_per_record"]),
    "instr/record": instructions,
    "peak MB": lambda row: three_digits(row["peak_bytes"] / 1e6),
    "rounds": lambda row: str(row["rounds"]),
}
TEXT_COLUMNS = {"log", "format", "sink", "converter"}


def timed(results: Iterable[dict]) -> list[Row]:
    return [row for row in results if "median_ns" in row]


def grid(rows: list[Row]) -> list[list[str]]:
    """Cells; what names the case stands in its first row alone."""
    lines = []
    for _, group in groupby(rows, lambda row: [row[key] for key in CASE]):
        for place, row in enumerate(group):
            lines.append([cell(row) if place == 0 or name not in CASE else ""
                          for name, cell in COLUMNS.items()])
    return lines


# --------------------------------------------------------------------------------------------- notes

def machine(head: dict) -> str:
    found = head["machine"]
    return (f"{head['time']}, commit {str(found['commit'])[:12]}, {found['cpu']}, {found['cores']} cores, "
            f"Linux {found['kernel']}, {found['compiler']}")


def versions(head: dict) -> str:
    return ", ".join(f"{name} {version}" for name, version in head["versions"].items() if version)


def missing(head: dict) -> list[str]:
    return [f"missing: {name} ({head['packages'][name]}); ./dev rivals installs it"
            for name, version in head["versions"].items() if not version]


def logs(rows: list[Row]) -> str:
    sizes = {row["log"]: (row["log_bytes"], row["records"]) for row in rows}
    return ", ".join(f"{shortened(name)} {size / 1e6:.1f} MB and {records} records"
                     for name, (size, records) in sizes.items())


def comparisons(rows: list[Row]) -> list[str]:
    """What was proved before timing, by converter, and what was not timed, by case."""
    found = []
    for name in dict.fromkeys(row["converter"] for row in rows):
        own = [row for row in rows if row["converter"] == name]
        equal = sum(not row["difference"] for row in own)
        what = ("every byte" if own[0]["compared"] == "bytes" else
                "every EventRecordID and the content of the first 2000 records")
        found.append(f"equal output: {name}, {what}, in {equal} of {len(own)} cases")
    different: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["difference"]:
            case = " ".join(str(row[key]) for key in CASE)
            different.setdefault((row["converter"], row["difference"]), []).append(case)
    for (name, difference), cases in different.items():
        others = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
        found.append(f"not timed: {name}, {cases[0]}{others}: {difference[:200]}")
    return found


def notes(results: list[dict]) -> list[str]:
    head, rows = results[0], [line for line in results if "converter" in line]
    not_reached = [name for line in results for name in line.get("not_reached", ())]
    return [machine(head), "versions: " + versions(head), *missing(head), "logs: " + logs(rows),
            *comparisons(rows), *(["not reached in time: " + "; ".join(not_reached)] if not_reached else []),
            "times ours: the converter's time divided by ours in the same round, median and 99 % interval; "
            "peak MB: largest resident set"]


# --------------------------------------------------------------------------------------------- formats

def aligned(rows: list[list[str]], to_the_left: set[str]) -> str:
    """Columns; the first row has their names."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) if name in to_the_left else cell.rjust(width)
                               for name, cell, width in zip(rows[0], row, widths)).rstrip() for row in rows)


def text(results: list[dict]) -> str:
    wrapped = ("\n".join(textwrap.wrap(note, NOTE_WIDTH, subsequent_indent="    ")) for note in notes(results))
    return "\n".join([aligned([list(COLUMNS), *grid(timed(results))], TEXT_COLUMNS), "", *wrapped, ""])


def markdown(results: list[dict]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |"
    rules = ("---" if name in TEXT_COLUMNS else "--:" for name in COLUMNS)
    escaped = ([cell.replace("|", "\\|") for cell in cells] for cells in grid(timed(results)))
    return "\n".join([line(COLUMNS), line(rules), *map(line, escaped), "",
                      *("- " + note.replace("|", "\\|") for note in notes(results)), ""])
