#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tables in pyarrow's datasets, DuckDB, Polars, pandas and chdb against the rows of `evx dump`.

What each of them pushes down must change how much is read and nothing else."""
import json
import pickle
import unittest

from support import WithLog, dump, evx, make_log, sample_logs

try:
    import pyarrow
    import pyarrow.compute
    import pyarrow.dataset
except ImportError:
    print("pyarrow is not installed")
    raise SystemExit(77)


def module(name):
    try:
        return __import__(name)
    except ImportError:
        return None


duckdb, polars, pandas, chdb, datafusion = map(module, ("duckdb", "polars", "pandas", "chdb", "datafusion"))
field = pyarrow.compute.field

# Filters as DuckDB, pyarrow and Polars have them.
FILTERS = [
    ("event_id = 4624", field("event_id") == 4624, "event_id == 4624"),
    ("event_id in (4624, 4625, 9)", field("event_id").isin([4624, 4625, 9]), "event_id.is_in([4624, 4625, 9])"),
    ("event_id = 4625 and channel = 'Security'", (field("event_id") == 4625) & (field("channel") == "Security"),
     "(event_id == 4625) & (channel == 'Security')"),
    ("channel = 'security'", field("channel") == "security", "channel == 'security'"),
    ("channel <> 'Security'", field("channel") != "Security", "channel != 'Security'"),
    ("not (event_id = 4624)", ~(field("event_id") == 4624), "~(event_id == 4624)"),
    ("event_id = 4624 or event_id = 4634", (field("event_id") == 4624) | (field("event_id") == 4634),
     "(event_id == 4624) | (event_id == 4634)"),
    ("event_id = 4624 or level = 9", (field("event_id") == 4624) | (field("level") == 9),
     "(event_id == 4624) | (level == 9)"),
    ("event_id = 70000", field("event_id") == 70000, "event_id == 70000"),
    ("event_id = 4624 and event_id = 4625", (field("event_id") == 4624) & (field("event_id") == 4625),
     "(event_id == 4624) & (event_id == 4625)"),
    ("user_id is null", field("user_id").is_null(), "user_id.is_null()"),
    ("TargetUserName = 'SYSTEM'", field("TargetUserName") == "SYSTEM", "TargetUserName == 'SYSTEM'"),
    ("LogonType >= 3 and record_id < 500", (field("LogonType") >= 3) & (field("record_id") < 500),
     "(LogonType >= 3) & (record_id < 500)"),
    ("level = 0 and provider = 'Microsoft-Windows-Security-Auditing'",
     (field("level") == 0) & (field("provider") == "Microsoft-Windows-Security-Auditing"),
     "(level == 0) & (provider == 'Microsoft-Windows-Security-Auditing')"),
]


def polars_filter(text, columns):
    return eval(text, {name: polars.col(name) for name in columns})  # pylint: disable=eval-used


class WithScan(WithLog):
    """A log, its scan, and the scan's rows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scan = evx.scan(cls.path, fields=["TargetUserName", "LogonType"], time_unit="us")
        cls.table = pyarrow.table(cls.scan)


class Dataset(WithScan):
    def test_rows_are_those_of_the_dump(self):
        rows = [json.loads(line)["Event"]["System"] for line in dump(self.path, "-o", "jsonl")]
        wanted = [(row["EventRecordID"], row["EventID"], row["Channel"]) for row in rows]
        table = self.scan.to_dataset().to_table(columns=["event_record_id", "event_id", "channel"])
        self.assertEqual([tuple(row.values()) for row in table.to_pylist()], wanted)
        self.assertGreater(len(wanted), 300)

    def test_filters(self):
        dataset = self.scan.to_dataset()
        for _, filter, _ in FILTERS:
            wanted = self.table.filter(filter)
            self.assertEqual(dataset.to_table(filter=filter), wanted, filter)
            some = ["TargetUserName", "record_id"]
            self.assertEqual(dataset.to_table(columns=some, filter=filter), wanted.select(some), filter)
            self.assertEqual(dataset.count_rows(filter=filter), wanted.num_rows, filter)

    def test_filters_select_records(self):
        said = [dict(self.scan.to_dataset().narrowed(["chunk"], filter).options.query or {})
                for _, filter, _ in FILTERS[:9]]
        both = {"ids": ["4625"], "channels": ["Security"]}
        self.assertEqual(said, [{"ids": ["4624"]}, {"ids": ["4624", "4625", "9"]}, both, {"channels": ["security"]},
                                {}, {}, {"ids": ["4624", "4634"]}, {}, {}])

    def test_a_query_or_limit_of_its_own(self):
        for changes in ({"limit": 100}, {"query": "*[System[EventID=4625]]"}, {"query": {"ids": "4625, 4634"}},
                        {"query": {"ids": "4625", "invert": ""}}):
            scan = self.scan.replace(**changes)
            for _, filter, _ in FILTERS[:3]:
                self.assertEqual(scan.to_dataset().to_table(filter=filter), pyarrow.table(scan).filter(filter))

    def test_only_what_is_asked_for(self):
        dataset = self.scan.to_dataset()
        narrow = dataset.narrowed(["LogonType"], field("channel") == "x")
        self.assertEqual(narrow.columns, ["channel", "LogonType"])
        self.assertEqual(dataset.head(7), self.table.slice(0, 7))
        self.assertEqual(dataset.to_table(columns={"twice": field("event_id") * 2}).column(0).to_pylist(),
                         [2 * number for number in self.table["event_id"].to_pylist()])

    def test_what_it_does_not_do(self):
        dataset = self.scan.to_dataset()
        for call in (lambda: dataset.filter(field("level") == 1), lambda: dataset.sort_by("level"),
                     lambda: dataset.replace_schema(None), lambda: dataset.join(dataset, "level")):
            with self.assertRaisesRegex(NotImplementedError, "to_table"):
                call()
        self.assertTrue(dataset.partition_expression.equals(pyarrow.dataset.scalar(True)))
        self.assertEqual(pickle.loads(pickle.dumps(dataset)).to_table(), self.table)

    def test_real_logs(self):
        for path in sample_logs():
            scan = evx.scan(path, damage="ignore", event_data=None)
            table = pyarrow.table(scan)
            filters = [field(column) == value for column in ("event_id", "channel", "provider", "computer", "level",
                       "user_id") for value in table[column].unique().to_pylist()[:3] if value is not None]
            for filter in filters:
                got = scan.to_dataset().to_table(filter=filter)  # with dictionaries of its own
                self.assertEqual(got.to_pylist(), table.filter(filter).to_pylist(), (path, filter))


class Names(WithScan):
    def rows(self, schema):
        scan = self.scan.replace(schema=schema)
        table = pyarrow.table(scan)
        self.assertEqual((table.column_names, table.schema), (scan.columns, scan.schema))
        self.assertEqual(scan.totals["rows"], self.table.num_rows)
        table.validate(full=True)
        return zip(table.to_pylist(), self.table.to_pylist())

    def test_ecs(self):
        for row, own in self.rows("ecs"):
            self.assertEqual((row["@timestamp"], row["event.created"], row["event.code"], row["host.name"]),
                             (own["time_created"], own["written"], str(own["event_id"]), own["computer"]))
            self.assertEqual((row["winlog.event_data"], row["winlog.event_data.LogonType"], row["log.level"]),
                             (own["event_data"], own["LogonType"], "information"))

    def test_evtxecmd(self):
        for row, own in self.rows("evtxecmd"):
            self.assertEqual((row["TimeCreated"], row["EventId"], row["Level"], row["PayloadData1"]),
                             (own["time_created"].strftime("%Y-%m-%d %H:%M:%S.%f") + "0", own["event_id"], "LogAlways", None))
            self.assertEqual(json.loads(row["Payload"]), dict(own["event_data"]))
        columns = evx.scan(self.path, schema="evtxecmd").columns
        self.assertEqual((len(columns), columns[0], columns[-1]), (27, "RecordNumber", "Payload"))

    def test_plaso_and_ocsf(self):
        for row, own in self.rows("plaso"):
            self.assertEqual((row["datetime"], row["data_type"], row["event_identifier"]),
                             (own["time_created"], "windows:evtx:record", own["event_id"]))
        for row, own in self.rows("ocsf"):
            self.assertEqual((row["time"], row["severity_id"], row["metadata.log_name"]),
                             (int(own["time_created"].timestamp() * 1000), 1, own["channel"]))

    def test_engines(self):
        scan = self.scan.replace(schema="ecs")
        filter = field("event.code") == "4624"
        got = scan.to_dataset().to_table(columns=["winlog.channel"], filter=filter)
        self.assertEqual(got, pyarrow.table(scan).filter(filter).select(["winlog.channel"]))


@unittest.skipUnless(duckdb, "duckdb is not installed")
class DuckDB(WithScan):
    def test_filters(self):
        connection = duckdb.connect()
        self.assertEqual(evx.duckdb.register(connection, "ev", self.path, fields=["TargetUserName", "LogonType"]),
                         self.scan)
        connection.register("rows", self.table)
        for columns in ("*", "count(*)", "record_id, TargetUserName"):
            for condition in ["true"] + [each for each, _, _ in FILTERS]:
                query = f"select {columns} from {{}} where {condition}"
                got, wanted = (connection.sql(query.format(name)).fetchall() for name in ("ev", "rows"))
                self.assertEqual(got, wanted, query)
        self.assertEqual(len(connection.sql("from ev limit 3").fetchall()), 3)

    def test_capsule(self):
        scan = self.scan  # found by its name
        self.assertEqual(duckdb.sql("select event_id, channel from scan").fetchall(),
                         [tuple(row.values()) for row in self.table.select(["event_id", "channel"]).to_pylist()])
        del scan


@unittest.skipUnless(polars, "polars is not installed")
class Polars(WithScan):
    def test_filters_and_limits(self):
        lazy, rows = self.scan.to_polars(), polars.DataFrame(self.table)
        self.assertTrue(lazy.collect().equals(rows))
        for engine in ("in-memory", "streaming"):
            for _, _, text in FILTERS:
                filter = polars_filter(text, rows.columns)
                some = ["LogonType", "record_id"]
                for want, got in ((rows.filter(filter), lazy.filter(filter)),
                                  (rows.filter(filter).select(some), lazy.filter(filter).select(some)),
                                  (rows.filter(filter).head(2), lazy.filter(filter).head(2)),
                                  (rows.head(50).filter(filter), lazy.head(50).filter(filter))):
                    self.assertTrue(got.collect(engine=engine).equals(want), (engine, text))
        for count in (0, 1, 3, 10 ** 6):
            self.assertTrue(lazy.head(count).collect().equals(rows.head(count)), count)
        small = self.scan.replace(batch_rows=16).to_polars()
        self.assertTrue(small.head(100).collect().equals(rows.head(100)))
        self.assertEqual(lazy.select(polars.len()).collect().item(), rows.height)

    def test_selects_records(self):
        from evx import _pushdown

        for text, wanted in (("(event_id == 4624) & (channel == 'A')", {"ids": ["4624"], "channels": ["A"]}),
                             ("event_id.is_in([1, 2])", {"ids": ["1", "2"]}), ("event_id != 3", {})):
            filter = polars_filter(text, self.scan.columns)
            self.assertEqual(_pushdown.conditions(_pushdown.of_polars(filter)), wanted)


@unittest.skipUnless(pandas, "pandas is not installed")
class Pandas(WithScan):
    def test_rows(self):
        frame = self.scan.replace(event_data="json").to_pandas()
        self.assertEqual(frame["record_id"].tolist(), self.table["record_id"].to_pylist())
        self.assertEqual(str(frame["LogonType"].dtype), "int64[pyarrow]")
        self.assertEqual(pyarrow.array(frame["keywords"]).to_pylist(), self.table["keywords"].to_pylist())


@unittest.skipUnless(chdb, "chdb is not installed")
class Chdb(WithScan):
    def test_rows(self):
        scan = self.scan.replace(columns=["record_id", "event_id", "channel", "event_data"])
        got = chdb.query("select record_id, event_id, channel, event_data['LogonType'] from Python(scan) "
                         "order by record_id", "JSONCompactEachRow")
        rows = [json.loads(line) for line in str(got).splitlines()]
        wanted = sorted((row["record_id"], row["event_id"], row["channel"], dict(row["event_data"]).get("LogonType"))
                        for row in self.table.to_pylist())
        self.assertEqual([(int(row[0]), *row[1:3], row[3] or None) for row in rows], wanted)


@unittest.skipUnless(datafusion, "datafusion is not installed")
class DataFusion(WithScan):
    def test_filters(self):
        context = datafusion.SessionContext()
        context.register_dataset("ev", self.scan.to_dataset())
        for condition, filter, _ in FILTERS[:9]:
            got = context.sql(f"select count(*) as n, sum(record_id) as s from ev where {condition}").to_pydict()
            numbers = self.table.filter(filter)["record_id"].to_pylist()
            self.assertEqual((got["n"], got["s"]), ([len(numbers)], [sum(numbers) if numbers else None]), condition)


if __name__ == "__main__":
    unittest.main()
