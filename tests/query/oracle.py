#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Says which records of logs an event query selects: slow, plain, and written from the specification of the
queries alone, so that the engine can be tested against it.

    oracle.py [OPTIONS] [QUERY] [FILE]...

A FILE is what `evx dump -o xml` wrote, or an .evtx file, which the program $EVX or --evx turns into that. As in
`evx query`, the first argument is the query unless an option gives one. The ids of the selected records
(those of 'Record N') are printed, one a line. The exit code is 0 if there is one, 1 if there is none, 2 for
a query that is refused, whose place is told.

The XML does not tell the types of values, and some comparisons depend on them. --types FILE takes them from
what `evx templates -o json` wrote for the logs; without it a value that looks like a number, a time, a GUID or a
SID is taken for one. With --unsure a record whose selection depends on that is printed as 'N ?', selected or not.

--batch FILE evaluates many queries at once: each line of FILE is a JSON list of arguments, and each line of the
output a JSON list with the printed lines per log, as with --unsure, or the error as a string.

DECISIONS, where the specification leaves a choice or a hole

Language
- '!=' does not end a channel: `Event/System/EventID!=5` is XPath.
- A number alone is a test in a predicate only; position() stands in a predicate and before an operator only. That
  a path starts with * or Event holds for paths in calls outside of predicates, too.
- band() compares as a truth value, and has bits of numbers and of truth values, which are 1 and 0. Where it or
  timediff() cannot be computed, the comparison is false whatever the operator. timediff() alone is true if it is not 0; with a literal that is no number it is false.
- text() is the text of an element without element children, if there is some. Paths that can select nothing
  (`@a/b`, `@text()`) are legal.
- xmlns is an attribute; prefixes are cut off the names of elements and attributes.
- Numbers in values and in string literals have one syntax: 0x and digits, or [+-]digits[.digits][exponent], blanks
  around. What fits no 64-bit integer is a double, so 1.00000000000000000001 equals 1.
- An element whose value is NULL is what the XML shows: it is there and is ''.
- Times of timediff() may be strings, and 18 digits are ticks on either side.
- A GUID in a literal has both braces or none. Bool against text that is no truth value and no number: as text.
- 256 nested parentheses or predicates are taken; those of calls do not count. The limit of length is for the
  text as it is given, XPath or XML.

Structured queries
- Either all filters of a query have a path or none has. Elements without a place in it, an Id that is no number,
  and a DTD are refused. All QueryLists of a container count. -Q takes any form of query.
- Paths are the same if they are so without case, those of files if the names of the files are. A channel and a
  file are never the same path. Percent escapes in file:// are tried both as such and as letters.
- 'file://' compares with the name of the log's file, so 'x.xml' counts as 'x.evtx'.

Options
- An option given again adds alternatives; different ones must all hold; -q and -Q count as one. --suppress takes
  away from that, --invert turns the whole around. Any option that selects makes the first argument a file.
- --level 4 is 4 alone, info is 4 or 0; err, warn and crit are names, too. --keywords is one mask. --exclude-id
  takes no '-' and holds beside --id. --record-id takes 7-7.
- -d looks at what has the name in System, spelled exactly; else at Data by @Name without case and at UserData/*/NAME
  as spelled; not at unnamed Data, but for `param3`, which is also the third Data if it is unnamed.
  The value is Sigma's, with wildcards and escapes; without a modifier, what equals it as ='VALUE' of XPath does is
  the same, too. Values with different modifiers on one field are alternatives: `X|gte=3` and `X|lte=5` hold
  for any number. `all` is for values with the same modifiers. `week` is that of ISO 8601.
- -i is plain text without wildcards; like -e (with case; here by Python's re) it looks at xmlns as well.
- --from and --to take no spans; --last has no upper end. -r reverses the records of each file, -n counts over all.
  -c prints 'N<tab>FILE' and 'N<tab>total'.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import threading

import flags
from flags import AllOf, AnyOf, FlagError, Not
from markup import MarkupError, decode
from record import DeclaredKinds, kinds_by_shape, likely_kind, read_records
from structured import log_name_of, parse_query
from values import time_ticks
from xpath import QueryError

EVX = os.environ.get("EVX", str(pathlib.Path(__file__).resolve().parents[2] / "build" / "evx"))
NAMED = {"provider": flags.system("Provider", "@Name"), "channel": flags.system("Channel"),
         "computer": flags.system("Computer")}


def warn(message):
    print(f"warning: {message}", file=sys.stderr)


class Run:
    """What a predicate asks of the evaluation besides the record."""

    def __init__(self, kinds, now, any_channel=False):
        self.kinds = kinds
        self.now = now
        self.any_channel = any_channel


# ---- command line ----

def natural(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is no number of records")
    return int(text)


def parse_arguments(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], allow_abbrev=False)
    parser.add_argument("inputs", nargs="*", metavar="QUERY or FILE")
    many = {"action": "append", "default": []}
    parser.add_argument("-q", "--query", **many)
    parser.add_argument("-Q", "--query-file", **many)
    parser.add_argument("--id", "--inc", **many)
    parser.add_argument("--exclude-id", "--exc", **many)
    for name in NAMED:
        parser.add_argument(f"--{name}", **many)
        parser.add_argument(f"--exclude-{name}", **many)
    for name in ("--level", "--keywords", "--user", "--record-id", "--suppress"):
        parser.add_argument(name, **many)
    parser.add_argument("--from", "--sd", dest="start")
    parser.add_argument("--to", "--ed", dest="end")
    for name in ("--last", "--now", "--types", "--batch"):
        parser.add_argument(name)
    parser.add_argument("--tz", default="UTC")
    parser.add_argument("-d", "--data", **many)
    parser.add_argument("-i", "--search", **many)
    parser.add_argument("-e", "--regex", **many)
    parser.add_argument("-n", "--max-events", type=natural)
    for name in ("--invert", "--any-channel", "--unsure"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("-r", "--reverse", action="store_true")
    parser.add_argument("-c", "--count", action="store_true")
    parser.add_argument("--evx", default=EVX)
    return parser.parse_intermixed_args(arguments)


LISTS = {  # each takes all values of its option
    "id": flags.id_filter, "exclude_id": flags.excluded_ids, "level": flags.level_filter,
    "keywords": flags.keyword_filter, "user": flags.user_filter, "record_id": flags.record_id_filter,
    "data": flags.data_filter, "search": flags.search_filter, "regex": flags.regex_filter,
    **{name: lambda lists, field=field: flags.name_filter(field, lists) for name, field in NAMED.items()},
    **{f"exclude_{name}": lambda lists, field=field: Not(flags.name_filter(field, lists))
       for name, field in NAMED.items()},
}


def filters(options):
    parts = [make(getattr(options, name)) for name, make in LISTS.items() if getattr(options, name)]
    zone = flags.parse_zone(options.tz)
    if options.start is not None:
        parts.append(flags.time_filter(">=", flags.parse_time(options.start, zone)))
    if options.end is not None:
        parts.append(flags.time_filter("<=", flags.parse_time(options.end, zone, end_of_day=True)))
    if options.last is not None:
        parts.append(flags.Last(options.last))
    return parts + [Not(parse_query(text, warn)) for text in options.suppress]


def query_texts(options):
    def text_of(name):
        data = sys.stdin.buffer.read() if name == "-" else pathlib.Path(name).read_bytes()
        return decode(data, warn)
    return options.query + [text_of(name) for name in options.query_file]


def predicate(options):
    """All filters and some query; takes the query from the inputs where nothing else is one."""
    parts = filters(options)
    texts = query_texts(options)
    if not texts and not parts:
        if not options.inputs:
            raise FlagError("no query")
        texts = [options.inputs.pop(0)]
    if texts:
        parts.append(AnyOf([parse_query(text, warn) for text in texts]))
    return Not(AllOf(parts)) if options.invert else AllOf(parts)


# ---- logs ----

def read_log(path, program):
    data = path.read_bytes()
    if path.suffix == ".evtx":
        # The exit code tells of damage, which is no matter here: what is shown counts.
        data = subprocess.run([program, "dump", "-t", "1", "-o", "xml", "--no-indent", str(path)],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    return read_records(data.decode("utf-8", "surrogateescape"), log_name_of(path.name))


def read_logs(options):
    return [read_log(pathlib.Path(name), options.evx) for name in options.inputs]


def newest(records):
    times = [time_ticks(node.value()) for record in records for node in record.values("System", "TimeCreated",
                                                                                      "@SystemTime")]
    return max((ticks for ticks in times if ticks is not None), default=flags.clock())


def now(options, logs):
    if options.now is None:
        return flags.clock()
    if options.now == "end":
        return newest(record for records in logs for record in records)
    return flags.parse_time(options.now, flags.parse_zone(options.tz))


# ---- evaluation ----

def select(test, records, run):
    """(record, whether that is sure) for each record that is selected, or may be."""
    decided = Run(likely_kind(run.kinds), run.now, run.any_channel)
    for record in records:
        truth = test(record, run)
        if truth is None:
            yield record, test(record, decided), False
        elif truth:
            yield record, True, True


def listed(found, options):
    """The lines for the found records of one log."""
    for record, selected, sure in found:
        if options.unsure and not sure:
            yield f"{record.id} ?"
        elif selected:
            yield str(record.id)


def kinds(options):
    return DeclaredKinds(pathlib.Path(options.types).read_text()) if options.types else kinds_by_shape


def lines_per_log(options, test, logs):
    run = Run(kinds(options), now(options, logs), options.any_channel)
    left = options.max_events
    for records in logs:
        found = select(test, records[::-1] if options.reverse else records, run)
        lines = list(listed(found, options))[:left]
        left = None if left is None else left - len(lines)
        yield lines


TROUBLE = (QueryError, FlagError, MarkupError, OSError, UnicodeError)


def main(arguments=None):
    options = parse_arguments(arguments)
    try:
        return batch(options) if options.batch else once(options)
    except TROUBLE as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def once(options):
    test = predicate(options).test
    found = list(lines_per_log(options, test, read_logs(options)))
    show(found, options)
    return 0 if any(found) else 1


def batch(options):
    logs = read_logs(options)
    for line in pathlib.Path(options.batch).read_text().splitlines():
        print(json.dumps(answer(json.loads(line), options, logs)), flush=True)
    return 0


def answer(arguments, options, logs):
    """What a query of a batch selects in each log, or why it is refused."""
    own = parse_arguments(arguments + ["--unsure"] + (["--types", options.types] if options.types else []))
    try:
        return list(lines_per_log(own, predicate(own).test, logs))
    except TROUBLE as error:
        return f"error: {error}"


def show(found, options):
    if not options.count:
        for lines in found:
            print(*lines, sep="\n", end="\n" if lines else "")
        return
    for name, lines in zip(options.inputs, found):
        print(f"{len(lines)}\t{name}")
    print(f"{sum(map(len, found))}\ttotal")


def with_deep_stack(function):
    """Queries may be nested deeper than the stack of the main thread allows."""
    result = []
    sys.setrecursionlimit(50_000)
    threading.stack_size(512 << 20)
    thread = threading.Thread(target=lambda: result.append(function()))
    thread.start()
    thread.join()
    return result[0] if result else 2


if __name__ == "__main__":
    sys.exit(with_deep_stack(main))
