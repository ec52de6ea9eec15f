# SPDX-License-Identifier: MIT
"""Where Spark looks for the source "evx": spark.read.format("evx")."""
from evx.spark import EvxSource

__all__ = ["DefaultSource"]


class DefaultSource(EvxSource):
    """See evx.spark.EvxSource."""
