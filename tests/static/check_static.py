#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A static program runs where there is nothing: in an empty root, and another processor's under qemu; what it writes is
what this machine's programs write.
usage: check_static.py [--quick] STATIC_FOLDER FOLDER      both have evx and evtx_dump"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    quick = "--quick" in sys.argv and not sys.argv.remove("--quick")
    static, native = (pathlib.Path(name).resolve() for name in sys.argv[1:3])
    machine = (static / "evx").read_bytes()[18:20]  # of the ELF header
    is_foreign = machine != (native / "evx").read_bytes()[18:20]
    corpus = os.environ.get("EVX_CORPUS", str(ROOT.parent / "shared"))
    logs = sorted(pathlib.Path(corpus).glob("samples/*.evtx")) if corpus else []
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for program in ("evx", "evtx_dump"):
            assert b"INTERP" not in subprocess.run(["readelf", "-l", static / program], check=True,
                                                   stdout=subprocess.PIPE).stdout, f"{program} wants a loader"
            shutil.copy(static / program, root)
        prefix = []
        if is_foreign:
            shutil.copy(shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64"), root / "qemu")
            prefix = ["/qemu"]
        enter = [shutil.which("chroot", path="/usr/sbin:/sbin:/usr/bin"), name] if os.geteuid() == 0 else [shutil.which("unshare"), "--map-root-user", "--root", name]
        for profile in ("security", "mixed"):
            made = subprocess.run([native / "evx", "gen", "--profile", profile, "--size", "256K", "--seed", "1"],
                                  check=True, stdout=subprocess.PIPE).stdout
            (root / f"{profile}.evtx").write_bytes(made)
        for log in logs[:2] if quick else logs:
            shutil.copy(log, root)
        for log in sorted(root.glob("*.evtx")):
            for command in (["/evtx_dump", "-o", "jsonl"], ["/evtx_dump", "-t", "2"], ["/evx", "info"],
                            ["/evx", "query", "--regex", "[0-9]{3}", "-o", "csv"]):
                ours = subprocess.run([*enter, *prefix, *command, f"/{log.name}"], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, env={})
                theirs = subprocess.run([native / command[0][1:], *command[1:], log], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
                digests = [hashlib.sha256(run.stdout.replace(str(root).encode(), b"")).hexdigest()
                           for run in (ours, theirs)]
                assert ours.returncode == theirs.returncode and digests[0] == digests[1], (command, log.name)
        said = subprocess.run([*enter, *prefix, "/evx", "--version"], check=True, stdout=subprocess.PIPE).stdout
        assert b"built without" in said, said
    print(f"{static}: as the programs of this machine")


if __name__ == "__main__":
    main()
