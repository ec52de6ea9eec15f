#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of docs/recovery.md: how many records of damaged logs are shown, and proved.

usage: recovery_table.py [--evx PROGRAM] [--evtx-dump PROGRAM] [--evtxexport PROGRAM] [--python-evtx PYTHON]
                         [--verbose] LOG...

A record that another tool shows counts as proved when `evx recover --show-duplicates` shows the same: the same
identifier, time, provider and event, and the same data under the same names. evx shows a definition only where its
GUID begins with the record's id and its names have their hashes; so what it lacks is listed (--verbose) to be
looked at. Records without names (values alone) are counted apart and are equal to nothing.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

EVENT = re.compile(r"(?:<!-- recovered: ([^\n]*) -->\s*)?(<Event[\s>].*?</Event>|<Event/>)", re.DOTALL)
PYTHON_EVTX = """
import sys, Evtx.Evtx as e
with e.Evtx(sys.argv[1]) as log:
    for chunk in log.chunks():
        try:
            for record in chunk.records():
                try:
                    print(record.xml())
                except Exception:
                    pass
        except Exception:
            pass
"""


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=600, check=False)
    return done.stdout.decode("utf-8", "replace")


def plain(text):
    """A value without what tools write differently: case, braces, digits of fractions, blanks."""
    text = (text or "").strip().lower().strip("{}").replace(" ", "t", 1 if re.match(r"\d{4}-\d\d-\d\d ", text or "") else 0)
    time = re.fullmatch(r"(\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d)(?:\.(\d*?)0*)?(?:z|\+00:00)?", text)
    if time: # some tools round microseconds
        return time.group(1) + "." + (time.group(2) or "")[:2].rstrip("0")
    number = re.fullmatch(r"0x0*([0-9a-f]+)", text)
    return str(int(number.group(1), 16)) if number else text


def facts(xml):
    """What an event says, or None when it is no event."""
    try:
        event = ElementTree.fromstring(re.sub(r"&#x?[0-9a-fA-F]+;|[^\t\n\r -\ud7ff\ue000-\ufffd]", "_", xml))
    except ElementTree.ParseError:
        return None
    for element in event.iter():
        element.tag = element.tag.split("}")[-1]
    system = event.find("System")
    if system is None:
        return None
    def value(path, attribute=None):
        found = system.find(path)
        return plain(found.get(attribute) if found is not None and attribute else found is not None and found.text)
    names = collections.Counter()
    for part in event:
        if part.tag not in ("System", "RenderingInfo"):
            names.update(plain(element.get("Name")) for element in part.iter("Data") if element.get("Name"))
    return (value("EventRecordID"), value("TimeCreated", "SystemTime"), value("Provider", "Name"), value("EventID"),
            frozenset(names))


class Shown:
    """What a tool shows of a log: proved events, and how many lack names."""

    def __init__(self, text):
        self.events = collections.Counter()
        self.unnamed = self.recovered = self.other = 0
        for mark, xml in EVENT.findall(text):
            live = not mark or mark.startswith("live")
            self.recovered += not live
            if mark and re.search(r"structure: [^;]*none", mark):
                self.unnamed += 1
                continue
            event = facts(xml)
            if event:
                self.events[event] += 1
            else:
                self.other += 1

    def total(self):
        return sum(self.events.values()) + self.other


def tools_of(arguments):
    if arguments.evtx_dump:
        yield "evtx_dump", lambda log: run(arguments.evtx_dump, "--recover-records", "--dont-show-record-number", log)
    if arguments.evtxexport:
        yield "evtxexport", lambda log: run(arguments.evtxexport, "-f", "xml", "-m", "all", log)
    if arguments.python_evtx:
        yield "python-evtx", lambda log: run(arguments.python_evtx, "-c", PYTHON_EVTX, log)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evx", default="build/cli/evx")
    parser.add_argument("--evtx-dump", help="that of the Rust project")
    parser.add_argument("--evtxexport")
    parser.add_argument("--python-evtx", help="a Python that has the module Evtx")
    parser.add_argument("--verbose", action="store_true", help="also the records that evx lacks")
    parser.add_argument("logs", nargs="+")
    arguments = parser.parse_args()
    tools = list(tools_of(arguments))
    print("| log | evx recover: proved | values without names | copies of live ones |",
          *(f"{name}: shown | proved | not |" for name, _ in tools))
    print("|---|---|---|---|", *("---|---|---|" for _ in tools))
    for log in arguments.logs:
        own = Shown(run(arguments.evx, "recover", "-o", "xml", "--show-duplicates", log))
        usual = Shown(run(arguments.evx, "recover", "-o", "xml", log))
        row = [pathlib.Path(log).name, usual.total(), usual.unnamed,
               own.total() + own.unnamed - usual.total() - usual.unnamed]
        for name, show in tools:
            shown = Shown(show(log))
            proved = sum(count for event, count in shown.events.items() if event in own.events)
            row += [shown.total(), proved, shown.total() - proved]
            if arguments.verbose:
                for event in [event for event in shown.events if event not in own.events][:10]:
                    print(f"{name} alone: {event}", file=sys.stderr)
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
