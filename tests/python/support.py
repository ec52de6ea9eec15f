# SPDX-License-Identifier: MIT
"""What tests of the package evx share: the package, or a skip; logs to read."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import evx
except ImportError as why:
    print(f"the package evx is not built: {why}")
    sys.exit(77)

EVX = os.environ.get("EVX") or "evx"  # the program


def make_log(folder, name="made.evtx", profile="security", size="256K", seed=1):
    """A realistic log by `evx gen`; its path."""
    path = pathlib.Path(folder) / name
    with open(path, "wb") as out:
        subprocess.run([EVX, "gen", "--profile", profile, "--size", size, "--seed", str(seed)], stdout=out, check=True)
    return str(path)


class WithLog(unittest.TestCase):
    """Tests that read one made log, at self.path."""

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.folder = cls._folder.name
        cls.path = make_log(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()


def dump(path, *options):
    """The lines of `evx dump` with the options."""
    run = subprocess.run([EVX, "dump", *options, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return run.stdout.decode("utf-8").splitlines()


def sample_logs():
    """Paths of the real logs, or none."""
    corpus = os.environ.get("EVX_CORPUS", str(pathlib.Path(__file__).resolve().parents[3] / "shared"))
    folder = pathlib.Path(corpus) / "samples"
    return sorted(str(path) for path in folder.glob("*.evtx")) if corpus and folder.is_dir() else []


def resident_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
