# SPDX-License-Identifier: MIT
"""evx: Windows event logs (EVTX) as records, XML, JSON and tables.

``evx.open`` gives the records of one log; ``evx.compat`` has the classes of the package ``evtx``. Importing
it loads nothing but its own extension.
"""
from ._errors import Error, EvxWarning
from ._evx import __version__
from ._records import Log, Record, open

__all__ = ["Error", "EvxWarning", "Log", "Record", "__version__", "open"]
