"""Objectives and estimates of single fits, and scores of cross-validation."""

from __future__ import annotations

import numpy as np
import polars as pl

from algoprog.audit.evidence import Evidence, NotComputedError
from algoprog.audit.reproduction import Figure, Reproduced, Row
from algoprog.model.changes import Change

ROUNDING = (
    "The optimiser stops early; where it does depends on rounding: on the start, the order of the "
    "rows, the number of threads, the versions of the libraries."
)


def estimate(line: Row, evidence: Evidence) -> Reproduced:
    """Return an objective or a parameter of m07."""
    term = line["id"].removeprefix("m07.")
    table, column, more = (
        ("fits", "objective", {})
        if term == "objective"
        else ("parameters", "estimate", {"term": term})
    )
    key = {"variant": line["variant"], "delta": line["delta"]}
    ours = evidence.row(table, {**evidence.published.fit_key, **key}, **more)[column]
    try:
        minimum = Figure(evidence.row(table, {**evidence.minimum(), **key}, **more)[column])
    except NotComputedError:  # no sample has the converged estimator on the published response
        minimum = Figure()
    return Reproduced(Figure(ours), minimum)


def era_objective(line: Row, evidence: Evidence) -> Reproduced:
    """Return the objective of a fit whose pace changes in a year."""
    year = int(line["id"][3:7])
    more = {"form": "jump", "year": year, "era": "after", "quantity": "compute"}
    ours, _ = evidence.both(line, "era_split", **more)
    fit = evidence.minimum_of(Change(era=year, form="jump"))
    return Reproduced(Figure(ours["objective"]), Figure(fit.objective))


def score(line: Row, evidence: Evidence) -> Reproduced:
    """Return a held-out error, or the share of variance explained, of one random split.

    The converged figure leaves out whole papers. The noise is what moved starts and another order
    of the rows change.
    """
    column = "r2" if line["id"].startswith("cv.r2.") else "mse"
    key = {"variant": line["variant"], "delta": line["delta"]}
    ours = evidence.row("cross_validation", key, scheme="published_split")[column]
    try:
        converged = Figure(evidence.row("cross_validation", key, scheme="papers")[column])
    except NotComputedError:
        converged = Figure()
    repeated = evidence.scores.filter(
        pl.col("variant") == line["variant"], pl.col("delta") == line["delta"]
    )[column].to_numpy()
    noise = Figure(float(np.std(repeated, ddof=1))) if len(repeated) > 1 else Figure()
    return Reproduced(Figure(ours), converged, noise, note=ROUNDING if noise.value else "")
