"""Which models predict later records, and whether simple laws do so better."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

# How many models of the ranking are shown.
BEST = 10
LAWS = {
    "mean": "the mean of each benchmark",
    "loss_on_t": "loss on date",
    "loss_on_c": "loss on ln C",
    "loss_on_c_t": "loss on ln C and date",
    "loss_on_n_d_t": "loss on ln N, ln D and date",
    "log_loss_on_t": "ln loss on date",
    "log_loss_on_c": "ln loss on ln C",
    "log_loss_on_c_t": "ln loss on ln C and date",
    "log_loss_on_n_d_t": "ln loss on ln N, ln D and date",
}


def out_of_time(inputs: Inputs) -> Row | None:
    """Return errors on later records by year, and the ranking; None where none were made.

    A year has the headline's model, the best variant, the best simple law, and ``better``: the
    simple laws that predict later records better than the headline's model, ``surely`` those whose
    whole 95 % interval of the difference says so.
    """
    table = inputs.tables.get("temporal_hold_out")
    if table is None or table.is_empty():
        return None
    fitted = table.filter(pl.col("estimator") == "converged", pl.col("rmse").is_not_null())
    years = [
        _year(inputs, int(year), rows.sort("rank").to_dicts())
        for (year,), rows in fitted.sort("cutoff").group_by("cutoff", maintain_order=True)
    ]
    beaten = [year for year in years if year["better"]]
    return {
        "years": years,
        "beaten": beaten,
        "surely": [year for year in years if year["surely"]],
        "ranking": _ranking(inputs),
        "laws": LAWS,
    }


def _of_headline(inputs: Inputs, row: Row) -> bool:
    return (row["model"], row["delta"]) == (inputs.converged.variant, inputs.converged.delta)


def _year(inputs: Inputs, year: int, rows: Sequence[Row]) -> Row:
    """Return what is said of a year; ``rows`` are its models, best first."""
    against = [
        row
        for row in inputs.rows("hold_out_differences")
        if row["cutoff"] == year and row["estimator"] == "converged" and _of_headline(inputs, row)
    ]
    better = [row["against"] for row in against if row["difference"] > 0]
    return {
        "year": year,
        "first": rows[0],
        "headline": next((row for row in rows if _of_headline(inputs, row)), None),
        "variant": next((row for row in rows if row["delta"] is not None), None),
        "law": next((row for row in rows if row["delta"] is None), None),
        "models": len(rows),
        "better": better,
        "surely": [row["against"] for row in against if row["difference_ci95_low"] > 0],
    }


def _ranking(inputs: Inputs) -> Row | None:
    """Return the best models out of time, the headline's and every simple law."""
    rows = [
        row
        for row in inputs.rows("ranking")
        if row["estimator"] == "converged" and row["out_of_time_rank"] is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (row["out_of_time_rank"], row["model"]))
    lines = [row | {"of_headline": _of_headline(inputs, row)} for row in rows]
    shown = [
        line
        for line in lines
        if line["out_of_time_rank"] <= BEST or line["of_headline"] or line["delta"] is None
    ]
    return {"lines": shown, "models": len(rows), "best": BEST}


SECTION = Section("out_of_time", out_of_time)
