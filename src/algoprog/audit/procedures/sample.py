"""Counts of the sample."""

from __future__ import annotations

import polars as pl

from algoprog.audit.evidence import Evidence
from algoprog.audit.reproduction import Figure, Reproduced, Row

# Step of `sample_steps` and its column, by id.
_STEPS = {
    "sample.rows_all": ("records", "systems"),
    "sample.rows_long": ("no_perplexity", "rows"),
    "sample.rows_cluster": ("not_comparable", "rows"),
}


def count(line: Row, evidence: Evidence) -> Reproduced:
    """Return a count of systems, evaluations or rows; it is the same by both estimators."""
    key = {"sample": evidence.published.key["sample"]}
    rows = evidence.samples[key["sample"]]
    if line["id"] in _STEPS:
        step, column = _STEPS[line["id"]]
        number = evidence.row("sample_steps", key, step=step)[column]
    elif line["id"] == "sample.rows":
        number = rows.height
    else:
        number = rows.filter(pl.col("architecture") == "transformer").height
    return Reproduced(Figure(float(number)), Figure(float(number)))
