# SPDX-License-Identifier: MIT
"""FILETIME: 100 ns since 1601-01-01 UTC."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Optional

_EPOCH = datetime(1601, 1, 1, tzinfo=timezone.utc)
_UNIX_TICKS = 116444736000000000


def filetime_to_datetime(filetime: int) -> Optional[datetime]:
    """In UTC, cut to microseconds; None behind the year 9999, which Python does not have."""
    try:
        return _EPOCH + timedelta(microseconds=filetime // 10)
    except OverflowError:
        return None


def filetime_to_ns(filetime: int) -> int:
    """Nanoseconds since 1970-01-01 UTC, exactly."""
    return (filetime - _UNIX_TICKS) * 100
