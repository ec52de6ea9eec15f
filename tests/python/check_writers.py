#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scan.write and `python -m evx table`: what each format gives back is what the scan has."""
import importlib
import os
import subprocess
import sys
import unittest

from support import WithLog, evx, make_log

try:
    import pyarrow
    import pyarrow.csv
    import pyarrow.dataset
    import pyarrow.parquet
except ImportError:
    print("pyarrow is not installed")
    raise SystemExit(77)


def needs(name):
    try:
        importlib.import_module(name)
    except ImportError:
        return unittest.skip(f"{name} is not installed")
    return lambda test: test


class Writers(WithLog):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scan = evx.scan([cls.path, make_log(cls.folder, "second.evtx", "sysmon", seed=2)],
                            fields=["TargetUserName", "LogonType"], batch_rows=100)
        cls.rows = pyarrow.table(cls.scan).to_pylist()
        cls.micro = pyarrow.table(cls.scan.replace(time_unit="us")).to_pylist()

    def out(self, name):
        return os.path.join(self.folder, self._testMethodName + name)

    def write(self, name, **options):
        path = self.out(name)
        written = self.scan.write(path, **options)
        self.assertEqual((written.rows, written.damage), (len(self.rows), []))
        return path

    def test_parquet(self):
        path = self.write(".parquet")
        self.assertEqual(pyarrow.parquet.read_table(path).to_pylist(), self.rows)
        self.assertEqual(pyarrow.parquet.ParquetFile(path).num_row_groups, 1)

    def test_arrow(self):
        with pyarrow.ipc.open_file(self.write(".arrow")) as reader:
            self.assertEqual(reader.read_all().to_pylist(), self.rows)

    def test_csv(self):
        table = pyarrow.csv.read_csv(self.write(".csv"))
        for name in ("record_id", "event_id", "channel", "TargetUserName"):
            wanted = ["" if row[name] is None else row[name] for row in self.rows]
            self.assertEqual(table[name].to_pylist(), wanted, name)

    @needs("adbc_driver_sqlite")
    def test_sqlite(self):
        import sqlite3

        got = sqlite3.connect(self.write(".db", table="log")).execute(
            "select record_id, event_id, channel, keywords, json_extract(event_data, '$.LogonType') from log").fetchall()
        self.assertEqual(got, [(row["record_id"], row["event_id"], row["channel"], row["keywords"],
                                dict(row["event_data"]).get("LogonType")) for row in self.rows])

    @needs("duckdb")
    def test_duckdb(self):
        import duckdb

        with duckdb.connect(self.write(".duckdb")) as connection:
            got = connection.sql("select record_id, written, channel, event_data['LogonType'] from events").fetchall()
        self.assertEqual(got, [(row["record_id"], row["written"], row["channel"],
                                dict(row["event_data"]).get("LogonType")) for row in self.micro])

    @needs("deltalake")
    def test_delta(self):
        import deltalake

        folder = self.out("")
        self.assertEqual(self.scan.write("delta:" + folder, partition_by="channel").rows, len(self.rows))
        table = pyarrow.table(deltalake.QueryBuilder().register("t", deltalake.DeltaTable(folder)).execute(
            "select source_path, record_id, written, channel from t order by 1, 2"))
        wanted = sorted((row["source_path"], row["record_id"], row["written"], row["channel"]) for row in self.micro)
        self.assertEqual([tuple(row.values()) for row in table.to_pylist()], wanted)
        self.assertTrue(any(name.startswith("channel=") for name in os.listdir(folder)))

    @needs("pyiceberg")
    def test_iceberg(self):
        from pyiceberg.catalog.sql import SqlCatalog

        folder = self.out("")
        self.scan.write("iceberg:" + folder)
        catalog = SqlCatalog("evx", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
        self.assertEqual(catalog.load_table("evx.events").scan().to_arrow().to_pylist(), self.micro)

    def test_partitions(self):
        for kind in ("parquet", "arrow", "csv"):
            scan = self.scan.replace(event_data=None)
            folder = self.out(kind)
            scan.write(folder, format=kind, partition_by=["host", "day"])
            table = pyarrow.dataset.dataset(folder, format=kind, partitioning="hive").to_table(
                columns=["record_id", "computer", "day"])
            got = sorted((row["record_id"], row["computer"], str(row["day"])) for row in table.to_pylist())
            self.assertEqual(got, sorted((row["record_id"], row["computer"], str(row["written"].date()))
                                         for row in self.rows))

    def test_refused(self):
        path = self.write(".parquet")
        with self.assertRaises(FileExistsError):
            self.scan.write(path)
        self.assertEqual(self.scan.replace(limit=5).write(path, overwrite=True).rows, 5)
        for name, text, options in ((self.out(".txt"), "does not say", {}), (self.out(".db"), "not partitioned",
                                    {"partition_by": "day"}), (path, "partition_by is", {"partition_by": "x"})):
            with self.assertRaisesRegex(ValueError, text):
                self.scan.write(name, **options)
        with self.assertRaisesRegex(ValueError, "needs the column"):
            self.scan.replace(columns=["level"]).write(self.out(".parquet"), partition_by="host", overwrite=True)
        bad = self.out("bad.parquet")
        with self.assertRaises(OSError):
            evx.scan([self.path, __file__], damage="raise").write(bad)
        self.assertEqual([name for name in os.listdir(self.folder) if "part" in name.split(".")[2:]], [])
        self.assertFalse(os.path.exists(bad))

    def test_program(self):
        path = self.out(".parquet")
        command = [sys.executable, "-m", "evx", "table", self.path, "-o", path, "--columns", "record_id,event_id",
                   "--fields", "LogonType", "-q", "*[System[EventID=4624]]"]
        run = subprocess.run(command, stderr=subprocess.PIPE, check=True, text=True)
        table = pyarrow.parquet.read_table(path)
        self.assertEqual(table.column_names, ["record_id", "event_id", "LogonType"])
        self.assertEqual(set(table["event_id"].to_pylist()), {4624})
        self.assertEqual(run.stderr, f"{path}: {table.num_rows:,} rows, 0 reports of damage\n")
        again = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        self.assertEqual((again.returncode, again.stderr[:6]), (1, "Error:"))


if __name__ == "__main__":
    unittest.main()
