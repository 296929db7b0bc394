"""What the transformer took off the loss, and the compute it is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.audit.evidence import Evidence, NotComputedError
from algoprog.audit.figures import interval_of, noise_of, repetitions
from algoprog.audit.monte_carlo import interval_noise
from algoprog.audit.reproduction import Figure, Reproduced, Row
from algoprog.model.changes import MULTIPLIER, Change
from algoprog.quantities.transformer import compute_equivalent_gain, loss_reduction

Array = NDArray[np.float64]

PENALISED = 8  # number of the defect: the penalty makes most of the transformer's effect
_MULTIPLIED = Change(transformer="multiplier")
_PENALISED = (
    "Reproduced, but the penalty on gamma pulls the multiplier towards halving the loss; penalised "
    "towards no effect, the reduction is about half as large."
)


def of_fit(line: Row, evidence: Evidence) -> Reproduced:
    """Return the objective, or gamma, of the fit with the multiplier."""
    ours, _ = evidence.both(line, "transformer", form="multiplier")
    fit = evidence.minimum_of(_MULTIPLIED)
    if line["id"] == "transformer.objective":
        return Reproduced(Figure(ours["objective"]), Figure(fit.objective))
    return Reproduced(Figure(ours["parameter"]), Figure(fit.estimates()[MULTIPLIER]))


def reduction(line: Row, evidence: Evidence) -> Reproduced:
    """Return the share of loss the transformer took off, in per cent."""
    return _of_draws(line, evidence, None)


def gain(line: Row, evidence: Evidence) -> Reproduced:
    """Return the compute-equivalent gain at a training compute."""
    return _of_draws(line, evidence, float(line["id"].rpartition(".")[2]))


def _of_draws(line: Row, evidence: Evidence, compute: float | None) -> Reproduced:
    more: dict[str, Any] = {"form": "multiplier"} | ({"compute": compute} if compute else {})
    ours, headline = evidence.both(line, "transformer", **more)
    analysis = evidence.transformer
    if analysis is None:
        raise NotComputedError("transformer")
    surface = evidence.model(analysis.key["sample"], analysis.key["variant"], _MULTIPLIED).surface
    year = evidence.settings.transformer.year

    def values(draws: pl.DataFrame) -> Array:
        theta = draws.select(surface.names).to_numpy()
        if compute is None:
            return 100.0 * loss_reduction(surface, theta)
        return compute_equivalent_gain(surface, theta, compute, year)

    prefix, unit = ("reduction_", 100.0) if compute is None else ("gain_", 1.0)
    return Reproduced(
        published=interval_of(ours, line["level"], 1 / unit, prefix),
        converged=interval_of(headline, line["level"], 1 / unit, prefix),
        noise=noise_of(repetitions(evidence.repeated["transformer"][0]), values, line["level"]),
        monte_carlo=interval_noise(values(analysis.draws), line["level"]),
        note=_PENALISED,
        defect=PENALISED,
    )
