"""What drives the spread over specifications, and what part of it data could settle."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from algoprog.report.figures import attribution as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.sections.sensitivity import MOST_NAMED
from algoprog.robustness.specifications import named

# Settings that the fit of held-out papers can judge; the others say which question is asked of
# which records.
MODEL_SETTINGS = {"variant", "delta"}


def attribution(inputs: Inputs) -> Row | None:
    """Return choices by their share of the spread of ranks, and by who could settle them."""
    table = inputs.tables.get("attribution")
    if table is None:
        return None
    every = table.filter(pl.col("basis") == "complete", pl.col("shapley").is_not_null()).to_dicts()
    ranks = sorted((r for r in every if r["result"] == "rank"), key=lambda r: -r["shapley"])
    if not ranks:
        return None
    others = {(r["result"], r["choice"]): r for r in every}
    return {
        "rows": [
            row | {name: others.get((name, row["choice"])) for name in ("growth", "ln_growth")}
            for row in ranks
        ],
        "n": ranks[0]["n"],
        "left_out": {r["choice"]: r["levels_left_out"] for r in ranks if r["levels_left_out"]},
        **_kinds(ranks, inputs),
        "alone": sum(r["first_order"] for r in ranks),
        "interactions": _interactions(inputs),
    }


def _kinds(ranks: Sequence[Row], inputs: Inputs) -> Row:
    """Return the share and the choices of each kind: of model, of estimator, of records."""
    changed = {
        choice: {name for change in levels.values() for name in change}
        for choice, levels in named(inputs.settings.multiverse.choices).items()
    }
    kinds = dict.fromkeys(("model", "estimator", "records"), 0.0)
    members: dict[str, list[str]] = {kind: [] for kind in kinds}
    for row in ranks:
        settings = changed.get(row["choice"], set())
        kind = "records"
        if settings and settings <= MODEL_SETTINGS:
            kind = "model"
        elif settings == {"estimator"}:
            kind = "estimator"
        kinds[kind] += row["shapley"]
        members[kind].append(row["choice"])
    return {"kinds": kinds, "members": members}


def _interactions(inputs: Inputs) -> list[Row]:
    """Return the largest interactions in the spread of ranks."""
    table = inputs.tables.get("attribution_interactions")
    if table is None:
        return []
    return (
        table.filter(pl.col("result") == "rank", pl.col("order") > 1)
        .sort("share", descending=True, maintain_order=True)
        .head(MOST_NAMED)
        .to_dicts()
    )


SECTION = Section("attribution", attribution, (figure.FIGURE,))
