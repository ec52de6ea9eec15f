# SPDX-License-Identifier: MIT
"""Structured queries (QueryList) and the files that hold them; which form the text of a query has."""
import re
from urllib.parse import unquote

from markup import MarkupError, parse
from values import all3, any3, fold, not3
from xpath import QueryError, XPathQuery, check_length, size

BLANKS = "\ufeff \t\r\n"


# Everything up to a '!' that stands before what a path may begin with; '!=' is an operator.
CHANNEL = re.compile(r"([^*\[('\"!]*)!(?!=)")


def parse_query(text, warn):
    """A predicate from any form of query."""
    stripped = text.lstrip(BLANKS)
    if stripped.startswith("<"):
        return parse_structured(stripped, warn)
    channel = CHANNEL.match(text)
    if not channel:
        return XPathQuery(text)
    if not channel[1].strip(BLANKS):
        raise QueryError("no channel in front of '!'")
    # Blanks in the place of the channel, so that errors tell the place in the whole text.
    xpath = " " * size(channel[0]) + text[channel.end():]
    return Structured([Query([Filter(channel[1].strip(BLANKS), xpath)], [])])


class Filter:
    """A Select or a Suppress; no path means every log."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.xpath = XPathQuery(text)
        self.key = path_key(path)

    def belongs(self, record, run):
        return run.any_channel or self.key is None or any(
            same_path(self.key, own) for own in (("channel", fold(record.log_name)), ("file", fold(record.log_name)),
                                                 ("channel", fold(record.channel or ""))))


def path_key(path):
    """What two spellings of one path have in common."""
    if path is None:
        return None
    if fold(path).startswith("FILE:"):
        return "file", fold(re.split(r"[/\\]", path)[-1])
    return "channel", fold(path)


def same_path(key, own):
    if key[0] != own[0]:
        return False
    if key[0] == "channel":
        return key == own
    return log_name_of(key[1]) == own[1] or log_name_of(fold(unquote(key[1]))) == own[1]


def log_name_of(file_name):
    """The name of a log from that of its file, folded or not."""
    stem = re.sub(r"\.(evtx|xml)$", "", file_name, flags=re.I)
    return stem.replace("%4", "/")


class Query:
    """Selects without the suppresses of the same path."""

    def __init__(self, selects, suppresses):
        self.selects = selects
        self.suppresses = suppresses

    def test(self, record, run):
        return any3(self.selected(select, record, run) for select in self.selects if select.belongs(record, run))

    def selected(self, select, record, run):
        suppressed = any3(each.xpath.test(record, run) for each in self.suppresses if each.key == select.key)
        return all3((select.xpath.test(record, run), not3(suppressed)))


class Structured:
    def __init__(self, queries):
        self.queries = queries

    def test(self, record, run):
        return any3(query.test(record, run) for query in self.queries)


def parse_structured(text, warn):
    check_length(text)
    try:
        queries = [read_query(query, warn) for each in query_lists(text) for query in queries_of(each)]
    except MarkupError as error:
        raise QueryError(f"{error}") from None
    filters = [each for query in queries for each in query.selects + query.suppresses]
    if len({each.path is None for each in filters}) > 1:
        raise QueryError("if one Query names a path, all must")
    return Structured(queries)


# ---- containers ----

def query_lists(text):
    root = parse(text).children[0]
    if root.name == "QueryList":
        return [root]
    if root.name not in CONTAINERS:
        raise QueryError(f"<{root.name}> is no container of queries")
    found = CONTAINERS[root.name](root)
    if not found:
        raise QueryError(f"no QueryList in <{root.name}>")
    return found


def elements_at(node, *names):
    nodes = [node]
    for name in names:
        nodes = [child for parent in nodes for child in parent.named(name)]
    return nodes


def embedded(node):
    """The QueryList of an element: an element in it, or text that is XML once more."""
    if node.children:
        return node.named("QueryList")
    document = parse(node.text.lstrip(BLANKS))
    return document.named("QueryList")


CONTAINERS = {
    "Subscription": lambda root: [each for node in elements_at(root, "Query") for each in embedded(node)],
    "ViewerConfig": lambda root: elements_at(root, "QueryConfig", "QueryNode", "QueryList"),
    "Task": lambda root: [each for node in elements_at(root, "Triggers", "EventTrigger", "Subscription")
                          for each in embedded(node)],
}


def queries_of(query_list):
    only(query_list, "Query")
    if not query_list.children:
        raise QueryError("a QueryList needs a Query")
    return query_list.children


def only(node, *names):
    for child in node.children:
        if child.name not in names:
            raise QueryError(f"<{child.name}> has no place in <{node.name}>")


def read_query(node, warn):
    only(node, "Select", "Suppress")
    identifier = node.attribute("Id")
    if identifier is not None and not re.fullmatch(r"\s*-?[0-9]+\s*", identifier):
        raise QueryError(f"the Id of a Query is a whole number, not '{identifier}'")
    selects, suppresses = ([read_filter(child, node.attribute("Path")) for child in node.named(name)]
                           for name in ("Select", "Suppress"))
    if not selects:
        raise QueryError("a Query needs a Select")
    for each in suppresses:
        if each.key not in [select.key for select in selects]:
            warn(f"no Select has the path of the Suppress of '{each.path}'")
    return Query(selects, suppresses)


def read_filter(node, outer_path):
    only(node)
    own = node.attribute("Path")
    path = outer_path if own is None else own
    try:
        return Filter(path, node.text)
    except QueryError as error:
        raise QueryError(f"{error}, in the {node.name} of '{path}'") from None
