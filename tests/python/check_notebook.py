#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The notebook among the examples runs, and counts what `evx query` counts."""
import os
import pathlib
import subprocess
import unittest

from support import EVX, WithLog, make_log

try:
    import ipykernel  # noqa: F401
    import matplotlib  # noqa: F401
    import nbclient
    import nbformat
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
except ImportError as missing:
    print(f"{missing.name} is not installed")
    raise SystemExit(77)

NOTEBOOK = pathlib.Path(__file__).resolve().parents[2] / "examples" / "python" / "failed_logons.ipynb"


class Notebook(WithLog):
    def test_runs(self):
        make_log(self.folder, "more.evtx", size="4M", seed=2)
        os.environ["LOGS"] = self.folder
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        nbclient.NotebookClient(notebook, timeout=120).execute()
        outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        count = subprocess.run([EVX, "query", "-c", "*[System[EventID=4625]]", self.folder], stdout=subprocess.PIPE,
                               check=True, text=True).stdout.splitlines()
        total = sum(int(line.split()[0]) for line in count if line.endswith(".evtx"))
        self.assertGreater(total, 50)
        self.assertTrue(any(f"{total:,} failed logons" in output.get("text", "") for output in outputs), outputs)
        self.assertTrue(any("image/png" in output.get("data", {}) for output in outputs))


if __name__ == "__main__":
    unittest.main()
