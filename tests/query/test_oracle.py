#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against an oracle that leaves its rules: one small event, and what each rule says about it."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import oracle  # noqa: E402
from markup import decode  # noqa: E402
from structured import parse_query  # noqa: E402
from xpath import LENGTH, QueryError  # noqa: E402

EVENT = """Record {id}
<?xml version="1.0" encoding="utf-8"?>
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
<Provider Name="Some-Provider" Guid="{{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}}"/>
<EventID Qualifiers="32768">{id}</EventID><Level>0</Level><Keywords>0x8020000000000000</Keywords>
<TimeCreated SystemTime="2024-01-31T12:00:00.1234567Z"/><EventRecordID>7{id}</EventRecordID>
<Correlation/><Channel>Security</Channel><Computer>HOST.example</Computer><Security UserID="S-1-5-18"/></System>
<EventData><Data Name="LogonType">3</Data><Data Name="Text">Gr\u00fc\u00dfe &lt;b&gt; it's</Data><Data Name="Empty"></Data>
<Data Name="Flag">true</Data><Data Name="Path">C:\\a\\cmd.exe</Data><Data Name="Mask">0x1410</Data>
<Data Name="Other">C:\\A\\CMD.EXE</Data><Data Name="Ip">10.1.2.3</Data><Data Name="Line">x -enc y</Data></EventData>
<UserData><Wrapper><Leaf>abc</Leaf></Wrapper></UserData></Event>
"""

TRUE = (
    "*", "Event", "child::Event/child::System", "*[System[EventID=1]]", "*[System[EventID[@Qualifiers='32768']=1]]",
    "*[System/EventID='01']", "*[System[Level<=3]]", "*[System[Correlation]]",
    "*[System[band(Keywords,-9214364837600034816)]]",
    "*[System[BAND(Keywords, 9007199254740992)=1]]", "*[System[band(Keywords,1)=0]]", "*[@xmlns]",
    "*[System/Provider[@Guid='A68CA8B7-004F-D7B6-A698-07E2DE0F1F5D']]",
    "*[EventData[Data[@Name='text']=\"GR\u00dc\u00dfE <B> IT'S\"]]",
    "*[EventData[Data[@Name='Empty']='' and Data[1]=3 and Data[position()=9]]]",
    "*[EventData/Data[1.0]/text()='3']",
    "*[EventData[Data!='x']]", "*[EventData[Data[@Name='LogonType'] and (Data='true')]]",
    "*[EventData/Data='TRUE']",
    "*[EventData/Data[@Name='Mask']=5136]", "*[EventData/Data[@Name='Mask']='0x00001410']",
    "*[EventData/Data[@Name='Mask']=0x1410]",
    "*[System/TimeCreated/@SystemTime>='2024-01-31']",
    "*[System/TimeCreated/@SystemTime='2024-01-31 13:00:00.123456789 +01:00']",
    "*[System/TimeCreated[timediff(@SystemTime,'2024-01-31T12:00:01.1234567Z')=1000]]",
    "*[System/TimeCreated[timediff(@SystemTime)=86400000]]", "*[UserData/*/Leaf='ABC']", "*/UserData/*/Leaf='abc'",
    "*[System[EventID=1]] and (*[System[EventID=2]] or *[EventData])", "*[EventData/Data[@Name='Flag']=1]",
    "*[EventData[Data[2]][Data[1]]]", "*[" + "(" * 200 + "System" + ")" * 200 + "]",
    "*[System[" + "EventID=2 or " * 5000 + "EventID=1]]",
)
FALSE = (
    "*[system]", "*[System[eventid=1]]", "*[System[EventID!=1]]", "*[System='']", "*[System!='x']",
    "*[EventData/Data[@Name='None']!='x']", "*[EventData/Data[0]]", "*[EventData/Data[1.5]]",
    "*[Application[Provider]]",
    "*[System/Security/@UserID!=5]", "*[System/Provider/@Guid=5]", "*[System/TimeCreated/@SystemTime<'x']",
    "*[EventData[Data[1]][EventData]]", "*[System[band(Channel,1)=0]]", "*[System[timediff(Channel)<1]]",
    "*[EventData/Data='%']",
)
REFUSED = (  # and the byte where
    ("", 0), ("*[", 2), ("*]", 1), ("*[a=b]", 4), ("*[5=a]", 3), ("5", 0), ("position()=1", 0), ("@x", 0),
    ("*[a='b]", 4),
    ("*[a &lt; 5]", 4), ("*[not(a)]", 2), ("*[\u00e4/contains(a,'b')]", 5), ("*[a OR b]", 4), ("*//a", 2), ("*/..", 2),
    ("*[position()]", 2), ("*[" + "(" * 257 + "a" + ")" * 257 + "]", 258), ("*" + "[a" * 257 + "]" * 257, 513),
    ("*[a=0X10]", 5), ("*[a=1 2]", 6), ("*[ancestor::a]", 2), ("*[(a)=1]", 5), ("System[a]", 0), ("Channel!*[", 10),
)
CHOSEN = (  # options, and whether they select the event
    (["-d", "LogonType=03"], True), (["-d", "LogonType|gte=3"], True), (["-d", "LogonType|lt=3"], False),
    (["-d", "Path|endswith=\\CMD.exe"], True), (["-d", "Path|endswith|cased=\\CMD.exe"], False),
    (["-d", "Path|startswith=c:\\\\"], True), (["-d", "Path|contains=*a?cmd"], True),
    (["-d", "Path|re=cmd\\.EXE$"], False),
    (["-d", "Path|re|i=cmd\\.EXE$"], True), (["-d", "Path|fieldref=Other"], True),
    (["-d", "Path|cased|fieldref=Other"], False),
    (["-d", "Ip|cidr=10.0.0.0/8"], True), (["-d", "Line|windash|contains=/enc"], True),
    (["-d", "Nothing|neq=x"], True),
    (["-d", "Empty"], True), (["-d", "Nothing"], False), (["-d", "Nothing|exists=false"], True),
    (["-d", "leaf=abc"], False),
    (["-d", "Leaf=abc"], True), (["-d", "LogonType=1", "-d", "LogonType=3"], True),
    (["-d", "LogonType=3", "-d", "Flag=false"], False),
    (["-d", "Path|contains|all=a", "-d", "Path|contains|all=zzz"], False), (["-i", "gr\u00fcSSE"], False),
    (["-i", "gr\u00fc\u00dfe"], True),
    (["-e", "^C:"], True), (["-e", "^c:"], False), (["--id=1-5,-1"], False), (["--id=-2"], True),
    (["--exclude-id=1"], False),
    (["--level", "info"], True), (["--level", "4"], False), (["--keywords", "audit-success"], True),
    (["--keywords", "classic"], False),
    (["--provider", "some*"], True), (["--exclude-computer", "host.*"], False), (["--user", "s-1-5-18"], True),
    (["--record-id", "70-75"], True), (["--from", "2024-01-31", "--to", "2024-01-31"], True),
    (["--to", "2024-01-31 12:00"], False),
    (["--from", "@1706702400.1234567"], True), (["--from", "2024-01-31 14:00", "--tz", "+02:00"], True),
    (["--last", "1M"], True),
    (["--last", "1h"], False), (["--last", "1s", "--now", "end"], True),
    (["--suppress", "*[System[EventID=1]]"], False),
    (["--invert", "--id=1"], False), (["-q", "*[a]", "-q", "*[System]"], True),
    (["-q", "security!*"], True), (["-q", "Elsewhere!*"], False), (["--any-channel", "-q", "Elsewhere!*"], True),
    (["-q", "file:///C:/x/My%20Log%4Op.evtx!*"], True), (["-q", "My Log/Op!*"], True),
    (["-q", "Event/System/EventID!=5"], True),
)
TROUBLE = (["--id=3-2"], ["--id=x"], ["--id=65536"], ["--level=256"], ["-d", "a|all=1"], ["-d", "a|expand=%x%"],
           ["-d", "a|lt=x"], ["-d", "a|what=x"], ["-e", "("], ["--from", "soon"], ["--last", "1"], ["--keywords", "x"],
           ["--tz", "No/Where"], ["-n", "-1"])
SELECT = '<Select Path="Security">*</Select>'
STRUCTURED = (
    ('<QueryList><Query Path="Security"><Select>*</Select></Query></QueryList>', True),
    ('<QueryList><Query><Select>*[System[EventID &lt; 2]]</Select></Query></QueryList>', True),
    (f'<QueryList><Query>{SELECT}<Suppress Path="SECURITY">*[System]</Suppress></Query></QueryList>', False),
    (f'<QueryList><Query>{SELECT}<Suppress Path="System">*[System]</Suppress></Query></QueryList>', True),
    (f'<QueryList><Query>{SELECT}<Suppress Path="Security">*</Suppress></Query><Query>{SELECT}</Query></QueryList>', True),
    ('\ufeff\n<Subscription><Query><![CDATA[<QueryList><Query Id="0"><Select>*[System[EventID&lt;2]]</Select></Query>'
     '</QueryList>]]></Query></Subscription>', True),
    ('<ViewerConfig><QueryConfig><QueryNode><QueryList><Query><Select>*</Select></Query></QueryList></QueryNode></QueryConfig>'
     '</ViewerConfig>', True),
    ('<Task><Triggers><EventTrigger><Subscription>&lt;QueryList&gt;&lt;Query&gt;&lt;Select&gt;*&lt;/Select&gt;&lt;/Query&gt;'
     '&lt;/QueryList&gt;</Subscription></EventTrigger></Triggers></Task>', True),
)
REFUSED_STRUCTURED = (
    "<QueryList/>", "<QueryList><Query/></QueryList>", "<localfile/>",
    "<QueryList><Query><Select>*</Query></QueryList>",
    "<QueryList><Query><Suppress>*</Suppress></Query></QueryList>",
    "<QueryList><Query><Select>a</Select></Query></QueryList>",
    "<QueryList><Query><Select>*[a<5]</Select></Query></QueryList>",
    "<QueryList><Query><Select>*</Select><x/></Query></QueryList>",
    f"<QueryList><Query>{SELECT}<Select>*</Select></Query></QueryList>", "<QueryList></QueryList></QueryList>",
    '<!DOCTYPE a><QueryList><Query><Select>*</Select></Query></QueryList>',
)


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.log = str(pathlib.Path(cls.folder.name) / "My Log%4Op.xml")
        pathlib.Path(cls.log).write_text("".join(EVENT.format(id=i) for i in (1, 2, 3)), encoding="utf-8")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def command(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = oracle.main(["--now", "2024-02-01T12:00:00.1234567Z", *arguments])
        return code, out.getvalue().split("\n")[:-1], err.getvalue()

    def exit_code(self, *arguments):
        try:
            return self.command(*arguments, self.log)[0]
        except SystemExit as stop:
            return stop.code

    def first_is_selected(self, *arguments):
        return "1" in self.command(*arguments, self.log)[1]

    def test_comparisons(self):
        for expected, queries in ((True, TRUE), (False, FALSE)):
            for query in queries:
                with self.subTest(query=query[:100]):
                    self.assertEqual(self.first_is_selected("-q", query), expected)

    def test_refusals_tell_the_byte(self):
        for query, byte in REFUSED:
            with self.subTest(query=query[:100]), self.assertRaisesRegex(QueryError, f"^byte {byte}:"):
                parse_query(query, self.fail)

    def test_length(self):
        longest = "*[a='" + "x" * (LENGTH - 7) + "']"
        parse_query(longest, self.fail)
        self.assertRaises(QueryError, parse_query, longest + " ", self.fail)

    def test_filters(self):
        for options, expected in CHOSEN:
            with self.subTest(options=options):
                self.assertEqual(self.first_is_selected(*options), expected)

    def test_refused_filters(self):
        for options in TROUBLE:
            with self.subTest(options=options):
                self.assertEqual(self.exit_code(*options), 2)

    def test_structured(self):
        for query, expected in STRUCTURED:
            with self.subTest(query=query):
                self.assertEqual(self.first_is_selected("-q", query), expected)
        for query in REFUSED_STRUCTURED:
            with self.subTest(query=query):
                self.assertEqual(self.command("-q", query, self.log)[0], 2)

    def test_encodings(self):
        text = '<?xml version="1.0" encoding="{}"?><a>\u00fc</a>'
        for declared, encoding in (("utf-8", "utf-8-sig"), ("utf-8", "utf-16"), ("utf-16", "utf-8"), ("cp1252",
        "cp1252")):
            written = text.format(declared)
            self.assertEqual(decode(written.encode(encoding), self.fail), written)
        warnings = []
        self.assertEqual(decode("\u00fc".encode("cp1252"), warnings.append), "\u00fc")
        self.assertEqual(len(warnings), 1)

    def test_output(self):
        self.assertEqual(self.command("*", self.log)[:2], (0, ["1", "2", "3"]))
        self.assertEqual(self.command("-r", "-n", "2", "*", self.log)[:2], (0, ["3", "2"]))
        self.assertEqual(self.command("-c", "*[System[EventID>1]]", self.log)[1][-1], "2\ttotal")
        self.assertEqual(self.command("*[a]", self.log)[:2], (1, []))
        self.assertEqual(self.command("a", self.log)[:2], (2, []))
        # The 3 may be text, to which 03 is another text.
        self.assertEqual(self.command("--unsure", "-n", "1", "*[EventData/Data[1]='03']", self.log)[1], ["1 ?"])

    def test_batch(self):
        batch = pathlib.Path(self.folder.name) / "batch"
        batch.write_text(json.dumps(["-q", "*[System[EventID=2]]"]) + "\n" + json.dumps(["-q", "a"]) + "\n")
        _, lines, _ = self.command("--batch", str(batch), self.log)
        self.assertEqual(json.loads(lines[0]), [["2"]])
        self.assertIn("byte 0", json.loads(lines[1]))


if __name__ == "__main__":
    sys.exit(oracle.with_deep_stack(lambda: 0 if unittest.main(exit=False).result.wasSuccessful() else 1))
