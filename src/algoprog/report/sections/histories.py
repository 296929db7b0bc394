"""Record histories on the page: what reaching a fixed target costs, record by record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from algoprog.report.figures import record_halving, record_history
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

COUNTED = ("modded-nanogpt-1", "cost")
# What the page calls the methods of the coverage table.
METHODS = {
    "fifths": "calendar fifths (headline)",
    "effort": "given the effort, long-run rate",
    "effort_given_pace": "given the effort, rate of the drawn pace",
    "cautious": "cautious",
    "least_squares": "least squares on records",
}


def rows(inputs: Inputs) -> dict[str, Any] | None:
    """Return what the section says; None without record histories."""
    rates = inputs.rows("record_rates")
    if not rates:
        return None
    headlines = [row for row in rates if row["variant"] == "headline"]
    about = shown_track(inputs, headlines)
    track, measure = about["track"], about["measure"]
    return {
        "about": about,
        "rates": sorted(headlines, key=lambda row: (not row["hardware_fixed"], row["title"])),
        "variants": [r for r in rates if (r["track"], r["measure"]) == (track, measure)],
        "spells": of_track(inputs, "record_dry_spells", track, measure),
        "periods": of_track(inputs, "record_periods", track, measure),
        "split": _ends(inputs.rows("record_decomposition"), track),
        "forecast": of_track(inputs, "record_forecast", track, measure),
        "backtest": of_track(inputs, "record_backtest", track, measure),
        "defects": [r for r in inputs.rows("record_defects") if r["track"] == track],
        "published": _compared(inputs.rows("record_published")),
        "coverage": _coverage(inputs.tables.get("record_coverage")),
        "methods": METHODS,
    }


def shown_track(inputs: Inputs, headlines: Sequence[Row]) -> Row:
    """Return the headline rate of the track that the page shows, or else of the first."""
    shown = inputs.settings.histories.shown
    return next((row for row in headlines if row["track"] == shown), headlines[0])


def of_track(inputs: Inputs, table: str, track: str, measure: str) -> list[Row]:
    """Return the rows of a table that are of a track and its measure."""
    return [r for r in inputs.rows(table) if (r["track"], r["measure"]) == (track, measure)]


def _ends(rows: Sequence[Row], track: str) -> list[Row]:
    """The last record of a track against each start."""
    own = [row for row in rows if row["track"] == track]
    return list({row["start"]: row for row in sorted(own, key=lambda r: r["published"])}.values())


def _compared(rows: Sequence[Row]) -> dict[str, Any]:
    """How many published numbers agree with ours, and those that do not."""
    return {
        "n": len(rows),
        "agree": sum(row["agrees"] is True for row in rows),
        "differ": [row for row in rows if row["agrees"] is False],
        "absent": [row for row in rows if row["ours"] is None],
    }


def _coverage(table: pl.DataFrame | None) -> list[Row]:
    """Mean and least coverage of each method over the worlds, by size."""
    if table is None:
        return []
    summed = table.group_by("method", "records").agg(
        pl.col("covered").mean().alias("mean"), pl.col("covered").min().alias("least")
    )
    order = pl.col("method").replace_strict({name: i for i, name in enumerate(METHODS)})
    return summed.sort(order, "records").to_dicts()


SECTION = Section(
    "histories",
    rows,
    (record_halving.FIGURE, record_history.FIGURE),
)
