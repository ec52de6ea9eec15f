#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes random valid queries over what stands in a log, for tests of the engine against the oracle.

    random_queries.py [--seed N] [--count N] FILE...

A FILE is what `evx dump -o xml` wrote. Each line of the output is a JSON list of arguments for `evx query` or
oracle.py. The seed goes to the standard error; the same seed, count and files give the same queries.

A query follows the elements of some record, so that it has a chance to select it, and leaves its way at random:
other names, other values, other spellings of the same value, and all of the grammar.
"""
import argparse
import json
import pathlib
import random
import re
import sys
from xml.sax.saxutils import escape, quoteattr

from record import read_records
from structured import log_name_of
from values import number, stamp, time_ticks

NOW = "2026-01-01T00:00:00Z"
OPERATORS = ("=",) * 8 + ("!=", "<", "<=", ">", ">=")
STRANGERS = ("Nothing", "data", "eventid", "or", "and", "Data", "EventData", "x-y.z", "Gr\u00f6\u00dfe")
WORDS = ("", "a", "-", "0", "00", "0x10", "1e3", "true", "S-1-5-18", "2017-06-14", "\u00e9", "STRASSE", "%%1904")
LONGEST = 200
UNSAYABLE = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class Material:
    """Records of a log; not all of them, as one record of a kind is as good as another."""

    def __init__(self, dice, names):
        self.dice = dice
        self.records = []
        for name in map(pathlib.Path, names):
            text = name.read_bytes().decode("utf-8", "surrogateescape")
            records = read_records(text, log_name_of(name.name))
            self.records += dice.sample(records, min(len(records), 300))
        if not self.records:
            raise SystemExit("no records")

    def record(self):
        return self.dice.choice(self.records)

    def root(self):
        return self.record().document.children[0]

    def value(self):
        """Some value of some record."""
        nodes = [node for node in self.root().everything() if sayable(node.value())]
        return self.dice.choice(nodes).value()


def sayable(value):
    """Whether a value can be in an argument and in XML, where line ends change, and is not too long."""
    return value is not None and len(value) <= LONGEST and not UNSAYABLE.search(value)


class XPathMaker:
    def __init__(self, dice, material):
        self.dice = dice
        self.material = material

    def chance(self, part):
        return self.dice.random() < part

    def query(self):
        return self.chain(lambda: self.path_from_root(self.material.root()), (6, 2, 1))

    def chain(self, operand, weights):
        """One operand or more, with 'and', 'or' and parentheses between."""
        count = self.dice.choices(range(1, len(weights) + 1), weights)[0]
        text = operand()
        for _ in range(count - 1):
            text += self.blank(needed=True) + self.dice.choice(("and", "or")) + self.blank(needed=True) + operand()
            if self.chance(0.4):
                text = self.parentheses(text)
        return self.parentheses(text) if self.chance(0.1) else text

    def parentheses(self, text):
        return f"({self.blank()}{text}{self.blank()})"

    def blank(self, needed=False):
        return self.dice.choice((" ", "\n\t", "  ")) if needed or self.chance(0.1) else ""

    # -- paths --

    def path_from_root(self, root):
        start = self.dice.choice(("*", "*", "*", "Event", "child::*"))
        step = start + self.predicates(root, 3)
        if self.chance(0.15):
            rest, node = self.relative(root, 2)
            return f"{step}/{rest}{self.ending(node)}"
        return step

    def predicates(self, node, depth):
        """Often one, seldom more, none at a depth of 0."""
        count = self.dice.choices((0, 1, 2), (1, 8, 1))[0] if depth > 0 else 0
        return "".join(f"[{self.blank()}{self.tests(node, depth - 1)}{self.blank()}]" for _ in range(count))

    def tests(self, node, depth):
        return self.chain(lambda: self.test(node, depth), (6, 3, 1))

    def test(self, node, depth):
        if self.chance(0.06) or not (node.children or node.attributes):
            return self.place()
        if self.chance(0.06):
            return self.band(node, depth)
        if self.chance(0.06):
            return self.time_difference(node, depth)
        text, end = self.relative(node, depth)
        return text + self.ending(end)

    def relative(self, node, depth):
        """A path below a node, and the node where it ends."""
        steps = []
        while True:
            is_attribute = bool(node.attributes) and (not node.children or self.chance(0.3))
            node = self.dice.choice(node.attributes if is_attribute else node.children)
            steps.append(self.step(node, is_attribute, depth))
            if is_attribute or not (node.children or node.attributes) or self.chance(0.5):
                return "/".join(steps), node

    def step(self, node, is_attribute, depth):
        name = node.name
        if self.chance(0.05):
            name = self.dice.choice(("*", "*", "text()") + STRANGERS)
        axis = self.dice.choice(("@", "@", "@", "attribute::")) if is_attribute else self.dice.choice(
            ("", "", "", "", "child::"))
        leaf_name = node.attribute("Name") if not is_attribute else None
        if sayable(leaf_name) and self.chance(0.7):
            return f"{axis}{name}[@Name={self.quoted(leaf_name)}]" + self.predicates(node, depth - 2)
        return axis + name + (self.predicates(node, depth) if self.chance(0.5) else "")

    def ending(self, node):
        if self.chance(0.15):
            return ""
        return f"{self.blank()}{self.dice.choice(OPERATORS)}{self.blank()}{self.literal(node.value())}"

    # -- calls --

    def place(self):
        spelling = self.dice.choice(("{}", "{}", "position()={}", "position() {op} {}", "POSITION( )<={}"))
        return spelling.format(self.dice.choice((0, 1, 1, 2, 3, 4, "1.0", "1.5", -1)), op=self.dice.choice(OPERATORS))

    def band(self, node, depth):
        path, end = self.relative(node, depth)
        mask = self.dice.choice((1 << self.dice.randrange(64), self.dice.getrandbits(64), -1, 0,
                                 number(end.value() or "") or 1))
        compared = self.dice.choice(("", "", "", "=0", "!=0", "=1", "='true'"))
        return f"{self.dice.choice(('band', 'Band'))}({path},{self.blank()}{mask}){compared}"

    def time_difference(self, node, depth):
        path, end = self.relative(node, depth)
        ticks = time_ticks(end.value() or "") or time_ticks(NOW)
        reference = self.dice.choice(("", "", f",{ticks + 1}", f",'{NOW}'", f",'{ticks}'", "," + path))
        age = self.dice.choice((0, 0.5, 86400000, (time_ticks(NOW) - ticks) // 10000))
        return f"timediff({path}{reference}){self.dice.choice(OPERATORS)}{age}"

    # -- literals --

    def literal(self, value):
        if not sayable(value) or self.chance(0.15):
            value = self.dice.choice((self.material.value(), self.dice.choice(WORDS)))
        as_number = number(value)
        if isinstance(as_number, int) and self.chance(0.7):
            return self.number_like(as_number)
        return self.quoted(self.respelled(value))

    def number_like(self, value):
        near = value + self.dice.choice((0, 0, 0, 0, 0, 1, -1))
        text = self.dice.choice((str(near), str(near), hexadecimal(near), f"{near}.0", f"{near}.5"))
        quoted = self.dice.choice((f" {near}", f"0{near}" if near >= 0 else str(near), hexadecimal(near).upper(), text))
        return text if self.chance(0.6) else self.quoted(quoted)

    def respelled(self, value):
        """The same value to some rule of comparison, or nearly."""
        ways = [value] * 4 + [value.swapcase(), value.strip("{}"), value[:-1], value + " "]
        if stamp(value):
            ways += [value[:10], value.rstrip("Z"), value.replace("T", " "), value[:19] + "Z", value[:-1] + "+00:00"]
        return self.dice.choice(ways)

    def quoted(self, value):
        """No literal says a value with both quotes."""
        if '"' in value and "'" in value:
            value = value.replace('"', "")
        quote = '"' if "'" in value else "'" if '"' in value else self.dice.choice("'\"")
        return quote + value + quote


def hexadecimal(value):
    return f"0x{value:x}" if value >= 0 else str(value)


class ArgumentMaker:
    """Arguments with XPath, structured queries, or filters."""

    def __init__(self, dice, material):
        self.dice = dice
        self.material = material
        self.xpath = XPathMaker(dice, material)

    def arguments(self):
        make = self.dice.choices((self.plain, self.channel, self.structured, self.filters), (6, 1, 2, 3))[0]
        return ["--now", NOW] + make() + self.common()

    def plain(self):
        return ["-q", self.xpath.query()]

    def common(self):
        """What goes with every query."""
        found = []
        for part, option in ((0.1, ["--invert"]), (0.05, ["-r"]), (0.05, ["-n", "3"]), (0.05, ["--any-channel"]),
                             (0.1, ["--suppress", self.xpath.query()])):
            if self.dice.random() < part:
                found += option
        return found

    def path(self):
        record = self.material.record()
        name = self.dice.choice((record.channel or "System", record.log_name, "Elsewhere"))
        return self.dice.choice((name, name.upper(), "file://C:\\logs\\" + name.replace("/", "%4") + ".evtx"))

    def channel(self):
        return ["-q", self.path() + "!" + self.xpath.query()]

    def structured(self):
        queries = "".join(self.one_query(i) for i in range(self.dice.choice((1, 1, 2))))
        return ["-q", f"<QueryList>{queries}</QueryList>"]

    def one_query(self, identifier):
        paths = [self.path() for _ in range(self.dice.choice((1, 2)))]
        filters = [self.one_filter("Select", path) for path in paths]
        filters += [self.one_filter("Suppress", self.dice.choice(paths)) for _ in range(self.dice.choice((0, 1, 2)))]
        self.dice.shuffle(filters)
        return f'<Query Id="{identifier}" Path={quoteattr(paths[0])}>{"".join(filters)}</Query>'

    def one_filter(self, name, path):
        return f"<{name} Path={quoteattr(path)}>{escape(self.xpath.query())}</{name}>"

    # -- filters --

    def filters(self):
        makers = self.dice.sample((self.ids, self.levels, self.names, self.data, self.search, self.times,
                                   self.keywords, self.record_ids), self.dice.choice((1, 1, 2)))
        return [argument for make in makers for argument in make()]

    def system(self, *path, default="0"):
        nodes = self.material.record().values("System", *path)
        return nodes[0].value() if nodes else default

    def ids(self):
        event = int(self.system("EventID")) % 65536
        low = max(event - self.dice.randrange(100), 0)
        items = [str(event), f"{low}-{low + 200}" if low < 65000 else "0-9", f"-{event}", f"-{low}-{low + 100}"]
        option = self.dice.choice(("--id", "--id", "--exclude-id"))
        chosen = self.dice.sample(items[:2] if option == "--exclude-id" else items, self.dice.choice((1, 2)))
        return [f"{option}={', '.join(chosen)}"]

    def levels(self):
        return ["--level", ",".join(self.dice.sample(
            ("info", "4", "0", "Error", "2", "warning", "critical", "verbose", "logalways", "255"), 2))]

    def names(self):
        option, path = self.dice.choice((("provider", ("Provider", "@Name")), ("channel", ("Channel",)),
                                         ("computer", ("Computer",))))
        name = self.system(*path, default="none").replace(",", "?")
        pattern = self.dice.choice((name, name.upper(), name[:3] + "*", "*" + name[3:], "?" + name[1:]))
        return [f"--{self.dice.choice(('', '', 'exclude-'))}{option}={pattern}"]

    def data(self):
        record = self.material.record()
        nodes = [node for node in record.values("EventData", "Data") + record.values("UserData", "*", "*")
                 if sayable(node.value())]
        if not nodes:
            return self.search()
        node = self.dice.choice(nodes)
        name = node.attribute("Name") or node.name
        # "Data" means all data without a name, which the evaluator does not know.
        if name == "Data" or not name.isascii() or any(character in name for character in "=|"):
            return self.search()
        return [f"--data={name}{self.condition(node.value())}"]

    def condition(self, value):
        cut = self.dice.randrange(len(value) + 1)
        plain = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
        conditions = ["", f"={value}", f"={value.swapcase()}", f"|neq={value}", "|exists=true", "|exists=FALSE",
                      f"|startswith={value[:cut]}", f"|endswith={value[cut:]}", f"|contains={value[cut:cut + 3]}",
                      f"|cased={plain}", f"|contains|cased={plain[:cut]}"]
        if isinstance(number(value), int):
            conditions += [f"|{op}={number(value)}" for op in ("lt", "lte", "gt", "gte")]
        return self.dice.choice(conditions)

    def search(self):
        value = self.material.value() or "e"  # an empty one is refused
        cut = self.dice.randrange(len(value))
        return [f"--search={value[cut:cut + 6].swapcase()}"]

    def times(self):
        when = self.system("TimeCreated", "@SystemTime", default=NOW)
        edge = self.dice.choice((when, when[:10], when[:19], when[:16].replace("T", " "), when[:10] + " 00:00 +02:00"))
        return [self.dice.choice((f"--from={edge}", f"--to={edge}", "--last=9y3M2d"))]

    def keywords(self):
        return ["--keywords", self.dice.choice(("audit-success", "audit-failure,classic", self.system("Keywords"), "1"))]

    def record_ids(self):
        low = int(self.system("EventRecordID"))
        return ["--record-id", self.dice.choice((f"{low}", f"{low}-{low + 50}", f"1,{low}"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr)
    dice = random.Random(options.seed)
    maker = ArgumentMaker(dice, Material(dice, options.files))
    for _ in range(options.count):
        print(json.dumps(maker.arguments(), ensure_ascii=True))


if __name__ == "__main__":
    main()
