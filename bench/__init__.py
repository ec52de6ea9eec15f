# SPDX-License-Identifier: MIT
"""Measuring: run as `python -m bench.X` from the repository's root, in the environment of `./dev lab`."""
