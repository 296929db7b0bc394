"""Predicted losses of systems, and Shapley shares between them."""

from __future__ import annotations

import polars as pl

from algoprog.audit.evidence import Evidence, NotComputedError
from algoprog.audit.figures import about
from algoprog.audit.reproduction import Figure, Reproduced, Row

_SPAN = 0.25  # nats: pairs whose predicted loss falls less have shares of next to nothing
_FACTORS = {"params": "parameters", "param_efficiency": "parameter_efficiency"}


def loss(line: Row, evidence: Evidence) -> Reproduced:
    """Return the predicted loss of a system."""
    system = line["id"].removeprefix("shapley.loss.")
    ours, headline = evidence.both(line, "predicted_loss", system=system)
    return Reproduced(Figure(ours["loss"]), about(headline, "loss"))


def share(line: Row, evidence: Evidence) -> Reproduced:
    """Return the share of a factor between two systems."""
    pair, _, factor = line["id"].removeprefix("shapley.").rpartition(".")
    first, second = pair.split("->")
    more = {"from_system": first, "to_system": second, "factor": _FACTORS.get(factor, factor)}
    ours, headline = evidence.both(line, "shapley", **more)
    return Reproduced(Figure(ours["share"]), about(headline, "share"))


def compute_share(line: Row, evidence: Evidence) -> str:
    """Return why the span of compute shares over pairs cannot be compared, and what ours is."""
    frame = evidence.tables.get("shapley")
    if frame is None or frame.is_empty():
        raise NotComputedError("shapley")
    spans = []
    for analysis in (evidence.published, evidence.headline):
        shares = frame.filter(
            pl.col("factor") == "compute",
            pl.col("reduction") > _SPAN,
            *(pl.col(name) == value for name, value in analysis.key.items()),
        )["share"].to_numpy()
        if not len(shares):
            raise NotComputedError("shapley")
        spans.append(f"{100 * shares.min():.0f} to {100 * shares.max():.0f} %")
    return (
        "It is not said which pairs the span is of. Over all pairs whose predicted loss falls by "
        f"more than {_SPAN} nats ours is {spans[0]} (published estimator), {spans[1]} (converged)."
    )
