#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the commands for what is not in a log: extract-wevt-templates, apply-wevt-cache,
dump-template-instances, --wevt-cache and --mta; their messages, exit codes and files. The files to read are the
seeds of the fuzz targets, which tests/support/makers.h has made.

EVTX_DUMP, EVX: the programs."""
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

SEEDS = pathlib.Path(__file__).resolve().parents[1] / "fuzz" / "seeds"
EVTX_DUMP, EVX = os.environ["EVTX_DUMP"], os.environ["EVX"]
CRIM = (SEEDS / "cache" / "crim5").read_bytes()
GUID = "22222222-2222-2222-2222-222222222222"
PROVIDER = "11111111-1111-1111-1111-111111111111"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
MISSING = "No such file or directory (os error 2)"


def cache_of(*blobs):
    entries = b"".join(b"\x01" + struct.pack("<Q", len(blob)) + blob for blob in blobs)
    return b"WEVTCACH" + struct.pack("<II", 1, len(blobs)) + entries


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.work = pathlib.Path(self.folder.name)
        self.write("a.dll", (SEEDS / "pe" / "pe32").read_bytes())
        self.write("c.wevtcache", cache_of(CRIM))
        subprocess.run([EVX, "gen", "-f", "log.evtx", "--size", "64K"], cwd=self.work, check=True)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, data):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def run_it(self, *arguments):
        done = subprocess.run([EVTX_DUMP, *arguments], cwd=self.work, check=False, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def check(self, arguments, code, out="", err=""):
        self.assertEqual(self.run_it(*arguments), (code, out, err), arguments)


class Extract(Case):
    def extract(self, *arguments, code=0, err=None, blobs=1):
        (self.work / "o.wevtcache").unlink(missing_ok=True)
        if err is None:
            err = f"wrote {blobs} resource blob(s) to `o.wevtcache`\n"
        self.check(("extract-wevt-templates", *arguments, "-o", "o.wevtcache"), code, "", err)
        self.assertEqual((self.work / "o.wevtcache").read_bytes(), cache_of(*[CRIM] * blobs))

    def test_files(self):
        self.write("b.sys", (SEEDS / "pe" / "pe64").read_bytes())
        self.extract("-i", "a.dll")
        self.extract("-i", "b.sys", "-i", "a.dll", blobs=2)
        self.extract("-i", "./a.dll", "-i", "a.dll", "-i", ".//a.dll", blobs=2)
        self.extract("-i", "nothing", blobs=0)
        self.extract("-i", ".", blobs=0)

    def test_folders(self):
        for name in ("d/A.DLL", "d/e/b.exe", "d/e/c.txt", "d/.dll"):
            self.write(name, (SEEDS / "pe" / "pe32").read_bytes())
        os.symlink(".", self.work / "d" / "again")
        os.symlink(".", self.work / "d" / "e" / "and_again")
        self.extract("-r", "-i", "d", blobs=2)
        self.extract("-r", "-i", "d", "--extensions", " .TXT ,", blobs=1)
        self.extract("-r", "-i", "d", "--extensions", "", blobs=0)
        self.extract("--glob", "d/**/*.exe", "--glob", "[ab].???", blobs=2)
        self.extract("--glob", "d/[!xa]*", "-r", blobs=3) # two of them are files, one a folder

    def test_damage(self):
        self.write("b.dll", b"MZ")
        self.extract("-i", "b.dll", "-i", "a.dll", code=1,
                     err="failed to extract WEVT_TEMPLATE from `b.dll`: input is not a valid PE file: failed to "
                         "parse PE via goblin\nError: extract-wevt-templates completed with 1 error(s)\n")

    def test_refusals(self):
        command = "extract-wevt-templates"
        for name in ("o", "o.WEVTCACHE", ".wevtcache"):
            self.check((command, "-i", "a.dll", "-o", name), 1, "",
                       "Error: output must have `.wevtcache` extension\n")
        self.check((command, "-i", "a.dll", "-o", "c.wevtcache"), 1, "",
                   "Error: refusing to overwrite existing output file `c.wevtcache` (pass overwrite=true)\n")
        self.check((command, "-i", "a.dll", "-o", "c.wevtcache", "--overwrite"), 0, "",
                   "wrote 1 resource blob(s) to `c.wevtcache`\n")
        self.check((command, "-i", "a.dll", "-o", "no/o.wevtcache"), 1, "",
                   f"Error: I/O error while create `no/o.wevtcache`: {MISSING}\n\nCaused by:\n    {MISSING}\n")
        for pattern, why in (("dl[", "2: invalid range pattern"),
                             ("a***", "3: wildcards are either regular `*` or recursive `**`"),
                             ("a**", "0: recursive wildcards must form a single path component")):
            self.check((command, "--glob", pattern, "-o", "o.wevtcache"), 1, "",
                       f"Error: invalid glob pattern `{pattern}`\n\nCaused by:\n"
                       f"    Pattern syntax error near position {why}\n")
        self.check((command, "--glob", "*.none", "-o", "o.wevtcache"), 1, "",
                   "Error: No inputs provided. Use --input and/or --glob.\n")
        self.assertFalse((self.work / "o.wevtcache").exists())


class Apply(Case):
    def apply(self, *arguments):
        return ("apply-wevt-cache", "--cache", "c.wevtcache", *arguments)

    def test_values(self):
        for values, text in (('["a"]', "a"), ("[]", ""), ("[null]", ""), ("[true]", "true"), ("[-5]", "-5"),
                             ("[18446744073709551615]", "18446744073709551615"), ("[1e300]", "1e+300"),
                             ("[-0]", "-0.0"), ("[100000000000000000000]", "1e+20"), ('["<\\u0000>"]', "&lt;_&gt;"),
                             ('[{"z": 1, "a":"x\\u00e9", "b":[1.0,1e300, {}]}]',
                              '{"z":1,"a":"x\u00e9","b":[1.0,1e300,{}]}'),
                             ('["\\ud83d\\ude00"]', "\U0001f600")):
            self.check(self.apply("--template-guid", " {{" + GUID + "} ", "--substitutions", values), 0,
                       HEAD + f'<EventData>\n  <Data Name="param1">{text}</Data>\n</EventData>\n')

    def test_events(self):
        event = ("--provider-guid", PROVIDER, "--event-id", "7036", "--version")
        self.check(self.apply(*event, "1", "--substitutions", "[7]", "-o", "out.xml"), 0)
        self.assertIn(">7<", (self.work / "out.xml").read_text(encoding="ascii"))
        self.check(self.apply(*event, "0", "--substitutions", "[7]"), 1, "",
                   f"Error: no template_guid found in cache index for provider_guid={PROVIDER} event_id=7036 "
                   "version=0\n")

    def test_refusals(self):
        guid, other = ("--template-guid", GUID), ("--template-guid", "{ABC}")
        for arguments, text in (
                (guid, "Must provide substitutions via --evtx+--record-id or --substitutions/--substitutions-file"),
                (("--substitutions", "[]", "--event-id", "1"),
                 "Must provide either --template-guid or (--provider-guid, --event-id, --version)"),
                ((*other, "--substitutions", "5"), "template GUID `abc` not found in cache `c.wevtcache`"),
                ((*guid, "--substitutions", "5"), "substitutions JSON must be an array"),
                ((*guid, "--evtx", "log.evtx", "--record-id", "999999"), "record_id 999999 not found in log.evtx"),
                ((*guid, "--evtx", "log.evtx", "--record-id", "1", "--template-instance-index", "7"),
                 "record 1 has no TemplateInstance at index 7")):
            self.check(self.apply(*arguments), 1, "", f"Error: {text}\n")

    def test_json(self):
        for text, why in (("[", "EOF while parsing a list at line 1 column 1"),
                          ("[1", "EOF while parsing a list at line 1 column 2"),
                          ("", "EOF while parsing a value at line 1 column 0"),
                          ("[1,]", "trailing comma at line 1 column 4"),
                          ("[1 2]", "expected `,` or `]` at line 1 column 4"),
                          ("[x]", "expected value at line 1 column 2"),
                          ("[nul]", "expected ident at line 1 column 5"),
                          ("[01]", "invalid number at line 1 column 3"),
                          ("[1e400]", "number out of range at line 1 column 6"),
                          ('["a', "EOF while parsing a string at line 1 column 3"),
                          ('["\\x"]', "invalid escape at line 1 column 4"),
                          ('[{1:2}]', "key must be a string at line 1 column 3"),
                          ('[{"a" 2}]', "expected `:` at line 1 column 7"),
                          ("[]\n]", "trailing characters at line 2 column 1"),
                          ("[" * 200, "recursion limit exceeded at line 1 column 128")):
            self.check(self.apply("--template-guid", GUID, "--substitutions", text), 1, "",
                       f"Error: failed to parse --substitutions as JSON\n\nCaused by:\n    {why}\n")
        self.check(self.apply("--substitutions-file", "none"), 1, "",
                   f"Error: failed to read substitutions file `none`\n\nCaused by:\n    {MISSING}\n")

    def test_records(self):
        code, out, err = self.run_it(*self.apply("--template-guid", GUID, "--evtx", "log.evtx", "--record-id", "1"))
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.startswith(HEAD + '<EventData>\n  <Data Name="param1">'))


class Caches(Case):
    def test_damage(self):
        for data, text in ((b"WEVT", "I/O error while read header `x`: failed to fill whole buffer"),
                           (b"X" * 16, "invalid `.wevtcache` magic for `x`"),
                           (b"WEVTCACH\x02\0\0\0\0\0\0\0",
                            "unsupported `.wevtcache` version 2 for `x` (expected 1)"),
                           (cache_of(CRIM)[:20], "I/O error while read entry header `x`: failed to fill whole buffer"),
                           (cache_of(CRIM).replace(b"\0\x01\x5c", b"\0\x02\x5c", 1),
                            "unknown `.wevtcache` entry kind 2 for `x`"),
                           (cache_of(CRIM)[:-1],
                            f"`.wevtcache` entry length {len(CRIM)} is larger than the rest of `x`")):
            self.write("x", data)
            code, out, err = self.run_it("--wevt-cache", "x", "log.evtx")
            self.assertEqual((code, out), (1, ""))
            self.assertEqual(err.split("\n")[0], "Error: " + text)

    def test_blobs(self):
        why = "invalid signature at offset 0: expected [67, 82, 73, 77], got [88, 88, 88, 88]"
        self.write("x", cache_of(b"X" * 16))
        top = "Error: failed to parse CRIM/WEVT blob"
        self.check(("--wevt-cache", "x", "log.evtx"), 1, "", f"{top}: {why}\n")
        self.check(("apply-wevt-cache", "--cache", "x"), 1, "", f"{top}\n\nCaused by:\n    {why}\n")
        self.write("x", cache_of(b"X" * 16, CRIM))
        plain = self.run_it("log.evtx")
        self.assertEqual(self.run_it("--wevt-cache", "x", "log.evtx"), (
            0, plain[1], f"Note: 1 of the entries of `x` cannot be used, the first one because of: {why}\n"))

    def test_no_output_is_lost(self):
        for option in ("--wevt-cache", "--mta"):
            self.write("out", b"old")
            code, _, _ = self.run_it(option, "none", "--no-confirm-overwrite", "-f", "out", "log.evtx")
            self.assertEqual((code, (self.work / "out").read_bytes()), (1, b"old"))


class Instances(Case):
    def test_lines(self):
        code, out, err = self.run_it("dump-template-instances", "-i", "log.evtx")
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([line["record_id"] for line in lines], list(range(1, len(lines) + 1)))
        self.assertEqual(list(lines[0]), ["source", "record_id", "timestamp", "template_instance_index",
                                          "template_id", "template_def_offset", "template_guid", "substitutions"])
        self.assertRegex(lines[0]["template_guid"], "^[0-9A-F]{8}-[0-9A-F-]{27}$")
        self.assertIsNone(lines[-1]["template_guid"])
        one = self.run_it("dump-template-instances", "-i", "log.evtx", "--record-id", "3")
        self.assertEqual(one, (0, out.splitlines()[2] + "\n", ""))
        self.check(("dump-template-instances", "-i", "log.evtx", "--template-instance-index", "1"), 0)


class Texts(Case):
    def test_damage(self):
        mta = (SEEDS / "mta" / "small").read_bytes()
        for data, text in ((mta[:9], "MTA header at offset 0x0 is truncated or out of bounds"),
                           (b"XTAFile\0" + mta[8:], "not an MTA file (magic [58, 54, 41, 46, 69, 6c, 65, 00])"),
                           (mta[:8] + struct.pack("<II", 2, 1) + mta[16:], "unsupported MTA version 2.1"),
                           (mta.replace(b"P\0U\0B", b"P\0u\0B", 1), "MTA file has no PUB section")):
            self.write("x.MTA", data)
            self.check(("--mta", "x.MTA", "log.evtx"), 1, "", f"Error: {text}\n")
        self.check(("--mta", "none", "log.evtx"), 1, "",
                   f"Error: failed to read `none`\n\nCaused by:\n    {MISSING}\n")

    def test_other_publishers(self):
        self.write("x.MTA", (SEEDS / "mta" / "small").read_bytes())
        self.assertEqual(self.run_it("--mta", "x.MTA", "log.evtx"), self.run_it("log.evtx"))


if __name__ == "__main__":
    unittest.main()
