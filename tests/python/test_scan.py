#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""evx.scan: options and columns without reading, laziness, pickles, errors; with pyarrow the rows, too."""
import os
import pickle
import unittest
import warnings

from support import WithLog, dump, evx, resident_kb

try:
    import pyarrow
except ImportError:
    pyarrow = None


class Columns(WithLog):
    def test_columns_read_no_file(self):
        scan = evx.scan("/nonexistent/*.evtx", fields=["LogonType", ("port", "IpPort")], infer=None)
        self.assertEqual(scan.columns[:4], ["record_id", "written", "time_created", "event_id"])
        self.assertEqual(scan.columns[-2:], ["LogonType", "port"])
        self.assertEqual(evx.scan("x", columns=["chunk", "level"]).columns, ["chunk", "level"])
        self.assertEqual(evx.scan("x", columns=[], fields="A").columns, ["A"])
        self.assertNotIn("event_data", evx.scan("x", event_data=None).columns)

    def test_catalogue(self):
        columns = evx.columns()
        self.assertEqual([c.name for c in columns if c.is_default and c.name != "recovered"], evx.scan("x").columns)
        self.assertTrue(all(c.help and c.format for c in columns))

    def test_wrong_arguments(self):
        for text, options in (("no such column", {"columns": ["nope"]}), ("twice", {"columns": ["level", "level"]}),
                              ("twice", {"fields": ["X", "X"]}), ("time_unit is", {"time_unit": "s"}),
                              ("profile is", {"profile": "x"}), ("event_data is", {"event_data": "x"}),
                              ("infer is", {"infer": "x"}), ("a field is", {"fields": [("a",)]}),
                              ("type of a field", {"fields": {"a": "int"}}), ("damage is", {"damage": "loud"}),
                              ("schema is", {"schema": "x"}), ("no condition", {"query": {"x": 1}})):
            with self.assertRaisesRegex(ValueError, text):
                evx.scan("x", **options)
        with self.assertRaises(TypeError):
            evx.scan("x").replace(nothing=1)

    def test_options_are_immutable_and_pickle(self):
        scan = evx.scan([self.path], columns=["record_id"], fields={"LogonType": "int64"}, query="*", limit=5)
        again = pickle.loads(pickle.dumps(scan))
        self.assertEqual((again, again.options, again.columns), (scan, scan.options, scan.columns))
        with self.assertRaises(AttributeError):
            scan.limit = 3
        with self.assertRaises(AttributeError):
            scan.options.limit = 3
        other = scan.replace(columns=["chunk"], limit=None)
        self.assertEqual((scan.columns, other.columns), (["record_id", "LogonType"], ["chunk", "LogonType"]))
        self.assertEqual((scan.damage, scan.conversions, scan.totals["rows"]), ([], {}, 0))

    def test_files(self):
        self.assertEqual(evx.scan(self.folder).files(), [self.path])
        self.assertEqual(evx.scan(os.path.join(self.folder, "*.evtx")).files(), [self.path])
        self.assertEqual(evx.scan([self.path, self.path]).files(), [self.path, self.path])
        for path in (os.path.join(self.folder, "*.log"), os.path.dirname(__file__)):
            with self.assertRaises(FileNotFoundError):
                evx.scan(path).files()

    def test_templates(self):
        templates = evx.templates(self.path)
        logon = next(t for t in templates if 4624 in t.event_ids and t.root == "EventData")
        self.assertEqual((logon.provider, logon.is_nested), ("Microsoft-Windows-Security-Auditing", True))
        kind = next(field for field in logon.fields if field.name == "LogonType")
        self.assertEqual((kind.path, kind.type), ("EventData/Data[@Name='LogonType']", "u32"))


def rows_work(path):
    """Whether the library under test reads tables."""
    try:
        evx.scan(path, columns=["record_id"], damage="ignore").__arrow_c_stream__()
    except evx.Error as error:
        return "yet" not in str(error)
    return True


@unittest.skipUnless(pyarrow, "pyarrow is not installed")
class Rows(WithLog):
    def setUp(self):
        if not rows_work(self.path):
            self.skipTest("the library reads no tables yet")

    def test_rows_are_those_of_records(self):
        scan = evx.scan(self.path, fields=["TargetUserName", {"LogonType": "int64"}])
        table = pyarrow.table(scan)
        table.validate(full=True)
        records = list(evx.open(self.path))
        self.assertEqual(table["record_id"].to_pylist(), [r.id for r in records])
        self.assertEqual(table["written"].cast("int64").to_pylist(), [r.written_ns for r in records])
        self.assertEqual(table["event_id"].to_pylist(), [r.event_id for r in records])
        self.assertEqual(table["channel"].to_pylist(), [r.channel for r in records])
        self.assertEqual(table["offset"].to_pylist(), [r.offset for r in records])
        data = [r.dict()["Event"].get("EventData") or {} for r in records]
        self.assertEqual(table["TargetUserName"].to_pylist(), [d.get("TargetUserName") for d in data])
        self.assertEqual(table["LogonType"].to_pylist(), [d.get("LogonType") for d in data])
        self.assertEqual(scan.totals["rows"], len(records))
        self.assertEqual(scan.schema, table.schema)

    def test_a_scan_is_used_again(self):
        scan = evx.scan(self.path, columns=["record_id", "event_id"])
        self.assertEqual(pyarrow.table(scan), pyarrow.table(scan))
        self.assertEqual(pyarrow.table(pickle.loads(pickle.dumps(scan))), pyarrow.table(scan))

    def test_batches_limits_and_parts(self):
        scan = evx.scan(self.path, columns=["record_id"])
        ids = pyarrow.table(scan)["record_id"].to_pylist()
        batches = list(scan.replace(batch_rows=50).batches())
        self.assertTrue(all(0 < batch.num_rows <= 50 for batch in batches))
        self.assertEqual([i for batch in batches for i in batch["record_id"].to_pylist()], ids)
        self.assertEqual(pyarrow.table(scan.replace(limit=7))["record_id"].to_pylist(), ids[:7])
        parts = [pyarrow.table(scan.replace(first_chunk=c, chunk_count=1))["record_id"].to_pylist()
                 for c in range(evx.open(self.path).info["chunk_count"])]
        self.assertEqual([i for part in parts for i in part], ids)
        self.assertEqual(pyarrow.table(evx.scan([self.path, self.path], columns=["record_id"])).num_rows, 2 * len(ids))
        with open(self.path, "rb") as log:
            self.assertEqual(pyarrow.table(evx.scan(log.read(), columns=["record_id"]))["record_id"].to_pylist(), ids)

    def test_queries(self):
        table = pyarrow.table(evx.scan(self.path, columns=["event_id"], query={"ids": "4624"}))
        self.assertEqual(set(table["event_id"].to_pylist()), {4624})

    def test_types_come_from_the_templates(self):
        schema = evx.scan(self.path, columns=[], fields=["LogonType", "TargetUserName"]).schema
        self.assertEqual([str(field.type) for field in schema], ["int64", "string"])
        field = next(f for f in evx.fields(self.path) if f.name == "LogonType")
        self.assertEqual((field.type, field.declared), ("int64", "u32"))

    def test_conversions(self):
        scan = evx.scan(self.path, columns=[], fields={"TargetUserName": "int64"})
        table = pyarrow.table(scan)
        lost = scan.conversions["TargetUserName"]
        self.assertGreater(lost.count, 0)
        self.assertEqual(lost.type, "string")
        self.assertLessEqual(lost.count, table["TargetUserName"].null_count)

    def damaged(self):
        with open(self.path, "rb") as file:
            log = bytearray(file.read())
        log[4096 + 65536] ^= 0xFF
        path = os.path.join(self.folder, "damaged")
        with open(path, "wb") as file:
            file.write(log)
        return path

    def test_damage(self):
        path, seen = self.damaged(), []
        scan = evx.scan(path, columns=["record_id"], damage=seen.append)
        pyarrow.table(scan)
        self.assertIn("EVX_DAMAGE_CHUNK_MAGIC", [error.kind for error in seen])
        self.assertEqual([error.kind for error in scan.damage], [error.kind for error in seen])
        self.assertEqual({error.path for error in seen}, {path})
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            list(scan.replace(damage="warn").batches())
        self.assertEqual([w.message.error.kind for w in warned], [error.kind for error in seen])
        with self.assertRaisesRegex(OSError, "chunk number 1"):
            pyarrow.table(scan.replace(damage="raise"))
        quiet = scan.replace(damage="ignore")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pyarrow.table(quiet)
        self.assertEqual(len(quiet.damage), len(seen))

    def test_a_callable_that_raises_ends_the_stream(self):
        with self.assertRaisesRegex(OSError, "ZeroDivisionError"):
            pyarrow.table(evx.scan(self.damaged(), columns=["record_id"], damage=lambda error: 1 / 0))

    def test_missing_files(self):
        seen = []
        table = pyarrow.table(evx.scan(["/nonexistent.evtx", self.path], columns=["record_id"], damage=seen.append))
        self.assertEqual((seen[0].kind, seen[0].path), ("EVX_DAMAGE_INPUT_OPEN", "/nonexistent.evtx"))
        self.assertGreater(table.num_rows, 0)

    def test_requested_schemas(self):
        scan = evx.scan(self.path, columns=["channel", "written"])
        plain = pyarrow.schema([("channel", pyarrow.string()), ("written", pyarrow.timestamp("us", "UTC"))])
        reader = pyarrow.RecordBatchReader.from_stream(scan, schema=plain)
        self.assertEqual([str(field.type) for field in reader.schema], ["string", "timestamp[us, tz=UTC]"])
        with self.assertRaisesRegex(ValueError, "fields"):
            scan.__arrow_c_stream__(plain.append(pyarrow.field("x", pyarrow.int8())).__arrow_c_schema__())

    def test_streams_are_released_early(self):
        files = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            reader = pyarrow.RecordBatchReader.from_stream(evx.scan(self.path, batch_rows=10))
            batch = reader.read_next_batch()
            reader.close()
            del reader
            batch.validate(full=True)
            evx.scan(self.path).__arrow_c_stream__()
        self.assertEqual(len(os.listdir("/proc/self/fd")), files)

    def test_memory_is_given_back(self):
        def use():
            for _ in range(20):
                pyarrow.table(evx.scan(self.path, fields=["LogonType"]))

        use()
        before = resident_kb()
        use()
        use()
        self.assertLess(resident_kb() - before, 10000 if "asan" not in os.environ.get("LD_PRELOAD", "") else 400000)


if __name__ == "__main__":
    unittest.main()
