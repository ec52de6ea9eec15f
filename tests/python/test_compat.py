#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""evx.compat has the classes, arguments, records and exceptions of the module evtx 0.14.0. The module itself
is asked by compare_with_evtx.py, where it is installed; here stands what it said."""
import io
import json
import pathlib
import pickle
import re
import sys
import unittest
import warnings

from support import WithLog, dump, evx

from evx.compat import PyEvtxParser, PyRecordsIterator, WevtCache, wevt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import provider_files

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


class Definitions(WithLog):
    PROVIDER, TEMPLATE = "54849625-5478-4994-a5ba-3e3b0328c30d", "11111111-2222-3333-4444-555555555555"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crim = provider_files.crim({
            "guid": cls.PROVIDER, "name": "Maker", "events": [{"id": 7, "version": 2, "template": 0, "message": 9}, {"id": 8}],
            "templates": [{"guid": cls.TEMPLATE, "items": [{"name": "First"}, {"name": "Second", "in": 8, "out": 8}]}]})
        cls.program = str(pathlib.Path(cls.folder, "maker.dll"))
        pathlib.Path(cls.program).write_bytes(provider_files.pe({"WEVT_TEMPLATE": {1: {0x409: cls.crim}}}))

    def raises(self, kind, text, use):
        with self.assertRaises(kind) as caught:
            use()
        self.assertEqual(caught.exception.args, (text,))

    def test_cache(self):
        cache = WevtCache()
        self.assertEqual((cache.add_dll(self.program), repr(cache)), (1, "WevtCache(...)"))
        self.assertEqual(WevtCache().add_dir(self.folder), 1)
        self.assertEqual(WevtCache().add_dir(self.folder, extensions="exe"), 0)
        self.assertEqual(cache.resolve_template_guid("{" + self.PROVIDER.upper() + "}", 7, 2), self.TEMPLATE)
        xml = cache.render_template_xml(self.TEMPLATE, ["a<b", 5])
        self.assertIn("a&lt;b", xml)
        self.assertIn(">5<", xml)
        shown = cache.render_record_xml(self.path, next(iter(evx.open(self.path))).id, provider_guid=self.PROVIDER,
                                        event_id=7, version=2)
        self.assertIn("First", shown)
        file = str(pathlib.Path(self.folder, "made.wevtcache"))
        cache.dump(file)
        self.assertEqual(WevtCache.load(file).render_template_xml(self.TEMPLATE, ["a<b", 5]), xml)
        for given in (cache, file, pathlib.Path(file)):
            self.assertEqual(list(PyEvtxParser(self.path, wevt_cache=given).records_json()),
                             list(PyEvtxParser(self.path).records_json()))
        self.raises(ValueError, f"refusing to overwrite existing output file `{file}` (pass overwrite=true)",
                    lambda: cache.dump(file))
        cache.dump(file, overwrite=True)

    def test_exceptions_of_the_cache(self):
        cache, bad = WevtCache(), str(pathlib.Path(self.folder, "bad.wevtcache"))
        pathlib.Path(bad).write_bytes(b"x" * 20)
        self.raises(ValueError, "expected a `.wevtcache` file", lambda: WevtCache.load("/x"))
        self.raises(ValueError, f"invalid `.wevtcache` magic for `{bad}`", lambda: WevtCache.load(bad))
        self.raises(OSError, "I/O error while open `/nonexistent/x.wevtcache`: No such file or directory (os error 2)",
                    lambda: WevtCache.load("/nonexistent/x.wevtcache"))
        self.raises(TypeError, "path must be a path (str or Path)", lambda: cache.add_dll(5))
        self.raises(FileNotFoundError, "No such file or directory (os error 2)", lambda: cache.add_dll("/nonexistent"))
        self.raises(RuntimeError, "input is not a valid PE file: failed to parse PE via goblin",
                    lambda: cache.add_dll(self.path))
        self.raises(KeyError, "No template_guid found for provider_guid=x event_id=1 version=1",
                    lambda: cache.resolve_template_guid("x", 1, 1))
        self.raises(KeyError, "template GUID `x` not found", lambda: cache.render_template_xml("x", []))
        self.raises(TypeError, "'int' object is not an instance of 'Sequence'",
                    lambda: cache.render_template_xml("x", 5))
        self.raises(ValueError, "Must provide template_guid, or (provider_guid, event_id, version)",
                    lambda: cache.render_record_xml(self.path, 1))
        cache.add_dll(self.program)
        self.raises(ValueError, "Record 99999999 not found",
                    lambda: cache.render_record_xml(self.path, 99999999, template_guid=self.TEMPLATE))
        first = next(iter(evx.open(self.path))).id
        self.raises(ValueError, f"Record {first} has no TemplateInstance at index 9",
                    lambda: cache.render_record_xml(self.path, first, 9, template_guid=self.TEMPLATE))
        self.raises(ValueError, "Unknown encoding `nope`, expected an Encoding Standard label such as windows-1252",
                    lambda: cache.render_template_xml(self.TEMPLATE, [], ansi_codec="nope"))
        self.raises(ValueError, "wevt_cache path must be a `.wevtcache` file",
                    lambda: PyEvtxParser(self.path, wevt_cache="/x"))

    def test_manifests(self):
        provider, = wevt.Manifest.parse(self.crim).providers
        event, other = provider.events
        self.assertEqual((provider.identifier, event.identifier, event.version, event.message_identifier),
                         (self.PROVIDER, 7, 2, 9))
        self.assertIsNone(other.template_offset)
        template = provider.get_template_by_offset(event.template_offset)
        self.assertEqual((template.identifier, provider.get_template_by_offset(5)), (self.TEMPLATE, None))
        self.assertEqual([(i.name, i.input_data_type, i.output_data_type) for i in template.items],
                         [("First", 1, 1), ("Second", 8, 8)])
        self.assertIn("{sub:1}", template.to_xml())
        self.raises(ValueError, "buffer too small for CRIM signature at offset 0 (need 4 bytes, have 1)",
                    lambda: wevt.Manifest.parse(b"x"))
        self.raises(TypeError, "'str' object is not an instance of 'bytes'", lambda: wevt.Manifest.parse("x"))
        for size in range(0, len(self.crim), 7): # no crash, no endless loop, nothing but ValueError
            try:
                wevt.Manifest.parse(self.crim[:size])
            except ValueError:
                pass


if __name__ == "__main__":
    unittest.main()
