"""Time saved as FLOP saved times throughput gained, from either start.

On a fixed machine ``time = FLOP / throughput``, so ``log time factor = log FLOP factor + log
throughput factor`` exactly. FLOP is 6 N D; what it misses, such as attention scores, precision and
validation, is in the throughput. The split depends on the start, so every start is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from algoprog.histories.history import Track, history
from algoprog.histories.reading import entries_of
from algoprog.histories.tables import DECOMPOSITION
from algoprog.tables.frames import frame_of

STARTS = 2  # the opening, and the first record: the opening may be another program


def decomposition_table(records: pl.DataFrame, tracks: Iterable[Track]) -> pl.DataFrame:
    """Return the table `record_decomposition` of tracks timed on a fixed machine.

    A row is a record with known FLOP against one of the first two entries with known FLOP. A track
    with fewer than three such records has none.
    """
    rows: list[dict[str, Any]] = []
    for track in tracks:
        known = records.filter(
            (pl.col("track") == track.name)
            & (pl.col("record") == 1)
            & pl.col("cost").is_not_null()
            & pl.col("training_compute").is_not_null()
        ).to_dicts()
        if track.unit == "s" and track.hardware_fixed and len(known) > STARTS:
            chained = _chained_levels(records, track)
            for position, start in enumerate(known[:STARTS]):
                rows += _rows(track, start, known[position + 1 :], chained)
    return frame_of(DECOMPOSITION, rows)


def _rows(
    track: Track,
    start: dict[str, Any],
    later: Sequence[dict[str, Any]],
    chained: dict[str, float],
) -> list[dict[str, Any]]:
    rows = []
    for entry in later:
        time = start["cost"] / entry["cost"]
        flop = start["training_compute"] / entry["training_compute"]
        tokens = (start["training_tokens"] or math.nan) / (entry["training_tokens"] or math.nan)
        rows.append(
            {
                "track": track.name,
                "start": start["entry"],
                "entry": entry["entry"],
                "published": entry["published"],
                "time_factor": time,
                "time_factor_chained": chained[start["entry"]] / chained[entry["entry"]],
                "token_factor": None if math.isnan(tokens) else tokens,
                "flop_factor": flop,
                "throughput_factor": time / flop,
                "flop_share": math.log(flop) / math.log(time) if time != 1 else None,
            }
        )
    return rows


def _chained_levels(records: pl.DataFrame, track: Track) -> dict[str, float]:
    """Cost of every record under the conditions of the opening, by entry."""
    found = history(track, entries_of(records, track.name, "cost"), "cost")
    level = found.opening.value or math.nan
    levels = {found.opening.name: level}
    for step in found.steps:
        level *= 2.0**-step.gain
        levels[step.entry.name] = level
    return levels
