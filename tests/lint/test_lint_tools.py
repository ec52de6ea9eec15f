#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against checks that pass because they see nothing: each rule must report a tree that breaks it,
and stay silent on one that does not."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
import count_tests  # noqa: E402
import layers  # noqa: E402
import lint  # noqa: E402

SPDX = "// SPDX-License-Identifier: MIT\n"
GENERATED = "// Generated, do not edit: python3 x.py > x.h\n"
LONG_BODY = "    f();\n" * 69  # with the head and the last brace: 71 lines
HEADERS = ["base/arena.h", "system/file.h", "bytes/source.h", "kernels/utf16.h", "text/ansi_codec.h",
           "container/layout.h", "container/chunk.h", "decode/value.h", "compat/phrase.h", "fields/path.h",
           "emit/json.h", "flow/ring.h", "api/reader.h", "encode/encode.h", "encode/private.h"]
OUTSIDE = ["gen/generate.h", "gen/generator.h"]


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


class Layers(Tree):
    def setUp(self):
        super().setUp()
        for name in [f"src/{name}" for name in HEADERS] + OUTSIDE:
            self.write(name, SPDX)

    def found(self, name, include):
        self.write(name, f"#include {include}\n")
        found = layers.check(self.tree)
        (self.tree / name).unlink()
        return found

    def test_refused(self):
        for name, include in [
                ("src/base/x.c", '"bytes/source.h"'), ("src/base/x.c", '"api/reader.h"'),
                ("src/base/x.c", '"system/file.h"'), ("src/system/x.c", '"bytes/source.h"'),
                ("src/encode/x.c", '"system/file.h"'), ("gen/x.c", '"system/file.h"'),
                ("src/bytes/x.c", '"kernels/utf16.h"'), ("src/kernels/x.c", '"bytes/source.h"'),
                ("src/text/x.c", '"kernels/utf16.h"'), ("src/bytes/x.c", '"text/ansi_codec.h"'),
                ("src/container/x.c", '"decode/value.h"'), ("src/decode/x.c", '"emit/json.h"'),
                ("src/decode/x.c", '"compat/phrase.h"'), ("src/compat/x.c", '"emit/json.h"'),
                ("src/compat/x.c", '"kernels/utf16.h"'), ("src/compat/x.c", '"fields/path.h"'),
                ("src/fields/x.c", '"compat/phrase.h"'), ("src/fields/x.c", '"emit/json.h"'),
                ("src/fields/x.c", '"kernels/utf16.h"'), ("src/decode/x.c", '"fields/path.h"'),
                ("src/emit/x.c", '"flow/ring.h"'), ("src/emit/x.c", '"bytes/source.h"'),
                ("src/flow/x.c", '"api/reader.h"'), ("src/flow/x.c", '"encode/private.h"'),
                ("src/encode/x.c", '"container/chunk.h"'), ("src/encode/x.c", '"decode/value.h"'),
                ("src/emit/x.c", '"../base/arena.h"'), ("src/emit/x.c", '"absent.h"'),
                ("src/emit/x.c", "<base/arena.h>"), ("src/emit/x.c", '"evx/evx.h"'),
                ("src/newer/x.c", "<stdio.h>"), ("cli/x.c", '"base/arena.h"'),
                ("src/encode/x.c", '"gen/generate.h"'), ("gen/x.c", '"encode/private.h"'),
                ("gen/x.c", '"decode/value.h"'), ("cli/x.c", '"gen/generator.h"'),
                ("cli/x.c", '"encode/encode.h"'), ("include/evx/x.h", '"base/arena.h"')]:
            with self.subTest(name=name, include=include):
                self.assertEqual(len(self.found(name, include)), 1)

    def test_accepted(self):
        for name, include in [
                ("src/api/x.c", '"flow/ring.h"'), ("src/flow/x.c", '"bytes/source.h"'),
                ("src/compat/x.c", '"decode/value.h"'), ("src/flow/x.c", '"compat/phrase.h"'),
                ("src/fields/x.c", '"decode/value.h"'), ("src/emit/x.c", '"fields/path.h"'),
                ("src/emit/x.c", '"json.h"'), ("src/emit/x.c", '"decode/value.h"'),
                ("src/emit/x.c", '"kernels/utf16.h"'), ("src/container/x.c", '"bytes/source.h"'),
                ("src/emit/x.c", '"text/ansi_codec.h"'), ("src/text/x.c", '"base/arena.h"'),
                ("src/encode/x.c", '"container/layout.h"'), ("src/base/x.c", "<evx/evx.h>"),
                ("gen/x.c", '"encode/encode.h"'), ("gen/x.c", '"base/arena.h"'),
                ("gen/x.c", '"gen/generator.h"'), ("cli/x.c", '"gen/generate.h"'),
                ("src/bytes/x.c", '"system/file.h"'), ("src/system/x.c", '"base/arena.h"'),
                ("cli/x.c", '"system/file.h"'),
                ("cli/x.c", "<evx/evx.h>"), ("src/base/x.c", "<string.h>")]:
            with self.subTest(name=name, include=include):
                self.assertEqual(self.found(name, include), [])


class Lint(Tree):
    def found(self, text, name="src/emit/x.c"):
        self.write(name, text)
        found = lint.check(self.tree)
        (self.tree / name).unlink()
        return found

    def test_refused(self):
        for rule, text in [
                ("tab", SPDX + "int\tx;\n"), ("blanks", SPDX + "int x; \n"),
                ("not ASCII", SPDX + "// na\u00efve\n"), ("no SPDX", "int x;\n"),
                ("sprintf is banned", SPDX + "void f(void)\n{\n    sprintf(b, c);\n}\n"),
                ("strcpy is banned", SPDX + "#if 1\nint x = strcpy(a, b);\n#endif\n"),
                ("gets is banned", SPDX + "int x = gets (a);\n"),
                ("fcntl.h outside of src/system", SPDX + "#include <fcntl.h>\n"),
                ("sys/stat.h outside of src/system", SPDX + "# include  <sys/stat.h>\n"),
                ("_WIN32 outside of src/system", SPDX + "#ifdef _WIN32\n#endif\n"),
                ("malloc outside", SPDX + "void *p = malloc(1);\n"),
                ("free outside", SPDX + "void f(void)\n{\n    free(p);\n}\n"),
                ("801 lines", SPDX + "int x;\n" * 800),
                ("f has 71 lines", SPDX + "int f(void) {\n" + LONG_BODY + "}\n"),
                ("f has 73 lines", SPDX + "static int f(int (*g)(int),\n  int b)\n{\n" + LONG_BODY
                 + "}\n"),
                ("f has 71 lines", SPDX + 'extern "C" {\nint f(void) {\n' + LONG_BODY + "}\n}\n")]:
            with self.subTest(rule=rule):
                found = self.found(text)
                self.assertEqual(len(found), 1, found)
                self.assertIn(rule, found[0])

    def test_accepted(self):
        for text in [
                SPDX + "// sprintf(x), free(p)\nint x = 1; /* strcpy(a, b) */\n",
                SPDX + 'const char *x = "gets(a)";\n', SPDX + "int x = my_free(p) + a->free(p);\n",
                SPDX + "int x = snprintf(b, 1, c) + fgets(a);\n",
                SPDX + "static const int x[] = {\n" + "    1,\n" * 100 + "};\n",
                SPDX + GENERATED + "int x;\n" * 800, SPDX + "int f(void) {\n" + LONG_BODY[9:] + "}\n",
                SPDX + "struct s {\n" + "    int (*f)(int);\n" * 100 + "};\n"]:
            with self.subTest(text=text[:60]):
                self.assertEqual(self.found(text), [])

    def test_systems_where_they_belong(self):
        for name in ["src/system/x.c", "cli/system/x.c", "tests/unit/x.c"]:
            self.assertEqual(self.found(SPDX + "#include <fcntl.h>\n#ifdef _WIN32\n#endif\n", name), [])

    def test_allocation_where_it_belongs(self):
        for name in ["src/base/x.c", "src/encode/x.c", "cli/x.c", "tests/unit/x.c"]:
            self.assertEqual(self.found(SPDX + "void *p = malloc(1);\n", name), [])

    def test_exceptions(self):
        long = SPDX + "int f(void) {\n" + LONG_BODY + "}\n"
        self.write(lint.EXCEPTIONS, "# comment\nsrc/emit/x.c:f one switch\n")
        self.assertEqual(self.found(long), [])
        self.assertIn("stands for nothing", self.found(SPDX)[0])
        self.write(lint.EXCEPTIONS, "src/emit/x.c:free libc allocated it\n")
        self.assertEqual(self.found(SPDX + "void f(void)\n{\n    free(p);\n}\n"), [])
        self.write(lint.EXCEPTIONS, "src/emit/x.c:f\n")
        self.assertIn("no reason", self.found(long)[0])

    def test_links(self):
        text = "[a](x.md) [b](x.md#part) [c](https://example.org/y.md) [d](sub/absent.md)\n"
        found = self.found(text, "x.md")
        self.assertEqual(len(found), 1)
        self.assertIn("sub/absent.md does not exist", found[0])

    def test_ablations(self):
        define = "#ifndef EVX_ABLATE_A\n#define EVX_ABLATE_A 0\n#endif\n"
        self.write("src/base/ablate.h", SPDX + define)
        self.write("meson_options.txt", "option('ablate', type: 'array', choices: ['a'])\n")
        use = SPDX + "bool f(void)\n{\n    return EVX_ABLATE_A;\n}\n"
        self.assertEqual(self.found(use), [])
        self.assertIn("EVX_ABLATE_A switches nothing off", self.found(SPDX)[0])
        self.write("meson_options.txt", "option('ablate', type: 'array', choices: ['a', 'b'])\n")
        self.assertIn("EVX_ABLATE_B is not in both", self.found(use)[0])

    def test_checks(self):
        self.write("src/base/check.h", SPDX)
        lines = "// a line\n" * 90
        self.assertIn("0 checks in", self.found(SPDX + lines)[0])
        self.write("src/emit/y.h", SPDX + GENERATED + lines)
        self.assertEqual(self.found(SPDX + lines + "    EVX_CHECK(i < count);\n"), [])

    def test_mutants(self):
        entry = '[[mutant]]\nfile = "src/emit/x.c"\nold = "1"\nnew = "2"\nwhy = "w"\n'
        self.write("tests/mutants.toml", entry)
        self.assertEqual(self.found(SPDX + "int x = 1;\n"), [])
        self.assertIn("its text stands there 0 times", self.found(SPDX + "int x = 3;\n")[0])
        self.assertIn("its text stands there 2 times", self.found(SPDX + "int x = 11;\n")[0])
        self.assertIn("stands there 0 times", self.found(SPDX, "src/emit/y.c")[0])
        self.write("tests/mutants.toml", entry + 'seconds = 1\n')
        self.assertIn("it has the keys", self.found(SPDX + "int x = 1;\n")[0])

    def test_stray_files(self):
        self.assertEqual(self.found("int\tx;\n", "example.c"), [])

    def test_same_name(self):
        self.write("src/base/x.c", SPDX)
        self.assertIn("same name", self.found(SPDX)[0])


class CountTests(Tree):
    def test_results(self):
        results = ["OK", "EXPECTEDFAIL", "FAIL", "TIMEOUT", "UNEXPECTEDPASS", "ERROR", "SKIP"]
        self.write("testlog.json", "".join(f'{{"result": "{name}"}}\n' for name in results))
        self.assertEqual(count_tests.count(self.tree / "testlog.json"), (2, 4, 1))
        self.assertEqual(count_tests.count(self.tree / "absent.json"), (0, 0, 0))


if __name__ == "__main__":
    unittest.main()
