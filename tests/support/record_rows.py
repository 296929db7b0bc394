"""Records made up for tests: all fields, blank but for what is given."""

from __future__ import annotations

from typing import Any

import polars as pl

from algoprog.records.fields import FIELDS
from algoprog.records.reading import TYPES

SCHEMA = {**{name: TYPES[field.kind] for name, field in FIELDS.items()}, "place": pl.String}


def records(*rows: dict[str, Any]) -> pl.DataFrame:
    """Records of source a, paper P, with perplexity 20 on wt103, but for what each row says."""
    valid = {"source": "a", "paper": "P", "benchmark": "wt103", "perplexity": 20.0}
    filled = [
        {**dict.fromkeys(SCHEMA), **valid, "source_row": number, **row}
        for number, row in enumerate(rows, 1)
    ]
    return pl.DataFrame(filled, schema=SCHEMA)
