#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""spark.read.format("evx") on a cluster of two workers on this machine, against one machine's rows."""
import os
import shutil
import sys
import unittest

from support import WithLog, evx, make_log

try:
    import pyarrow
    import pyspark.sql
except ImportError as missing:
    print(f"{missing.name} is not installed")
    raise SystemExit(77)
if not shutil.which("java"):
    print("java is not installed")
    raise SystemExit(77)

MASTER = os.environ.get("EVX_SPARK_MASTER", "local-cluster[2,1,1024]")


class Spark(WithLog):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.environ["PYSPARK_PYTHON"] = sys.executable
        make_log(cls.folder, "second.evtx", "sysmon", "1M", 2)
        make_log(cls.folder, "third.evtx", "security", "4M", 3)
        cls.spark = pyspark.sql.SparkSession.builder.master(MASTER).config("spark.ui.enabled", "false").config(
            "spark.sql.python.filterPushdown.enabled", "true").config(
            "spark.executorEnv.PYTHONPATH", os.path.abspath(os.environ.get("PYTHONPATH", "."))).config(
            "spark.sql.session.timeZone", "UTC").getOrCreate()
        cls.spark.sparkContext.setLogLevel("ERROR")
        cls.scan = evx.scan(cls.folder, fields=["TargetUserName", "LogonType"], time_unit="us", event_data=None)
        cls.table = pyarrow.table(cls.scan.replace(columns=["record_id", "event_id", "channel", "source_path",
                                                            "offset", "written"]))

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        super().tearDownClass()

    def logs(self, **options):
        reader = self.spark.read.format("evx").options(fields="TargetUserName,LogonType", chunks="20")
        return reader.options(**options).load(self.folder)

    def count(self, condition):
        return self.table.filter(condition).num_rows

    def test_rows(self):
        frame = self.logs()
        self.assertEqual(set(self.scan.columns) | {"event_data"}, set(frame.columns))
        self.assertGreater(frame.rdd.getNumPartitions(), 2)
        got = frame.selectExpr("count(*)", "sum(record_id)", "sum(offset)", "count(TargetUserName)",
                               "sum(LogonType)").first()
        total = pyarrow.compute.sum
        self.assertEqual(tuple(got), (
            self.table.num_rows, total(self.table["record_id"]).as_py(), total(self.table["offset"]).as_py(),
            self.table.num_rows - self.table["TargetUserName"].null_count, total(self.table["LogonType"]).as_py()))

    def test_every_value(self):
        one = self.spark.read.format("evx").load(self.path).toArrow().to_pylist()
        scan = evx.scan(self.path, profile="spark", time_unit="us", dictionaries=False)
        self.assertEqual(one, pyarrow.table(scan).to_pylist())

    def test_schema_of_the_user(self):
        frame = self.spark.read.format("evx").schema("LogonType bigint, record_id bigint not null, event_id bigint")
        got = frame.load(self.path).toArrow()
        self.assertEqual(got.column_names, ["LogonType", "record_id", "event_id"])
        wanted = pyarrow.table(evx.scan(self.path, columns=["record_id", "event_id"], fields={"LogonType": "int64"}))
        self.assertEqual(got.to_pylist(), wanted.select(["LogonType", "record_id", "event_id"]).to_pylist())

    def test_filters(self):
        field = pyarrow.compute.field
        for pushdown in ("false", "true"):
            frame = self.logs(pushdown=pushdown)
            for text, filter in (("event_id = 4624 and channel = 'Security'",
                                  (field("event_id") == 4624) & (field("channel") == "Security")),
                                 ("event_id in (4625, 1)", field("event_id").isin([4625, 1])),
                                 ("event_id <> 4624 and LogonType = 3",
                                  (field("event_id") != 4624) & (field("LogonType") == 3))):
                self.assertEqual(frame.where(text).count(), self.count(filter), (text, pushdown))

    def test_damage(self):
        folder = os.path.join(self.folder, "damaged")
        os.makedirs(folder, exist_ok=True)
        with open(self.path, "rb") as log:
            data = bytearray(log.read())
        data[4096 + 65536:4096 + 65536 + 8] = b"\xffdamage\xff"
        with open(os.path.join(folder, "damaged.log"), "wb") as out:
            out.write(data)
        path = os.path.join(folder, "damaged.log")
        got = self.spark.read.format("evx").option("table", "damage").load(path).toArrow().to_pylist()
        self.assertEqual([(row["source_path"], row["chunk"]) for row in got if "CHUNK" in row["kind"]], [(path, 1)])
        scan = evx.scan(path, damage="ignore")
        self.assertEqual(self.spark.read.format("evx").load(path).count(), pyarrow.table(scan).num_rows)

    def test_stream(self):
        folder = os.path.join(self.folder, "coming")
        os.makedirs(folder)
        stream = self.spark.readStream.format("evx").schema("record_id bigint not null").load(folder)
        counts = []
        for number in (1, 2):
            shutil.copy(self.path, os.path.join(folder, f"{number}.evtx"))
            query = stream.writeStream.format("json").option("checkpointLocation", self.folder + "/state").trigger(
                availableNow=True).start(self.folder + "/out")
            query.awaitTermination()
            counts.append(self.spark.read.json(self.folder + "/out").count())
        rows = pyarrow.table(evx.scan(self.path, columns=["record_id"])).num_rows
        self.assertEqual(counts, [rows, 2 * rows])


if __name__ == "__main__":
    unittest.main()
