# SPDX-License-Identifier: MIT
"""Profiles as files: the processed profile format of the Firefox Profiler (profiler.firefox.com), gzipped.

The functions' names are in the file, so that it needs neither the program nor a server for symbols. Samply
writes the same format without names, and names into a second file; read_samply() joins the two.
"""
import gzip
import json
import pathlib
from collections.abc import Callable

from perf.stacks import Frame, Profile, Sample, name

Location = tuple[str, int]  # path of a module, address in it
Resolver = Callable[[set[Location]], dict[Location, list[str]]]  # the functions there, the outermost first

FORMAT_VERSION = 49
CATEGORIES = [{"name": "Other", "color": "grey", "subcategories": ["Other"]},
              {"name": "User", "color": "yellow", "subcategories": ["Other"]},
              {"name": "Kernel", "color": "orange", "subcategories": ["Other"]}]
KERNEL = "kernel"
RESOURCE_LIBRARY = 1


class Table:
    """Distinct rows and their numbers."""

    def __init__(self) -> None:
        self.numbers: dict = {}

    def number(self, row) -> int:
        return self.numbers.setdefault(row, len(self.numbers))

    def rows(self) -> list:
        return list(self.numbers)


def _category(frame: Frame) -> int:
    return 2 if frame.module == KERNEL else 1 if frame.module else 0


def _thread(profile: Profile) -> tuple[dict, list[str]]:
    """The one thread, and the names of the modules."""
    strings, modules, frames, stacks = Table(), Table(), Table(), Table()
    ends = []
    for sample in profile.samples:
        stack = None
        for frame in sample.stack:
            stack = stacks.number((stack, frames.number(frame)))
        ends.append(stack)
    functions = frames.rows()
    count = len(functions)
    none, zero = [None] * count, [0] * count
    resources = [modules.number(frame.module) for frame in functions]
    thread = {
        "name": pathlib.Path(profile.command[0]).name, "processName": pathlib.Path(profile.command[0]).name,
        "isMainThread": True, "processType": "default", "pid": "1", "tid": 1, "registerTime": 0.0,
        "processStartupTime": 0.0, "processShutdownTime": None, "unregisterTime": None, "pausedRanges": [],
        "showMarkersInTimeline": False,
        "samples": {
            "length": len(ends), "stack": ends, "time": [sample.time_ms for sample in profile.samples],
            "weight": [sample.weight for sample in profile.samples], "weightType": "samples",
            "threadCPUDelta": [sample.cpu_us for sample in profile.samples]},
        "stackTable": {
            "length": len(stacks.numbers), "prefix": [prefix for prefix, _ in stacks.rows()],
            "frame": [frame for _, frame in stacks.rows()],
            "category": [_category(functions[frame]) for _, frame in stacks.rows()],
            "subcategory": [0] * len(stacks.numbers)},
        "frameTable": {
            "length": count, "address": [-1] * count, "inlineDepth": zero,
            "category": [_category(frame) for frame in functions], "subcategory": zero,
            "func": list(range(count)), "nativeSymbol": none, "innerWindowID": none, "implementation": none,
            "line": none, "column": none},
        "funcTable": {
            "length": count, "name": [strings.number(frame.function) for frame in functions],
            "isJS": [False] * count, "relevantForJS": [False] * count, "resource": resources,
            "fileName": none, "lineNumber": none, "columnNumber": none},
        "resourceTable": {
            "length": len(modules.numbers), "lib": list(range(len(modules.numbers))),
            "name": [strings.number(module) for module in modules.rows()],
            "host": [None] * len(modules.numbers), "type": [RESOURCE_LIBRARY] * len(modules.numbers)},
        "nativeSymbols": {"length": 0, "address": [], "functionSize": [], "libIndex": [], "name": []},
        "markers": {"length": 0, "category": [], "data": [], "endTime": [], "name": [], "phase": [],
                    "startTime": []},
        "stringArray": strings.rows(),
    }
    return thread, modules.rows()


def write(profile: Profile, path: pathlib.Path) -> None:
    thread, modules = _thread(profile)
    document = {
        "meta": {
            "version": 24, "preprocessedProfileVersion": FORMAT_VERSION, "product": " ".join(profile.command),
            "interval": profile.interval_ms, "startTime": 0, "processType": 0, "stackwalk": 1, "debug": False,
            "symbolicated": True, "usesOnlyOneStackType": True, "doesNotUseFrameImplementation": True,
            "sourceCodeIsNotOnSearchfox": True, "pausedRanges": [], "markerSchema": [],
            "categories": CATEGORIES, "extensions": {"length": 0, "baseURL": [], "id": [], "name": []},
            "sampleUnits": {"time": "ms", "eventDelay": "ms", "threadCPUDelta": "\u00b5s"},
            # Ours; the Firefox Profiler passes over what it does not know.
            "evx": {"recorder": profile.recorder, "command": profile.command, "iterations": profile.iterations}},
        "libs": [{"name": module, "path": module, "debugName": module, "debugPath": module, "breakpadId": "",
                  "codeId": None, "arch": ""} for module in modules],
        "threads": [thread], "pages": [], "profilerOverhead": [], "counters": [],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(json.dumps(document, separators=(",", ":")).encode())


def load(path: pathlib.Path) -> dict:
    content = path.read_bytes()
    return json.loads(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)


def _samples(thread: dict, frames: list[list[Frame]]) -> list[Sample]:
    """frames: what each row of the frame table stands for, the outermost first."""
    table, rows = thread["stackTable"], thread["samples"]
    stacks: list[tuple[Frame, ...]] = []
    for prefix, frame in zip(table["prefix"], table["frame"]):
        stacks.append((stacks[prefix] if prefix is not None else ()) + tuple(frames[frame]))
    times = rows.get("time")
    if times is None:
        times, now = [], 0.0
        for delta in rows["timeDeltas"]:
            now += delta
            times.append(now)
    weights = rows.get("weight") or [1] * len(times)
    cpu = rows.get("threadCPUDelta") or [0] * len(times)
    return [Sample(stacks[stack], time, used or 0, weight)
            for stack, time, used, weight in zip(rows["stack"], times, cpu, weights) if stack is not None]


def _libraries(document: dict, thread: dict) -> list[dict | None]:
    """The library of each function."""
    of_resource = [None if number is None else document["libs"][number]
                   for number in thread["resourceTable"]["lib"]]
    return [None if number == -1 else of_resource[number] for number in thread["funcTable"]["resource"]]


def read(path: pathlib.Path) -> Profile:
    """What write() wrote."""
    document = load(path)
    meta, thread = document["meta"], document["threads"][0]
    libraries, strings = _libraries(document, thread), thread["stringArray"]
    frames = [[Frame(strings[thread["funcTable"]["name"][number]], (libraries[number] or {}).get("name", ""))]
              for number in thread["frameTable"]["func"]]
    ours = meta["evx"]
    return Profile(ours["recorder"], ours["command"], ours["iterations"], meta["interval"],
                   _samples(thread, frames))


def _build(identifier: str) -> str:
    """The part of a build's identifier that both files write."""
    return identifier.replace("-", "").upper()[:32]


def _names(document: dict) -> dict[tuple[str, int], str]:
    """Samply's second file: the function at (build, address). It has inlined functions too, but only those of
    one address for each function, so they are of no use."""
    names = {}
    for library in document["data"]:
        table = library["symbol_table"]
        for address, symbol in library["known_addresses"]:
            names[_build(library["debug_id"]), address] = document["string_table"][table[symbol]["symbol"]]
    return names


def _is_main(thread: dict, command: list[str]) -> bool:
    """Samply's own process has a main thread, too."""
    return thread["isMainThread"] and thread["processName"] == pathlib.Path(command[0]).name


def read_samply(document: dict, symbols: dict, command: list[str], iterations: int, resolve: Resolver) -> Profile:
    names, threads = _names(symbols), [thread for thread in document["threads"] if _is_main(thread, command)]
    profile = Profile("samply", command, iterations, document["meta"]["interval"])
    for thread in threads:
        libraries, strings = _libraries(document, thread), thread["stringArray"]
        rows = [(libraries[function], address, strings[thread["funcTable"]["name"][function]])
                for function, address in zip(thread["frameTable"]["func"], thread["frameTable"]["address"])]
        inlined = resolve({(library["path"], address) for library, address, _ in rows if library})
        frames = []
        for library, address, text in rows:
            if library is None:
                frames.append([Frame(text, "")])
                continue
            known = names.get((_build(library["breakpadId"]), address), text)
            frames.append([name(function, library["name"])
                           for function in inlined.get((library["path"], address), [known])])
        profile.samples += _samples(thread, frames)
    return profile
