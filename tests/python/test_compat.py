#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""evx.compat has the classes, arguments, records and exceptions of the module evtx 0.14.0. The module itself
is asked by compare_with_evtx.py, where it is installed; here stands what it said."""
import io
import json
import pathlib
import pickle
import re
import unittest
import warnings

from support import WithLog, dump, evx

from evx.compat import PyEvtxParser, PyRecordsIterator

GUID = re.compile(r"\{([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}")
HEADER = "An error occurred while trying to deserialize evtx stream.: failed to read EVTX file header block: "


class Records(WithLog):
    def test_shape(self):
        records = list(PyEvtxParser(self.path).records_json())
        self.assertEqual(list(records[0]), ["event_record_id", "timestamp", "data"])
        self.assertEqual([type(value) for value in records[0].values()], [int, str, str])
        self.assertEqual([r["event_record_id"] for r in records], [r.id for r in evx.open(self.path)])
        self.assertRegex(records[0]["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z UTC$")
        whole = evx.open(self.path)
        for record, ours in zip(records, whole):
            self.assertEqual(record["timestamp"][:19], ours.written.strftime("%Y-%m-%dT%H:%M:%S"))

    def test_dialects(self):
        lines = dump(self.path, "-o", "jsonl", "-t", "1")
        newer = [r["data"] for r in PyEvtxParser(self.path, dialect="0.15").records_json()]
        self.assertEqual(newer, lines)
        for line, record in zip(lines, PyEvtxParser(self.path).records_json()):
            line = re.sub(r"(SystemTime\":\"[^\"]*\.\d{6})\dZ", r"\1Z", line)
            self.assertEqual(json.loads(GUID.sub(lambda guid: guid[1].upper(), line)), json.loads(record["data"]))

    def test_xml(self):
        indented = [r["data"] for r in PyEvtxParser(self.path)]
        flat = [r["data"] for r in PyEvtxParser(self.path, indent=False).records()]
        self.assertTrue(indented[0].startswith('<?xml version="1.0" encoding="utf-8"?>\n<Event '))
        for one, other in zip(indented, flat):
            self.assertNotIn("/>", one)
            self.assertTrue(one.endswith("</Event>\n") and other.endswith("</Event>"))
            self.assertRegex(one, r"(?m)^    <(\w+)[^>]*>\n    </\1>$")
            self.assertEqual(re.sub(r"(?m)\n *(?=<)", "", one.split("\n", 1)[1]).rstrip(), other.split("\n", 1)[1])

    def test_attributes_apart(self):
        event = json.loads(next(PyEvtxParser(self.path, separate_json_attributes=True).records_json())["data"])
        self.assertIn("Provider_attributes", event["Event"]["System"])

    def test_file_objects(self):
        expected = list(PyEvtxParser(self.path).records())
        with open(self.path, "rb") as file:
            self.assertEqual(list(PyEvtxParser(file).records()), expected)
        self.assertEqual(list(PyEvtxParser(pathlib.Path(self.path)).records()), expected)
        self.assertEqual(list(PyEvtxParser(io.BytesIO(pathlib.Path(self.path).read_bytes())).records()), expected)


class Damage(WithLog):
    def setUp(self):
        self.log = bytearray(pathlib.Path(self.path).read_bytes())
        self.log[4096 + 65536] ^= 0xFF
        self.text = ("Failed to parse chunk number 1: Failed to parse chunk header: Invalid EVTX chunk header magic, "
                     "expected `ElfChnk0`, found `[BA, 6C, 66, 43, 68, 6E, 6B,  0]`")

    def drain(self, **options):
        iterator, records, errors = PyEvtxParser(io.BytesIO(self.log), **options).records(), 0, []
        while True:
            try:
                next(iterator)
                records += 1
            except StopIteration:
                return records, errors
            except RuntimeError as error:
                errors.append(str(error))

    def test_errors_are_raised_and_iteration_goes_on(self):
        records, errors = self.drain()
        self.assertEqual(errors, [self.text])
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            self.assertEqual(self.drain(skip_errors=True), (records, []))
        self.assertEqual([(w.category, str(w.message)) for w in seen],
                         [(RuntimeWarning, "Skipping EVTX data: RuntimeError: " + self.text)])

    def test_checksums(self):
        self.log[4096 + 65536] ^= 0xFF
        records, errors = self.drain(validate_checksums=True)
        self.assertEqual((records, errors), self.drain())
        self.log[4096 + 2 * 65536 + 700] ^= 0x01
        fewer, errors = self.drain(validate_checksums=True)
        self.assertLess(fewer, records)
        self.assertEqual(errors, ["Failed to parse chunk number 2: chunk data CRC32 invalid"])


class Exceptions(WithLog):
    def check(self, kind, text, use):
        with self.assertRaises(kind) as caught:
            use()
        self.assertIs(type(caught.exception), kind)
        self.assertEqual(str(caught.exception), text)

    def test_arguments(self):
        path = self.path
        no_read = "Object does not have a .read() method."
        for wrong in (path.encode(), 5, None, object()):
            self.check(TypeError, no_read, lambda: PyEvtxParser(wrong))

        class NoSeek:
            def read(self, size=-1):
                return b""

        self.check(TypeError, "Object does not have a .seek() method.", lambda: PyEvtxParser(NoSeek()))
        self.check(OverflowError, "can't convert negative int to unsigned",
                   lambda: PyEvtxParser(path, number_of_threads=-1))
        self.check(OverflowError, "int too big to convert", lambda: PyEvtxParser(path, number_of_threads=2**70))
        self.check(TypeError, "'float' object cannot be interpreted as an integer",
                   lambda: PyEvtxParser(path, number_of_threads=1.5))
        self.check(ValueError, "Unknown encoding `nope`, expected an Encoding Standard label such as windows-1252",
                   lambda: PyEvtxParser(path, ansi_codec="nope"))
        self.check(ValueError, "`utf-16le` is not an ASCII-compatible encoding; ANSI strings cannot be UTF-16",
                   lambda: PyEvtxParser(path, ansi_codec="utf-16le"))
        self.check(TypeError, "'int' object is not an instance of 'str'", lambda: PyEvtxParser(path, ansi_codec=5))
        for name in ("validate_checksums", "separate_json_attributes", "indent", "skip_errors"):
            self.check(TypeError, "'str' object is not an instance of 'bool'", lambda: PyEvtxParser(path, **{name: "x"}))
        self.check(TypeError, "wevt_cache must be a path (str or Path) or a WevtCache instance",
                   lambda: PyEvtxParser(path, wevt_cache=5))
        self.check(ValueError, "dialect is \"0.14\" or \"0.15\", not '0.16'", lambda: PyEvtxParser(path, dialect="0.16"))

    def test_inputs(self):
        self.check(FileNotFoundError, "No such file or directory (os error 2)", lambda: PyEvtxParser("/nonexistent"))
        self.check(OSError, HEADER + "Is a directory (os error 21)", lambda: PyEvtxParser(self.folder))
        short = HEADER + "failed to fill whole buffer"
        for source in (io.BytesIO(b""), io.StringIO("x"), io.BytesIO(b"x" * 4095)):
            self.check(OSError, short, lambda: PyEvtxParser(source))
        self.check(RuntimeError, "An error occurred while trying to deserialize evtx stream.: Invalid EVTX file header "
                   "magic, expected `ElfFile0`, found `[78, 78, 78, 78, 78, 78, 78, 78]`",
                   lambda: PyEvtxParser(io.BytesIO(b"x" * 5000)))

        class Broken(io.BytesIO):
            def read(self, size=-1):
                raise RuntimeError("boom")

        class NoBytes(io.BytesIO):
            def read(self, size=-1):
                return 5

        self.check(OSError, HEADER + "RuntimeError: boom", lambda: PyEvtxParser(Broken(b"x" * 9999)))
        self.check(OSError, HEADER + "TypeError: 'int' object is not an instance of 'Sequence'",
                   lambda: PyEvtxParser(NoBytes(b"x" * 9999)))

    def test_uses(self):
        def twice(first, second):
            parser = PyEvtxParser(self.path)
            getattr(parser, first)()
            getattr(parser, second)()

        for first, second in (("records", "records"), ("records_json", "__iter__"), ("__iter__", "records_json")):
            self.check(RuntimeError, "PyEvtxParser can only be used once", lambda: twice(first, second))
        self.check(NotImplementedError, "Using `next()` over `PyEvtxParser` is not supported. Try iterating over "
                   "`PyEvtxParser(...).records()`", lambda: next(PyEvtxParser(self.path)))
        self.check(TypeError, "cannot pickle 'builtins.PyEvtxParser' object",
                   lambda: pickle.dumps(PyEvtxParser(self.path)))
        self.check(TypeError, "cannot pickle 'builtins.PyRecordsIterator' object",
                   lambda: pickle.dumps(PyEvtxParser(self.path).records()))
        self.check(TypeError, "type 'builtins.PyEvtxParser' is not an acceptable base type",
                   lambda: type("Sub", (PyEvtxParser,), {}))
        self.check(TypeError, "cannot create 'builtins.PyRecordsIterator' instances", PyRecordsIterator)
        self.assertIsInstance(PyEvtxParser(self.path).records(), PyRecordsIterator)
        with self.assertRaises(AttributeError):
            PyEvtxParser(self.path).other = 1


if __name__ == "__main__":
    unittest.main()
