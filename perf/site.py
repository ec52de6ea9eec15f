# SPDX-License-Identifier: MIT
"""./dev perf site: the laboratory's results as one HTML file that needs nothing else, build/lab/site/index.html.

  perf/history/*.jsonl     accepted changes, one a line       perf/theses/hN/          claims and figures
  perf/ablation.json       optimisations left out one by one  perf/instructions.json   what the gate has recorded
  build/lab/bench/*.jsonl  the suite's last results, else perf/rivals.jsonl
  build/lab/profiles/hN/   flame graphs of theses that were profiled here

What is not there yet has a sentence instead of a plot. Flame graphs are copied beside the page.
"""
import argparse
import html
import json
import pathlib
import shutil
from collections.abc import Iterable, Sequence
from typing import Any

from bench.measure import REPOSITORY
from perf import pairs, plots, profiling
from perf.states import STATES
from perf.thesis import BENCH, Thesis, load_all

OURS = "evx"
UNITS = {"cpu_median": "ms CPU", "wall_median": "ms"}
MAIN_LOG = ("security", "jsonl")

Json = dict[str, Any]


# -------------------------------------------------------------------------------------------- artifacts

def read_json(path: pathlib.Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def read_lines(path: pathlib.Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def read_history(root: pathlib.Path) -> list[Json]:
    return [line for path in sorted((root / "perf/history").glob("*.jsonl")) for line in read_lines(path)]


def read_rivals(root: pathlib.Path) -> list[Json]:
    """The suite's last results, and what kept them from being there."""
    found = sorted((root / "build/lab/bench").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    found = [path for path in found if any("converter" in line for line in read_lines(path))]
    kept = root / "perf/rivals.jsonl"
    return read_lines(found[-1]) if found else read_lines(kept) if kept.exists() else []


def benched(thesis: Thesis) -> pairs.Benched:
    return thesis.artifact(BENCH) or {"workloads": {}}


def flames(thesis: Thesis) -> list[pathlib.Path]:
    return sorted(profiling.folder(thesis).glob("flame_*.svg"), reverse=True)  # before, after


# ------------------------------------------------------------------------------------------------ html

def text(value: object) -> str:
    return html.escape(str(value))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: Sequence[str] = ()) -> str:
    """Cells are HTML already; columns named in `words` stand to the left, and titles are broken into lines."""
    def kind(column: str) -> str:
        return " class=t" if column == "title" else "" if column in words else " class=n"

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}{kind(column)}>{cell}</{tag}>" for column, cell in zip(head, row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<div class=wide><table><thead><tr>{cells('th', head)}</tr></thead><tbody>{body}</tbody></table></div>"


def figures(*svgs: str) -> str:
    return "<div class=plots>" + "".join(f"<figure>{svg}</figure>" for svg in svgs) + "</div>"


def beside(svg: str, content: str) -> str:
    return f"<div class=pair><figure>{svg}</figure><div>{content}</div></div>"


def nothing(what: str, command: str) -> str:
    return f"<p class=none>{text(what)} <code>{text(command)}</code></p>"


def details(summary: str, content: str) -> str:
    return f"<details><summary>{text(summary)}</summary>{content}</details>"


def badge(state: str) -> str:
    return f'<span class="badge {text(state)}">{text(state)}</span>'


# -------------------------------------------------------------------------------------------- sections

def timed(lines: list[Json]) -> list[Json]:
    """One thread, no output: the plain case."""
    return [line for line in lines if line.get("median_ns") and line["threads"] == 1 and line["sink"] == "null"]


def rivals(lines: list[Json]) -> str:
    rows = timed(lines)
    if not rows:
        return nothing("No converter has been measured beside evx yet.", "./dev bench")
    colours = dict(zip(dict.fromkeys(row["converter"] for row in rows), plots.COLOURS * len(rows)))
    formats: dict[str, plots.Groups] = {}
    for row in rows:
        group = formats.setdefault(row["format"], {}).setdefault(row["log"], {})
        group[row["converter"]] = row["log_bytes"] / row["median_ns"] * 1000
    keys = "".join(f'<span class=key><i style="background:{colour}"></i>{text(name)}</span>'
                   for name, colour in colours.items())
    heads = [line for line in lines if "versions" in line]
    notes = ""
    if heads:
        versions = ", ".join(f"{text(name)} {text(version)}" for name, version in heads[-1]["versions"].items() if version)
        notes = f"<p class=note>{versions}. {machine(heads[-1]['machine'])}</p>"
    numbers = table(["log", "format", "program", "median ms", "min ms", "ratio to evx", "99 % interval"],
                    [[text(row["log"]), text(row["format"]), text(row["converter"]), f"{row['median_ns'] / 1e6:,.2f}",
                      f"{row['minimum_ns'] / 1e6:,.2f}", f"{row['ratio']:,.3f}",
                      f"{row['ratio_low']:,.3f} to {row['ratio_high']:,.3f}"] for row in rows],
                    ("log", "format", "program"))
    different = "".join(f"<li>{text(line['converter'])} on {text(line['log'])}, {text(line['format'])}: "
                        f"{text(line['difference'])}</li>" for line in lines if line.get("difference"))
    return (f"<p>One thread, output to <code>/dev/null</code>, medians; each output was compared with ours before.</p>"
            f"<p class=keys>{keys}</p>{figures(*plots.speeds(formats, colours))}{notes}{details('All numbers', numbers)}"
            + (details("Not timed: another output", f"<ul>{different}</ul>") if different else ""))


def machine(facts: Json) -> str:
    parts = [facts.get("cpu"), f"{facts['cores']} cores" if "cores" in facts else None, facts.get("compiler")]
    return text(", ".join(str(part) for part in parts if part)) + "."


def cumulated(history: list[Json]) -> dict[str, list[float | None]]:
    """Times as fast as before the first change, by workload. Ratios of interleaved runs, multiplied: times of
    different days cannot be compared."""
    lines: dict[str, list[float | None]] = {}
    for at, change in enumerate(history):
        for workload in change["figures"]:
            lines.setdefault(workload, [None] * at + [1.0])
        for workload, line in lines.items():
            figure = change["figures"].get(workload)
            last = line[-1] or 1.0
            line.append(last / figure["ratio"] if figure else last)
    return lines


def speed_history(history: list[Json]) -> str:
    if not history:
        return nothing("No change has been accepted yet.", "./dev perf new \"TITLE\"")
    labels = ["start", *(change["thesis"] for change in history)]
    rows = [[text(change["thesis"]), text(change["title"]), text(change["date"]),
             f"<code>{text((change.get('commit') or '')[:12])}</code>",
             "<br>".join(f"{text(workload)} {figure['ratio']:.3f}" for workload, figure in change["figures"].items())]
            for change in history]
    head = ["thesis", "title", "date", "commit", "after / before"]
    return ("<p>The ratios of the accepted changes, multiplied. Each is of one interleaved run.</p>"
            + beside(plots.history(labels, cumulated(history)), table(head, rows, head)))


def ablations(found: Json | None) -> str:
    if not found:
        return nothing("No optimisation has been left out yet.", "./dev perf ablate")
    parts = [f"<p>The engine without one optimisation, against the whole: CPU time of one thread, all builds in turn. "
             f"{text(found['date'])}, {machine(found['machine'])}</p>"]
    for workload, entry in found["workloads"].items():
        rows = sorted(entry["rows"], key=lambda row: -row["ratio"])
        bars = [plots.Bar(row["name"], row["ratio"], row["low"], row["high"]) for row in rows]
        numbers = [[text(row["name"]), f"{row['ratio']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}",
                    f"{row['instructions_ratio']:.3f}"] for row in rows]
        head = ["without", "time", "99 % interval", "instructions"]
        parts.append(beside(plots.ablations(f"{workload}, the whole {entry['base']['median_ms']:g} ms", bars),
                            table(head, numbers, head[:1])))
    return "".join(parts)


def distributions(theses: list[Thesis]) -> str:
    drawn = []
    for thesis in theses:
        for workload in benched(thesis)["workloads"]:
            measure = pairs.times(benched(thesis), workload)[0]
            before, after = ([time / 1000 for time in pairs.runs(benched(thesis), workload, state, measure)]
                             for state in STATES)
            drawn.append(plots.runs(f"{thesis.name}, {workload}", UNITS[measure], before, after))
    if not drawn:
        return nothing("No thesis has been measured yet.", "./dev perf bench")
    return ("<p>Every run of each thesis's two programs; the lines are medians, and what is far out is in the last bar.</p>"
            + figures(*drawn))


def criterion(value: Json) -> str:
    return f"{value['workload']} {value['measure']} &le; {value['at_most_ratio']:g}"


def theses_table(theses: list[Thesis]) -> str:
    if not theses:
        return nothing("No thesis has been stated yet.", "./dev perf new \"TITLE\"")
    rows = []
    for thesis in theses:
        found = benched(thesis)
        ratios = [f"{text(workload)} {pairs.main_ratio(found, workload).ratio:.3f}"
                  for workload in found["workloads"]]
        links = " ".join(f'<a href="flames/{text(thesis.folder.name)}/{text(flame.name)}">'
                         f'{text(flame.stem.rpartition("_")[2])}</a>' for flame in flames(thesis))
        rows.append([text(thesis.name), text(thesis.data["title"]), badge(thesis.data["state"]),
                     criterion(thesis.data["success"]), "<br>".join(ratios), links or "&ndash;"])
    head = ["thesis", "title", "verdict", "success", "after / before", "flame graphs"]
    return table(head, rows, head)


def gate(recorded: Json | None) -> str:
    if not recorded:
        return nothing("Nothing has been recorded yet.", "./dev perf gate --update")
    rows = [[text(name), f"{figure:,.1f}"] for name, figure in recorded["instructions_per_record"].items()]
    where = ", ".join(recorded["machine"].values())
    return (f"<p>The tests fail when one of these rises by more than 2 %. {text(where)}.</p>"
            + table(["generated log", "instructions per record"], rows, ("generated log",)))


def tiles(lines: list[Json], history: list[Json], theses: list[Thesis]) -> str:
    shown = []
    ratios = {row["converter"]: row["ratio"] for row in timed(lines) if (row["log"], row["format"]) == MAIN_LOG}
    for name, ratio in sorted(ratios.items(), key=lambda item: item[1])[:2]:
        if name != OURS and not name.startswith(f"{OURS} "):
            shown.append((f"{ratio:.2f}&times;", f"the time of evx is what {text(name)} takes ({' '.join(MAIN_LOG)})"))
    for workload, values in list(cumulated(history).items())[:1]:
        shown.append((f"{values[-1]:.2f}&times;", f"as fast as before the first thesis ({text(workload)})"))
    for state in ("accepted", "rejected", "undecided", "open"):
        count = sum(thesis.data["state"] == state for thesis in theses)
        if count:
            shown.append((str(count), f"{'thesis' if count == 1 else 'theses'} {state}"))
    return "<div class=tiles>" + "".join(f"<div><b>{value}</b><span>{words}</span></div>" for value, words in shown) + "</div>"


STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0 auto;max-width:1160px;padding:20px 16px 60px;background:#fff;color:#1d2129;
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.6rem;margin:.2em 0}h2{font-size:1.2rem;margin:2.2em 0 .4em;padding-bottom:.25em;border-bottom:1px solid #d0d7de}
p{max-width:75ch}code{font:.88em ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:#f3f4f6;padding:.1em .3em;
border-radius:4px}a{color:#0a58ca}nav a{margin-right:1em;white-space:nowrap;display:inline-block}
.note,.none{color:#59636e}.none{background:#f6f8fa;border:1px dashed #d0d7de;border-radius:8px;padding:14px}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,350px),1fr));gap:20px;align-items:start}
.pair{margin:0 0 24px;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:28px;align-items:start}.pair div{min-width:0}
figure{margin:0}figure svg{width:100%;height:auto;display:block;max-width:560px}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;margin:.8em 0}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid #e5e8eb;vertical-align:top;white-space:nowrap}
.t{white-space:normal;min-width:11em}
th{color:#59636e;font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:1em 0}.tiles div{border:1px solid #d0d7de;border-radius:8px;padding:10px 14px;
flex:1 1 150px;max-width:260px}.tiles b{display:block;font-size:1.5rem}.tiles span{color:#59636e;font-size:.88rem}
.badge{padding:1px 9px;border-radius:99px;font-size:.82rem;background:#eaeef2;white-space:nowrap}
.accepted{background:#dafbe1;color:#116329}.rejected{background:#ffebe9;color:#a40e26}.undecided{background:#fff8c5;color:#7d4e00}
.keys{margin:.6em 0}.key{display:inline-block;margin-right:16px;white-space:nowrap}.key i{display:inline-block;width:12px;
height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px}summary{cursor:pointer;color:#0a58ca;margin:.6em 0}
"""


def page(root: pathlib.Path) -> str:
    history, lines, theses = read_history(root), read_rivals(root), load_all(root)
    sections = {"Rivals": rivals(lines), "Theses": theses_table(theses), "Speed over history": speed_history(history),
                "Ablations": ablations(read_json(root / "perf/ablation.json")), "Runs": distributions(theses),
                "Instructions": gate(read_json(root / "perf/instructions.json"))}
    anchors = {title: title.lower().replace(" ", "-") for title in sections}
    links = "".join(f'<a href="#{anchor}">{title}</a>' for title, anchor in anchors.items())
    body = "".join(f'<section id="{anchors[title]}"><h2>{title}</h2>{content}</section>'
                   for title, content in sections.items())
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width,initial-scale=1"><title>evx: performance laboratory</title>'
            f"<style>{STYLE}</style></head><body><h1>evx: performance laboratory</h1><nav>{links}</nav>"
            f"{tiles(lines, history, theses)}{body}</body></html>\n")


def write(root: pathlib.Path, target: pathlib.Path) -> None:
    """The page and, beside it, the flame graphs that it links to."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(root), encoding="utf-8")
    shutil.rmtree(target.parent / "flames", ignore_errors=True)
    for thesis in load_all(root):
        for flame in flames(thesis):
            copy = target.parent / "flames" / thesis.folder.name / flame.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(flame, copy)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev perf site", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--root", type=pathlib.Path, default=REPOSITORY, help="where the artifacts are")
    parser.add_argument("--out", type=pathlib.Path, default=REPOSITORY / "build/lab/site/index.html")
    asked = parser.parse_args(arguments)
    write(asked.root, asked.out)
    print(asked.out)
    return 0
