#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards messages against those that Windows wrote: golden/messages and corpora/mta of the folder of
bench/corpus.py; skipped where there is none. The texts of golden/messages/security-auditing.jsonl are in
adtschema.dll, which the folder $EVX_PROVIDER_BINARIES has when golden/providers/tools/get_binaries.sh has
filled it; without it only their number is told.

EVX, WRITE_LOG: the programs."""
import csv
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import uuid
import zipfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY)]

from bench.corpus import corpus_folder  # noqa: E402
from makers import Event, Provider, data_template, pe_file, tables, wevt_template, write_log  # noqa: E402

CORPUS = corpus_folder()
EVX, WRITE_LOG = os.environ["EVX"], os.environ["WRITE_LOG"]
BINARIES = os.environ.get("EVX_PROVIDER_BINARIES")
AUDITING = "54849625-5478-4994-a5ba-3e3b0328c30d"
SERVICES = "555908d1-a6d7-4695-8e1e-26931d2012f4"
IN_TYPES = {"UnicodeString": 1, "AnsiString": 2, "UInt16": 6, "UInt32": 8, "UInt64": 10, "Boolean": 13, "Binary": 14,
            "GUID": 15, "Pointer": 16, "FILETIME": 17, "SID": 19, "HexInt32": 20, "HexInt64": 21}
OUT_TYPES = {"string": 1, "dateTime": 2, "unsignedShort": 6, "unsignedInt": 8, "unsignedLong": 10, "boolean": 13,
             "GUID": 14, "HexInt32": 18, "HexInt64": 19, "SocketAddress": 25}
MAP = 0xD0000000


def sid(text):
    parts = [int(part) for part in text.split("-")[1:]]
    return bytes([parts[0], len(parts) - 2]) + parts[1].to_bytes(6, "big") + b"".join(
        struct.pack("<I", part) for part in parts[2:])


def filetime(text):
    date, fraction = text.rstrip("Z").split(".")
    from datetime import datetime, timezone
    seconds = int(datetime.strptime(date, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp())
    return struct.pack("<Q", (seconds + 11644473600) * 10**7 + int(fraction.ljust(7, "0")[:7]))


def value_of(in_type, text):
    """The value of a record that shows as this text in XML."""
    kind = IN_TYPES[in_type]
    makers = {1: lambda: text.encode("utf-16-le"), 2: lambda: text.encode("cp1252"), 6: lambda: struct.pack("<H", int(text)),
              8: lambda: struct.pack("<I", int(text)), 10: lambda: struct.pack("<Q", int(text)),
              13: lambda: struct.pack("<I", text == "true"), 14: lambda: bytes.fromhex(text),
              15: lambda: uuid.UUID(text).bytes_le, 16: lambda: struct.pack("<Q", int(text, 16)),
              17: lambda: filetime(text), 19: lambda: sid(text), 20: lambda: struct.pack("<I", int(text, 16)),
              21: lambda: struct.pack("<Q", int(text, 16))}
    return kind, makers[kind]()


def rows(name):
    with open(CORPUS / "golden" / "messages" / name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def dump(folder, *arguments):
    done = subprocess.run([EVX, "dump", "-o", "jsonl", *arguments], cwd=folder, check=True, capture_output=True,
                          timeout=60)
    return [json.loads(line)["Event"] for line in done.stdout.splitlines()]


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.work = pathlib.Path(self.folder.name)
        (self.work / "d").mkdir()

    def tearDown(self):
        self.folder.cleanup()

    def compare(self, wanted, events):
        """The two ends of a message were cut before they were compared, and LF may be CR LF in values."""
        write_log(WRITE_LOG, self.work / "log.evtx", events)
        found = dump(self.work, "--messages", "d", "log.evtx")
        self.assertEqual(len(found), len(wanted))
        for row, event in zip(wanted, found):
            message = event.get("RenderingInfo", {}).get("Message")
            self.assertIsNotNone(message, row)
            self.assertEqual(message.strip(), row["message"].strip(), row)


class Messages(Case):
    @unittest.skipUnless(BINARIES, "no EVX_PROVIDER_BINARIES")
    def test_security(self):
        (self.work / "d" / "adtschema.dll").symlink_to(pathlib.Path(BINARIES).resolve() / "adtschema.dll")
        with open(CORPUS / "golden" / "messages" / "parameters.tsv", newline="", encoding="utf-8") as file:
            parameters = {int(row["id"]): row["text"] + "\r\n" for row in csv.DictReader(
                file, delimiter="\t", quoting=csv.QUOTE_NONE)}
        (self.work / "d" / "msobjs.dll").write_bytes(pe_file(None, tables(parameters)))
        wanted = rows("security-auditing.jsonl")
        for row in wanted:
            if not row["parameters_expanded"]: # Windows left these, readers are better off without
                row["message"] = re.sub(r"%%(\d+)", lambda m: parameters.get(int(m[1]), m[0]).strip(), row["message"])
            for value in row["values"]: # some hosts write GUIDs in upper case, in XML, too
                if value[1] == "GUID":
                    row["message"] = row["message"].replace(value[3], value[3].lower())
        events = [Event("Microsoft-Windows-Security-Auditing", row["event_id"],
                        data_template([IN_TYPES[value[1]] for value in row["values"]]) if row["values"] else None,
                        [value_of(value[1], value[3]) for value in row["values"]], guid=AUDITING,
                        version=row["version"]) for row in wanted]
        self.assertEqual(len(events), 132)
        self.compare(wanted, events)

    def test_other_providers(self):
        wanted, events, providers, texts = rows("formatter.jsonl"), [], {}, {}
        for number, row in enumerate(wanted):
            name, items = row["provider"], []
            guid = SERVICES if name == "Service Control Manager" else str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
            provider = providers.setdefault(name, Provider(guid, []))
            values = [value_of(value[0], value[2]) for value in row["values"]]
            for place, value in enumerate(row["values"]):
                mapped = f"M{number}.{place}" if len(value) > 3 and value[3] is not None else None
                if mapped:
                    texts[MAP + len(texts)] = value[3] + "\r\n"
                    provider.maps[mapped] = (False, [(int(value[2]), MAP + len(texts) - 1)])
                items.append((IN_TYPES[value[0]], OUT_TYPES[value[1]], mapped))
            provider.templates[f"T{number}"] = items
            provider.events.append((row["event_id"], row["version"], number + 1, f"T{number}"))
            texts[number + 1] = row["text"]
            events.append(Event(name, row["event_id"],
                                data_template([item[0] for item in items]) if items else None, values, guid=guid,
                                version=row["version"]))
        (self.work / "d" / "all.dll").write_bytes(pe_file(wevt_template(*providers.values()), tables(texts)))
        errors = {1053: "The service did not respond to the start or control request in a timely fashion.\r\n",
                  31: "A device attached to the system is not functioning.\r\n"}
        (self.work / "d" / "kernel32.dll").write_bytes(pe_file(None, tables(errors)))
        self.assertEqual(len(events), 48)
        self.compare(wanted, events)


class Texts(Case):
    def test_mta_beside_the_log(self):
        """Event Viewer's own export has the same messages."""
        with zipfile.ZipFile(CORPUS / "corpora" / "mta" / "setup-export.zip") as archive:
            archive.extractall(self.work)
        (self.work / "LocaleMetaData").mkdir()
        (self.work / "setup-export_1033.MTA").rename(self.work / "LocaleMetaData" / "setup-export_1033.MTA")
        (self.work / "d" / "x.dll").write_bytes(pe_file(None, tables({1: "x"})))
        found = dump(self.work, "--messages", "d", "setup-export.evtx")
        with open(self.work / "setup-export.csv", newline="", encoding="utf-8-sig") as file:
            shown = [row for row in csv.reader(file)][1:]
        messages = sorted((event["System"]["EventID"], event["RenderingInfo"]["Message"]) for event in found)
        self.assertEqual(messages, sorted((int(row[3]), row[5]) for row in shown))
        self.assertEqual(len(messages), 239)


def main():
    if not CORPUS or not (CORPUS / "golden" / "messages").is_dir():
        print("SKIP: no messages that Windows wrote; set EVX_CORPUS to a folder with golden/messages")
        return 77
    return 0 if unittest.main(exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
