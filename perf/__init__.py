# SPDX-License-Identifier: MIT
"""Theses on top of bench/: run as `python -m perf.X` from the repository's root, in the environment of `./dev lab`."""
