# SPDX-License-Identifier: MIT
"""The README.md of each thesis, PERF.md's index and perf/history/accepted.jsonl, from perf/theses and nothing else.

Every figure comes from a kept artifact, so rendering twice gives the same text; a test compares what is there
with what is rendered.
"""
import json
import pathlib
import re
from typing import Any

from bench.estimate import summary
from bench.measure import REPOSITORY
from perf import pairs
from perf.pairs import Benched
from perf.states import STATES
from perf.thesis import ACCEPTED, BENCH, CHECK, OPEN, PROFILE, Thesis, criterion_text, load_all

PAGE, README = "PERF.md", "README.md"
HISTORY = pathlib.PurePath("perf/history/accepted.jsonl")
INDEX = re.compile(r"(<!-- theses -->\n).*?(<!-- end -->)", re.DOTALL)


def milliseconds(microseconds: float) -> str:
    return f"{microseconds / 1000:.2f} ms"


def table(head: list[str], rows: list[list[str]], numbers_from: int = 1) -> list[str]:
    marks = ["---" if column < numbers_from else "---:" for column in range(len(head))]
    escaped = [[cell.replace("|", r"\|") for cell in row] for row in [head, marks, *rows]]
    return [f"| {' | '.join(row)} |" for row in escaped]


# ------------------------------------------------------------------------------------------- one thesis

def _summaries(benched: Benched, workload: str, measure: str) -> list[dict[str, float]]:
    return [summary(pairs.runs(benched, workload, state, measure)) for state in STATES]


def _figures_row(benched: Benched, workload: str, measure: str) -> list[str]:
    before, after = _summaries(benched, workload, measure)
    cells = [workload, "CPU" if measure == "cpu_median" else "wall",
             str(len(pairs.runs(benched, workload, "before", measure)))]
    for key in ("median", "minimum"):
        cells += [milliseconds(before[key]), milliseconds(after[key])]
    cells.append(f"{before['spread']:.1%}, {after['spread']:.1%}")
    return [*cells, str(pairs.ratio(benched, workload, measure))]


def figures(benched: Benched) -> list[str]:
    head = ["Workload", "Time", "Rounds", "before: median", "after: median", "before: min", "after: min", "spread",
            "after / before [99 %]"]
    rows = [_figures_row(benched, workload, measure)
            for workload in benched["workloads"] for measure in pairs.times(benched, workload)]
    lines = table(head, rows, numbers_from=2)
    counts = []
    for workload in benched["workloads"]:
        before, after = pairs.instructions(benched, workload)
        if before and after:
            counts.append([workload, f"{before:,}", f"{after:,}", f"{after / before:.4f}"])
    return [*lines, "", *table(["Instructions", "before", "after", "after / before"], counts)]


def profile(thesis: Thesis) -> list[str]:
    kept = thesis.artifact(PROFILE)
    if not kept:
        return ["Not recorded."]
    rows = [[f"`{function}`", f"{before:,.3f}", f"{after:,.3f}", f"{after - before:+,.3f}"]
            for function, before, after in kept["functions"]]
    return [f"The largest changes among the innermost functions on W1, {kept['unit']} of one run:", "",
            *table(["Function", "before", "after", "change"], rows)]


def correctness(checked: dict[str, Any]) -> list[str]:
    records, runs = checked["records"], checked["bytes"]
    return [f"- Tests ({checked['tests']['suite']}): {checked['tests']['summary']}.",
            f"- JSON of the records {records['records']} of {records['workload']}: {records['compared']} compared, "
            f"{records['different']} different.",
            f"- Output, reports and exit code, byte for byte: {runs['runs']} runs on {', '.join(runs['workloads'])}; "
            f"{runs['different']} different.",
            *(f"- Differs: `{difference}`" for difference in runs["differences"])]


def state_commits(thesis: Thesis) -> str:
    after = f"commit `{thesis.data['change_commit'][:12]}`" if thesis.data["change_commit"] else \
        f"the same with [{thesis.data['patch']}]({thesis.data['patch']})"
    return f"before is commit `{thesis.data['base_commit'][:12]}`, after is {after}"


def outcome(thesis: Thesis) -> str:
    return f"{thesis.data['state']}, {thesis.artifact(BENCH)['date']}"


def readme(thesis: Thesis) -> str:
    data, benched, checked = thesis.data, thesis.artifact(BENCH), thesis.artifact(CHECK)
    machine = benched["machine"]
    reasons = [f"  - {reason}" for reason in data["verdict"]["reasons"]]
    guardrails = "; ".join(f"`{criterion_text(c)}`" for c in data["guardrails"]) or "none beside the check"
    lines = [
        f"# {thesis.name}: {data['title']}", "",
        f"- **Claim**: {data['claim']}", f"- **Evidence**: {data['evidence']}",
        f"- **What changed**: {data['change'].rstrip('.')}; {state_commits(thesis)}.",
        f"- **Success metric**: `{criterion_text(data['success'])}`", f"- **Guardrails**: {guardrails}",
        f"- **Verdict**: {outcome(thesis)}", *reasons, "",
        "## Figures", "",
        f"Measured on {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}, {machine['compiler']}, "
        f"as [PERF.md](../../../{PAGE}) says:", "", *figures(benched), "",
        "## Profile", "", *profile(thesis), "",
        "## Correctness", "", *correctness(checked), "",
        f"Repeat it: `./dev perf rerun {thesis.name}`, with `--profile` for its profiles, too.", ""]
    return "\n".join(lines)


# ---------------------------------------------------------------------------------- all theses, history

def index_row(thesis: Thesis) -> list[str]:
    success = thesis.data["success"]
    ratio = pairs.ratio(thesis.artifact(BENCH), success["workload"], success["measure"])
    return [f"[{thesis.name}]({thesis.place}/{README})", thesis.data["title"], outcome(thesis),
            f"{success['workload']} {success['measure']} {ratio or 'not measured'}"]


def render(page: str, theses: list[Thesis]) -> str:
    """The page with its index filled."""
    index = table(["Thesis", "Title", "Verdict", "Success metric: after / before [99 %]"], list(map(index_row, theses)),
                  numbers_from=4)
    return INDEX.sub(lambda match: "\n".join([match[1], *index, "", match[2]]), page)


def write_pages(root: pathlib.Path = REPOSITORY) -> None:
    """The write-up of each thesis that has a verdict, and their index."""
    decided = [thesis for thesis in load_all(root) if thesis.data["state"] != OPEN]
    for thesis in decided:
        (thesis.folder / README).write_text(readme(thesis), encoding="utf-8")
    file = root / PAGE
    file.write_text(render(file.read_text(encoding="utf-8"), decided), encoding="utf-8")


def write_json(file: pathlib.Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def history_line(thesis: Thesis) -> dict[str, Any]:
    """Commit, machine, figures."""
    benched = thesis.artifact(BENCH)
    shown = {}
    for workload in benched["workloads"]:
        measure = pairs.times(benched, workload)[0]
        before, after = _summaries(benched, workload, measure)
        ratio = pairs.ratio(benched, workload, measure)
        counted = pairs.instructions(benched, workload)
        shown[workload] = {"measure": measure, "before_ms": round(before["median"] / 1000, 3),
                           "after_ms": round(after["median"] / 1000, 3), "ratio": round(ratio.ratio, 4),
                           "low": round(ratio.low, 4), "high": round(ratio.high, 4),
                           "instructions_before": counted[0], "instructions_after": counted[1]}
    return {"thesis": thesis.name, "title": thesis.data["title"], "date": benched["date"],
            "commit": thesis.data["change_commit"], "base": thesis.data["base_commit"],
            "machine": {key: value for key, value in benched["machine"].items() if key != "commit"},
            "figures": shown}


def write_history(thesis: Thesis) -> None:
    """Puts the thesis's line last; an older line of the same thesis goes."""
    file = thesis.root / HISTORY
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    others = [line for line in lines if json.loads(line)["thesis"] != thesis.name]
    own = [json.dumps(history_line(thesis))] if thesis.data["state"] == ACCEPTED else []
    if file.exists() or own:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in [*others, *own]), encoding="utf-8")
