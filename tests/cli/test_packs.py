#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards `evx pack`: packs made of programs, folders, a mounted Windows and other people's databases, what is shown
of them, how they differ and merge, what a damaged or hostile one does, and messages and definitions out of them.
All inputs are made here, by tests/support/provider_files.py.

EVTX_DUMP, EVX: the programs. EVX_REGISTRY: 1 when they have libhivex."""
import ctypes
import gzip
import hashlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from provider_files import MANIFEST, MESSAGE_TABLE, NONE, VERSION, crim, hive, message_table, pe, version  # noqa: E402

EVX, EVTX_DUMP = os.environ["EVX"], os.environ["EVTX_DUMP"]
GUID = "{11111111-1111-1111-1111-111111111111}"
OTHER = "{33333333-3333-3333-3333-333333333333}"
TEMPLATE = "{22222222-2222-2222-2222-222222222222}"


def provider(guid=GUID, name="Evx-Test", **more):
    return {
        "guid": guid, "name": name, "message": 0x90000001,
        "levels": [(4, 0x50000004, "win:Informational")], "tasks": [(1, 0x70000001, "Connect")],
        "opcodes": [(10 << 16, 0x30000001, "Open")], "keywords": [(1, 0x10000001, "Net"), (1 << 62, NONE, "High")],
        "channels": [(16, 0x90000002, "Evx-Test/Operational")],
        "maps": [{"name": "M", "rows": [(1, 0xD0000001), (2, 0xD0000002)]},
                 {"name": "B", "bits": True, "rows": [(0x80000000, 0xF0000001)]}],
        "templates": [{"guid": TEMPLATE, "items": [{"name": "a"}, {"name": "b", "in": 8, "out": 8, "map": 1}]}],
        "events": [{"id": 7, "version": 1, "message": 0xB0010007, "template": 0, "task": 1, "opcode": 10,
                    "keywords": 1 | 1 << 63}, {"id": 8}], **more}


TEXTS = {0x90000001: "Evx Test\r\n", 0xB0010007: "a is %1,%nb is %2.\r\n", 0xD0000001: "one\r\n",
         0x70000001: "Connecting\r\n", 0xF0000001: "h\u00f6chstes\r\n"}


def program(texts=None, wide=False, languages=(0x409,), **more):
    resources = {MANIFEST: {1: {0x409: crim(provider(**more))}}, VERSION: {1: {0: version(1, 2, 3, 4)}}}
    if texts:
        resources[MESSAGE_TABLE] = {1: {language: message_table(texts) for language in languages}}
    return pe(resources, wide)


def texts_only(texts, language=0x409, flags=1):
    return pe({MESSAGE_TABLE: {1: {language: message_table(texts, flags)}}})


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.work = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, data):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return name

    def run_it(self, *arguments, code=0, program=EVX):
        done = subprocess.run([program, *arguments], cwd=self.work, check=False, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, code, (arguments, done.stderr.decode()))
        self.error = done.stderr.decode()
        return done.stdout.decode()

    def build(self, *paths, to="p", options=()):
        self.run_it("pack", "build", *paths, "-o", to, "--overwrite", *options)
        return to

    def ask(self, sql, pack="p"):
        database = sqlite3.connect(self.work / pack)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def texts(self, pack="p"):
        return self.ask("SELECT provider, id, version, language, text FROM event_text ORDER BY 1, 2, 3, 4", pack)


class Build(Case):
    def test_everything_of_a_program(self):
        for wide in (False, True):
            self.write("a.dll", program(TEXTS, wide))
            self.build("a.dll")
            data = (self.work / "a.dll").read_bytes()
            self.assertEqual(self.ask("SELECT kind, path, version, size, sha256 FROM origin"),
                             [("pe", "a.dll", "1.2.3.4", len(data), hashlib.sha256(data).hexdigest())])
            self.assertEqual(self.ask("SELECT guid, name, message FROM provider"), [(GUID, "Evx-Test", 0x90000001)])
            self.assertEqual(self.ask("SELECT * FROM event"), [
                (1, 0, 7, 1, 0, 4, 10, 1, 1 - (1 << 63), 0xB0010007, 0), (1, 1, 8, 0, 0, 4, 0, 0, 0, None, None)])
            self.assertEqual(self.ask("SELECT kind, value, message, name FROM name ORDER BY kind, value"), [
                ("channel", 16, 0x90000002, "Evx-Test/Operational"), ("keyword", 1, 0x10000001, "Net"),
                ("keyword", 1 << 62, None, "High"), ("level", 4, 0x50000004, "win:Informational"),
                ("opcode", 10 << 16, 0x30000001, "Open"), ("task", 1, 0x70000001, "Connect")])
            self.assertEqual(self.ask("SELECT guid, substr(body, 1, 4) FROM template"), [(TEMPLATE, b"\x0f\1\1\0")])
            self.assertEqual(self.ask("SELECT template, position, name, in_type, out_type, map FROM item"), [
                (0, 0, "a", 1, 1, None), (0, 1, "b", 8, 8, 1)])
            self.assertEqual(self.ask("SELECT position, name, is_bits FROM map"), [(0, "M", 0), (1, "B", 1)])
            self.assertEqual(self.ask("SELECT map, position, value, message FROM map_row"), [
                (0, 0, 1, 0xD0000001), (0, 1, 2, 0xD0000002), (1, 0, 0x80000000, 0xF0000001)])
            self.assertEqual(self.texts(), [("Evx-Test", 7, 1, 0x409, TEXTS[0xB0010007])])
            self.assertEqual(self.ask("SELECT id, text FROM message_text"), sorted(TEXTS.items()))
        self.assertIn("wrote 1 provider, 2 events, 1 definitions and 5 texts to `p`", self.error)

    def test_the_same_bytes(self):
        self.write("d/a.dll", program(TEXTS))
        self.write("d/b.dll", program({0xB0010007: "other"}, guid=OTHER))
        self.build("d", to="one")
        self.build("d", to="two")
        self.assertEqual((self.work / "one").read_bytes(), (self.work / "two").read_bytes())
        self.run_it("pack", "build", "d", "-o", "one", code=1)
        self.assertIn("refusing to overwrite", self.error)
        self.assertFalse((self.work / "one.partial").exists())

    def test_companions(self):
        self.write("x/A.dll", program())
        self.write("x/de-DE/a.DLL.mui", texts_only({0xB0010007: "deutsch"}, 0x407))
        self.write("x/en-US/A.dll.mui", texts_only(TEXTS))
        self.write("SystemResources/A.dll.mun", texts_only({0xB0010007: "neutral"}, 0))
        self.write("x/notes/A.dll.mui", texts_only({0xB0010007: "not one"}, 0x40C))
        expected = [("Evx-Test", 7, 1, 0, "neutral"), ("Evx-Test", 7, 1, 0x407, "deutsch"),
                    ("Evx-Test", 7, 1, 0x409, TEXTS[0xB0010007])]
        self.build("x/A.dll")
        self.assertEqual(self.texts(), expected)
        shutil.rmtree(self.work / "x" / "notes")
        self.build(".")
        self.assertEqual(self.texts(), expected)

    def test_texts_in_another_file(self):
        self.write("d/a.dll", program())
        self.write("d/texts.dll", texts_only(TEXTS))
        self.write("d/others.dll", texts_only({1: "x", 0xB0010008: "no"}))
        self.build("d")
        self.assertEqual(self.texts(), [("Evx-Test", 7, 1, 0x409, TEXTS[0xB0010007])])
        self.write("d/msobjs.dll", texts_only({1537: "DELETE\r\n"}))
        self.write("d/adtschema.dll", program(TEXTS, guid="{54849625-5478-4994-a5ba-3e3b0328c30d}"))
        self.build("d")
        self.assertEqual(self.ask("SELECT p.name, x.value FROM provider_messages u JOIN provider p ON p.id = u.provider "
                                  "JOIN message m ON m.message_table = u.message_table JOIN text x ON x.id = m.text "
                                  "WHERE role = 'parameter'"), [("Evx-Test", "DELETE\r\n")])

    def test_code_pages(self):
        self.write("a.dll", texts_only({1: b"\xc4hm"}, 0x407, 0))
        self.write("b.dll", texts_only({1: b"\xc4hm"}, 0x419, 0))
        self.write("c.dll", texts_only({1: "\u00c4hm\u20ac"}, 0, 2))
        self.write("d.dll", texts_only({1: b"\0\xd8x\0"}))
        self.build("a.dll", "b.dll", "c.dll", "d.dll")
        self.assertEqual([text for _, text in self.ask("SELECT path, text FROM message_text ORDER BY path")],
                         ["\u00c4hm", "\u0414hm", "\u00c4hm\u20ac", "\ufffdx"])

    def test_versions_stand_side_by_side(self):
        self.write("old/a.dll", program(TEXTS))
        self.write("new/a.dll", program({**TEXTS, 0xB0010007: "new %1"}))
        self.write("again/a.dll", program(TEXTS))
        self.build("old", "new", "again")
        self.assertEqual([text[4] for text in self.texts()], [TEXTS[0xB0010007], "new %1"])
        self.assertEqual(self.ask("SELECT count(*) FROM provider"), [(2,)])

    def test_what_cannot_be_used(self):
        self.write("d/text.txt", b"nothing")
        self.write("d/short.dll", b"MZ")
        self.write("d/a.dll", program(TEXTS))
        self.write("d/bad.dll", pe({MANIFEST: {1: {0x409: b"hello"}}, MESSAGE_TABLE: {1: {0: b"\xff" * 40}}}))
        self.build("d", "missing", "d/text.txt")
        for text in ("short.dll`: input is not a valid PE file", "bad.dll`: its message table is damaged",
                     "`missing`: No such file", "`d/text.txt`: it is neither"):
            self.assertIn(text, self.error)
        self.assertEqual(len(self.texts()), 1)
        os.symlink(".", self.work / "d" / "again")
        self.build("d")
        self.assertEqual(len(self.ask("SELECT * FROM origin")), 2)
        self.run_it("pack", "build", "d", "-o", "no/where", code=1)
        self.assertIn("No such file", self.error)
        self.run_it("pack", "build", "-o", "p", code=1)
        self.run_it("pack", "build", "d", code=2)
        self.run_it("pack", code=2)

    def test_shared_without_end(self):
        nothing = {kind: [] for kind in ("events", "maps", "keywords", "levels", "opcodes", "tasks", "channels")}
        nothing["templates"] = [{"guid": TEMPLATE, "items": [{"name": "n" * 15000}]}]
        resource = bytearray(crim(provider(**nothing)))
        # One WEVT that thousands of providers name.
        many = bytearray(resource[:16])
        for i in range(4000):
            many += i.to_bytes(4, "little") + resource[20:36]
        shift = len(many) - 36
        body = bytearray(resource[36:])
        many[12:16] = (4000).to_bytes(4, "little")
        for i in range(4000):
            at = 16 + 20 * i + 16
            many[at:at + 4] = (int.from_bytes(many[at:at + 4], "little") + shift).to_bytes(4, "little")
        whole = many + body
        self.relocate(whole, shift, len(many))
        whole[4:8] = len(whole).to_bytes(4, "little")
        self.write("a.dll", pe({MANIFEST: {1: {0x409: bytes(whole)}}}))
        self.build("a.dll")
        self.assertIn("its providers share more than there is", self.error)
        self.assertLess((self.work / "p").stat().st_size, 3 << 20)

    @staticmethod
    def relocate(data, shift, wevt):
        """Moves the offsets of a WEVT, of the provider's name and of its template's item."""
        def move(place):
            data[place:place + 4] = (int.from_bytes(data[place:place + 4], "little") + shift).to_bytes(4, "little")
            return int.from_bytes(data[place:place + 4], "little")
        for i in range(int.from_bytes(data[wevt + 12:wevt + 16], "little")):
            offset = move(wevt + 16 + 8 * i + 4)
            if data[offset:offset + 4] == b"PRVA":
                move(offset + 16)
            if data[offset:offset + 4] == b"TTBL":
                move(move(offset + 12 + 16) + 16)


class Image(Case):
    def setUp(self):
        super().setUp()
        try:
            ctypes.CDLL("libhivex.so.0")
        except OSError:
            self.skipTest("libhivex is not installed")
        if os.environ.get("EVX_REGISTRY") != "1":
            self.skipTest("built without libhivex")
        system32 = "img/Windows/System32/"
        self.write(system32 + "a.dll", program())
        self.write(system32 + "msgs.dll", texts_only({**TEXTS, 0xB0010007: "from msgs %1"}))
        self.write(system32 + "en-US/msgs.dll.mui", texts_only({0xB0010007: "from its mui"}, 0x40C))
        self.write(system32 + "params.dll", texts_only({5: "five"}))
        self.write("img/Program Files/Old App/OLD.EXE", texts_only({0xC0000001: "old failure %1"}))
        publisher = {"@": "Evx-Test", "@ResourceFileName": r"%SystemRoot%\System32\a.dll",
                     "@MessageFileName": r"%windir%\system32\MSGS.dll;C:\nowhere\x.dll",
                     "@ParameterFileName": r"\SystemRoot\system32\params.dll"}
        self.write(system32 + "config/SOFTWARE", hive({"Microsoft": {
            "Windows": {"CurrentVersion": {"WINEVT": {"Publishers": {GUID: publisher}}}},
            "Windows NT": {"CurrentVersion": {"@ProductName": "Windows 10 Pro", "@CurrentBuildNumber": "19045",
                                              "@UBR": 42}}}}))
        self.write(system32 + "config/SYSTEM", hive({
            "Select": {"@Current": 2},
            "ControlSet001": {"Services": {"EventLog": {"Application": {"Wrong": {"@EventMessageFile": "a.dll"}}}}},
            "ControlSet002": {"Services": {"EventLog": {"Application": {"Old App": {
                "@EventMessageFile": r"C:\Program Files\Old App\old.exe",
                "@CategoryMessageFile": r"%SystemRoot%\System32\params.dll"}},
                "System": {"Old App": {"@EventMessageFile": "params.dll"}}}}}}))

    def test_registry(self):
        self.build("img")
        self.assertEqual(self.error.count("Note"), 0, self.error)
        self.assertEqual(self.ask("SELECT p.name, u.role, o.path FROM provider_messages u JOIN provider p ON "
                                  "p.id = u.provider JOIN message_table t ON t.id = u.message_table JOIN origin o ON "
                                  "o.id = t.origin ORDER BY 1, 2, 3"), [
            ("Evx-Test", "event", "Windows/System32/en-US/msgs.dll.mui"),
            ("Evx-Test", "event", "Windows/System32/msgs.dll"),
            ("Evx-Test", "parameter", "Windows/System32/params.dll"),
            ("Old App", "category", "Windows/System32/params.dll"),
            ("Old App", "event", "Program Files/Old App/OLD.EXE")])
        self.assertEqual(set(self.ask("SELECT system FROM origin")), {("Windows 10 Pro 19045.42",)})

    def test_no_registry(self):
        self.build("img", options=["--no-registry"])
        self.assertEqual(self.ask("SELECT name FROM provider"), [("Evx-Test",)])
        self.assertEqual(set(self.ask("SELECT system FROM origin")), {(None,)})

    def test_broken_hives(self):
        path = self.work / "img/Windows/System32/config/SOFTWARE"
        path.write_bytes(path.read_bytes()[:5000])
        self.build("img")
        self.assertIn("SOFTWARE`:", self.error)
        self.assertEqual(self.ask("SELECT name FROM provider"), [("Evx-Test",)])

    def test_links_lead_nowhere(self):
        os.rename(self.work / "img/Windows/System32/msgs.dll", self.work / "msgs.dll")
        os.symlink(self.work / "msgs.dll", self.work / "img/Windows/System32/msgs.dll")
        self.build("img")
        self.assertNotIn("from msgs", str(self.texts()))


class Databases(Case):
    def make(self, name, script, rows=()):
        (self.work / name).unlink(missing_ok=True)
        database = sqlite3.connect(self.work / name)
        database.executescript(script)
        for sql, values in rows:
            database.execute(sql, values)
        database.commit()
        database.close()
        return name

    def take(self, *names):
        self.run_it("pack", "import", *names, "-o", "p", "--overwrite")

    def test_plaso(self):
        self.make("rc.db", f"""
            CREATE TABLE metadata (key TEXT, value TEXT);
            CREATE TABLE winevtrc_eventlog_provider (_identifier INTEGER PRIMARY KEY AUTOINCREMENT,
              additional_identifier TEXT, category_message_files TEXT, event_message_files TEXT, identifier TEXT,
              log_sources TEXT, log_types TEXT, name TEXT, parameter_message_files TEXT, windows_version TEXT);
            CREATE TABLE winevtrc_message_file (_identifier INTEGER PRIMARY KEY AUTOINCREMENT, file_version TEXT,
              product_version TEXT, windows_path TEXT, windows_version TEXT);
            CREATE TABLE winevtrc_message_table (_identifier INTEGER PRIMARY KEY AUTOINCREMENT,
              _message_file_identifier TEXT, language_identifier INTEGER);
            CREATE TABLE winevtrc_message_string (_identifier INTEGER PRIMARY KEY AUTOINCREMENT,
              _message_table_identifier TEXT, language_identifier TEXT, message_identifier INTEGER, text TEXT);
            CREATE TABLE winevtrc_message_string_mapping (_identifier INTEGER PRIMARY KEY AUTOINCREMENT,
              _message_file_identifier TEXT, event_identifier INTEGER, event_version INTEGER,
              message_identifier INTEGER, provider_identifier TEXT);
            INSERT INTO metadata VALUES ('format_version', '20240929'), ('string_format', 'pep3101');
            INSERT INTO winevtrc_eventlog_provider VALUES
              (1, NULL, '[]', '["%SystemRoot%\\\\System32\\\\A.dll"]', '{GUID}', '[]', '[]', 'Evx-Test',
               '["b.dll"]', '6.1'),
              (2, NULL, '[]', '["b.dll"]', NULL, '["Old App", "Older App"]', '[]', '', 'no json', '6.1');
            INSERT INTO winevtrc_message_file VALUES (1, '', '', '%SystemRoot%\\system32\\a.dll', ''),
              (2, '', '', 'b.dll', '');
            INSERT INTO winevtrc_message_table VALUES (1, 'winevtrc_message_file.1', 1033),
              (2, 'winevtrc_message_file.2', 1033);
            INSERT INTO winevtrc_message_string VALUES (1, 'winevtrc_message_table.1', '', {0xB0010007},
              'a {{0:s}}\\nb {{11:s}} {{{{x}}}} 100%'), (2, 'winevtrc_message_table.2', '', 9, 'nine {{0:s}}');
            INSERT INTO winevtrc_message_string_mapping VALUES (1, '', 7, 1, {0xB0010007}, '{GUID}');""")
        self.take("rc.db")
        self.assertEqual(self.texts(), [("Evx-Test", 7, 1, 0x409, "a %1%nb %12 {x} 100%%")])
        self.assertEqual(self.ask("SELECT name, guid FROM provider ORDER BY name"),
                         [("Evx-Test", GUID), ("Old App", None), ("Older App", None)])
        self.assertEqual(self.ask("SELECT DISTINCT kind, path FROM origin"), [("plaso", "rc.db")])
        self.assertEqual(self.ask("SELECT role, count(*) FROM provider_messages GROUP BY role"),
                         [("event", 3), ("parameter", 1)])

    def test_velocidex_and_ts_evtx(self):
        self.make("v.db", """
            CREATE TABLE providers (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE messages (id INTEGER PRIMARY KEY, event_id INTEGER, message TEXT, provider_id INTEGER);
            INSERT INTO providers VALUES (1, 'One'), (2, 'Empty');
            INSERT INTO messages VALUES (1, 7, 'seven %1' || char(13, 10) || 'b', 1), (2, 8, '', 1);""")
        self.make("t.db", f"""
            CREATE TABLE providers (id INTEGER PRIMARY KEY, name TEXT, guid TEXT);
            CREATE TABLE messages (id INTEGER PRIMARY KEY, event_id INTEGER, message TEXT, provider_id INTEGER);
            INSERT INTO providers VALUES (1, 'Two', '{GUID}'); INSERT INTO messages VALUES (1, 9, 'nine', 1);
            INSERT INTO messages VALUES (2, 9, 'nine', 1);""")
        self.take("v.db", "t.db")
        self.assertEqual(self.texts(), [("One", 7, 0, 0x409, "seven %1%nb"), ("Two", 9, 0, 0x409, "nine")])
        self.assertEqual(self.ask("SELECT name, guid, kind FROM provider p JOIN origin o ON o.id = p.origin"),
                         [("One", None, "velocidex"), ("Two", GUID, "ts-evtx")])

    def test_eventlogexpert(self):
        def packed(value):
            return gzip.compress(json.dumps(value).encode())
        columns = "ProviderName TEXT COLLATE NOCASE, VersionKey TEXT, Messages BLOB, Parameters BLOB, Events BLOB, " \
                  "Keywords BLOB, Opcodes BLOB, Tasks BLOB, Maps BLOB"
        event = {"Id": 7, "Version": 1, "Level": 4, "Opcode": 2, "Task": 3, "Keywords": [1], "LogName": "L",
                 "Template": "<template/>", "Description": "event %1\r\nend"}
        row = ("Evx-Test", "k", packed([{"RawId": -1073741823, "ShortId": 1, "Text": "classic %1"}]),
               packed([{"RawId": 5, "Text": "five"}]), packed([event, {"Id": 8, "Version": 0, "Description": None}]),
               packed({"1": "Net", "4611686018427387904": "High"}), packed({"2": "Stop"}), packed({"3": "Task"}),
               packed({}))
        self.make("e.db", f"CREATE TABLE ProviderDetails ({columns}, PRIMARY KEY (ProviderName, VersionKey));",
                  [("INSERT INTO ProviderDetails VALUES (?,?,?,?,?,?,?,?,?)", row)])
        self.take("e.db")
        self.assertEqual(self.texts(), [("Evx-Test", 7, 1, 0x409, "event %1%nend")])
        self.assertEqual(self.ask("SELECT id, text FROM message_text ORDER BY id"), [
            (5, "five"), (0xC0000001, "classic %1"), (0xE0000000, "event %1%nend")])
        self.assertEqual(self.ask("SELECT kind, value, name FROM name ORDER BY kind, value"), [
            ("keyword", 1, "Net"), ("keyword", 1 << 62, "High"), ("opcode", 2 << 16, "Stop"), ("task", 3, "Task")])
        self.make("old.db", "CREATE TABLE ProviderDetails (ProviderName TEXT, Messages TEXT, Events TEXT, "
                  "Keywords TEXT, Opcodes TEXT, Tasks TEXT);",
                  [("INSERT INTO ProviderDetails VALUES ('Old', '[]', ?, '{', NULL, x'00')", [json.dumps([event])])])
        self.take("old.db")
        self.assertEqual(self.texts(), [("Old", 7, 1, 0x409, "event %1%nend")])

    def test_cache_and_unknown(self):
        self.write("a.dll", program())
        self.run_it("extract-wevt-templates", "-i", "a.dll", "-o", "c.wevtcache", program=EVTX_DUMP)
        self.take("c.wevtcache")
        self.assertEqual(self.ask("SELECT guid FROM template"), [(TEMPLATE,)])
        self.make("u.db", "CREATE TABLE t (x);")
        self.take("u.db")
        self.assertIn("of a kind that is not known", self.error)


class Look(Case):
    def setUp(self):
        super().setUp()
        self.write("a.dll", program(TEXTS))
        self.write("b.dll", program({**TEXTS, 0xB0010007: "changed %1"}))
        self.write("c.dll", program(TEXTS, guid=OTHER, name="Evx-Other"))
        self.build("a.dll", to="a")
        self.build("b.dll", to="b")
        self.build("c.dll", to="c")

    def test_show(self):
        self.assertEqual(self.run_it("pack", "show", "a"),
                         GUID + "  Evx-Test  2 events, 1 definitions, 1 tables  pe a.dll 1.2.3.4\n")
        self.assertEqual(self.run_it("pack", "show", "a", "evx-t", "7").split("\n")[1:3], [
            "  7 version 1  level 4  opcode 10  task 1  keywords 0x8000000000000001", "      a is %1,%nb is %2."])
        self.assertEqual(self.run_it("pack", "show", "a", GUID[1:9], "8").count("\n"), 2)
        self.run_it("pack", "show", "a", "nobody", code=1)
        self.run_it("pack", "show", code=1)
        self.run_it("pack", "show", "missing", code=1)

    def test_diff(self):
        self.assertEqual(self.run_it("pack", "diff", "a", "a"), "")
        lines = self.run_it("pack", "diff", "a", "b", code=1).splitlines()
        self.assertEqual([line[0] for line in lines], ["-", "+"])
        self.assertIn("a is %1", lines[0])
        self.assertIn("changed %1", lines[1])
        self.assertEqual(len(self.run_it("pack", "diff", "a", "c", code=1).splitlines()), 4)
        self.run_it("pack", "diff", "a", code=2)
        self.run_it("pack", "diff", "a", "missing", code=2)

    def test_merge(self):
        self.run_it("pack", "merge", "a", "b", "c", "a", "-o", "m")
        self.assertEqual(self.ask("SELECT name FROM provider ORDER BY id", "m"), [("Evx-Test",), ("Evx-Test",), ("Evx-Other",)])
        self.assertEqual(self.ask("SELECT path FROM origin ORDER BY id", "m"), [("a.dll",), ("b.dll",), ("c.dll",)])
        self.run_it("pack", "merge", "m", "-o", "again")
        self.assertEqual(self.run_it("pack", "diff", "m", "again"), "")
        self.assertEqual((self.work / "m").read_bytes(), (self.work / "again").read_bytes())
        for table in ("event", "name", "template", "item", "map", "map_row"):
            self.assertEqual(self.ask(f"SELECT * FROM {table} WHERE provider = 1", "m"),
                             self.ask(f"SELECT * FROM {table}", "a"), table)


class Hostile(Case):
    def setUp(self):
        super().setUp()
        self.write("a.dll", program(TEXTS))
        self.build("a.dll")

    def change(self, *statements):
        shutil.copy(self.work / "p", self.work / "h")
        database = sqlite3.connect(self.work / "h")
        database.execute("PRAGMA writable_schema=ON")
        for sql in statements:
            database.execute(sql)
        database.commit()
        database.close()

    def refused(self, text):
        for arguments in (("pack", "show", "h"), ("pack", "diff", "h", "p")):
            self.run_it(*arguments, code=1 if "show" in arguments else 2)
            self.assertIn(text, self.error)
        self.run_it("pack", "merge", "h", "-o", "m", "--overwrite")
        self.assertIn(text, self.error)

    def test_no_pack(self):
        self.change("PRAGMA application_id=1")
        self.refused("it is no pack")
        self.change("PRAGMA user_version=9")
        self.refused("its version is 9, and this program knows 1")
        self.change("DROP TABLE item")
        self.refused("it has no table item")

    def test_nothing_runs(self):
        self.change("ALTER TABLE event RENAME TO real_event", "CREATE VIEW event AS SELECT * FROM real_event")
        self.refused("it has no table event")
        self.change("CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM text; END")
        self.run_it("pack", "show", "h")
        self.assertEqual(self.run_it("pack", "diff", "h", "p"), "")
        self.assertEqual(sorted(path.name for path in self.work.iterdir()), ["a.dll", "h", "m", "p"])

    def test_values_of_other_types(self):
        self.change("UPDATE event SET id='x', keywords=x'00', message=-1, template=99 WHERE position=0",
                    "UPDATE name SET kind='else', name=7", "UPDATE item SET map=77, name=x'FF', template=5",
                    "UPDATE map_row SET value='v', map=9 + map", "UPDATE provider_messages SET role='none'",
                    "UPDATE text SET value=x'00FF'")
        out = self.run_it("pack", "show", "h", "Evx")
        self.assertIn("  0 version 1  level 4  opcode 10  task 1  keywords 0x0\n", out)
        self.run_it("pack", "merge", "h", "-o", "m", "--overwrite")
        self.change("UPDATE template SET position=4")
        self.refused("its templates are damaged")
        self.change("UPDATE template SET guid='none'")
        self.refused("its templates are damaged")

    def test_damaged_bytes(self):
        data = (self.work / "p").read_bytes()
        maker = random.Random(7)
        for _ in range(12):
            bad = bytearray(data)
            for _ in range(maker.choice((1, 8, 200))):
                bad[maker.randrange(len(bad))] = maker.randrange(256)
            self.write("h", bytes(bad[:maker.choice((len(bad), len(bad), maker.randrange(len(bad))))]))
            done = subprocess.run([EVX, "pack", "show", "h", ""], cwd=self.work, check=False, capture_output=True,
                                  timeout=20)
            self.assertIn(done.returncode, (0, 1), done.stderr)

    def test_nothing_is_written(self):
        self.change("PRAGMA journal_mode=WAL")
        before = {path.name: path.read_bytes() for path in self.work.iterdir()}
        self.assertIn("Evx-Test", self.run_it("pack", "show", "h"))
        self.assertEqual({path.name: path.read_bytes() for path in self.work.iterdir()}, before)

    def test_names_of_files(self):
        for name in ("a?b", "a#b", "a%41", "//a", "a b&mode=rwc"):
            path = str(self.work) + "/" + name
            shutil.copy(self.work / "p", path)
            self.assertIn("Evx-Test", self.run_it("pack", "show", path))


class Use(Case):
    def test_definitions(self):
        self.write("a.dll", program())
        self.build("a.dll")
        out = self.run_it("apply-wevt-cache", "--cache", "p", "--provider-guid", GUID, "--event-id", "7", "--version",
                          "1", "--substitutions", '["x", 5]', program=EVTX_DUMP)
        self.assertIn('<Data Name="a">x</Data>', out)
        self.write("bad", b"SQLite format 3\0" + b"\0" * 84)
        self.run_it("apply-wevt-cache", "--cache", "bad", "--template-guid", TEMPLATE, "--substitutions", "[]",
                    program=EVTX_DUMP, code=1)
        self.assertIn("cannot use the pack `bad`", self.error)

    def test_messages(self):
        self.run_it("gen", "--profile", "security", "--size", "64K", "-f", "log.evtx")
        lines = [json.loads(line) for line in self.run_it("dump", "-o", "jsonl", "log.evtx").splitlines()]
        system = lines[0]["Event"]["System"]
        guid, number = system["Provider"]["#attributes"]["Guid"], system["EventID"]
        name, event_version = system["Provider"]["#attributes"]["Name"], system["Version"]
        events = [{"id": number, "version": event_version, "message": 0xB0010007}]
        self.write("a.dll", program({0xB0010007: "number one: %1\r\n"}, guid=guid, name=name, events=events,
                                    templates=[], maps=[]))
        self.build("a.dll")
        for more in ([], ["-t", "4"]):
            out = [json.loads(line) for line in
                   self.run_it("dump", "-o", "jsonl", "--messages", "p", *more, "log.evtx").splitlines()]
            message = out[0]["Event"]["RenderingInfo"]["Message"]
            self.assertTrue(message.startswith("number one: "), message)
        self.assertEqual(self.run_it("dump", "-o", "jsonl", "--messages", "p", "log.evtx"),
                         self.run_it("dump", "-o", "jsonl", "--messages", "a.dll", "log.evtx"))
        self.write("bad", b"SQLite format 3\0" + b"\0" * 84)
        self.run_it("dump", "--messages", "bad", "log.evtx", code=1)
        self.assertIn("cannot use `bad`", self.error)


if __name__ == "__main__":
    unittest.main()
