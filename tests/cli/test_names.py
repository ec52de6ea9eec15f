#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against XML that readers refuse for its names: every character of the basic plane begins and
continues a name, and expat, which goes by the fourth edition of XML 1.0, says what must come out.

EVTX_DUMP: the program; NAME_LOG: makes a log of the names on its standard input.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from xml.parsers import expat

EVTX_DUMP = os.environ["EVTX_DUMP"]
NAME_LOG = os.environ["NAME_LOG"]
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
BASIC_PLANE = [chr(c) for c in (*range(1, 0xD800), *range(0xE000, 0x10000)) if c != 0x0A]

# Names that say more than their characters do.
SPELLINGS = {
    "": "_",
    "wsu:Id": "wsu:Id",
    ":": "_x003A_",
    ":a": "_x003A_a",
    "a:": "a_x003A_",
    "a:b:c": "a_x003A_b_x003A_c",
    "a:1": "a_x003A_1",
    "1:a": "_x0031__x003A_a",
    "a b:c": "a_x0020_b_x003A_c",
    "\U00010000": "_x00010000_",
    "a\U000EFFFFb": "a_x000EFFFF_b",
    # What looks encoded is encoded where it would be decoded, and stays as it is in a name.
    "_x0041_": "_x0041_",
    " _x0041_": "_x0020__x005F_x0041_",
    " _X0041_x004a_": "_x0020__x005F_X0041_x005F_x004a_",
    " _x0001F600_": "_x0020__x005F_x0001F600_",
    " _x041_ _x00041_ _x0041 _y0041_": "_x0020__x041__x0020__x00041__x0020__x0041_x0020__y0041_",
}


def accepts(document):
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(document.encode("utf-8"), True)
    except expat.ExpatError:
        return False
    return True


def spellings_with(before, behind):
    """What becomes of each character between these letters."""
    return {before + c + behind: before + c + behind if accepts(f"<{before}{c}{behind}/>")
            else f"{before}_x{ord(c):04X}_{behind}" for c in BASIC_PLANE if c != ":"}


def found_spellings(names):
    """What became of each: as element, attribute, and PI target."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "names.evtx"
        text = "".join(name + "\n" for name in names).encode("utf-8")
        log.write_bytes(subprocess.run([NAME_LOG], input=text, stdout=subprocess.PIPE, check=True).stdout)
        done = subprocess.run([EVTX_DUMP, "-o", "xml", "--no-indent", "--dont-show-record-number", log],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    assert not done.stderr, done.stderr
    return [found for document in done.stdout.split(DECLARATION)[1:] for found in parsed(document)]


def parsed(document):
    found = []

    def start(name, attributes):
        if found or name != "E":
            found.append([name, *(name for name in attributes if attributes[name] == "v")])
        else:
            found.append(None)  # the root

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.ProcessingInstructionHandler = lambda target, _: found[-1].append(target)
    parser.Parse(document, True)
    return found[1:]


class Names(unittest.TestCase):
    maxDiff = None

    def check(self, expected):
        found = found_spellings(expected)
        wrong = [f"{name!r}: {got} instead of {want!r}"
                 for (name, want), got in zip(expected.items(), found, strict=True)
                 if got != [want, want, want.replace(":", "_x003A_")]]
        self.assertFalse(wrong, f"{len(wrong)} names, the first:\n" + "\n".join(wrong[:10]))

    def test_every_character_at_the_start(self):
        self.check(spellings_with("", ""))

    def test_every_character_further_on(self):
        self.check(spellings_with("a", "b"))

    def test_whole_names(self):
        self.check(SPELLINGS)


if __name__ == "__main__":
    unittest.main()
