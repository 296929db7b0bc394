"""Paths of records in JSON: keys joined by dots, lists and mappings on the way.

``[]`` after a key stands for each item of a list, ``{}`` for each value of a mapping:
``[].datasets[].sota.rows[]``, ``models{}``. It imports nothing that is slow.
"""

from __future__ import annotations

import re

_KEY = r"[^\[\]{}.]"
_PATH = re.compile(rf"{_KEY}*(?:\[\]|\{{\}})*(?:\.{_KEY}+(?:\[\]|\{{\}})*)*")
_STEP = re.compile(rf"\[\]|\{{\}}|{_KEY}+")


def is_path(text: str) -> bool:
    """Return whether a text is a path of records."""
    return _PATH.fullmatch(text) is not None


def steps(path: str) -> list[str]:
    """Return the keys of a path in their order, and ``[]`` and ``{}`` where they stand."""
    return _STEP.findall(path)
