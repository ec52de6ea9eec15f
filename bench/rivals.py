# SPDX-License-Identifier: MIT
"""The converters that are compared: ours, and one adapter for each rival that ./dev rivals installs.

An adapter knows where its program is, which version, what it can do, its command line, and how its output
is held against ours before anything is timed. A rival that is not there has the version None.
"""
import contextlib
import mmap
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from bench import content, measure

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "build" / "rivals"
DRIVER = REPOSITORY / "bench" / "rival_driver.py"
BLOCK_BYTES = 1 << 20
SHOWN_BYTES = 200
OURS = Path(os.environ.get("EVTX_DUMP", REPOSITORY / "build" / "cli" / "evtx_dump"))


def _run(command: Sequence[str], stdout: int | IO[bytes]) -> bytes:
    done = subprocess.run(command, env=measure.clean_environment(), stdin=subprocess.DEVNULL,
                          stdout=stdout, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        error = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise measure.CommandFailed(f"{Path(command[0]).name}: exit code {done.returncode}: {error[-200:]}")
    return done.stdout


def output(*command: str) -> bytes:
    """Standard output of a command that must succeed."""
    return _run(command, subprocess.PIPE)


@contextlib.contextmanager
def dump(command: Sequence[str]) -> Iterator[content.Dump]:
    """The same by way of a file, for outputs of any size."""
    with tempfile.TemporaryFile() as file:
        _run(command, file)
        if os.fstat(file.fileno()).st_size == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped


def first_difference(ours: content.Dump, theirs: content.Dump) -> str | None:
    """The first line that is not the same in both, or None."""
    for start in range(0, max(len(ours), len(theirs)), BLOCK_BYTES):
        our, their = ours[start:start + BLOCK_BYTES], theirs[start:start + BLOCK_BYTES]
        if our != their:
            at = start + next((i for i, (a, b) in enumerate(zip(our, their)) if a != b),
                              min(len(our), len(their)))
            line = ours.rfind(b"\n", 0, at) + 1
            return (f"at byte {at} is {ours[line:line + SHOWN_BYTES]!r}, "
                    f"but {theirs[line:line + SHOWN_BYTES]!r} there")
    return None


class Converter:
    name: str
    package: str
    formats: tuple[str, ...] = ("jsonl", "xml", "json")
    is_threaded = True
    is_native = True # machine code all through: its instructions can be counted in reasonable time
    log_bytes_max: int | None = None # slow ones get logs up to this
    rules: content.Rules | None = None # None: every byte is compared

    def program(self) -> str | None:
        """Where it is, or None."""
        raise NotImplementedError

    def version_text(self) -> str:
        """What it says about its version."""
        return output(self.program() or "", "--version").decode()

    def version(self) -> str | None:
        if not self.program():
            return None
        try:
            return version_in(self.version_text())
        except (measure.CommandFailed, OSError):
            return None

    def command(self, log: str, output_format: str, threads: int) -> list[str]:
        return [self.program() or "", "-t", str(threads), "-o", output_format, log]

    def command_for_folder(self, folder: Path, output_format: str, threads: int) -> list[str]:
        """All logs of a folder, in the byte order of their paths: a process for each log."""
        logs = sorted(map(str, folder.rglob("*.evtx")), key=os.fsencode)
        each = shlex.join(self.command("", output_format, threads)[:-1])
        return ["sh", "-c", f'for log do {each} "$log" || exit; done', "sh", *logs]

    def our_format(self, output_format: str) -> str:
        """What of ours its dump is compared with."""
        return self.rules and self.rules.our_format or output_format

    def difference(self, ours: content.Dump, theirs: content.Dump, output_format: str,
                   limit: int | None = None) -> str | None:
        """Where its dump differs from ours, or None; content is compared of `limit` records."""
        if self.rules:
            return content.difference(ours, theirs, output_format, self.rules, limit)
        return first_difference(ours, theirs)


def version_in(text: str) -> str | None:
    match = re.search(r"\d[\w.]*", text)
    return match.group() if match else None


class EvxPerLog(Converter):
    """Our evtx_dump. In a folder it is called as the rivals are."""
    name = "evx per log"
    package = "this tree"

    def __init__(self, path: Path = OURS):
        self.path = path

    def program(self) -> str | None:
        return str(self.path) if self.path.exists() else None

    def version_text(self) -> str: # evtx_dump tells the version whose output it repeats
        return output(str(self.path.with_name("evx")), "--version").decode()


class Evx(EvxPerLog):
    name = "evx"

    def command_for_folder(self, folder: Path, output_format: str, threads: int) -> list[str]:
        return [str(self.path.with_name("evx")), "dump", "-t", str(threads), "-o", output_format, str(folder)]


class CargoEvtx(Converter):
    name = "cargo-evtx"
    package = "crate evtx, with fast-alloc"

    def program(self) -> str | None:
        path = FOLDER / "bin" / "evtx_dump"
        return str(path) if path.exists() else None


class Evtxexport(Converter):
    name = "evtxexport"
    package = "Debian package libevtx-utils"
    formats = ("xml",)
    is_threaded = False
    log_bytes_max = 4 << 20
    rules = content.Libevtx()

    def program(self) -> str | None:
        return shutil.which("evtxexport")

    def version_text(self) -> str:
        return output(self.program() or "", "-V").decode()

    def command(self, log: str, output_format: str, threads: int) -> list[str]:
        return [self.program() or "", "-f", "xml", log]


class PythonLibrary(Converter):
    """Runs in the rivals' own environment."""
    library: str
    is_threaded = False
    is_native = False

    def program(self) -> str | None:
        path = FOLDER / "venv" / "bin" / "python"
        return str(path) if path.exists() else None

    def version_text(self) -> str:
        return output(self.program() or "", str(DRIVER), self.library, "version").decode()

    def command(self, log: str, output_format: str, threads: int) -> list[str]:
        return [self.program() or "", str(DRIVER), self.library, output_format, str(threads), log]


class PypiEvtx(PythonLibrary):
    name = "pypi-evtx"
    package = "PyPI package evtx"
    library = "evtx"
    formats = ("jsonl", "xml")
    is_threaded = True
    rules = content.PyEvtx()


class PythonEvtx(PythonLibrary):
    name = library = "python-evtx"
    package = "PyPI package python-evtx"
    formats = ("xml",)
    log_bytes_max = 256 << 10
    rules = content.PythonEvtx()


class DissectEventlog(PythonLibrary):
    name = library = "dissect.eventlog"
    package = "PyPI package dissect.eventlog"
    formats = ("jsonl",)
    log_bytes_max = 1 << 20
    rules = content.Dissect()


RIVALS: tuple[Converter, ...] = (CargoEvtx(), Evtxexport(), PypiEvtx(), DissectEventlog(), PythonEvtx())
