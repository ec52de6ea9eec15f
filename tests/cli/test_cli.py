#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What evtx_dump and evx promise to people and scripts: texts on stderr, exit codes, what happens to
files and pipes. The expected texts are those of version 0.15.1 of the reference, written by hand.

EVTX_DUMP, EVX: the programs; EVX_CLI_DOCS: folder with the man pages and completions/.
"""
import csv
import fcntl
import io
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

EVTX_DUMP = os.environ["EVTX_DUMP"]
EVX = os.environ["EVX"]
DOCS = pathlib.Path(os.environ["EVX_CLI_DOCS"])
CHUNK = 65536
FULL = "/dev/full"

USAGE = "\nUsage: evtx_dump [OPTIONS] [INPUT] [COMMAND]\n"
USAGE_INFO = "\nUsage: evtx_dump info --input <EVTX>\n"
HINT = "\nFor more information, try '--help'.\n"
CHOICES = "  [possible values: json, xml, jsonl]\n"


def run(*args, program=EVTX_DUMP, stdin=subprocess.DEVNULL, **more):
    """(exit code, stdout, stderr) with text on stderr."""
    done = subprocess.run([program, *args], stdin=None if "input" in more else stdin,
                          stdout=more.pop("stdout", subprocess.PIPE),
                          stderr=more.pop("stderr", subprocess.PIPE), timeout=60, **more)
    return done.returncode, done.stdout, (done.stderr or b"").decode("utf-8", "replace")


class Case(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.log = os.path.join(cls.folder, "log.evtx")
        code, _, text = run("gen", "--size", "192K", "--seed", "3", "-f", cls.log, program=EVX)
        if code != 0:
            raise RuntimeError(text)
        cls.bytes = pathlib.Path(cls.log).read_bytes()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            pathlib.Path(path).write_bytes(data)
        return path

    def changed(self, name, *patches):
        """A copy of the log with other bytes at some offsets."""
        data = bytearray(self.bytes)
        for offset, new in patches:
            data[offset:offset + len(new)] = new
        return self.path(name, data)

    def check(self, args, code, stderr, **more):
        got = run(*args, **more)
        self.assertEqual((got[0], got[2]), (code, stderr), args)
        return got[1]


class UsageErrors(Case):
    """A wrapper that shows or parses these messages must not notice which program it runs."""

    def check_usage(self, args, text, usage=USAGE, **more):
        self.check(args, 2, "error: " + text + "\n" + usage + HINT, **more)

    def test_unexpected_arguments(self):
        self.check_usage(["a", "b"], "unexpected argument 'b' found")
        self.check_usage(["--", "a", "--b"], "unexpected argument '--b' found")
        tip = "unexpected argument '{0}' found\n\n  tip: to pass '{0}' as a value, use '-- {0}'"
        for word in ("--bogus", "-x", "-1", "---x"):
            self.check_usage([word, "a"], tip.format(word))
        self.check_usage(["-vx"], tip.format("-x"))
        self.check_usage(["-v=1"], tip.format("-="))
        self.check_usage(["-t", "-1"], tip.format("-1"))
        self.check_usage(["a", "-"], "unexpected argument '-' found")
        self.check_usage(["info", "--bogus"], "unexpected argument '--bogus' found", USAGE_INFO)
        self.check_usage(["info", "a"], "unexpected argument 'a' found", USAGE_INFO)
        self.check_usage(["info", "-V"], "unexpected argument '-V' found", USAGE_INFO)

    def test_similar_names(self):
        tip = "unexpected argument '{}' found\n\n  tip: a similar argument exists: '{}'"
        usage = "\nUsage: evtx_dump {}\n"
        for typed, known, value in (
                ("--form", "--format", " <output-format>"), ("--thread", "--threads", " <num-threads>"),
                ("--no", "--no-indent", ""), ("--validate_checksums", "--validate-checksums", ""),
                ("--output-file", "--output", " <output-target>"), ("--hel", "--help", "")):
            self.check_usage([typed], tip.format(typed, known),
                             usage.format(known + value + " [INPUT]"))
        self.check_usage(["-t", "1", "a", "--form"], tip.format("--form", "--format"),
                         usage.format("--threads <num-threads> --format <output-format> <INPUT>"))
        self.check_usage(["--inptu", "info"],
                         "unexpected argument '--inptu' found\n\n  tip: 'info --input' exists")
        self.check_usage(["info", "--inptu"], tip.format("--inptu", "--input"), USAGE_INFO)
        self.check_usage(["a", "infoo"],
                         "unrecognized subcommand 'infoo'\n\n  tip: a similar subcommand exists: 'info'")
        self.check_usage(["--", "a", "info"], "unexpected argument 'info' found\n\n  tip: subcommand "
                         "'info' exists; to use it, remove the '--' before it")

    def test_values(self):
        bad = "invalid value '{}' for '{}': {}"
        threads, events = "--threads <num-threads>", "--events <event-ranges>"
        codec = "--ansi-codec <ansi-codec>"
        digit = "invalid digit found in string"
        for args, text in (
                (["-t", "4294967296"],
                 bad.format("4294967296", threads, "4294967296 is not in 0..=4294967295")),
                (["-t=-1"], bad.format("-1", threads, "-1 is not in 0..=4294967295")),
                (["-tabc"], bad.format("abc", threads, digit)),
                (["--threads="], bad.format("", threads, "cannot parse integer from empty string")),
                (["-t", "9" * 20],
                 bad.format("9" * 20, threads, "number too large to fit in target type")),
                (["--ansi-codec", "cp437"],
                 bad.format("cp437", codec, "unknown encoding `cp437`; expected an Encoding Standard "
                            "label such as windows-1252")),
                (["--ansi-codec", "utf-16le"],
                 bad.format("utf-16le", codec, "`utf-16le` is not an ASCII-compatible encoding; ANSI "
                            "strings cannot be UTF-16"))):
            self.check_usage(args, text, "")
        for value, piece in (("1-", "1-"), ("-2", "-2"), ("x", "x"), ("1-2-3", "1-2-3"), ("0x2", "0x2"),
                             (" 1", " 1"), ("1,", ""), ("", ""), ("1,x,y", "x"), ("+", "+"),
                             ("18446744073709551616", "18446744073709551616")):
            self.check_usage(["--events=" + value], bad.format(
                value, events, "Expected range to be a positive number, got: " + piece), "")

    def test_choices(self):
        value = "invalid value '{}' for '--format <output-format>'\n" + CHOICES
        missing = "a value is required for '--format <output-format>' but none was supplied\n" + CHOICES
        for args, text in ((["-o", "XML"], value.format("XML")), (["-obad"], value.format("bad")),
                           (["-o", "jsno"],
                            value.format("jsno") + "\n  tip: a similar value exists: 'json'\n"),
                           (["-o"], missing), (["--format="], missing), (["-o", ""], missing)):
            self.check(args, 2, "error: " + text + HINT)

    def test_missing_and_surplus_values(self):
        missing = "a value is required for '{}' but none was supplied"
        for args, option in ((["-t"], "--threads <num-threads>"), (["--mta"], "--mta <MTA>"),
                             (["-f"], "--output <output-target>"), (["info", "-i"], "--input <EVTX>"),
                             (["-t", "--", "a"], "--threads <num-threads>"),
                             (["-t", "-v"], "--threads <num-threads>")):
            self.check_usage(args, missing.format(option), "")
        self.check_usage(["--no-indent=1"],
                         "unexpected value '1' for '--no-indent' found; no more were expected",
                         "\nUsage: evtx_dump --no-indent [INPUT]\n")
        self.check_usage(["info"], "the following required arguments were not provided:\n"
                         "  --input <EVTX>", USAGE_INFO)

    def test_given_twice(self):
        twice = "the argument '{}' cannot be used multiple times"
        self.check_usage(["-t", "1", "-t", "2"], twice.format("--threads <num-threads>"))
        self.check_usage(["--no-indent", "--no-indent"], twice.format("--no-indent"))
        self.check_usage(["info", "-i", "a", "-i", "b"], twice.format("--input <EVTX>"), USAGE_INFO)

    def test_the_first_mistake_counts(self):
        self.check_usage(["-t", "x", "-o", "y"], "invalid value 'x' for '--threads <num-threads>': "
                         "invalid digit found in string", "")
        self.check_usage(["-t", "x", "info"], "the following required arguments were not provided:\n"
                         "  --input <EVTX>", USAGE_INFO)

    def test_help_command(self):
        self.check_usage(["help", "bogus"], "unrecognized subcommand 'bogus'")
        self.check_usage(["help", "info", "x"], "unrecognized subcommand 'x'", USAGE_INFO)
        self.assertEqual(run("help", "info")[:2], run("info", "--help")[:2])

    def test_not_utf8(self):
        self.check_usage([b"-o", b"\xff"], "invalid UTF-8 was detected in one or more arguments")
        self.check_usage([b"a", b"b\xff"], "unexpected argument 'b\ufffd' found")

    def test_no_input(self):
        self.check([], 1, "Error: Missing INPUT. Provide an EVTX file path, or use a subcommand "
                   "(try `--help`).\n")

    def test_files_that_are_not_there(self):
        why = "No such file or directory (os error 2)"
        for args, top in ((["--wevt-cache", "x", self.log], "I/O error while open `x`: " + why),
                          (["apply-wevt-cache", "--cache", "x"], "I/O error while open `x`: " + why)):
            self.check(args, 1, f"Error: {top}\n\nCaused by:\n    {why}\n")
        self.check(["extract-wevt-templates", "-o", "x"], 1,
                   "Error: output must have `.wevtcache` extension\n")
        self.check(["extract-wevt-templates", "-o", "x.wevtcache"], 1,
                   "Error: No inputs provided. Use --input and/or --glob.\n")
        code, out, text = run("dump-template-instances", "-i", "x")
        self.assertEqual((code, out), (1, b""))
        self.assertTrue(text.startswith("Error: Failed to open evtx file at: x\n\nCaused by:\n"), text)


class OptionSyntax(Case):
    def test_ways_to_write_an_option(self):
        expected = run("--format", "json", self.log)[1]
        self.assertTrue(expected)
        for args in (["-ojson", self.log], ["-o=json", self.log], ["--format=json", self.log],
                     [self.log, "-o", "json"], ["-vojson", "--", self.log]):
            self.assertEqual(run(*args)[:2], (0, expected), args)

    def test_a_command_wins(self):
        expected = run("info", "-i", self.log)
        self.assertEqual(run("nofile", "-t1", "info", "--input=" + self.log), expected)

    def test_words_that_are_no_command(self):
        for args in (["inf"], ["--", "info"]):
            self.assertIn("Failed to open evtx file at: " + args[-1], run(*args)[2])

    def test_version_and_help(self):
        for args in (["-V"], ["--version"], ["-vV"]):
            self.assertEqual(run(*args), (0, b"EVTX Parser 0.15.1\n", ""), args)
        short, full = run("-h"), run("--help")
        self.assertEqual((short[0], full[0]), (0, 0))
        for text in (short[1], full[1]):
            self.assertIn(b"Usage: evtx_dump [OPTIONS] [INPUT] [COMMAND]", text)
        self.assertLess(len(short[1]), len(full[1]))

    def test_events(self):
        def numbers(*args):
            text = run("--no-indent", *args, self.log)[1].decode()
            return [int(line[7:]) for line in text.split("\n") if line.startswith("Record ")]
        self.assertEqual(numbers("--events", "2-4,3,+7-+8"), [2, 3, 4, 7, 8])
        self.assertEqual(numbers("--events", "5-3"), [])
        self.assertEqual(numbers("--events=1"), [1])


class Notices(Case):
    MISSING = ("Error: Failed to open evtx file at: nofile\n\nCaused by:\n"
               "    0: An error occurred while trying to read input.\n"
               "    1: Failed to open file nofile\n"
               "    2: No such file or directory (os error 2)\n")

    def test_superfluous_options(self):
        self.check(["-o", "jsonl", "--no-indent", "--dont-show-record-number", "-vvvv", "nofile"], 1,
                   "no need to pass both `--no-indent` and `-o jsonl`\n"
                   "no need to pass both `--no-show-record-number` and `-o jsonl`\n"
                   "using more than  -vvv does not affect verbosity level\n" + self.MISSING)
        self.check(["-o", "json", "--no-indent", "-vvv", "nofile"], 1, self.MISSING)

    def test_header_checksum(self):
        computed = struct.unpack("<I", self.bytes[124:128])[0]
        bad = self.changed("bad_crc.evtx", (124, b"\xef\xbe\xad\xde"))
        tail = f"(stored 0xdeadbeef, computed 0x{computed:08x}); reading the file anyway\n"
        out = self.check([bad], 0, "warning: the file header's CRC32 is invalid " + tail)
        self.assertEqual(out, run(self.log)[1])
        self.assertRegex(run("-v", bad)[2],
                         r"^\d\d:\d\d:\d\d \[WARN\] EVTX file header CRC32 invalid \(stored 0xdeadbeef, ")
        unchecked = self.changed("no_crc.evtx", (120, b"\4\0\0\0"), (124, b"\xef\xbe\xad\xde"))
        self.check([unchecked], 0, "")


class Damage(Case):
    def setUp(self):
        self.damaged = self.changed("magic.evtx", (4096 + CHUNK, b"NotChunk"))

    BLOCK = ("Failed to dump the next record.\n\nCaused by:\n"
             "    0: Failed to parse chunk number 1\n"
             "    1: Failed to parse chunk header\n"
             "    2: Invalid EVTX chunk header magic, expected `ElfChnk0`, found "
             "`[4E, 6F, 74, 43, 68, 75, 6E, 6B]`\n")

    def test_block(self):
        out = self.check([self.damaged], 0, self.BLOCK)
        self.assertLess(len(out), len(run(self.log)[1]))

    def test_stop(self):
        out = self.check(["--stop-after-one-error", self.damaged], 1,
                         self.BLOCK + "Error: Stopped after error\n")
        whole = run(self.log)[1]
        self.assertTrue(out and whole.startswith(out))
        self.check(["--stop-after-one-error", self.log], 0, "")

    def test_blocks_follow_each_other(self):
        worse = self.changed("magics.evtx", (4096, b"NotChunk"), (4096 + CHUNK, b"NotChunk"))
        self.check(["-t4", worse], 0, self.BLOCK.replace("number 1", "number 0") + self.BLOCK)

    def test_unwritable_stderr_loses_no_record(self):
        expected = run(self.damaged)[1]
        with open(FULL, "wb") as full:
            self.assertEqual(run(self.damaged, stderr=full)[:2], (0, expected))
        read_end, write_end = os.pipe()
        os.close(read_end)
        self.assertEqual(run(self.damaged, stderr=write_end)[:2], (0, expected))
        os.close(write_end)

    def test_reports_stand_at_their_place_when_both_go_to_one_file(self):
        both = run("-t1", self.damaged, stderr=subprocess.STDOUT)[1].decode()
        before = both[:both.index("Failed to dump")]
        self.assertTrue(run(self.log)[1].decode().startswith(before))
        self.assertIn("Record 1\n", before)


class Input(Case):
    def test_unusable_files(self):
        deserialize = "    0: An error occurred while trying to deserialize evtx stream.\n    1: "
        short = "failed to read EVTX file header block: failed to fill whole buffer\n"
        folder = "failed to read EVTX file header block: Is a directory (os error 21)\n"
        magic = ("Invalid EVTX file header magic, expected `ElfFile0`, found "
                 "`[4E, 6F, 74, 45, 76, 74, 78,  0]`\n")
        for path, cause in ((self.path("short", b"x" * 4095), short), (self.folder, folder),
                            (self.path("other", b"NotEvtx\0" + bytes(5000)), magic)):
            self.check([path], 1, f"Error: Failed to open evtx file at: {path}\n\nCaused by:\n"
                       + deserialize + cause)
        large = self.path("block", self.bytes[:40] + b"\xff\xff" + self.bytes[42:4096])
        self.check([large], 1, f"Error: Failed to open evtx file at: {large}\n\nCaused by:\n"
                   "    Calculation Error, reason: Could not calculate valid chunk count because stream "
                   "size is less than evtx header block size. (stream_size: 4096, "
                   "header_block_size: 65535)\n")

    def test_fifo(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        self.check([fifo], 1, f"Error: Failed to open evtx file at: {fifo}\n\nCaused by:\n"
                   "    0: An IO error occured.\n    1: Illegal seek (os error 29)\n")
        self.check(["info", "-i", fifo], 1, "Error: Illegal seek (os error 29)\n")

    def test_stdin(self):
        expected = run(self.log)[1]
        for name in ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
            self.assertEqual(run(name, input=self.bytes), (0, expected, ""), name)
            with open(self.log, "rb") as file:
                self.assertEqual(run(name, stdin=file), (0, expected, ""), name)

    def test_empty_stdin(self):
        text = "Error: No input received on stdin\n"
        self.check(["-"], 1, text)
        self.check(["-"], 1, text, input=b"")
        with open(self.path("empty", b""), "rb") as file:
            self.check(["-"], 1, text, stdin=file)
        self.check(["-"], 1, text, preexec_fn=lambda: os.close(0), stdin=None)

    def test_bad_stdin(self):
        self.check(["-"], 1, "Error: Failed to parse EVTX data from stdin\n\nCaused by:\n"
                   "    0: An error occurred while trying to deserialize evtx stream.\n"
                   "    1: failed to read EVTX file header block: failed to fill whole buffer\n",
                   input=b"ElfFile")

    def test_names_need_not_be_utf8(self):
        shutil.copy(self.log, os.fsencode(self.folder) + b"/\xe4.evtx")
        self.assertEqual(run(os.fsencode(self.folder) + b"/\xe4.evtx")[:2], run(self.log)[:2])


class Output(Case):
    def check_refused(self, path, cause, *args):
        self.check(["-f", path, *args, self.log], 1, "Error: An error occurred while creating output "
                   f"file at `{path}`\n\nCaused by:\n    {cause}\n")

    def test_new_file_in_new_folders(self):
        path = self.path("new/er/out.xml")
        self.check(["-f", path, self.log], 0, "")
        self.assertEqual(pathlib.Path(path).read_bytes(), run(self.log)[1])

    def test_existing_file(self):
        path = self.path("old.xml", b"old")
        self.check_refused(path, "Failed to display confirmation prompt")
        self.assertEqual(pathlib.Path(path).read_bytes(), b"old")
        self.check(["-f", path, "--no-confirm-overwrite", self.log], 0, "")
        self.assertEqual(pathlib.Path(path).read_bytes(), run(self.log)[1])

    def test_refused(self):
        for args in ([], ["--no-confirm-overwrite"]):
            self.check_refused(self.folder, f"There is a directory at {self.folder}, refusing to "
                               "overwrite", *args)
            self.check_refused("", "Output file cannot be root.", *args)
            self.check_refused(self.log + "/x", "Not a directory (os error 20)", *args)

    def test_output_comes_before_input(self):
        path = self.path("truncated.xml", b"old")
        self.assertEqual(run("-f", path, "--no-confirm-overwrite", "nofile")[0], 1)
        self.assertEqual(pathlib.Path(path).read_bytes(), b"")

    def test_input_is_not_overwritten(self):
        cause = "It is an input file, refusing to overwrite it"
        link = self.path("link.evtx")
        os.link(self.log, link)
        for path in (self.log, link):
            self.check_refused(path, cause, "--no-confirm-overwrite")
        with open(self.log, "rb") as file:
            self.check(["-f", link, "--no-confirm-overwrite", "-"], 1, "Error: An error occurred while "
                       f"creating output file at `{link}`\n\nCaused by:\n    {cause}\n", stdin=file)
        self.assertEqual(pathlib.Path(self.log).read_bytes(), self.bytes)

    def test_full_disk(self):
        text = "Error: No space left on device (os error 28)\n"
        for args in ([self.log], ["--events", "1", self.log], ["info", "-i", self.log], ["--help"]):
            with open(FULL, "wb") as full:
                self.check(args, 1, text, stdout=full)
        self.check(["-f", FULL, "--no-confirm-overwrite", self.log], 1, text)

    def test_reader_goes_away(self):
        for args in ([self.log], ["-t1", self.log], ["info", "-i", self.log], ["--help"], ["-V"]):
            read_end, write_end = os.pipe()
            os.close(read_end)
            self.check(args, 0, "", stdout=write_end)
            os.close(write_end)

    def test_closed_stdout(self):
        for args in ([self.log], ["info", "-i", self.log]):
            self.check(args, 0, "", stdout=None, preexec_fn=lambda: os.close(1))

    def test_slow_reader_of_a_non_blocking_pipe(self):
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        with subprocess.Popen([EVTX_DUMP, self.log], stdout=write_end, stderr=subprocess.PIPE) as child:
            os.close(write_end)
            time.sleep(0.3)
            with open(read_end, "rb") as pipe:
                self.assertEqual(pipe.read(), run(self.log)[1])
            self.assertEqual((child.wait(), child.stderr.read()), (0, b""))


class Terminal(Case):
    def run_on_terminal(self, args, keys=b"", stdin=None, feed=()):
        """Exit code and what the terminal behind stderr showed; a key is sent when nothing comes."""
        master, slave = pty.openpty()
        settings = termios.tcgetattr(slave)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, settings)

        def take_terminal():
            os.setsid()
            fcntl.ioctl(2, termios.TIOCSCTTY, 0)
        with open(self.path("stdout"), "wb") as out:
            child = subprocess.Popen(args, stdin=slave if stdin is None else stdin, stdout=out,
                                     stderr=slave, preexec_fn=take_terminal)
        os.close(slave)
        shown, deadline = b"", time.monotonic() + 30
        for piece in feed:
            child.stdin.write(piece)
            child.stdin.flush()
            time.sleep(0.4)
        if feed:
            child.stdin.close()
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    shown += os.read(master, 4096)
                except OSError:
                    break
            elif keys and b"[y/N] " in shown:
                os.write(master, keys[:1])
                keys = keys[1:]
        os.close(master)
        return child.wait(timeout=30), shown.decode()

    def ask(self, keys, answer, code, content, stdin=None):
        path = self.path("asked", b"old")
        question = f"Are you sure you want to override output file at {path} "
        got = self.run_on_terminal([EVTX_DUMP, "-f", path, "nofile"], keys, stdin)
        lines = question + f"[y/N] \x1b[?25l\r\x1b[2K{question}{answer}\n\x1b[?25h"
        self.assertEqual(got[0], code)
        self.assertEqual(got[1][:len(lines)], lines)
        self.assertEqual(pathlib.Path(path).read_bytes(), content)
        return got[1][len(lines):]

    def test_question(self):
        for keys in (b"y", b"Y", b"x5\x1b[Ay"):
            self.assertEqual(self.ask(keys, "yes", 1, b""), Notices.MISSING)
        for keys in (b"n", b"N", b"\r", b"\n"):
            self.assertRegex(self.ask(keys, "no", 1, b"old"),
                             r"^Error: An error .*\n\nCaused by:\n    Cancelled\n$")

    def test_question_is_asked_on_the_terminal_when_stdin_is_none(self):
        self.ask(b"y", "yes", 1, b"", stdin=subprocess.DEVNULL)

    def test_interrupt_brings_the_cursor_back(self):
        path = self.path("asked", b"old")
        code, shown = self.run_on_terminal([EVTX_DUMP, "-f", path, "nofile"], b"\x03")
        self.assertEqual(code, -signal.SIGINT)
        self.assertTrue(shown.endswith("\x1b[?25h"))
        self.assertEqual(pathlib.Path(path).read_bytes(), b"old")

    def test_progress_of_slow_inputs(self):
        pieces = [self.bytes[:4096], b"", b"", *(self.bytes[at:at + CHUNK] for at in
                                                  range(4096, len(self.bytes), CHUNK))]
        code, shown = self.run_on_terminal([EVTX_DUMP, "-t1", "-"], stdin=subprocess.PIPE, feed=pieces)
        self.assertEqual(code, 0)
        self.assertIn(" MB/s", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"))
        self.assertEqual(pathlib.Path(self.path("stdout")).read_bytes(), run(self.log)[1])
        self.assertEqual(self.run_on_terminal([EVTX_DUMP, self.log]), (0, ""))


class Info(Case):
    def lines(self, path):
        code, out, text = run("info", "-i", path)
        self.assertEqual((code, text), (0, ""))
        return out.decode().split("\n")

    def ids(self, slot):
        return struct.unpack_from("<QQ", self.bytes, 4096 + slot * CHUNK + 24)

    def test_healthy(self):
        crc, last = struct.unpack_from("<I", self.bytes, 124)[0], self.ids(2)[1]
        lines = self.lines(self.log)
        self.assertEqual(lines[:10], [
            "File header", "  Version          3.1", "  Flags            none",
            f"  CRC32            ok (0x{crc:08x})", "  First chunk      0", "  Last chunk       2",
            f"  Next record ID   {last + 1}", "  Chunk count      3 (the file has room for 3)",
            "  Header size      128 (block 4096)", ""])
        self.assertEqual(lines[10], "Chunk  Offset      Record numbers  Record IDs  Flags  "
                         "Header CRC32  Records CRC32")
        for slot in range(3):
            numbers = "{}-{}".format(*self.ids(slot))
            self.assertEqual(lines[11 + slot], f"{slot}      0x{4096 + slot * CHUNK:08x}  {numbers:14}  "
                             f"{numbers:10}  DIRTY  ok            ok")
        self.assertEqual(lines[14:], ["", "3 chunks: 3 with records, 0 empty, 0 unreadable. "
                                      f"{last} records by the chunk headers. 0 chunks fail a CRC32 "
                                      "check.", ""])

    def test_damaged(self):
        path = self.changed("damaged.evtx", (120, struct.pack("<I", 0x80000007)),
                            (4096, bytes(CHUNK)), (4096 + CHUNK, b"NotChunk"),
                            (4096 + 3 * CHUNK - 65000, b"changed"))
        pathlib.Path(path).write_bytes(pathlib.Path(path).read_bytes() + b"tail")
        lines = self.lines(path)
        self.assertEqual(lines[2], "  Flags            DIRTY | FULL | NO_CRC32 | 0x80000000")
        self.assertEqual(lines[3], "  CRC32            none (NO_CRC32)")
        self.assertEqual(lines[9], "  Trailing bytes   4, after the last chunk")
        self.assertEqual(lines[12], "0      0x00001000  empty")
        self.assertEqual(lines[13], "1      0x00011000  unreadable: Failed to parse chunk header: "
                         "Invalid EVTX chunk header magic, expected `ElfChnk0`, found "
                         "`[4E, 6F, 74, 43, 68, 75, 6E, 6B]`")
        self.assertTrue(lines[14].endswith("DIRTY  ok            BAD"))
        first, last = self.ids(2)
        self.assertEqual(lines[16], "3 chunks: 1 with records, 1 empty, 1 unreadable. "
                         f"{last - first + 1} records by the chunk headers. 1 chunk fails a CRC32 check.")

    def test_cleared_chunk_is_not_counted(self):
        # The reference adds 2^64 - 1 for it, so that its sum wraps around.
        lines = self.lines(self.changed("cleared.evtx", (4096 + 8, struct.pack("<QQ", 1, 2**64 - 1))))
        self.assertIn(f" {self.ids(2)[1] - self.ids(0)[1]} records by the chunk headers", lines[-2])

    def test_header_block_only(self):
        lines = self.lines(self.path("head", self.bytes[:40] + b"\xff\xff" + self.bytes[42:4096]))
        self.assertEqual(lines[10], "Chunk  Offset  Record numbers  Record IDs  Flags  Header CRC32  "
                         "Records CRC32")
        self.assertEqual(lines[12], "0 chunks: 0 with records, 0 empty, 0 unreadable. 0 records by the "
                         "chunk headers. 0 chunks fail a CRC32 check.")

    def test_failures(self):
        self.check(["info", "-i", "-"], 1, "Error: Failed to open -\n\nCaused by:\n"
                   "    No such file or directory (os error 2)\n")
        self.check(["info", "-i", self.path("short", b"x")], 1, "Error: Failed to read the file header"
                   "\n\nCaused by:\n    failed to read EVTX file header block: failed to fill whole "
                   "buffer\n")
        self.check(["info", "-i", "/"], 1, "Error: Failed to read the file header\n\nCaused by:\n"
                   "    failed to read EVTX file header block: Is a directory (os error 21)\n")


class Evx(Case):
    def test_version_and_help(self):
        self.assertRegex(run("--version", program=EVX)[1], rb"^evx \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--help", program=EVX)[0], 0)
        code, out, text = run(program=EVX)
        self.assertEqual((code, out), (2, b""))
        self.assertIn("Usage: evx <COMMAND>", text)
        self.check(["bogus"], 2, "error: unrecognized subcommand 'bogus'\n\nUsage: evx <COMMAND>\n"
                   + HINT, program=EVX)

    def test_many_inputs(self):
        tree = self.path("tree")
        os.makedirs(tree + "/b/c")
        logs = []
        for number, name in enumerate(("a.evtx", "b.evtx", "b/c/d.EVTX", "b/x.evtx")):
            run("gen", "--size", "64K", "--seed", str(number), "-f", f"{tree}/{name}", program=EVX)
            logs.append(run(f"{tree}/{name}")[1])
        self.path("tree/notes.txt", b"no log")
        os.symlink(tree, tree + "/b/loop")
        self.assertEqual(run("dump", tree, program=EVX), (0, b"".join(logs), ""))
        out = self.path("all.xml")
        code, _, text = run("dump", "-f", out, "nofile", tree + "/b/x.evtx", tree + "/a.evtx",
                            program=EVX)
        self.assertEqual((code, text), (1, Notices.MISSING))
        self.assertEqual(pathlib.Path(out).read_bytes(), logs[3] + logs[0])
        empty = self.path("no_logs")
        os.mkdir(empty)
        self.check(["dump", empty], 1, f"Error: No *.evtx file in folder {empty}\n", program=EVX)

    def test_reports_name_the_file_when_there_are_several(self):
        damaged = self.changed("one.evtx", (4096 + CHUNK, b"NotChunk"))
        self.check(["dump", self.log, damaged], 0, damaged + ":\n" + Damage.BLOCK, program=EVX)
        self.check(["dump", damaged], 0, Damage.BLOCK, program=EVX)

    def test_inputs_are_not_overwritten(self):
        folder = self.path("kept")
        os.mkdir(folder)
        shutil.copy(self.log, folder + "/a.evtx")
        code, _, text = run("dump", "-f", folder + "/a.evtx", "--no-confirm-overwrite", folder,
                            program=EVX)
        self.assertEqual(code, 1)
        self.assertIn("It is an input file, refusing to overwrite it", text)
        self.assertEqual(pathlib.Path(folder + "/a.evtx").read_bytes(), self.bytes)

    def test_info(self):
        one = run("info", "-i", self.log)[1]
        self.assertEqual(run("info", self.log, program=EVX), (0, one, ""))
        code, out, text = run("info", "-i", self.log, "nofile", self.log, program=EVX)
        name = self.log.encode()
        self.assertEqual((code, out), (1, name + b":\n" + one + b"\n" + name + b":\n" + one))
        self.assertTrue(text.startswith("nofile:\nError: Failed to open nofile\n"))

    def test_gen(self):
        args = ["gen", "--size", "192K", "--seed", "3"]
        self.assertEqual(run(*args, program=EVX), (0, self.bytes, ""))
        self.assertEqual(run(*args, "-f", "-", program=EVX), (0, self.bytes, ""))
        names = run("gen", "--damage", "list", program=EVX)[1].decode().split()
        damaged = run(*args, "--damage", ",".join(names[:2]), program=EVX)
        self.assertEqual((damaged[0], damaged[2]), (0, ""))
        self.assertNotEqual(damaged[1], self.bytes)
        path = self.path("kept.evtx", b"old")
        code, _, text = run(*args, "--damage", "bogus", "-f", path, "--no-confirm-overwrite",
                            program=EVX)
        self.assertEqual(code, 2)
        self.assertIn("bogus", text)
        self.assertEqual(pathlib.Path(path).read_bytes(), b"old")


class Templates(Case):
    ROOT = ("  Provider  Microsoft-Windows-Security-Auditing\n  Events    4624, ")

    def listed(self, *paths):
        """The objects of JSON, one a log."""
        code, out, text = run("templates", "-o", "json", *paths, program=EVX)
        self.assertEqual((code, text), (0, ""))
        return [json.loads(line) for line in out.decode().splitlines()]

    def test_text(self):
        out = self.check(["templates", self.log], 0, "", program=EVX).decode()
        records = run(self.log)[1].count(b"<EventRecordID>")
        self.assertRegex(out, r"^\{[0-9a-f-]{36}\}  Event, " + str(records) + " uses\n" + self.ROOT)
        self.assertIn("\n      3  u16?          System/EventID\n", out)
        self.assertRegex(out, r"\}  EventData \(in a value\), \d+ uses?\n")
        self.assertIn("EventData/Data[@Name='TargetUserName']\n", out)
        self.assertRegex(out, rf"\n\n\d+ templates in {records} records\. 0 records are damaged\. "
                         r"0 reports of damage to the log\.\n$")
        self.assertNotRegex(out, " \n")
        self.assertEqual(run("templates", "-", input=self.bytes, program=EVX)[1].decode(), out)
        several = run("templates", self.log, "nofile", self.log, program=EVX)
        both = f"{self.log}:\n{out}"
        self.assertEqual(several, (1, f"{both}\n{both}".encode(), Notices.MISSING))

    def test_json(self):
        log, again = self.listed(self.log, self.log)
        self.assertEqual(log, again)
        self.assertEqual((log["file"], log["damaged"], log["reports"]), (self.log, 0, 0))
        event = log["templates"][0]
        self.assertEqual((event["root"], event["nested"], event["uses"]), ("Event", False, log["records"]))
        self.assertIn({"value": 3, "type": "u16", "optional": True, "path": "System/EventID"}, event["fields"])
        nested = log["templates"][1:]
        self.assertEqual(sum(template["uses"] for template in nested), log["records"])
        self.assertEqual(sorted({number for template in nested for number in template["event_ids"]}),
                         event["event_ids"])
        field = next(field for template in nested for field in template["fields"]
                     if field.get("name") == "TargetUserName")
        self.assertEqual(field["path"], "EventData/Data[@Name='TargetUserName']")

    def test_names_do_not_speak_to_the_terminal(self):
        name = 'Target\x1b"\\e\x9b\u202ee_'
        self.assertIn("TargetUserName".encode("utf-16le"), self.bytes)
        path = self.path("hostile.evtx", self.bytes.replace("TargetUserName".encode("utf-16le"),
                                                            name.encode("utf-16le")))
        out = self.check(["templates", path], 0, "", program=EVX).decode()
        self.assertIn("[@Name='Target\\u001b\"\\e\\u009b\\u202ee_']\n", out)
        self.assertEqual([c for c in out if ord(c) < 0x20 and c != "\n" or 0x7f <= ord(c) < 0xa0], [])
        fields = [field for template in self.listed(path)[0]["templates"] for field in template["fields"]]
        self.assertIn(name, [field.get("name") for field in fields])

    def test_any_file_name(self):
        path = os.fsencode(self.path("b")) + b"\xff\n\".evtx"
        pathlib.Path(os.fsdecode(path)).write_bytes(self.bytes)
        self.assertTrue(self.listed(path)[0]["file"].endswith('b\ufffd\n".evtx'))

    def test_damage_is_counted(self):
        log = self.listed(self.changed("lost.evtx", (4096 + CHUNK, b"NotChunk")))[0]
        self.assertEqual((log["damaged"], log["reports"]), (0, 1))
        self.assertLess(log["records"], self.listed(self.log)[0]["records"])

    def test_failures(self):
        self.check(["templates"], 1, "Error: Missing FILE. Provide event logs (try `--help`).\n", program=EVX)
        self.check(["templates", "nofile"], 1, Notices.MISSING, program=EVX)
        self.check(["templates", "-o", "xml", "x"], 2, "error: invalid value 'xml' for '--format "
                   "<output-format>'\n  [possible values: text, json]\n" + HINT, program=EVX)


class Stats(Case):
    def stats(self, *args, **more):
        code, out, text = run("stats", *args, program=EVX, **more)
        self.assertEqual((code, text), (0, ""))
        return out.decode()

    def rows(self, *args, **more):
        return [json.loads(line) for line in self.stats("-o", "jsonl", *args, **more).splitlines()]

    def counted(self, *args):
        out = run("query", "-o", "jsonl", "*", *args, program=EVX)[1].decode()
        return len(out.splitlines())

    def test_formats_say_the_same(self):
        rows = self.rows(self.log)
        self.assertEqual(list(rows[0]), ["Count", "Channel", "Provider", "EventID", "First", "Last"])
        self.assertEqual(sum(row["Count"] for row in rows), self.counted(self.log))
        counts = [row["Count"] for row in rows]
        self.assertEqual(counts, sorted(counts, reverse=True))
        cells = [[str(cell) for cell in row.values()] for row in rows]
        read = list(csv.reader(io.StringIO(self.stats("-o", "csv", self.log))))
        self.assertEqual(read, [list(rows[0])] + cells)
        table = self.stats(self.log).splitlines()
        self.assertEqual([re.split("  +", line.strip()) for line in table], read)

    def test_files_together_and_apart(self):
        other = self.path("other.evtx", self.bytes)
        together = self.rows(self.log, other)
        apart = self.rows("--per-file", self.log, other)
        self.assertEqual([row["Count"] for row in together], [2 * row["Count"] for row in self.rows(self.log)])
        self.assertEqual([row["File"] for row in apart], [self.log] * len(together) + [other] * len(together))

    def test_fields_top_and_conditions(self):
        rows = self.rows("--by", 'EventID,"TargetUserName",System/Computer', "--top", "2", self.log)
        self.assertEqual(len(rows), 2)
        self.assertEqual(list(rows[0])[1:4], ["EventID", "TargetUserName", "System/Computer"])
        first = self.rows(self.log)[0]
        self.assertEqual(self.rows("--id", first["EventID"], "--by", "EventID", self.log)[0]["EventID"],
                         first["EventID"])
        self.assertEqual(self.stats("--id", "65535", "-o", "csv", "--by", "Level", self.log),
                         "Count,Level,First,Last\n")
        missing = self.rows("--by", "NoSuchField", self.log)
        self.assertEqual([row["NoSuchField"] for row in missing], [None])

    def test_the_processor_changes_nothing(self):
        for output_format in ("xml", "json", "jsonl"):
            outs = {run("-o", output_format, self.log, env={**os.environ, "EVX_CPU": cpu})[1]
                    for cpu in ("", "baseline")}
            self.assertEqual(len(outs), 1)

    def test_threads_and_plans_change_nothing(self):
        args = ("stats", "-o", "jsonl", "--by", "EventID,SubjectUserName,Keywords,TimeCreated", self.log)
        outs = {run(*args, "-t", threads, program=EVX, env={**os.environ, "EVX_PLANS": plans})[1]
                for threads in ("1", "3") for plans in ("0", "1")}
        self.assertEqual(len(outs), 1)

    def test_errors(self):
        self.check(["stats"], 1, "Error: Missing PATH. Provide event logs or folders (try `--help`).\n", program=EVX)
        self.check(["stats", "nofile"], 1, Notices.MISSING, program=EVX)
        self.check(["stats", "--by", "EventID,", self.log], 1,
                   "Error: --by: : byte 0: expected the name of a field, found the end\n", program=EVX)
        self.check(["stats", "--by", '"a"b', self.log], 1,
                   "Error: --by: a comma is missing behind a name in quotes\n", program=EVX)
        self.check(["stats", "--by", ",".join("abcdefghijklmnopq"), self.log], 1,
                   "Error: --by: there are more than 16 fields\n", program=EVX)


class Documents(Case):
    """An option that help, man page or completion do not know is an option nobody finds."""

    def options(self, program, *command):
        text = run(*command, "-h", program=program)[1].decode()
        names = re.findall(r"(?m)^  (?:(-\w)(?:, )?)? *(--[\w-]+)?", text[text.index("Options:"):])
        return [name for pair in names for name in pair if name]

    def test_every_option_everywhere(self):
        for program, commands in ((EVTX_DUMP, ("", "info", "extract-wevt-templates", "apply-wevt-cache",
                                               "dump-template-instances")),
                                  (EVX, ("", "dump", "query", "stats", "info", "templates", "gen", "pack", "pack build",
                                         "pack import", "pack show", "pack diff", "pack merge"))):
            name = os.path.basename(program)
            man = (DOCS / (name + ".1")).read_text(encoding="ascii").replace("\\-", "-")
            bash = (DOCS / "completions" / name).read_text(encoding="ascii")
            zsh = (DOCS / "completions" / ("_" + name)).read_text(encoding="ascii")
            fish = (DOCS / "completions" / (name + ".fish")).read_text(encoding="ascii")
            for command in commands:
                words = command.split()
                options = self.options(program, *words)
                self.assertIn("--help", options)
                full = run(*words, "--help", program=program)[1].decode()
                for option in options:
                    self.assertIn(option, full)
                    self.assertRegex(man, rf"(?m)^.*\\fB{option}\\fR")
                    self.assertRegex(bash, rf"(?m)^    {words[-1] if words else str()}:-\*\) words=.*[ ']{option}[ ']")
                    self.assertIn(option + "[", zsh)
                    self.assertIn((" -l " if option[1] == "-" else " -s ") + option.lstrip("-"), fish)

    def test_shells_can_read_them(self):
        for shell, pattern in (("bash", "ev*[xp]"), ("zsh", "_*"), ("fish", "*.fish")):
            if not shutil.which(shell):
                continue
            for file in (DOCS / "completions").glob(pattern):
                done = subprocess.run([shell, "-n", str(file)], capture_output=True)
                self.assertEqual((done.returncode, done.stderr), (0, b""), file)


if __name__ == "__main__":
    unittest.main()
