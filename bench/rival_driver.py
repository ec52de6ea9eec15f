# SPDX-License-Identifier: MIT
"""The command line that the Python libraries among the rivals lack: dumps a log to standard output.

usage: rival_driver.py LIBRARY xml|jsonl THREADS LOG
       rival_driver.py LIBRARY version

Runs in the interpreter of the rivals, without anything of ours, and imports only the library asked for.
"""
import sys


def evtx(log, output_format, threads):
    from evtx import PyEvtxParser
    parser = PyEvtxParser(log, number_of_threads=threads, skip_errors=True)
    for record in parser.records() if output_format == "xml" else parser.records_json():
        yield record["data"]


def python_evtx(log, _output_format, _threads):
    from Evtx.Evtx import Evtx
    with Evtx(log) as file:
        for record in file.records():
            yield record.xml()


def dissect_eventlog(log, _output_format, _threads):
    """The library gives a flat dictionary, whose values are only good until the next record."""
    import json

    from dissect.eventlog.evtx import Evtx

    def plain(value):
        value = value.get() if hasattr(value, "get") else value
        if isinstance(value, bytes):
            return value.decode("latin-1")
        return value if value is None or isinstance(value, (str, int)) else str(value)

    with open(log, "rb") as file:
        for record in Evtx(file):
            yield json.dumps(record, default=plain)


LIBRARIES = {"evtx": evtx, "python-evtx": python_evtx, "dissect.eventlog": dissect_eventlog}


def main(library, action, threads="1", log=None):
    if action == "version":
        from importlib.metadata import version
        print(version(library))
        return
    for record in LIBRARIES[library](log, action, int(threads)):
        sys.stdout.write(record)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
