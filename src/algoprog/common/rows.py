"""What rows and settings are called before they are a frame, or an object of a class."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

# A row of a result table.
Cell = str | float | int | bool | date | None
Row = Mapping[str, Cell]
# A section of the configuration as plain built-ins, or a part of one.
Plain = Mapping[str, Any]
