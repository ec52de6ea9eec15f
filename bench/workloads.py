# SPDX-License-Identifier: MIT
"""The logs that are measured, by name, and the canonical command lines W1, W2 and W3.

Generated logs come from `evx gen` and the seeds of workloads.toml and are proved by hash. Real logs come
from the folder of bench/corpus.py; where there are none, `stitched` and `folder` are made of generated logs
instead. usage: python -m bench.workloads [NAME...]   makes them and prints their paths
"""
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bench.corpus import corpus_folder
from bench.measure import REPOSITORY

RECORDED = tomllib.loads((pathlib.Path(__file__).parent / "workloads.toml").read_text(encoding="utf-8"))
FOLDER = REPOSITORY / "build" / "lab" / "workloads"
GENERATED = tuple(name for name, entry in RECORDED.items() if "size" in entry and "logs" not in entry)
NAMES = (*GENERATED, "stitched", "folder")
SAMPLE = "sample:"  # in front of the name of one real log
FILE_HEADER_BYTES, CHUNK_BYTES = 4096, 65536
ENCODER_DIFFERS = "evx gen of this tree writes other bytes than recorded"
CORPUS_DIFFERS = ("the corpus is another one than recorded: set EVX_CORPUS to a folder without samples to measure "
                  "generated logs instead, or name the file to be measured")
CHUNK_MAGIC, CHUNK_FREE_SPACE, FIRST_RECORD = b"ElfChnk\0", 48, 512


class WorkloadError(RuntimeError):
    """A log cannot be made, or is not the recorded one."""


# ---------------------------------------------------------------------------------------------- hashes

def file_hash(file: pathlib.Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def sha256(path_: pathlib.Path) -> str:
    """Of a file, or of all names and contents of a folder."""
    if path_.is_file():
        return file_hash(path_)
    total = hashlib.sha256()
    for file in sorted(path_.rglob("*.evtx")):
        total.update(f"{file.relative_to(path_)}\0{file_hash(file)}\n".encode())
    return total.hexdigest()


def _state(path_: pathlib.Path) -> str:
    files = [path_] if path_.is_file() else sorted(path_.rglob("*.evtx"))
    return "\n".join(f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files)


def checked(name: str, path_: pathlib.Path, wanted: str, hint: str) -> pathlib.Path:
    """The path, when its content has that hash. What has not been touched since is not read again."""
    stamp = FOLDER / f"{path_.name}.checked"
    state = f"{wanted}\n{_state(path_)}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return path_
    found = sha256(path_)
    if found != wanted:
        raise WorkloadError(f"{path_} has the SHA-256 {found}, but bench/workloads.toml says {wanted} for {name}. "
                            f"Remove it to have it made again; if that does not help, {hint}.")
    stamp.write_text(state, encoding="utf-8")
    return path_


# ------------------------------------------------------------------------------------------- generated

def build() -> None:
    """The release programs, where somebody needs them and they were never built."""
    subprocess.run([REPOSITORY / "dev", "build", "cli/evx", "cli/evtx_dump"], check=True, stdout=sys.stderr)


def _evx() -> pathlib.Path:
    program = REPOSITORY / "build" / "evx"
    if not program.exists():
        build()
    return program


def generate(target: pathlib.Path, profile: str, size: str | int, seed: int) -> None:
    """Writes beside the target and renames: an interrupted run leaves nothing that looks whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    subprocess.run([_evx(), "gen", "--profile", profile, "--size", str(size), "--seed", str(seed), "-f", part,
                    "--no-confirm-overwrite"], check=True)
    part.rename(target)


def _generated(name: str) -> pathlib.Path:
    entry, target = RECORDED[name], FOLDER / f"{name}.evtx"
    if not target.exists():
        generate(target, entry["profile"], entry["size"], entry["seed"])
    return checked(name, target, entry["sha256"], ENCODER_DIFFERS)


def _generated_folder() -> pathlib.Path:
    entry, target = RECORDED["folder"], FOLDER / "folder-generated"
    if not target.exists():
        part = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
        for number in range(entry["logs"]):
            profile = entry["profiles"][number % len(entry["profiles"])]
            generate(part / f"{profile}-{number:03}.evtx", profile, entry["size"], entry["seed"] + number)
        part.rename(target)
    return checked("folder", target, entry["sha256"], ENCODER_DIFFERS)


# ------------------------------------------------------------------------------------------- real logs

def corpus() -> pathlib.Path | None:
    """The folder with samples/ and corpora/, when there is one."""
    folder = corpus_folder()
    return folder if folder and any((folder / "samples").glob("*.evtx")) else None


def sample_names() -> list[str]:
    """A name for each real log at hand, to be given to path()."""
    folder = corpus()
    return [SAMPLE + file.stem for file in sorted((folder / "samples").glob("*.evtx"))] if folder else []


def real_logs(folder: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents, always in the same order."""
    for file in sorted((folder / "samples").glob("*.evtx")):
        yield f"samples/{file.name}", file.read_bytes()
    for archive in sorted((folder / "corpora").glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            for member in sorted(name for name in opened.namelist() if name.endswith(".evtx")):
                yield f"{archive.stem}/{pathlib.PurePath(member).name}", opened.read(member)


def chunks_in_use(log: bytes) -> Iterator[bytes]:
    """Every chunk with the signature and room for a record in its used part."""
    for offset in range(FILE_HEADER_BYTES, len(log) - CHUNK_BYTES + 1, CHUNK_BYTES):
        chunk = log[offset:offset + CHUNK_BYTES]
        if chunk.startswith(CHUNK_MAGIC) and struct.unpack_from("<I", chunk, CHUNK_FREE_SPACE)[0] > FIRST_RECORD:
            yield chunk


def file_header(chunk_count: int) -> bytes:
    """Version 3.1, clean; the identifier of the next record is unknown to readers and left at 0."""
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, chunk_count - 1, 0, 128, 1, 3, FILE_HEADER_BYTES,
                       chunk_count & 0xFFFF).ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(FILE_HEADER_BYTES, b"\0")


def stitch(logs: Iterator[tuple[str, bytes]]) -> bytes:
    """One log with each distinct chunk once: nothing in it flatters a cache."""
    distinct = dict.fromkeys(chunk for _, log in logs for chunk in chunks_in_use(log))
    return file_header(len(distinct)) + b"".join(distinct)


def _stitched(folder: pathlib.Path) -> pathlib.Path:
    entry, target = RECORDED["stitched"], FOLDER / "stitched.evtx"
    if not target.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(stitch(real_logs(folder)))
        part.rename(target)
    return checked("stitched", target, entry["sha256"], CORPUS_DIFFERS)


def _folder(folder: pathlib.Path) -> pathlib.Path:
    entry, target = RECORDED["folder"], FOLDER / "folder"
    if not target.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
        for name, log in real_logs(folder):
            (part / name).parent.mkdir(exist_ok=True)
            (part / name).write_bytes(log)
        part.rename(target)
    return checked("folder", target, entry["sha256_real"], CORPUS_DIFFERS)


# --------------------------------------------------------------------------------------------- by name

def path(name: str) -> pathlib.Path:
    """The log (the folder for `folder`) of that name; a path of an existing file stands for itself."""
    folder = corpus()
    if name in GENERATED:
        return _generated(name)
    if name == "stitched":
        return _stitched(folder) if folder else _generated("mixed")
    if name == "folder":
        return _folder(folder) if folder else _generated_folder()
    if name.startswith(SAMPLE):
        file = folder / "samples" / f"{name.removeprefix(SAMPLE)}.evtx" if folder else None
    else:
        file = pathlib.Path(name)
    if file and file.is_file():
        return file.resolve()
    raise WorkloadError(f"no workload and no file {name}; there are {' '.join([*NAMES, *sample_names()])}")


CANONICAL = {  # log, threads
    "W1": ("big", 1),  # the log that stands in for the big security sample: the first figure to look at
    "W2": ("big", 8),
    "W3": ("stitched", 1),  # real chunks, each met once: what repetition does not help
}
FORMATS = ("xml", "json", "jsonl")


@dataclass(frozen=True)
class Run:
    log: str
    threads: int = 1
    output: str = "jsonl"


def parse(workload: str) -> Run:
    """W1, W2, W3, or one thread and JSONL on any log; with @FORMAT or @tN behind it, as in stitched@xml@t2."""
    name, *options = workload.split("@")
    log, threads = CANONICAL.get(name, (name, 1))
    output = "jsonl"
    for option in options:
        if option in FORMATS:
            output = option
        elif option.startswith("t") and option[1:].isdecimal():
            threads = int(option[1:])
        else:
            raise WorkloadError(f"@{option} in {workload} is neither a format nor a number of threads")
    return Run(log, threads, output)


def command(program: str | os.PathLike, workload: str) -> list[str]:
    """How a program with the options of evtx_dump runs it."""
    run = parse(workload)
    return [str(program), "-t", str(run.threads), "-o", run.output, str(path(run.log))]


def w1(program: str | os.PathLike) -> list[str]:
    return command(program, "W1")


def w2(program: str | os.PathLike) -> list[str]:
    return command(program, "W2")


def w3(program: str | os.PathLike) -> list[str]:
    return command(program, "W3")


def main(names: list[str]) -> int:
    try:
        for name in names or NAMES:
            print(f"{name}\t{path(name)}")
    except WorkloadError as error:
        print(f"workloads: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
