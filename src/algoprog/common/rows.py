"""A row of a result table, before it is one of a frame: what mappings of cells are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

Cell = str | float | int | bool | date | None
Row = Mapping[str, Cell]
