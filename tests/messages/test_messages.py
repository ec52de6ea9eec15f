#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the messages of events: which text an event has, how the text becomes a message, how values look in
it, the names beside it, and how RenderingInfo is written in each format. Files and logs are made here.

EVX: the program. WRITE_LOG: the program that writes logs."""
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

from makers import ENGLISH, Event, Provider, data_template, message_table, pe_file, tables, wevt_template, write_log

EVX, WRITE_LOG = os.environ["EVX"], os.environ["WRITE_LOG"]
GUID = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555"
STRING, ANSI, U8, U16, U32, I32, U64, F64, BOOL, BINARY, GUIDS, SIZE = 1, 2, 4, 6, 8, 7, 10, 12, 13, 14, 15, 16
FILETIME, SYSTEMTIME, SID, HEX32, HEX64 = 17, 18, 19, 20, 21
MARK = "\u200e"


def text(value):
    return STRING, value.encode("utf-16-le", "surrogatepass")


def u32(value):
    return U32, struct.pack("<I", value)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.work = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, data):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def run_it(self, *arguments, code=0, environment=None):
        env = dict(os.environ, **(environment or {}))
        done = subprocess.run([EVX, *arguments], cwd=self.work, check=False, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=60, env=env)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def infos(self, events, *files, options=(), environment=None):
        """RenderingInfo of each event, the same with plans and without."""
        write_log(WRITE_LOG, self.work / "log.evtx", events)
        named = [word for name in files or ["p.dll"] for word in ("--messages", name)]
        found = []
        for plans in ("1", "0"):
            out, self.errors = self.run_it("dump", "-o", "jsonl", *named, *options, "log.evtx",
                                           environment={**(environment or {}), "EVX_PLANS": plans})
            found.append([json.loads(line)["Event"].get("RenderingInfo") for line in out.splitlines()])
        self.assertEqual(*found)
        self.assertEqual(len(found[0]), len(events))
        return found[0]

    def messages(self, *arguments, **options):
        return [info and info.get("Message") for info in self.infos(*arguments, **options)]


class Texts(Case):
    """The raw text becomes a message."""

    def check(self, rows, values=()):
        texts = {100 + i: raw for i, (raw, _) in enumerate(rows)}
        items = [(kind, 0, None) for kind, _ in values]
        provider = Provider(GUID, [(100 + i, 0, 100 + i, "T") for i in range(len(rows))], {"T": items})
        self.write("p.dll", pe_file(wevt_template(provider), tables(texts)))
        events = [Event("P", number, data_template([kind for kind, _ in values]) if values else None, values,
                        guid=GUID) for number in texts]
        for (raw, wanted), found in zip(rows, self.messages(events)):
            self.assertEqual(found, wanted, raw)

    def test_line_ends(self):
        self.check([("plain\r\n", "plain"), ("plain", "plain"), ("a%n\r\n", "a\r\n"), ("a\r\nb\r\n", "a b"),
                    ("a\rb\nc\r\n", "a b c"), ("(x).\r\n%n\r\n%nD\r\n", "(x). \r\n \r\nD"),
                    ("with:%n%n\n    A", "with:\r\n\r\n     A"), ("a\r\n\r\n", "a "), ("a\n", "a")])

    def test_escapes(self):
        self.check([("a%tb%bc%rd%.e%!f% g", "a\tb c\rd.e!f g"), ("100%% sure", "100% sure"), ("cut%0 off", "cut"),
                    ("%q%", "q"), ("\u00e9 \U0001f600 \"<&>\\", "\u00e9 \U0001f600 \"<&>\\")])

    def test_values(self):
        self.check([("%1", "a"), ("%2-%1-%2", "b-a-b"), ("%1!s!%2!08x!x", "abx"), ("%10", "%10"), ("%3", "%3"),
                    ("%1!open", "a!open"), ("%100", "%100"), ("%01", ""), ("%1%n%2", "a\r\nb"), ("%3!s!", "%3!s!")],
                   [text("a"), text("b")])

    def test_values_are_not_read_again(self):
        self.check([("%1", "%2 %n %% \r\n"), ("%2", "")], [text("%2 %n %% \r\n"), text("")])

    def test_many_values(self):
        values = [text(str(i)) for i in range(1, 101)]
        self.check([("%99 %100 %10", "99 100 10")], values)


class Values(Case):
    """Values as text, by input type, output type and map."""

    def check(self, rows):
        """rows: (declared type, output type, value, text)."""
        events, texts, templates, logged = [], {}, {}, []
        for i, (in_type, out_type, value, _) in enumerate(rows):
            texts[i + 1] = "<%1>\r\n"
            templates[f"T{i}"] = [(in_type, out_type, None)]
            events.append((i + 1, 0, i + 1, f"T{i}"))
            logged.append(Event("P", i + 1, data_template([in_type]), [value], guid=GUID))
        self.write("p.dll", pe_file(wevt_template(Provider(GUID, events, templates)), tables(texts)))
        for row, found in zip(rows, self.messages(logged)):
            self.assertEqual(found, "<" + row[3] + ">", row)

    def test_numbers(self):
        self.check([(U32, 8, u32(7), "7"), (I32, 7, (I32, struct.pack("<i", -7)), "-7"),
                    (U64, 10, (U64, b"\xff" * 8), str(2**64 - 1)), (U8, 4, (U8, b"\x09"), "9"),
                    (U32, 0x12, u32(0), "0x0"), (U32, 0x12, u32(0xABC), "0xabc"), (U8, 0x10, (U8, b"\x1f"), "0x1f"),
                    (HEX32, 0x12, (HEX32, b"\xef\xbe\xad\xde"), "0xDEADBEEF"),
                    (HEX64, 0x13, (HEX64, struct.pack("<Q", 0xED9495)), "0xED9495"),
                    (SIZE, 0x13, (SIZE, struct.pack("<Q", 0x2CC)), "0x2cc"),
                    (SIZE, 0x13, (HEX64, struct.pack("<Q", 0x3FE0)), "0x3fe0"),
                    (SIZE, 0, (HEX32, struct.pack("<I", 0xAB)), "0xab"),
                    (U32, 0x14, u32(1234), "1234"), (U32, 0x1D, u32(0x80070005), "0x80070005"),
                    (BOOL, 0x0D, (BOOL, struct.pack("<I", 1)), "true"), (BOOL, 0x0D, (BOOL, b"\0" * 4), "false"),
                    (F64, 0x0C, (F64, struct.pack("<d", 1.5)), "1.5")])

    def test_strings(self):
        self.check([(STRING, 1, text("a\0b"), "a"), (STRING, 1, text(""), ""), (ANSI, 1, (ANSI, b"abc\xe9\0"), "abc\u00e9"),
                    (STRING, 1, text("%%1"), "%%1"), (STRING, 1, text("x" * 9000), "x" * 9000),
                    (BINARY, 0x0F, (BINARY, b"\x01\xab"), "01AB"), (STRING, 1, (0, b""), ""),
                    (GUIDS, 0x0E, (GUIDS, bytes(range(16))), "{03020100-0504-0706-0809-0a0b0c0d0e0f}"),
                    (SID, 1, (SID, b"\x01\x01\0\0\0\0\0\x05\x12\0\0\0"), "S-1-5-18"),
                    (0x88, 8, (0x88, struct.pack("<III", 1, 2, 3)), "1, 2, 3")])

    def test_times(self):
        filetime = (FILETIME, struct.pack("<Q", 132436912485916271))
        shown = f"{MARK}2020{MARK}-{MARK}09{MARK}-{MARK}04T11:07:28.591627100Z"
        systemtime = (SYSTEMTIME, struct.pack("<8H", 2020, 9, 5, 4, 7, 7, 28, 591))
        self.check([(FILETIME, 2, filetime, shown), (FILETIME, 0, filetime, shown),
                    (FILETIME, 0x21, filetime, "2020-09-04T11:07:28.591627100Z"),
                    (SYSTEMTIME, 2, systemtime, f"{MARK}2020{MARK}-{MARK}09{MARK}-{MARK}04T07:07:28.591000000Z")])

    def test_addresses(self):
        v6 = bytes.fromhex("20010db8000000000000000000000001")
        self.check([(U16, 0x16, (U16, b"\x01\xbb"), "443"), (U32, 0x17, (U32, bytes([192, 168, 1, 2])), "192.168.1.2"),
                    (BINARY, 0x18, (BINARY, v6), "2001:db8::1"), (BINARY, 0x18, (BINARY, b"\0" * 16), "::"),
                    (BINARY, 0x18, (BINARY, b"\0" * 15 + b"\x01"), "::1"),
                    (BINARY, 0x18, (BINARY, bytes.fromhex("fe800000000000000000000000000000")), "fe80::"),
                    (BINARY, 0x18, (BINARY, bytes.fromhex("00010000000200000003000000040005")), "1:0:2:0:3:0:4:5"),
                    (BINARY, 0x18, (BINARY, b"\0" * 10 + b"\xff\xff\x7f\0\0\x01"), "::ffff:127.0.0.1"),
                    (BINARY, 0x19, (BINARY, b"\x02\0\x00\x50\x7f\0\0\x01" + b"\0" * 8), "127.0.0.1:80"),
                    (BINARY, 0x19, (BINARY, b"\x17\0\x01\xbb\0\0\0\0" + v6 + b"\0" * 4), "[2001:db8::1]:443"),
                    (BINARY, 0x19, (BINARY, b"\x05\0\x01"), "050001"), (BINARY, 0x18, (BINARY, b"\x01"), "01")])

    def test_errors(self):
        rows = [(U32, 0x1F, u32(0xC0000013), "Unknown NTSTATUS Error code: 0xc0000013"),
                (U32, 0x1E, u32(5), "Unknown Win32 Error code: 0x5"),
                (I32, 0x20, (I32, b"\x05\0\x07\x80"), "Unknown HResult Error code: 0x80070005")]
        self.check(rows)
        self.write("d/ntdll.dll", pe_file(None, tables({0xC0000013: "{No Disk}\r\nNo disk in %hs.\r\n"})))
        self.write("d/kernel32.dll", pe_file(None, tables({5: "Access is denied.\r\n", 0x80070005: "HR.\r\n"})))
        (self.work / "p.dll").rename(self.work / "d" / "p.dll")
        found = self.messages([Event("P", i + 1, data_template([row[0]]), [row[2]], guid=GUID)
                               for i, row in enumerate(rows)], "d")
        self.assertEqual(found, ["<{No Disk}\r\nNo disk in %hs.>", "<Access is denied.>", "<HR.>"])

    def test_maps(self):
        maps = {"V": (False, [(1, 0xD0000001), (2, 0xD0000002), (3, 0xD0000009)]),
                "B": (True, [(0, 0xF0000000), (1, 0xF0000001), (2, 0xF0000002), (6, 0xF0000006)])}
        texts = {1: "%1\r\n", 0xD0000001: "One\r\n", 0xD0000002: "T%two\"\r\n", 0xF0000000: "none\r\n",
                 0xF0000001: "a\r\n", 0xF0000002: "b\r\n", 0xF0000006: "c\r\n", 2: "%1|%2\r\n"}
        provider = Provider(GUID, [(1, 0, 1, "V"), (2, 0, 2, "B")],
                            {"V": [(U32, 0x12, "V")], "B": [(U8, 0, "V"), (U32, 8, "B")]}, maps)
        self.write("p.dll", pe_file(wevt_template(provider), tables(texts)))
        events = [Event("P", 1, data_template([U32]), [u32(n)], guid=GUID) for n in (1, 2, 3, 4)]
        events += [Event("P", 2, data_template([U8, U32]), [(U8, b"\x02"), u32(n)], guid=GUID) for n in (0, 1, 3, 6, 8)]
        self.assertEqual(self.messages(events),
                         ["One", "T\two\"", "0x3", "0x4", "T\two\"|none", "T\two\"|a", "T\two\"|a,b", "T\two\"|b,c",
                          "T\two\"|8"])

    def test_items_count_and_not_elements(self):
        """The second value is not shown, the third one is an attribute."""
        provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(STRING, 1, None)] * 3})
        self.write("p.dll", pe_file(wevt_template(provider), tables({1: "%1 %2 %3\r\n"})))
        template = "<UserData><A b='%2'><C>%0</C></A></UserData>"
        self.assertEqual(self.messages([Event("P", 1, template, [text("x"), text("y"), text("z")], guid=GUID)]),
                         ["x y z"])

    def test_missing_values(self):
        provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(STRING, 1, None)] * 3})
        self.write("p.dll", pe_file(wevt_template(provider), tables({1: "%1 %2 %3 %4\r\n"})))
        self.assertEqual(self.messages([Event("P", 1, data_template([STRING]), [text("x")], guid=GUID)]), ["x   %4"])


class Parameters(Case):
    AUDITING = "54849625-5478-4994-a5ba-3e3b0328c30d"

    def setUp(self):
        super().setUp()
        provider = Provider(self.AUDITING, [(1, 0, 1, "T"), (2, 0, 2, None)], {"T": [(STRING, 1, None)]})
        self.write("d/a.dll", pe_file(wevt_template(provider), tables({1: "<%1>", 2: "%%1538, %%9, 5%%"})))
        self.write("d/msobjs.dll", pe_file(None, tables({1538: "READ_CONTROL\r\n", 1801: "Granted\r\nby %1\r\n"})))

    def test_references(self):
        rows = [("%%1538:\t%%1801\tD:(A)", "READ_CONTROL:\tGranted\r\nby %1\tD:(A)"), ("%%1", "%%1"), ("%%", "%%"),
                ("%%%1538", "%READ_CONTROL"), ("%1538", "%1538"), ("%%1538%%1538", "READ_CONTROLREAD_CONTROL"),
                ("%%99999999999", "%%99999999999"), ("a%%01538b", "aREAD_CONTROLb"), ("\u00e9%%1538", "\u00e9READ_CONTROL"),
                ("x\0%%1538", "x")]
        events = [Event("P", 1, data_template([STRING]), [text(value)], guid=self.AUDITING) for value, _ in rows]
        for (value, wanted), found in zip(rows, self.messages(events, "d")):
            self.assertEqual(found, "<" + wanted + ">", value)

    def test_in_the_text(self):
        self.assertEqual(self.messages([Event("P", 2, guid=self.AUDITING)], "d"), ["READ_CONTROL, %%9, 5%"])

    def test_no_other_provider(self):
        provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(STRING, 1, None)]})
        self.write("d/b.dll", pe_file(wevt_template(provider), tables({1: "%1"})))
        self.assertEqual(self.messages([Event("P", 1, data_template([STRING]), [text("%%1538")], guid=GUID)], "d"),
                         ["%%1538"])


class Choice(Case):
    """Which text an event has."""

    def test_versions(self):
        provider = Provider(GUID, [(1, 0, 0xB0000001, "A"), (1, 1, 0xB0010001, "B"), (2, 0, 0xFFFFFFFF, None)],
                            {"A": [(STRING, 1, None)], "B": [(STRING, 1, None)] * 2}, name="Name")
        self.write("p.dll", pe_file(wevt_template(provider), tables({0xB0000001: "old", 0xB0010001: "new"})))
        one, two = [text("x")], [text("x"), text("y")]
        events = [Event("P", 1, data_template([STRING]), one, guid=GUID),
                  Event("P", 1, data_template([STRING] * 2), two, guid=GUID, version=1),
                  Event("P", 1, data_template([STRING] * 2), two, guid=GUID, version=7), # as many values
                  Event("P", 1, data_template([STRING] * 3), [*two, text("z")], guid=GUID, version=7),
                  Event("P", 2, guid=GUID), Event("P", 3, guid=GUID),
                  Event("nAME", 1, data_template([STRING]), one), # by name
                  Event("x", 1, data_template([STRING]), one, source="name")]
        self.assertEqual(self.messages(events), ["old", "new", "new", None, None, None, "old", "old"])
        self.assertEqual(self.errors, "Note: no text is known of 3 events of 1 provider:\n        3  P\n")

    def test_classic(self):
        """Texts by qualifiers and number; strings by their places."""
        self.write("Source.dll", pe_file(None, tables({0xC0001B59: "full %1 %2 %3", 0x1B5A: "low"})))
        strings = "<EventData><Data>%?0:string[]</Data><Binary>%?1:binary</Binary></EventData>"
        classic = {"keywords": 0x80000000000000, "qualifiers": 0xC000}
        values = [(0x81, "a\0b\0".encode("utf-16-le")), (BINARY, b"\1\2")]
        events = [Event("SOURCE", 0x1B59, strings, values, **classic),
                  Event("Source", 0x1B5A, strings, values, **classic), # that is another event's
                  Event("Source", 0x1B59, strings, values, keywords=0x80000000000000, qualifiers=0),
                  Event("Source", 0x1B5A, strings, values, keywords=0x80000000000000, qualifiers=0),
                  Event("Source", 0x1B59, strings, [(0x81, "one".encode("utf-16-le")), (0, b"")], **classic),
                  Event("Else", 0x1B59, strings, values, **classic)]
        found = self.infos(events, "Source.dll")
        self.assertEqual([info and info.get("Message") for info in found],
                         ["full a b %3", None, None, "low", "full one %2 %3", None])
        self.assertIsNone(found[5])
        self.assertNotIn("Opcode", found[0])
        self.assertEqual(found[0]["Keywords"], {"Keyword": "Classic"})

    def test_without_templates(self):
        provider = Provider(GUID, [(1, 0, 1, None)], {})
        self.write("p.dll", pe_file(wevt_template(provider), tables({1: "%1, %2, %3\r\n"})))
        event = Event("P", 1)
        event.lines = ["PLAIN\t<Event><System><Provider Name='P' Guid='{" + GUID + "}'/><EventID>1</EventID>"
                       "<Channel>C</Channel></System><EventData><Data Name='a'>x</Data><Data/><Data>y</Data>"
                       "<Binary>00</Binary></EventData></Event>"]
        self.assertEqual(self.messages([event]), ["x, , y"])

    def test_files(self):
        """The first path has what it has; texts lie in companions and in other files."""
        provider = Provider(GUID, [(i, 0, i, None) for i in range(1, 11)])
        self.write("a/Prov.DLL", pe_file(wevt_template(provider)))
        self.write("a/de-DE/prov.dll.mui", pe_file(None, {0x407: message_table({1: "eins", 2: "zwei"})}))
        self.write("a/en-US/prov.dll.mui", pe_file(None, {ENGLISH: message_table({1: "one"})}, is_64=False))
        self.write("b/p.dll", pe_file(wevt_template(provider), tables({1: "other one", 2: "other two"})))
        self.write("b/readme.txt", b"no program")
        self.write("b/bad.dll", b"MZ")
        events = [Event("P", 1, guid=GUID), Event("P", 2, guid=GUID)]
        self.assertEqual(self.messages(events, "a"), ["one", "zwei"])
        self.assertEqual(self.messages(events, "a", options=["--language", "DE-de"]), ["eins", "zwei"])
        self.assertEqual(self.messages(events, "a", options=["--language", "de-AT"]), ["eins", "zwei"])
        self.assertEqual(self.messages(events, "b", "a"), ["other one", "other two"])
        self.assertIn("warning: no messages from `b/bad.dll`: input is not a valid PE file", self.errors)
        self.assertEqual(self.messages(events, "a/Prov.DLL", environment={"EVX_PACKS": "b:a"}), ["other one", "other two"])
        self.write("c/prov.dll", pe_file(wevt_template(provider)))
        self.write("c/texts.dll", pe_file(None, tables({i: f"text {i}" for i in range(1, 10)})))
        self.assertEqual(self.messages(events, "c"), ["text 1", "text 2"])
        self.write("c/texts.dll", pe_file(None, tables({i: f"text {i}" for i in range(1, 9)})))
        self.assertEqual(self.messages(events, "c"), [None, None])

    def test_two_versions_of_a_provider(self):
        """That which has the record's own template comes first."""
        guids = ["12345678-0000-0000-0000-000000000001", "12345678-0000-0000-0000-000000000002"]
        for i, guid in enumerate(guids):
            provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(STRING, 1, None)]}, template_guids={"T": guid})
            self.write(f"{i}.dll", pe_file(wevt_template(provider), tables({1: f"version {i}"})))
        write_log(WRITE_LOG, self.work / "log.evtx", [Event("P", 1, data_template([STRING]), [text("x")], guid=GUID)])
        out, _ = self.run_it("templates", "-o", "json", "log.evtx")
        own = next(t["guid"] for t in json.loads(out)["templates"] if t["nested"])
        event = Event("P", 1, data_template([STRING]), [text("x")], guid=GUID)
        self.assertEqual(self.messages([event], "0.dll", "1.dll"), ["version 0"])
        provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(STRING, 1, None)]}, template_guids={"T": own})
        self.write("1.dll", pe_file(wevt_template(provider), tables({1: "version 1"})))
        self.assertEqual(self.messages([event], "0.dll", "1.dll"), ["version 1"])

    def test_ansi_tables(self):
        self.write("s.dll", pe_file(None, {ENGLISH: message_table({1: "caf\u00e9 %1\r\n"}, ansi=True)}))
        self.assertEqual(self.messages([Event("S", 1, data_template([STRING]), [text("x")])], "s.dll"), ["caf\u00e9 x"])


class Names(Case):
    def test_rows(self):
        rows = {"levels": [(4, 0x50000004, "win:Informational"), (16, 0xFFFFFFFF, "win:Mine")],
                "tasks": [(7, 0x70000007, "T")], "opcodes": [(0x30007, 0x30000003, "O"), (0x40000, 0x30000004, "O")],
                "keywords": [(1, 0x10000001, "K"), (2, 0xFFFFFFFF, "Second")],
                "channels": [(16, 0x90000010, "Test")]}
        texts = {1: "m", 0x50000004: "Info%!\r\n", 0x70000007: "Task 7\r\n", 0x30000003: "Op of 7\r\n",
                 0x30000004: "Op of all\r\n", 0x10000001: "First\r\n", 0x90000010: "Channel\r\n", 0x90000001: "Shown\r\n"}
        provider = Provider(GUID, [(1, 0, 1, None)], rows=rows, message_id=0x90000001)
        self.write("p.dll", pe_file(wevt_template(provider), tables(texts)))
        found = self.infos([Event("P", 1, guid=GUID, task=7, opcode=3, keywords=3 | 1 << 53, level=4),
                            Event("P", 1, guid=GUID, task=8, opcode=4, keywords=4, level=16, channel="Else"),
                            Event("P", 1, guid=GUID, task=8, opcode=9, keywords=1 << 52, level=0, channel=None),
                            Event("P", 9, guid=GUID, task=8, opcode=77, keywords=0, level=77)])
        self.assertEqual(found[0], {"#attributes": {"Culture": "en-US"}, "Message": "m", "Level": "Info!",
                                    "Task": "Task 7", "Opcode": "Op of 7", "Channel": "Channel", "Provider": "Shown",
                                    "Keywords": {"Keyword": "First", "Keyword_1": "Second",
                                                 "Keyword_2": "Audit Success"}})
        self.assertEqual(found[1], {"#attributes": {"Culture": "en-US"}, "Message": "m", "Level": "Mine",
                                    "Opcode": "Op of all", "Channel": "Else", "Provider": "Shown"})
        self.assertEqual(found[2], {"#attributes": {"Culture": "en-US"}, "Message": "m", "Level": "Log Always",
                                    "Opcode": "Send", "Provider": "Shown", "Keywords": {"Keyword": "Audit Failure"}})
        self.assertEqual(found[3], {"Channel": "Channel", "Provider": "Shown"})


class Formats(Case):
    MESSAGE = "a <%1> & \"%1\"%n\u00e9\\\r\n"

    def setUp(self):
        super().setUp()
        provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(STRING, 1, None)]})
        self.write("p.dll", pe_file(wevt_template(provider), tables({1: self.MESSAGE})))
        write_log(WRITE_LOG, self.work / "log.evtx",
                  [Event("P", 1, data_template([STRING]), [text("x<\"&")], guid=GUID)])

    def dump(self, *arguments):
        return self.run_it("dump", "--dont-show-record-number", "--messages", "p.dll", *arguments, "log.evtx")[0]

    def test_xml(self):
        message = "a &lt;x&lt;\"&amp;&gt; &amp; \"x&lt;\"&amp;\"\r\n\u00e9\\"
        info = ("  <RenderingInfo Culture=\"en-US\">\n    <Message>" + message + "</Message>\n    <Level>Information"
                "</Level>\n    <Opcode>Info</Opcode>\n    <Channel>Test</Channel>\n    <Provider>P</Provider>\n"
                "  </RenderingInfo>\n</Event>\n")
        for form in ("xml", "xml-document"):
            self.assertIn(info, self.dump("-o", form))
            one_line = self.dump("-o", form, "--no-indent")
            self.assertIn("<RenderingInfo Culture=\"en-US\"><Message>" + message + "</Message><Level>", one_line)
            self.assertIn("<Provider>P</Provider></RenderingInfo></Event>", one_line)

    def test_json(self):
        wanted = "a <x<\"&> & \"x<\"&\"\r\n\u00e9\\"
        for form in ("json", "jsonl", "json-array"):
            record = json.loads(self.dump("-o", form))
            record = record[0] if form == "json-array" else record
            self.assertEqual(list(record["Event"]), ["#attributes", "System", "EventData", "RenderingInfo"])
            self.assertEqual(record["Event"]["RenderingInfo"]["Message"], wanted)
            record = json.loads(self.dump("-o", form, "--separate-json-attributes"))
            record = record[0] if form == "json-array" else record
            self.assertEqual(record["Event"]["RenderingInfo_attributes"], {"Culture": "en-US"})
            self.assertEqual(record["Event"]["RenderingInfo"]["Message"], wanted)

    def test_the_rest_is_the_same(self):
        for form in ("xml", "json", "jsonl", "json-array", "xml-document"):
            plain, _ = self.run_it("dump", "-o", form, "log.evtx")
            with_info, _ = self.run_it("dump", "-o", form, "--messages", "p.dll", "log.evtx")
            start = with_info.index(',"RenderingInfo"') if "json" in form else with_info.index("\n  <RenderingInfo")
            end = with_info.index("}}", start) - 1 if "json" in form else with_info.index("\n</Event>", start)
            end = with_info.index('"P"}', start) + 4 if "json" in form else end
            self.assertEqual(with_info[:start] + with_info[end:], plain, form)

    def test_own_info_stays(self):
        event = Event("P", 1)
        event.lines = ["PLAIN\t<Event><System><Provider Name='P' Guid='{" + GUID + "}'/><EventID>1</EventID></System>"
                       "<RenderingInfo Culture='de-DE'><Message>mine</Message></RenderingInfo></Event>"]
        write_log(WRITE_LOG, self.work / "log.evtx", [event])
        out, errors = self.run_it("dump", "-o", "jsonl", "--messages", "p.dll", "log.evtx")
        self.assertEqual(json.loads(out)["Event"]["RenderingInfo"],
                         {"#attributes": {"Culture": "de-DE"}, "Message": "mine"})
        self.assertEqual(errors, "")

    def test_threads(self):
        events = [Event("P", 1 + i % 3, data_template([STRING]), [text(f"{i}")], guid=GUID) for i in range(4000)]
        write_log(WRITE_LOG, self.work / "log.evtx", events)
        one = self.run_it("dump", "-o", "jsonl", "-t", "1", "--messages", "p.dll", "log.evtx")
        self.assertEqual(one[1], "Note: no text is known of 2666 events of 1 provider:\n     2666  P\n")
        self.assertEqual(self.run_it("dump", "-o", "jsonl", "-t", "2", "--messages", "p.dll", "log.evtx"), one)


class Columns(Case):
    LIST = "EventID,Message,LevelName,TaskName,OpcodeName,KeywordNames,Message2=Message"

    def setUp(self):
        super().setUp()
        provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(STRING, 1, None)]},
                            rows={"tasks": [(7, 0x70000007, "T")], "keywords": [(1, 0x10000001, "K")]})
        self.write("p.dll", pe_file(wevt_template(provider), tables({1: "a \"%1\"%n", 0x70000007: "Seven",
                                                                       0x10000001: "Key"})))
        own = Event("P", 1)
        own.lines = ["PLAIN\t<Event><System><EventID>3</EventID></System><RenderingInfo><Message>mine</Message>"
                     "</RenderingInfo></Event>"]
        write_log(WRITE_LOG, self.work / "log.evtx", [
            Event("P", 1, data_template([STRING]), [text("x")], guid=GUID, task=7, keywords=1 | 1 << 53),
            Event("Q", 2, "<EventData><Data Name='Message'>%0</Data></EventData>", [text("data")]), own])

    def test_columns(self):
        out, _ = self.run_it("dump", "-o", "jsonl", "-F", self.LIST, "--messages", "p.dll", "log.evtx")
        message = "a \"x\"\r\n"
        names = ["EventID", "Message", "LevelName", "TaskName", "OpcodeName", "KeywordNames", "Message2"]
        rows = [[1, message, "Information", "Seven", "Info", ["Key", "Audit Success"], message],
                [2, None, None, None, None, None, None], ["3", "mine", None, None, None, None, "mine"]]
        self.assertEqual([json.loads(line) for line in out.splitlines()], [dict(zip(names, row)) for row in rows])
        out, _ = self.run_it("dump", "-F", self.LIST, "--messages", "p.dll", "log.evtx")
        self.assertEqual(out, ",".join(names) + "\n1,\"a \"\"x\"\"\r\n\",Information,Seven,Info,\"Key, Audit "
                         "Success\",\"a \"\"x\"\"\r\n\"\n2,,,,,,\n3,mine,,,,,mine\n")

    def test_without_messages_it_is_data(self):
        out, _ = self.run_it("dump", "-o", "jsonl", "-F", "Message", "log.evtx")
        self.assertEqual([json.loads(line)["Message"] for line in out.splitlines()], [None, "data", None])


class Refusals(Case):
    def test_refusals(self):
        write_log(WRITE_LOG, self.work / "log.evtx", [Event("P", 1)])
        self.write("d/none.txt", b"")
        self.write("bad.dll", b"MZ")
        self.write("none.dll", pe_file())
        for path, why in (("nothing", "no messages from `nothing`: No such file or directory (os error 2)"),
                          ("d", "no program in folder `d` has messages"), ("none.dll", "`none.dll` has no messages"),
                          ("bad.dll", "no messages from `bad.dll`: input is not a valid PE file: failed to parse PE "
                                      "via goblin")):
            out, errors = self.run_it("dump", "--messages", path, "log.evtx", code=1)
            self.assertEqual((out, errors), ("", f"Error: {why}\n"))
        self.write("p.dll", pe_file(None, tables({1: "x"})))
        _, errors = self.run_it("dump", "--messages", "p.dll", "--language", "xx-XX", "log.evtx", code=1)
        self.assertEqual(errors, "Error: --language: unknown language; a tag such as en-US is expected\n")

    def test_damaged_tables(self):
        """Whatever a file says, the log is converted."""
        provider = Provider(GUID, [(1, 0, 1, "T")], {"T": [(U32, 8, "M")]}, {"M": (False, [(1, 2)])})
        definitions, table = wevt_template(provider), message_table({1: "%1 is it\r\n", 2: "one"})
        write_log(WRITE_LOG, self.work / "log.evtx", [Event("P", 1, data_template([U32]), [u32(1)], guid=GUID)] * 2)
        whole = pe_file(definitions, {ENGLISH: table})
        start = whole.index(b"CRIM")
        for at in range(start, len(whole), 17):
            self.write("p.dll", whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4:])
            done = subprocess.run([EVX, "dump", "-o", "jsonl", "--messages", "p.dll", "log.evtx"], cwd=self.work,
                                  check=False, capture_output=True, timeout=60)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            for line in done.stdout.splitlines():
                json.loads(line)


if __name__ == "__main__":
    unittest.main()
