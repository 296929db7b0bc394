"""Posterior quantities beside the bootstrap's, and under wider and narrower priors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.fitted import Fitted
from algoprog.bayes.models import Prepared
from algoprog.bayes.names import HEADLINE
from algoprog.bayes.settings import QuantitySettings
from algoprog.bayes.tables import BAYES_AGAINST_BOOTSTRAP, BAYES_PRIOR_SENSITIVITY
from algoprog.common.intervals import Interval, percentiles
from algoprog.model.growth import growth_rates
from algoprog.model.surface import Surface
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.quantities.shapley import (
    COMPUTE,
    System,
    coalition_values,
    players_of,
    shapley_shares,
)
from algoprog.quantities.transformer import compute_equivalent_gain, loss_reduction
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Ends = tuple[float, float, float]

OWN = "growth at the records’ own allocation"
TRANSFORMER_PARAMETERS = {"gamma_transformer", "kappa_transformer"}


def quantities(
    prepared: Prepared, draws: pl.DataFrame, settings: QuantitySettings
) -> dict[tuple[str, str], Array]:
    """Return draws of every quantity of a variant on a sample, by name and unit, NaN left out.

    Growth per year (closed form by quantity and benchmark, optimal scaling, own allocation), the
    Shapley share of compute between the pair of systems, the transformer's reduction and gains
    where the variant has its effect, and the variant's parameters.
    """
    names = prepared.parameters
    theta = draws.select(names).to_numpy()
    found = _growth(prepared, draws, theta, settings)
    if set(names) & TRANSFORMER_PARAMETERS:
        found |= _transformer(prepared.surface, theta, settings)
    else:
        shares = _compute_shares(prepared.surface, theta, settings)
        found["compute's share, {} to {}".format(*settings.pair), "share"] = shares
    found |= {(name, "parameter"): theta[:, j] for j, name in enumerate(names)}
    return {name: values[~np.isnan(values)] for name, values in found.items()}


def _growth(
    prepared: Prepared, draws: pl.DataFrame, theta: Array, settings: QuantitySettings
) -> dict[tuple[str, str], Array]:
    """Draws of growth per year: of each effective scale, and of compute by other definitions."""

    def place(benchmark: str) -> str:
        return "" if benchmark == "all" else f", {benchmark}"

    found: dict[tuple[str, str], Array] = {}
    closed = prepared.closed_form
    for benchmark, parts in (closed.parts if closed else {}).items():
        for scale, growth in growth_rates(parts, theta).items():
            found[f"growth of effective {scale}{place(benchmark)}", "per year"] = growth
    scaling = OptimalScaling.of(prepared.base, **settings.optimal_scaling)
    for benchmark, growth in (scaling.growth_of(draws) if scaling else {}).items():
        found[f"growth by optimal scaling{place(benchmark)}", "per year"] = growth
    if prepared.base.variant.uses("t", "Y"):
        # over the records of the sample itself, also of the bootstrap's draws
        found[OWN, "per year"] = OwnAllocation.of(prepared.base).growth(theta)
    return found


def _transformer(
    surface: Surface, theta: Array, settings: QuantitySettings
) -> dict[tuple[str, str], Array]:
    """Draws of the transformer's reduction of loss, and of its gain at each training compute."""
    found = {("transformer: reduction of loss", "share"): loss_reduction(surface, theta)}
    for compute in settings.computes:
        gain = compute_equivalent_gain(surface, theta, compute, settings.year)
        found[f"transformer: gain at {compute:.0e} FLOP", "factor"] = gain
    return found


def _compute_shares(surface: Surface, theta: Array, settings: QuantitySettings) -> Array:
    """Draws of compute's Shapley share between the pair of systems."""
    pair = [System.of(name, settings.systems[name]) for name in settings.pair]
    shares = shapley_shares(coalition_values(surface, theta, pair, [(0, 1)]))[:, 0]
    players = players_of(surface)
    return np.asarray(sum(shares[:, players.index(player)] for player in COMPUTE))


def against_table(
    fits: Mapping[str, Fitted],
    bootstraps: Mapping[str, pl.DataFrame],
    settings: QuantitySettings,
) -> pl.DataFrame:
    """Return the table `bayes_against_bootstrap`: 90 % intervals of each quantity side by side.

    ``width_ratio`` is the posterior's 90 % width over the bootstrap's, ``overlap`` the length of
    the two intervals' intersection over the length of their union; they differ where either median
    is outside of the other's interval.

    Parameters
    ----------
    fits, bootstraps : a fit, and the bootstrap's draws of the same variant, by the fit's name.
    """
    rows = []
    for name, fit in fits.items():
        ours = quantities(fit.prepared, fit.draws, settings)
        theirs = quantities(fit.prepared, bootstraps[name], settings)
        for quantity, unit in ours:
            a, b = percentiles(ours[quantity, unit]), percentiles(theirs[quantity, unit])
            row = {"name": name, "passed": fit.passed}
            row |= {"variant": fit.row["variant"], "quantity": quantity, "unit": unit}
            row |= a.columns("posterior_") | b.columns("bootstrap_")
            rows.append(row | compared(_ends(a), _ends(b)))
    return frame_of(BAYES_AGAINST_BOOTSTRAP, rows)


def _ends(interval: Interval) -> Ends:
    return interval.low[1], interval.median, interval.high[1]


def compared(posterior: Ends, bootstrap: Ends) -> dict[str, Any]:
    """Return the columns that compare two 90 % intervals, each given as low, median, high."""
    (low, middle, high), (low2, middle2, high2) = posterior, bootstrap
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = float(np.float64(high - low) / np.float64(high2 - low2))
        union = max(high, high2) - min(low, low2)
        overlap = float(max(0.0, min(high, high2) - max(low, low2)) / np.float64(union))
    outside = []
    if not low <= middle2 <= high:
        outside.append("the bootstrap's median lies outside the posterior's 90 %")
    if not low2 <= middle <= high2:
        outside.append("the posterior's median lies outside the bootstrap's 90 %")
    words = [*outside, *_width_in_words(ratio)]
    return {
        "width_ratio": ratio if np.isfinite(ratio) else None,
        "overlap": overlap if np.isfinite(overlap) else None,
        "differs": bool(outside),
        "in_words": "; ".join(words) or "they agree",
    }


def _width_in_words(ratio: float) -> list[str]:
    """How much wider or narrower the posterior's interval is, where it is by half or more."""
    if not np.isfinite(ratio) or ratio <= 0 or 2 / 3 <= ratio <= 1.5:
        return []
    more = f"{ratio:.1f} times as wide" if ratio > 1 else f"{1 / ratio:.1f} times as narrow"
    return [f"the posterior's interval is {more}"]


def sensitivity_table(fits: Sequence[Fitted], settings: QuantitySettings) -> pl.DataFrame:
    """Return the table `bayes_prior_sensitivity`: the headline under wider and narrower priors.

    ``shift`` is the median's distance from the headline's in widths of the headline's 90 %
    interval, ``width_ratio`` the 90 % width over the headline's.
    """
    (base,) = (fit for fit in fits if fit.name == HEADLINE)
    others = [fit for fit in fits if fit.row["change"] is None and fit.row["prior_width"] != 1.0]
    headline = quantities(base.prepared, base.draws, settings)
    first = {quantity: percentiles(values) for quantity, values in headline.items()}
    rows = []
    for fit in [base, *others]:
        for (quantity, unit), values in quantities(fit.prepared, fit.draws, settings).items():
            found, usual = percentiles(values), first[quantity, unit]
            width = usual.high[1] - usual.low[1]
            row = fit.first_columns
            row |= {"prior_width": fit.row["prior_width"], "quantity": quantity, "unit": unit}
            row |= found.columns()
            if np.isfinite(width) and width > 0:
                row |= {"shift": (found.median - usual.median) / width}
                row |= {"width_ratio": (found.high[1] - found.low[1]) / width}
            rows.append(row)
    return frame_of(BAYES_PRIOR_SENSITIVITY, rows)
