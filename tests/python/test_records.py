#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""evx.open: records, their texts in any order, damage, errors, threads, pickles, signals, leaks."""
import gc
import io
import json
import os
import pathlib
import pickle
import signal
import threading
import time
import unittest
import warnings
from datetime import datetime, timezone

from support import WithLog, dump, evx, resident_kb, sample_logs


def damaged(path, places):
    """The bytes of the log with some of them changed."""
    log = bytearray(pathlib.Path(path).read_bytes())
    for place in places:
        log[place] ^= 0xFF
    return bytes(log)


class Records(WithLog):
    def test_texts_are_those_of_the_program(self):
        lines = dump(self.path, "-o", "jsonl", "-t", "1")
        records = list(evx.open(self.path))
        self.assertGreater(len(records), 100)
        self.assertEqual([record.json() for record in records], lines)
        xml = "\n\n".join(record.xml() for record in records)
        program = "\n".join(line for line in dump(self.path, "-o", "xml", "-t", "1") if not line.startswith("Record "))
        self.assertEqual(xml, program.rstrip("\n"))

    def test_texts_do_not_depend_on_the_order_in_which_they_are_asked_for(self):
        forwards = [(r.json(), r.xml(), r.xml(indent=False), r.json(True)) for r in evx.open(self.path)]
        records = list(evx.open(self.path, format=None))
        for record, texts in reversed(list(zip(records, forwards))):
            self.assertEqual((record.json(), record.xml(), record.xml(indent=False), record.json(True)), texts)
        for record, texts in zip(evx.open(self.path, format="xml"), forwards):
            self.assertEqual((record.json(), record.xml()), texts[:2])

    def test_what_a_record_says(self):
        record = next(iter(evx.open(self.path)))
        event = json.loads(record.json())["Event"]
        self.assertEqual(record.dict(), {"Event": event})
        self.assertEqual(record.time_created, event["System"]["TimeCreated"]["#attributes"]["SystemTime"])
        self.assertEqual(record.provider, event["System"]["Provider"]["#attributes"]["Name"])
        self.assertEqual((record.channel, record.computer), (event["System"]["Channel"], event["System"]["Computer"]))
        self.assertIsInstance(record.event_id, int)
        self.assertEqual((record.chunk, record.offset), (0, 4096 + 512))
        self.assertEqual(record.written_ns, (record.written_filetime - 116444736000000000) * 100)
        whole = datetime.fromtimestamp(record.written_ns // 10**9, timezone.utc)
        self.assertEqual(record.written.replace(microsecond=0), whole)
        self.assertIn(str(record.id), repr(record))

    def test_all_kinds_of_input_are_alike(self):
        texts = [record.json() for record in evx.open(self.path)]
        log = pathlib.Path(self.path).read_bytes()
        with open(self.path, "rb") as file, open(self.path, "rb", buffering=0) as raw:
            for source in (log, bytearray(log), memoryview(log), io.BytesIO(log), file, raw):
                self.assertEqual([record.json() for record in evx.open(source)], texts)
        reader, writer = os.pipe()

        def write():
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(log)

        thread = threading.Thread(target=write)
        thread.start()
        with os.fdopen(reader, "rb") as pipe:
            records = list(evx.open(pipe, format=None))
        thread.join()
        self.assertEqual([record.json() for record in records], texts)

    def test_a_log_can_be_iterated_again(self):
        log = evx.open(self.path)
        self.assertEqual([r.id for r in log], [r.id for r in log])

    def test_queries(self):
        all_ids = [r.event_id for r in evx.open(self.path)]
        wanted = max(set(all_ids), key=all_ids.count)
        for query in (f"*[System[EventID={wanted}]]", {"ids": str(wanted)}, {"ids": [wanted]}):
            ids = [r.event_id for r in evx.open(self.path, query=query)]
            self.assertEqual(ids, [wanted] * all_ids.count(wanted))
        with self.assertRaises(evx.Error) as caught:
            evx.open(self.path, query="*[")
        self.assertEqual((caught.exception.status, caught.exception.offset), ("EVX_ERR_ARGUMENT", 2))
        with self.assertRaisesRegex(ValueError, "no condition is called 'id'"):
            evx.open(self.path, query={"id": 1})

    def test_header(self):
        info = evx.open(self.path).info
        self.assertEqual(info["size"], os.path.getsize(self.path))
        self.assertEqual(info["chunk_count"], (info["size"] - 4096) // 65536)
        self.assertEqual((info["is_dirty"], info["major_version"]), (False, 3))


class Damage(WithLog):
    def setUp(self):
        self.log = damaged(self.path, [4096 + 65536])  # the magic of the second chunk
        self.whole = len(list(evx.open(self.path)))

    def test_warn(self):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            left = len(list(evx.open(self.log)))
        self.assertTrue(0 < left < self.whole)
        chunk = [w.message.error for w in seen if w.message.error.kind == "EVX_DAMAGE_CHUNK_MAGIC"]
        self.assertEqual([(e.status, e.chunk, e.offset, e.is_note) for e in chunk], [("EVX_ERR_CHUNK", 1, 69632, False)])
        self.assertTrue(all(issubclass(w.category, evx.EvxWarning) for w in seen))

    def test_raise_and_go_on(self):
        records, errors, log = 0, [], iter(evx.open(self.log, damage="raise"))
        while True:
            try:
                next(log)
                records += 1
            except StopIteration:
                break
            except evx.Error as error:
                errors.append(error.kind)
        self.assertEqual(errors, ["EVX_DAMAGE_CHUNK_MAGIC"])
        self.assertEqual(records, len(list(evx.open(self.log, damage="ignore"))))

    def test_callable(self):
        seen = []
        for record in evx.open(self.log, damage=seen.append):
            pass
        self.assertIn("EVX_DAMAGE_CHUNK_MAGIC", [error.kind for error in seen])
        with self.assertRaises(ZeroDivisionError):
            list(evx.open(self.log, damage=lambda error: 1 / 0))
        with self.assertRaisesRegex(ValueError, "damage is"):
            evx.open(self.log, damage="loud")

    def test_errors_are_exceptions(self):
        with self.assertRaises(FileNotFoundError):
            evx.open(os.path.join(self.folder, "none.evtx"))
        with self.assertRaises(evx.Error) as caught:
            evx.open(self.folder)
        self.assertEqual((caught.exception.status, caught.exception.errno), ("EVX_ERR_IO", 21))
        with self.assertRaises(evx.Error) as caught:
            evx.open(b"no log")
        self.assertIsInstance(caught.exception, OSError)
        self.assertEqual(caught.exception.kind, "EVX_DAMAGE_FILE_CUT")
        with self.assertRaises(evx.Error):
            evx.open(self.path, ansi_codec="none")
        for wrong in (5, None):
            with self.assertRaises(TypeError):
                evx.open(wrong)
        with self.assertRaises(ValueError):
            evx.open(self.path, format="csv")

    def test_errors_pickle(self):
        seen = []
        list(evx.open(self.log, damage=seen.append))
        again = pickle.loads(pickle.dumps(seen[0]))
        self.assertEqual((repr(again), again.causes, again.length), (repr(seen[0]), seen[0].causes, seen[0].length))

    def test_file_objects_that_fail(self):
        class Fails(io.BytesIO):
            reads = 0

            def read(self, size=-1):
                self.reads += 1
                if self.reads > 2:
                    raise RuntimeError("the disk is gone")
                return super().read(size)

        with self.assertRaisesRegex(RuntimeError, "the disk is gone"):
            list(evx.open(Fails(self.log), damage="ignore"))
        with self.assertRaisesRegex(TypeError, "must return bytes"):
            evx.open(io.StringIO("text"))

    def test_a_file_object_cannot_use_the_log_that_reads_it(self):
        class Nosy(io.BytesIO):
            records = None

            def read(self, size=-1):
                if self.records is not None:
                    next(self.records)
                return super().read(size)

        file = Nosy(self.log)
        records = iter(evx.open(file, damage="ignore"))
        file.records = records
        with self.assertRaisesRegex(RuntimeError, "while it reads"):
            next(records)


class Life(WithLog):
    def test_close(self):
        with evx.open(self.path) as log:
            records = list(log)
        self.assertTrue(records[0].json())
        with self.assertRaisesRegex(ValueError, "closed"):
            records[0].xml()
        with self.assertRaisesRegex(ValueError, "closed"):
            iter(log)
        log.close()

    def test_threads_share_an_iterator(self):
        records, ids = iter(evx.open(self.path)), []

        def take():
            for record in records:
                ids.append((record.id, len(record.xml())))

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(ids), [(r.id, len(r.xml())) for r in evx.open(self.path)])

    def test_ctrl_c_ends_a_query_without_hits(self):
        class Endless(io.RawIOBase):
            """The log's first chunk again and again, a terabyte of it."""

            log = pathlib.Path(self.path).read_bytes()[:4096 + 65536]
            place = 0

            def seek(self, offset, whence=0):
                self.place = offset if whence == 0 else 4096 + 65536 * 2**24
                return self.place

            def seekable(self):
                return True

            def read(self, size=-1):
                start = 4096 + (self.place - 4096) % 65536 if self.place >= 4096 else self.place
                piece = self.log[start:start + size]
                self.place += len(piece)
                return piece

        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        begin = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            for record in evx.open(Endless(), query="*[System[EventID=1]]", damage="ignore", format=None):
                pass
        self.assertLess(time.monotonic() - begin, 10)

    def test_memory_is_given_back(self):
        def use():
            for _ in range(30):
                for record in evx.open(self.path):
                    pass
                record.xml()
                try:
                    evx.open(b"no log")
                except evx.Error:
                    pass
            gc.collect()

        use()
        before = resident_kb()
        use()
        use()
        self.assertLess(resident_kb() - before, 6000 if "asan" not in os.environ.get("LD_PRELOAD", "") else 200000)

    def test_open_files_are_closed(self):
        gc.collect()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            next(iter(evx.open(self.path)))
        gc.collect()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


class RealLogs(unittest.TestCase):
    def test_samples(self):
        logs = sample_logs()
        if not logs:
            self.skipTest("no real logs here")
        for path in logs if os.environ.get("EVX_PYTHON_LONG") else logs[::4]:
            with self.subTest(path=path):
                records = list(evx.open(path, damage="ignore", format=None))
                self.assertEqual([r.json() for r in evx.open(path, damage="ignore")],
                                 dump(path, "-o", "jsonl", "-t", "1"))
                for record in records[:: max(1, len(records) // 20)]:
                    self.assertEqual(record.xml(), record.xml())


if __name__ == "__main__":
    unittest.main()
