# SPDX-License-Identifier: MIT
"""What each optimisation of the engine is worth: a build without it, against the whole, in one session.

usage: ./dev perf ablate [--only NAME,...] [--rounds N]

Each name of -Dablate (src/base/ablate.h) is built in a folder of its own. Its output is proved equal first;
then all builds take turns on W1 and W3, and their instructions are counted on a small log. The table is
kept as perf/ablation.json, and for readers as perf/ablation.md.
"""
import argparse
import json
import pathlib
import re
import subprocess
import time
from typing import Any

from bench import estimate, measure, workloads
from bench.measure import REPOSITORY
from perf import check, say
from perf.say import Refused

HEADER = REPOSITORY / "src" / "base" / "ablate.h"
KEPT, TABLE = REPOSITORY / "perf" / "ablation.json", REPOSITORY / "perf" / "ablation.md"
BASE = "base"
WORKLOADS = ("W1", "W3")
MODES = ("jsonl", "xml", "jsonl-separate")
COUNTED = {"profile": "security", "size": "2M", "seed": 1}

Row = dict[str, Any]


def switches(header: str) -> dict[str, str]:
    """Every name with the line that says what is switched off."""
    found = re.findall(r"^// (.*)\n#ifndef EVX_ABLATE_(\w+)$", header, re.MULTILINE)
    return {name.lower(): what for what, name in found}


def build(name: str) -> pathlib.Path:
    """The program without one optimisation, or the whole one."""
    where = [] if name == BASE else ["--without", name]
    done = subprocess.run(["./dev", "build", *where, "cli/evtx_dump"], cwd=REPOSITORY, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"the build without {name} fails:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return REPOSITORY / ("build" if name == BASE else f"build/lab/ablate/{name}") / "cli" / "evtx_dump"


def prove_equal(programs: dict[str, pathlib.Path]) -> None:
    runs = [["-t", "1", *check.MODES[mode], workloads.command("evtx_dump", workload)[-1]]
            for workload in WORKLOADS for mode in MODES]
    wanted = [check.outcome([str(programs[BASE]), *run]) for run in runs]
    for name, program in programs.items():
        for run, outcome in zip(runs, wanted):
            if check.outcome([str(program), *run]) != outcome:
                raise Refused(f"without {name} the output differs: {' '.join(run)}")


def count(programs: dict[str, pathlib.Path]) -> dict[str, int]:
    log = workloads.FOLDER / "ablate.evtx"
    workloads.generate(log, **COUNTED)
    return {name: measure.instructions([str(program), "-t", "1", "-o", "jsonl", str(log)])
            for name, program in programs.items()}


def times(programs: dict[str, pathlib.Path], workload: str, rounds: int) -> measure.Samples:
    commands = {name: workloads.command(program, workload) for name, program in programs.items()}
    samples = measure.interleave(commands, warmup=2, rounds=rounds, progress=say.progress(workload))
    say.clear_progress()
    return samples


def rows(names: dict[str, str], samples: measure.Samples, counts: dict[str, int]) -> list[Row]:
    cpu = {name: [sample.cpu_ns for sample in taken] for name, taken in samples.items()}
    found = []
    for name, what in names.items():
        ratio = estimate.ratio(cpu[BASE], cpu[name])
        found.append({"name": name, "what": what, "ratio": round(ratio.ratio, 4), "low": round(ratio.low, 4),
                      "high": round(ratio.high, 4), "verdict": ratio.verdict(),
                      "instructions_ratio": round(counts[name] / counts[BASE], 4)})
    return sorted(found, key=lambda row: -row["ratio"])


def summary_ms(samples: list[measure.Sample]) -> dict[str, float]:
    whole = estimate.summary([sample.cpu_ns / 1e6 for sample in samples])
    return {"median_ms": round(whole["median"], 2), "minimum_ms": round(whole["minimum"], 2)}


def table(kept: dict[str, Any]) -> str:
    machine = kept["machine"]
    lines = ["# What each optimisation is worth", "",
             "Made by `./dev perf ablate`; do not edit. The engine without one optimisation, against the whole: CPU "
             "time of one thread, JSONL, all builds in turn in one session, with the 99 % interval; instructions on "
             "a small generated log, on valgrind's processor, which has no AVX-512. The output of every build was "
             "proved equal first.", "",
             f"{kept['date']}, {machine['cpu']}, {machine['compiler']}, commit {machine['commit'][:12]}, "
             f"{kept['rounds']} rounds.", ""]
    for workload, entry in kept["workloads"].items():
        lines += [f"## {workload}", "", f"The whole: {entry['base']['median_ms']} ms (median), "
                  f"{entry['base']['minimum_ms']} ms (minimum).", "",
                  "| without | time | interval | instructions | what is off |", "|---|---|---|---|---|"]
        lines += [f"| `{row['name']}` | {row['ratio']:.3f} | {row['low']:.3f} to {row['high']:.3f} | "
                  f"{row['instructions_ratio']:.3f} | {row['what']} |" for row in entry["rows"]]
        lines.append("")
    return "\n".join(lines)


def ablate(names: dict[str, str], rounds: int) -> dict[str, Any]:
    programs = {}
    for name in (BASE, *names):
        say.say(f"building {'everything' if name == BASE else 'without ' + name} ...")
        programs[name] = build(name)
    say.say("proving that the output is equal ...")
    prove_equal(programs)
    say.say("counting instructions ...")
    counts = count(programs)
    kept: dict[str, Any] = {"machine": measure.machine(), "date": time.strftime("%Y-%m-%d"), "rounds": rounds,
                            "workloads": {}}
    for workload in WORKLOADS:
        say.say(f"{workload}: {len(programs)} builds in turn, {rounds} rounds ...")
        samples = times(programs, workload, rounds)
        kept["workloads"][workload] = {"base": summary_ms(samples[BASE]), "rows": rows(names, samples, counts)}
    return kept


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev perf ablate", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", metavar="NAME,...", help="these optimisations; the table is not kept then")
    parser.add_argument("--rounds", type=int, default=40, help="samples of each build (40)")
    options = parser.parse_args(arguments)
    known = switches(HEADER.read_text(encoding="utf-8"))
    wanted = options.only.split(",") if options.only else list(known)
    if unknown := [name for name in wanted if name not in known]:
        raise Refused(f"no optimisation {', '.join(unknown)}; there are {', '.join(known)}")
    kept = ablate({name: known[name] for name in wanted}, options.rounds)
    if not options.only:
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        TABLE.write_text(table(kept), encoding="utf-8")
        say.say("kept as perf/ablation.json and perf/ablation.md")
    print(table(kept))
    return 0
