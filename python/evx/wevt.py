# SPDX-License-Identifier: MIT
"""The module ``evtx.wevt`` of evtx 0.14.0: what the manifests of providers compile to."""
from ._wevt import Event, Manifest, Provider, Template, TemplateItem

__all__ = ["Event", "Manifest", "Provider", "Template", "TemplateItem"]
