# SPDX-License-Identifier: MIT
"""The XPath of event queries: tokens, grammar, and evaluation over the nodes of one record.

Every expression has `test(context)`, which answers True, False or None (see values.py). Sets of nodes are lists
of (node, sure), where sure is None for a node that is in the set only if some value is of the right kind.
"""
import re
from fractions import Fraction

from markup import Node
from values import (BOOL, INTEGER, OPERATORS, STRING, TICKS_PER_SECOND, TIME, Literal, agreed, all3, any3, compare,
                    not3, number, time_or_ticks, whole)

NESTING = 256
LENGTH = 1 << 20
TICKS_PER_MILLISECOND = TICKS_PER_SECOND // 1000


class QueryError(Exception):
    """A query that is refused."""

    def __init__(self, message, text=None, place=0):
        """The place is told in bytes of the UTF-8 text."""
        super().__init__(f"byte {size(text[:place])}: {message}" if text is not None else message)


def size(text):
    return len(text.encode("utf-8", "surrogatepass"))


def check_length(text):
    if size(text) > LENGTH:
        raise QueryError(f"longer than {LENGTH} bytes")


# ---- evaluation ----

class Context:
    """The node that paths start from, and its place in its list: None where that depends on kinds."""

    def __init__(self, node, position, run):
        self.node = node
        self.position = position
        self.run = run


class Any:
    def __init__(self, operands):
        self.operands = operands

    def test(self, context):
        return any3(operand.test(context) for operand in self.operands)


class All:
    def __init__(self, operands):
        self.operands = operands

    def test(self, context):
        return all3(operand.test(context) for operand in self.operands)


class Step:
    def __init__(self, attribute, name, predicates):
        self.attribute = attribute
        self.name = name
        self.predicates = predicates

    def select(self, node, run):
        selected = [(each, True) for each in self.candidates(node)]
        for predicate in self.predicates:
            selected = filtered(selected, predicate, run)
        return selected

    def candidates(self, node):
        if self.name == "text()":
            return [] if self.attribute or node.children or not node.text else [Node("", node.path, node.text)]
        nodes = node.attributes if self.attribute else node.children
        return [each for each in nodes if self.name in ("*", each.name)]


def filtered(nodes, predicate, run):
    """The nodes that satisfy a predicate. A node behind one that may be gone has no certain place."""
    kept = []
    certain = True
    for place, (node, sure) in enumerate(nodes, 1):
        truth = all3((sure, predicate.test(Context(node, place if certain else None, run))))
        certain = certain and sure is True
        if truth is not False:
            kept.append((node, truth))
    return kept


class Path:
    def __init__(self, steps):
        self.steps = steps

    def select(self, context):
        nodes = [(context.node, True)]
        for step in self.steps:
            nodes = [(node, all3((sure, own))) for parent, sure in nodes
                     for node, own in step.select(parent, context.run)]
        return nodes

    def test(self, context):
        return any3(sure for _, sure in self.select(context))

    def values(self, context):
        """Each value as (what is sure, its possible kinds, its text)."""
        return [(sure, context.run.kinds(node), node.value()) for node, sure in self.select(context)
                if node.value() is not None]


class Constant:
    """A literal in the place of a path."""

    def __init__(self, literal):
        self.literal = literal

    def values(self, _context):
        return [(True, (INTEGER if self.literal.is_number else STRING,), self.literal.text)]


class Comparison:
    def __init__(self, path, op, literal):
        self.path = path
        self.op = op
        self.literal = literal

    def test(self, context):
        return any3(all3((sure, compare(kinds, text, self.op, self.literal)))
                    for sure, kinds, text in self.path.values(context))


class Position:
    def __init__(self, op, literal):
        self.op = op
        self.literal = literal

    def test(self, context):
        if context.position is None:
            return None
        return compare((INTEGER,), str(context.position), self.op, self.literal)


class Band:
    """Without an operator: whether some pair has a common bit."""

    def __init__(self, left, right):
        self.sides = (left, right)
        self.op = self.literal = None

    def test(self, context):
        common = self.some_pair(context, lambda left, right: left & right != 0)
        if self.op is None:
            return common
        computed = self.some_pair(context, lambda left, right: True)
        return any3((all3((common, self.holds("true"))),
                     all3((computed, not3(common), self.holds("false")))))

    def holds(self, truth):
        return compare((BOOL,), truth, self.op, self.literal)

    def some_pair(self, context, condition):
        left, right = (side.values(context) for side in self.sides)
        return any3(all3((sure_a, sure_b, agreed(
            a is not None and b is not None and condition(a, b)
            for a in masks(kinds_a, text_a) for b in masks(kinds_b, text_b))))
            for sure_a, kinds_a, text_a in left for sure_b, kinds_b, text_b in right)


def masks(kinds, text):
    return [whole(number(text)) if kind in (INTEGER, STRING) else int(text == "true") if kind == BOOL else None
            for kind in kinds]


class TimeDifference:
    """Milliseconds from the first to the second; without an operator: whether there are any."""

    def __init__(self, path, reference):
        self.path = path
        self.reference = reference
        self.op, self.literal = "!=", Literal("0", is_number=True)

    def test(self, context):
        return any3(all3((sure_t, sure_r, agreed(
            self.holds(t, r) for t in moments(kinds_t, text_t) for r in moments(kinds_r, text_r))))
            for sure_t, kinds_t, text_t in self.path.values(context)
            for sure_r, kinds_r, text_r in self.references(context))

    def references(self, context):
        if self.reference is None:
            return [(True, ("ticks",), str(context.run.now))]
        return self.reference.values(context)

    def holds(self, start, end):
        if start is None or end is None or self.literal.number is None:
            return False
        return OPERATORS[self.op](quotient(end - start, TICKS_PER_MILLISECOND), self.literal.number)


def quotient(dividend, divisor):
    return Fraction(dividend, divisor) if isinstance(dividend, int) else dividend / divisor


class Ticks(Constant):
    def values(self, _context):
        return [(True, ("ticks",), self.literal.text)]


def moments(kinds, text):
    return [number(text) if kind == "ticks" else time_or_ticks(text) if kind in (TIME, STRING) else None
            for kind in kinds]


# ---- tokens ----

TOKEN = re.compile(
    r"(?P<name>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_.\x80-\U0010ffff-]*)"
    r"|(?P<number>0x[0-9A-Fa-f]+|-?[0-9]+(?:\.[0-9]*)?)"
    r"|(?P<string>'[^']*'|\"[^\"]*\")"
    r"|(?P<symbol>!=|<=|>=|::|[=<>()\[\]/@*,])")
BLANKS = re.compile(r"[ \t\r\n]*")


class Token:
    def __init__(self, kind, text, place):
        self.kind = kind
        self.text = text
        self.place = place

    def __str__(self):
        return "the end" if self.kind == "end" else f"'{self.text}'"


def tokens(query):
    found = []
    place = BLANKS.match(query).end()
    while place < len(query):
        match = TOKEN.match(query, place)
        if not match:
            raise QueryError(bad_character(query, place), query, place)
        found.append(Token(match.lastgroup, match[0], place))
        place = BLANKS.match(query, match.end()).end()
    return found + [Token("end", "", place)]


def bad_character(query, place):
    if query[place] in "'\"":
        return "this string has no end; a value with an apostrophe takes the other quote"
    if re.match(r"&(lt|gt|amp|quot|apos);", query[place:]):
        return "references such as &lt; are of XML; write the character itself"
    return f"unexpected character {query[place]!r}"


# ---- grammar ----

def parse_xpath(query):
    check_length(query)
    return Parser(query).query()


REFUSED_CALLS = {"not": "there is no not(); use != or Suppress",
                 "contains": "there is no contains(); use --data 'Name|contains=...'",
                 "starts-with": "there is no starts-with(); use --data 'Name|startswith=...'"}


class Parser:
    def __init__(self, query):
        self.text = query
        self.tokens = tokens(query)
        self.index = 0
        self.parentheses = 0
        self.predicates = 0

    @property
    def token(self):
        return self.tokens[self.index]

    def fail(self, message, token=None):
        raise QueryError(message, self.text, (token or self.token).place)

    def accept(self, *texts):
        """The next token if it is one of these symbols or names."""
        token = self.token
        if token.kind in ("symbol", "name") and token.text in texts:
            self.index += 1
            return token
        return None

    def expect(self, text):
        if not self.accept(text):
            self.fail(f"expected '{text}', found {self.token}" + self.hint())

    def hint(self):
        return "; operators are lower case" if self.token.text in ("OR", "AND", "Or", "And") else ""

    def next_is(self, text):
        following = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        return following.kind == "symbol" and following.text == text

    def query(self):
        expression = self.any()
        if self.token.kind != "end":
            self.fail(f"expected 'and', 'or' or the end, found {self.token}" + self.hint())
        return expression

    def any(self):
        operands = [self.all()]
        while self.accept("or"):
            operands.append(self.all())
        return operands[0] if len(operands) == 1 else Any(operands)

    def all(self):
        operands = [self.operand()]
        while self.accept("and"):
            operands.append(self.operand())
        return operands[0] if len(operands) == 1 else All(operands)

    def operand(self):
        if self.accept("("):
            return self.group()
        if self.token.kind == "number":
            return self.place_number()
        if self.token.kind == "string":
            self.fail("a constant stands on the right of an operator only")
        if self.token.kind == "name" and self.next_is("(") and self.token.text != "text":
            return self.call()
        path = self.path()
        op = self.operator()
        return Comparison(path, op, self.literal()) if op else path

    def group(self):
        self.parentheses = self.deeper(self.parentheses, "parentheses")
        expression = self.any()
        self.expect(")")
        self.parentheses -= 1
        return expression

    def deeper(self, depth, what):
        if depth == NESTING:
            self.fail(f"more than {NESTING} {what} in one another", self.tokens[self.index - 1])
        return depth + 1

    def place_number(self):
        """A number alone is a place in a list."""
        if not self.predicates:
            self.fail("a number stands in a predicate or on the right of an operator only")
        literal = self.literal()
        if self.token.text in OPERATORS:
            self.fail("the left side must be a path or a call, the right one a constant")
        return Position("=", literal)

    def operator(self):
        token = self.accept(*OPERATORS)
        return token.text if token else None

    def literal(self):
        token = self.token
        if token.kind not in ("number", "string"):
            self.fail(f"expected a number or a string, found {token}")
        self.index += 1
        return Literal(token.text, True) if token.kind == "number" else Literal(token.text[1:-1])

    # -- calls --

    def call(self):
        name = self.token
        function = {"POSITION": self.position, "BAND": self.band, "TIMEDIFF": self.time_difference}.get(
            name.text.upper())
        if not function:
            self.fail(REFUSED_CALLS.get(name.text, f"there is no function {name.text}"))
        self.index += 2
        return function(name)

    def position(self, name):
        self.expect(")")
        op = self.operator()
        if not self.predicates or not op:
            self.fail("position() stands before an operator in a predicate only", name)
        return Position(op, self.literal())

    def band(self, _name):
        left = self.band_side()
        self.expect(",")
        right = self.band_side()
        self.expect(")")
        return self.compared(Band(left, right))

    def band_side(self):
        return Constant(self.literal()) if self.token.kind == "number" else self.path()

    def time_difference(self, _name):
        path = self.path()
        reference = self.reference() if self.accept(",") else None
        self.expect(")")
        return self.compared(TimeDifference(path, reference))

    def reference(self):
        if self.token.kind == "number":
            return Ticks(self.literal())
        return Constant(self.literal()) if self.token.kind == "string" else self.path()

    def compared(self, call):
        op = self.operator()
        if op:
            call.op, call.literal = op, self.literal()
        return call

    # -- paths --

    def path(self):
        first = self.token
        steps = [self.step()]
        if not self.predicates:
            self.check_start(steps[0], first)
        while self.accept("/"):
            steps.append(self.step())
        return Path(steps)

    def check_start(self, step, token):
        if step.attribute or step.name not in ("*", "Event"):
            hint = "; event codes are System/EventID" if step.name == "EventCode" else ""
            self.fail(f"a path must start with * or Event, not {token.text}{hint}", token)

    def step(self):
        attribute = bool(self.accept("@")) or self.axis()
        name = self.node_test()
        predicates = []
        while self.accept("["):
            self.predicates = self.deeper(self.predicates, "predicates")
            predicates.append(self.any())
            self.expect("]")
            self.predicates -= 1
        return Step(attribute, name, predicates)

    def axis(self):
        if self.token.kind != "name" or not self.next_is("::"):
            return False
        if self.token.text not in ("child", "attribute"):
            self.fail(f"there is no axis {self.token.text}, only child and attribute")
        self.index += 2
        return self.tokens[self.index - 2].text == "attribute"

    def node_test(self):
        token = self.token
        if token.kind != "name" and token.text != "*":
            self.fail(f"expected a name or *, found {token}")
        self.index += 1
        if token.text == "text" and self.accept("("):
            self.expect(")")
            return "text()"
        if token.kind == "name" and self.token.text == "(":
            self.fail("a call is no step of a path", token)
        return token.text


# ---- predicates of records ----

class XPathQuery:
    def __init__(self, text):
        self.expression = parse_xpath(text)

    def test(self, record, run):
        return self.expression.test(Context(record.document, None, run))
