# SPDX-License-Identifier: MIT
"""Record a profile of one program's main thread with the tool that this machine has.

  samply     samples at 1000 Hz; is refused while /proc/sys/kernel/perf_event_paranoid is above 1
  perf       samples at 997 Hz by the CPU clock, which virtual machines without counters have too
  callgrind  counts instructions of one iteration, with the calling functions of each function

Functions that were inlined are told apart when the program has debug information (-g; gcc makes the same
code with and without it). Without, their cost is their caller's; callgrind always counts so.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator

from bench.measure import clean_environment
from perf.firefox import KERNEL, Location, Resolver, load, read_samply
from perf.stacks import Frame, Profile, Sample, name

PERF_HERTZ = 997           # prime: in step with nothing
PERF_STACK_BYTES = 16384   # copied with each sample; the default of 8192 loses main()
CALLGRIND_DEPTH = 64       # calling functions that are kept apart
# A process that exec()s keeps, for perf, the modules that its parent had mapped, and perf takes the lowest mapping of
# a library for the library's base. With an unlimited stack Linux maps libraries far below those of the shell.
LOOP = 'ulimit -s unlimited; i=0; while [ "$i" -lt "$0" ]; do "$@" >/dev/null 2>&1 || exit; i=$((i + 1)); done'


class RecorderFailed(RuntimeError):
    """Not installed, not permitted, or without a sample."""


def _run(command: list[str], output: int = subprocess.PIPE) -> str:
    """Its standard output; what it says about a failure is the reason."""
    done = subprocess.run(command, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=output,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        words = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise RecorderFailed(f"{command[0]}: exit code {done.returncode}: {words[-300:]}")
    return (done.stdout or b"").decode("utf-8", "replace")


# ------------------------------------------------------------------------------------- inlined functions

def _has_debug_information(path: str) -> bool:
    return os.path.isfile(path) and ".debug_info" in _run(["readelf", "--section-headers", "--wide", path])


def _lookup(module: str, addresses: list[int]) -> dict[int, list[str]]:
    """addr2line's answer: for each address a line with it, then pairs of function and place, innermost first."""
    with tempfile.NamedTemporaryFile("w", suffix=".addresses") as arguments:
        arguments.writelines(f"{address:#x}\n" for address in addresses)
        arguments.flush()
        lines = _run(["addr2line", "-a", "-f", "-i", "-C", "-e", module, f"@{arguments.name}"]).splitlines()
    found: dict[int, list[str]] = {}
    at, functions = 0, []
    while at < len(lines):
        if lines[at].startswith("0x"):
            functions = found.setdefault(int(lines[at], 16), [])
            at += 1
        else:
            functions.insert(0, lines[at])
            at += 2
    return found


def inlined(locations: set[Location]) -> dict[Location, list[str]]:
    """The functions at each place, the outermost first, where debug information knows them. An intrinsic is
    no function: it is its caller."""
    found: dict[Location, list[str]] = {}
    if not (shutil.which("readelf") and shutil.which("addr2line")):
        return found
    for module in sorted({module for module, _ in locations}):
        if not _has_debug_information(module):
            continue
        addresses = sorted(address for owner, address in locations if owner == module)
        for address, functions in _lookup(module, addresses).items():
            functions = [function for function in functions if not function.startswith("_mm")]
            if functions and "??" not in functions:
                found[module, address] = functions
    return found


# --------------------------------------------------------------------------------------------- samply

def samply(command: list[str], iterations: int, folder: pathlib.Path) -> Profile:
    path = folder / "samply.json.gz"
    _run(["samply", "record", "--save-only", "--unstable-presymbolicate", "--reuse-threads", "--main-thread-only",
          "-o", str(path), "--iteration-count", str(iterations), "--", *command], subprocess.DEVNULL)
    return read_samply(load(path), load(folder / "samply.json.syms.json"), command, iterations, inlined)


# ----------------------------------------------------------------------------------------------- perf

HEADER = re.compile(r"^(.{1,16}?)\s+(\d+)/(\d+)\s+(\d+\.\d+):\s+(\d+)")
FRAME = re.compile(r"^\s+([0-9a-f]+) (.*) \((.*)\)$")


def _events(script: str) -> Iterator[tuple[re.Match, list[tuple[int, str, str]]]]:
    """Headers of `perf script` with their frames, the innermost first."""
    for block in script.split("\n\n"):
        lines = block.strip("\n").split("\n")
        header = HEADER.match(lines[0])
        frames = [match for match in map(FRAME.match, lines[1:]) if match]
        if header and frames:
            yield header, [(int(match[1], 16), match[2], match[3]) for match in frames]


def _location(depth: int, address: int, module: str) -> Location:
    """A caller's address is where it goes on, which may be in another line: its call ends one byte before."""
    return module, address - (depth > 0)


def read_perf(script: str, command: list[str], iterations: int, resolve: Resolver) -> Profile:
    """Samples of the main threads of processes that run the command, from the text of `perf script`."""
    program = pathlib.Path(command[0]).name[:15]
    events = [(header, frames) for header, frames in _events(script)
              if header[1] == program and header[2] == header[3]]
    functions = resolve({_location(depth, address, module) for _, frames in events
                         for depth, (address, _, module) in enumerate(frames)})
    profile = Profile("perf", command, iterations, 1000 / PERF_HERTZ)
    for header, frames in events:
        stack: list[Frame] = []
        for depth, (address, symbol, module) in enumerate(frames):
            known = functions.get(_location(depth, address, module), [symbol])
            library = KERNEL if module.startswith("[kernel") else pathlib.Path(module).name
            stack += [name(function, library) for function in reversed(known)]
        while len(stack) > 1 and not stack[-1].is_known():  # where the copy of the stack ended
            stack.pop()
        profile.samples.append(Sample(tuple(reversed(stack)), float(header[4]) * 1000, int(header[5]) / 1000, 1))
    return profile


def perf(command: list[str], iterations: int, folder: pathlib.Path) -> Profile:
    data = str(folder / "perf.data")
    _run(["perf", "record", "--quiet", "--no-buildid-cache", "-F", str(PERF_HERTZ), "-e", "cpu-clock", "--call-graph",
          f"dwarf,{PERF_STACK_BYTES}", "-o", data, "--", "sh", "-c", LOOP, str(iterations), *command])
    script = _run(["perf", "script", "--no-inline", "-i", data, "-F", "comm,pid,tid,time,period,ip,sym,dso"])
    return read_perf(script, command, iterations, inlined)


# ------------------------------------------------------------------------------------------ callgrind

REFERENCE = re.compile(r"\((\d+)\)(?: (.*))?")


class Names:
    """Callgrind writes a name once, as "(12) name", and "(12)" afterwards."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def resolve(self, text: str) -> str:
        match = REFERENCE.fullmatch(text)
        if not match:
            return text
        if match[2] is not None:
            self.known[match[1]] = match[2]
        return self.known[match[1]]


def read_callgrind(text: str, command: list[str]) -> Profile:
    """A function's name holds its callers, "leaf'caller'caller of that": so each self cost has a whole stack."""
    objects, functions = Names(), Names()
    costs: dict[str, int] = {}
    modules: dict[str, str] = {}
    module = function = ""
    is_call = False
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key == "ob":
            module = pathlib.Path(objects.resolve(value)).name
        elif key == "cob":
            objects.resolve(value)
        elif key == "fn":
            function = functions.resolve(value)
            modules.setdefault(function.split("'")[0], module)
        elif key == "cfn":
            functions.resolve(value)
        elif key == "calls":
            is_call = True  # the next line is what the called function cost
        elif line[:1] in "0123456789+-*" and line:
            if not is_call:
                costs[function] = costs.get(function, 0) + int(line.split()[1])
            is_call = False
    profile = Profile("callgrind", command, 1, 1.0)
    for number, (function, cost) in enumerate(costs.items()):
        if cost:
            parts = [part for part in function.split("'") if not part.isdigit()]  # a number is a recursion
            stack = tuple(name(part, modules.get(part, "")) for part in reversed(parts))
            profile.samples.append(Sample(stack, float(number), 0, cost))
    return profile


def callgrind(command: list[str], _iterations: int, folder: pathlib.Path) -> Profile:
    path = folder / "callgrind.out"
    _run(["valgrind", "--tool=callgrind", f"--separate-callers={CALLGRIND_DEPTH}", "--separate-threads=yes",
          f"--callgrind-out-file={path}", *command], subprocess.DEVNULL)
    return read_callgrind((folder / "callgrind.out-01").read_text(encoding="utf-8", errors="replace"), command)


# ---------------------------------------------------------------------------------------------- choice

RECORDERS: dict[str, Callable[[list[str], int, pathlib.Path], Profile]] = {
    "samply": samply, "perf": perf, "callgrind": callgrind}
PROGRAMS = {"samply": "samply", "perf": "perf", "callgrind": "valgrind"}
HINTS = {"perf": " (Debian package linux-perf)", "callgrind": " (Debian package valgrind)"}


def _attempt(recorder: str, command: list[str], iterations: int, say: Callable[[str], None]) -> Profile:
    if not shutil.which(PROGRAMS[recorder]):
        raise RecorderFailed(f"no {PROGRAMS[recorder]} here{HINTS.get(recorder, '')}")
    runs = "one iteration: it counts instructions" if recorder == "callgrind" else f"{iterations} iterations"
    say(f"recording with {recorder}, {runs}")
    with tempfile.TemporaryDirectory(prefix="evx-profile-") as folder:
        profile = RECORDERS[recorder](command, iterations, pathlib.Path(folder))
    if not profile.samples:
        raise RecorderFailed(f"{recorder}: no sample of the main thread")
    return profile


def record(command: list[str], iterations: int, recorder: str = "auto",
           say: Callable[[str], None] = print) -> Profile:
    """With the named recorder, or the first that works here."""
    reasons = []
    for candidate in RECORDERS if recorder == "auto" else [recorder]:
        try:
            return _attempt(candidate, command, iterations, say)
        except RecorderFailed as error:
            say(str(error))
            reasons.append(str(error))
    raise RecorderFailed("; ".join(reasons))
