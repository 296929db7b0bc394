"""Held-out errors of every variant at every delta."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.settings import Analysis

# How many models (a variant with its delta) of each scheme of cross-validation are shown.
BEST = 10
SCHEMES = {
    "published_split": "Published split",
    "rows": "Leaving out rows",
    "papers": "Leaving out papers",
}


def cross_validation(inputs: Inputs) -> Row | None:
    """Return the best models of each scheme, and how the headline's model does.

    ``lines`` are the models that are among the best of any scheme, and the headline's, with their
    scores by scheme; ``judged`` is the headline's score by the last scheme.
    """
    table = inputs.tables.get("cross_validation")
    if table is None:
        return None
    schemes = [
        _scheme(str(name), rows, inputs.converged)
        for (name,), rows in table.group_by("scheme", maintain_order=True)
    ]
    schemes.sort(key=lambda scheme: list(SCHEMES).index(scheme["name"]))
    sample = table["sample"][0]
    return {
        "lines": _lines(table, schemes, inputs.converged),
        "judged": schemes[-1]["headline"],
        "models": schemes[-1]["models"],
        "sample": sample,
        "rows": inputs.samples[sample].height,
        "schemes": schemes,
        "shown": len(schemes[0]["best"]),  # every scheme has a row for each model
        "headline": schemes[0]["headline"] is not None,
    }


def _scheme(name: str, rows: pl.DataFrame, headline: Analysis) -> Row:
    best = rows.sort("rank", "variant", "delta").head(BEST)
    first, last = best["mse"][0], best["mse"][-1]
    judged = rows.filter(
        pl.col("variant") == headline.variant, pl.col("delta") == headline.delta
    )  # fmt: skip
    return {
        "name": name,
        "title": SCHEMES[name],
        "estimator": best["estimator"][0],
        "n": best["n"][0],
        "models": rows.height,
        "best": best.to_dicts(),
        "spread": None if None in (first, last) else last / first - 1,
        "headline": judged.row(0, named=True) if judged.height else None,
        "n_fits": int(rows["n_fits"].sum()),
        "n_converged": int(rows["n_converged"].sum()),
    }


def _lines(table: pl.DataFrame, schemes: Sequence[Row], headline: Analysis) -> list[Row]:
    """Return the models that are shown, best first by the last scheme."""
    model = (headline.variant, headline.delta)
    every = {
        (row["variant"], row["delta"], row["scheme"]): row for row in table.iter_rows(named=True)
    }
    shown = {(row["variant"], row["delta"]) for scheme in schemes for row in scheme["best"]}
    if schemes[-1]["headline"]:
        shown.add(model)
    lines = [
        {
            "variant": variant,
            "delta": delta,
            "of_headline": (variant, delta) == model,
            "scores": [every[variant, delta, scheme["name"]] for scheme in schemes],
        }
        for variant, delta in shown
    ]
    lines.sort(key=lambda row: (row["scores"][-1]["rank"], row["variant"], row["delta"]))
    return lines


SECTION = Section("cross_validation", cross_validation)
