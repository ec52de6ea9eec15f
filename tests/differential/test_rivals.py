#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against a misunderstood format: generated logs through our evtx_dump and through other
converters. The reference must agree byte by byte; libevtx and python-evtx, which know the format from
elsewhere, must find the same content.

EVX, EVTX_DUMP: our programs. The others are looked for in build/rivals/bin (see ./dev rivals), then in
PATH; each one that is absent is skipped.
"""
import base64
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
from xml.etree import ElementTree

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RIVALS = REPOSITORY / "build" / "rivals" / "bin"
EVX = os.environ.get("EVX", str(REPOSITORY / "build" / "cli" / "evx"))
EVTX_DUMP = os.environ.get("EVTX_DUMP", str(REPOSITORY / "build" / "cli" / "evtx_dump"))
REFERENCE_VERSION = "EVTX Parser 0.15.1"

PROFILES = ("security", "system", "sysmon", "powershell", "mixed")
MODES = {
    "xml": ("-o", "xml"),
    "xml-flat": ("-o", "xml", "--no-indent", "--dont-show-record-number"),
    "jsonl": ("-o", "jsonl"),
    "separate": ("-o", "jsonl", "--separate-json-attributes"),
}
# Not here: torn-page. A record that goes on in another one has values that do not fit their descriptors;
# the reference reads on into the next values there, and we do not (docs/differences.md).
DAMAGE = ("bad-magic", "stale-header", "zeroed-slot", "name-link-cycle", "wrapped", "zero-size-record",
          "bad-checksums", "truncated", "garbage-slot", "slack-records", "bad-token")


def find(name):
    path = RIVALS / name
    return str(path) if path.exists() else shutil.which(name)


def run(*arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RUST_")}
    done = subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout, done.stderr


def find_reference():
    """A program of this name may be ours, or of another version."""
    for path in (str(RIVALS / "evtx_dump"), shutil.which("evtx_dump")):
        if not path or not os.path.exists(path) or os.path.samefile(path, EVTX_DUMP):
            continue
        if run(path, "--version")[1].decode().strip() == REFERENCE_VERSION:
            return path
    return None


class Case(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def generate(self, profile, seed, size, damage=None):
        path = os.path.join(self.folder, f"{profile}-{seed}-{damage or 'whole'}.evtx")
        arguments = ["--profile", profile, "--seed", str(seed), "--size", size, "-f", path]
        if damage:
            arguments += ["--damage", damage]
        code, _, errors = run(EVX, "gen", *arguments, "--no-confirm-overwrite")
        self.assertEqual(code, 0, errors)
        return path


class Reference(Case):
    """The Rust program whose output ours equals."""

    def setUp(self):
        self.reference = find_reference()
        if not self.reference:
            self.skipTest(f"{REFERENCE_VERSION} is not installed: ./dev rivals")

    def compare(self, path, more=()):
        for name, mode in MODES.items():
            with self.subTest(log=os.path.basename(path), mode=name, more=more):
                expected = run(self.reference, "-t", "1", *mode, *more, path)
                actual = run(EVTX_DUMP, "-t", "2", *mode, *more, path)
                self.assertEqual(expected[0], actual[0])
                self.assertEqual(expected[2].decode(), actual[2].decode())
                self.assertTrue(expected[1] == actual[1], first_difference(expected[1], actual[1]))

    def test_whole_logs(self):
        for profile in PROFILES:
            for seed in (1, 2, 3):
                self.compare(self.generate(profile, seed, "512K"))

    def test_damaged_logs(self):
        for number, damage in enumerate(DAMAGE):
            path = self.generate(PROFILES[number % len(PROFILES)], 11, "1M", damage)
            self.compare(path)
            self.compare(path, ("--recover-records",))
            self.compare(path, ("--validate-checksums",))


def first_difference(expected, actual):
    for a, b in zip(expected.splitlines(), actual.splitlines()):
        if a != b:
            return f"expected {a[:600]!r}\nbut got  {b[:600]!r}"
    return f"expected {len(expected)} bytes, but got {len(actual)}"


# ------------------------------------------------------------------------------------------- content

NAMESPACE = re.compile(r"\{[^}]*\}")
# Characters that XML 1.0 does not have: we write _, others write them raw.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# libevtx does not escape & in attributes and ANSI strings, and decodes surrogate pairs to a wrong character.
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+);)")
BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")
HEX = re.compile(r"0x[0-9a-fA-F]+$")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?$")
GUID = re.compile(r"\{[0-9a-fA-F-]{36}\}$")
STRINGS = re.compile(r"<string>(.*?)</string>", re.DOTALL)


def local(name):
    return NAMESPACE.sub("", name)


def texts(element, without=()):
    """(name, text) of every leaf and attribute below, in order. Empty ones are left out: the converters do
    not agree on which of them to keep."""
    found = []
    for name, value in element.attrib.items():
        if value.strip():
            found.append((f"{local(element.tag)}/@{local(name)}", value))
    if len(element) == 0 and (element.text or "").strip():
        found.append((local(element.tag), element.text))
    for child in element:
        if local(child.tag) not in without:
            found += texts(child, without)
    return found


def records(text, without=()):
    """Content of each <Event> of a dump in XML."""
    text = ILLEGAL.sub("_", BARE_AMPERSAND.sub("&amp;", text))
    for match in re.finditer(r"<Event[ >].*?</Event>", text, re.DOTALL):
        yield texts(ElementTree.fromstring(match.group()), without)


def our_records(path, without):
    code, out, errors = run(EVTX_DUMP, "-o", "xml", "--no-indent", path)
    if code or errors:
        raise AssertionError(errors.decode())
    return list(records(out.decode(), without))


def normalised(value):
    """Hex without padding, GUIDs in lower case, times as (seconds, ticks of 100 ns)."""
    value = BEYOND_16_BITS.sub("?", value.strip())
    if HEX.match(value):
        return int(value, 16)
    if GUID.match(value):
        return value.lower()
    match = TIME.match(value)
    if match:
        return f"{match[1]}T{match[2]}", int((match[3] or "").ljust(9, "0")[:7])
    return value


class Content(Case):
    """Programs that know the format from elsewhere."""
    program = None
    lost = () # elements that it does not show

    def setUp(self):
        self.path = find(self.program) if self.program else None
        if not self.path:
            self.skipTest(f"{self.program} is not installed: ./dev rivals")

    def compare(self, profile, dump, log):
        ours, theirs = our_records(log, self.lost), list(records(dump))
        self.assertGreater(len(ours), 10)
        self.assertEqual(len(ours), len(theirs))
        for number, (our, their) in enumerate(zip(ours, theirs)):
            their = self.expand(their)
            where = f"{profile}, record {number + 1}"
            self.assertEqual([name for name, _ in our], [name for name, _ in their], where)
            for (name, a), (_, b) in zip(our, their):
                self.assertTrue(normalised(a) == normalised(b) or self.is_known(a, b),
                                f"{where}: {name} is {a!r}, but {b!r} there")

    def expand(self, content):
        return content

    def is_known(self, our, their):
        raise NotImplementedError


class Libevtx(Content):
    program = "evtxexport"
    lost = ("RenderingInfo",) # of several elements in one value it takes the first

    def test_content(self):
        for profile in PROFILES:
            with self.subTest(profile=profile):
                log = self.generate(profile, 5, "256K")
                code, out, errors = run(self.path, "-f", "xml", log)
                self.assertEqual(code, 0, errors)
                # It does not escape ANSI strings at all; this is the one with markup in it.
                self.compare(profile, out.decode().replace("<none>", "&lt;none&gt;"), log)

    def is_known(self, our, their):
        if HEX.match(our) and their.isdecimal(): # size_t
            return int(our, 16) == int(their)
        if our.startswith("-") and our[1:].isdecimal(): # it takes the top bit for a sign and no more
            return their in (str(-(1 << bits) - int(our)) for bits in (7, 15, 31, 63))
        # Numbers in booleans: the reference shows them, libevtx does not.
        return their == "true" and our.isdecimal() and int(our) > 1


class PythonEvtx(Content):
    program = "evtx_dump.py"

    def test_content(self):
        for profile in PROFILES:
            if profile == "mixed": # it stops with an exception at a NULL in the place of a fragment
                continue
            with self.subTest(profile=profile):
                log = self.generate(profile, 5, "128K")
                code, out, errors = run(self.path, log)
                self.assertEqual(code, 0, errors)
                self.compare(profile, out.decode(), log)

    def expand(self, content):
        """It shows string arrays as markup within one element."""
        found = []
        for name, value in content:
            items = STRINGS.findall(value)
            found += [(name, item) for item in items if item.strip()] if items else [(name, value)]
        return found

    def is_known(self, our, their):
        if their in ("True", "False"): # of any number
            return our == their.lower() or (our.isdecimal() and their == "True")
        ours, theirs = normalised(our), normalised(their)
        if isinstance(ours, tuple) and isinstance(theirs, tuple): # its times went through a float
            return ours[0] == theirs[0] and abs(ours[1] - theirs[1]) <= 30
        if isinstance(ours, int) and their.isdecimal(): # size_t
            return ours == int(their)
        try: # binary
            return base64.b64decode(their, validate=True).hex().upper() == our
        except ValueError:
            return False


del Content # a base, no tests of its own

if __name__ == "__main__":
    unittest.main()
