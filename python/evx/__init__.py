# SPDX-License-Identifier: MIT
"""evx: Windows event logs (EVTX) as records, XML, JSON and tables.

``evx.open`` gives the records of one log, ``evx.scan`` logs as a table for whatever takes Arrow streams;
``evx.columns``, ``evx.fields`` and ``evx.templates`` say what there is; ``evx.compat`` has the classes of the package ``evtx``. Importing
it loads nothing but its own extension.
"""
from . import duckdb
from ._errors import Error, EvxWarning
from ._evx import __version__
from ._listing import Column, Field, Template, TemplateField, columns, fields, templates
from ._records import Log, Record, open
from ._scan import Conversion, Options, Scan, scan

__all__ = ["Column", "Conversion", "Error", "EvxWarning", "Field", "Log", "Options", "Record", "Scan", "Template",
           "TemplateField", "__version__", "columns", "duckdb", "fields", "open", "scan", "templates"]
