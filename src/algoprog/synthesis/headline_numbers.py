"""The numbers that are watched from run to run: the headline's and every estimate of ours."""

from __future__ import annotations

from typing import Any

import polars as pl

HEADLINE_LABEL = "The headline"
CLOSED_FORM_LABEL = "The closed form of the same fit"
_LABELS = {
    ("headline", "own_allocation", "alike"): HEADLINE_LABEL,
    ("direction", "own_allocation", "parameters"): "The headline, parameters scaled alone",
    ("direction", "own_allocation", "data"): "The headline, data scaled alone",
    ("direction", "own_allocation", "trend"): "The headline, along the systems’ own trend",
    ("definition", "closed_form", None): CLOSED_FORM_LABEL,
    ("definition", "optimal_scaling", None): "Optimal scaling of the same fit",
    ("published", "own_allocation", "alike"): "The published procedure, own allocation",
    ("published", "closed_form", None): "The published procedure, closed form",
    ("published", "optimal_scaling", None): "The published procedure, optimal scaling",
}
# Tables whose numbers the headline's answers have too.
_TOLD = ("headline_answers", "headline_interval")


def numbers(answers: pl.DataFrame, estimates: pl.DataFrame | None) -> dict[str, dict[str, Any]]:
    """Return each watched number by an id that stays from run to run.

    Parameters
    ----------
    answers, estimates : the tables `headline_answers`, of which the interval that is quoted counts,
        and `estimates`, if there is one.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in answers.filter("quoted").iter_rows(named=True):
        key = (row["role"], row["definition"], row["direction"])
        found["/".join(["headline_answers", *filter(None, key)])] = {
            "label": _LABELS.get(key, " ".join(filter(None, key))),
            "table": "headline_answers",
            "months": row["point"],
            "low": row["ci95_low"],
            "high": row["ci95_high"],
            "growth": row["growth_point"],
        }
    if estimates is not None:
        ours = estimates.filter(pl.col("whose") == "ours", ~pl.col("source").is_in(_TOLD))
        twice = set(ours.filter(pl.col("label").is_duplicated())["label"])
        for row in ours.iter_rows(named=True):
            of = f" ({row['quantity'].replace('_', ' ')})" if row["label"] in twice else ""
            found[f"estimates/{row['id']}"] = {
                "label": f"{row['label']}{of}",
                "table": row["source"],
                **{name: row[name] for name in ("months", "low", "high")},
            }
    return found
