"""Progress seen without a model: the compute of later systems at a reference's perplexity.

Systems that reach much the same perplexity on one benchmark are compared in training compute; no
scaling law is fitted. What compute a system took is the weak point: few have an estimate of it,
so every result says which kind it rests on.

``recorded``  the record's training compute; a system without one is left out.
``inferred``  the record's training compute, else 6 N D e with e its epochs; a system with neither
              is left out. One epoch is not assumed: where both are known, records run for up to
              hundreds of epochs, so it would turn missing facts into progress.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import MONTHS, doubling_months
from algoprog.model.units import calendar_year
from algoprog.quantities.tables import COMPUTE_REDUCTIONS, DIRECT_OBSERVATION
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

# 6 N D e, where the epochs are known. Too low for a system that starts from a trained one.
INFERRED = 6.0 * pl.col("parameters") * pl.col("dataset_tokens") * pl.col("epochs")
COMPUTE = {
    "recorded": pl.col("training_compute"),
    "inferred": pl.coalesce("training_compute", INFERRED),
}
# Recorded and inferred compute of a system that differ by more than this are noted.
APART = 10.0


@dataclass(frozen=True)
class Trend:
    """The OLS line ln(compute / reference) = a - g year, and what it says of doubling.

    ``growth`` g is per year with its OLS standard error and 95 % t interval. ``months`` is
    12 ln2 / g, infinite where g <= 0; its standard error is by the delta method, months se(g) / g,
    and its interval maps that of g, so the pole at g = 0 is an infinite end.
    """

    n: int
    growth: float
    growth_standard_error: float
    growth_interval: tuple[float, float]

    @property
    def months(self) -> float:
        """Doubling time in months."""
        return float(doubling_months(self.growth))

    @property
    def standard_error(self) -> float | None:
        """Standard error of the doubling time in months; None where it is infinite."""
        if self.growth <= 0:
            return None
        return self.months * self.growth_standard_error / self.growth

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the doubling time in months."""
        low, high = doubling_months(np.array(self.growth_interval)[::-1]).tolist()
        return low, high


def trend(years: Array, log_ratio: Array) -> Trend:
    """The trend of ln(compute / reference) (n,) on calendar years (n,), n at least 3."""
    from scipy.special import stdtrit

    n = len(years)
    centred = years - years.mean()
    spread = float(centred @ centred)
    slope = float(centred @ log_ratio) / spread
    residual = log_ratio - log_ratio.mean() - slope * centred
    error = math.sqrt(float(residual @ residual) / (n - 2) / spread)
    half = float(stdtrit(n - 2, 0.975)) * error
    return Trend(n, -slope, error, (-slope - half, -slope + half))


def with_compute(sample: pl.DataFrame, kind: str, benchmark: str) -> pl.DataFrame:
    """The systems of one benchmark whose compute is known, with it in column ``compute``.

    ``note`` says where a system's recorded compute and 6 N D e are more than ten times apart.
    """
    apart = (pl.col("training_compute") / INFERRED).log().abs() > math.log(APART)
    said = pl.format(
        "{}: recorded {} FLOP, 6NDe {} FLOP",
        "system",
        pl.col("training_compute").map_elements("{:.1e}".format, pl.String),
        INFERRED.map_elements("{:.1e}".format, pl.String),
    )
    known = sample.filter(pl.col("benchmark") == benchmark).with_columns(
        compute=COMPUTE[kind], note=pl.when(apart).then(said)
    )
    return known.filter(pl.col("compute") > 0).sort("published", "source", "source_row")


def comparable(systems: pl.DataFrame, reference: str, factor: float) -> pl.DataFrame:
    """The reference, then the later systems at its perplexity; no rows if it is not there.

    Later is a later date; at its perplexity means between perplexity / factor and
    perplexity * factor. Of a paper only the system of the largest compute stays (of equal ones
    the lower perplexity). ``systems`` is of :func:`with_compute`.
    """
    first = systems.filter(pl.col("system") == reference).head(1)
    if first.is_empty():
        return first
    perplexity = first["perplexity"][0]
    later = systems.filter(
        (pl.col("published") > first["published"][0])
        & pl.col("perplexity").is_between(perplexity / factor, perplexity * factor)
    )
    later = later.sort(
        "compute", "perplexity", descending=[True, False], maintain_order=True
    ).unique("paper", keep="first", maintain_order=True)
    return pl.concat([first, later.sort("published", "source", "source_row")])


@dataclass(frozen=True)
class Observed:
    """What is observed directly.

    Attributes
    ----------
    references : by system, the factor within which a perplexity counts as the same.
    compute : kinds, ``recorded`` or ``inferred``.
    least_systems : fewer have no trend.
    reductions : how many of the largest reductions are told.
    """

    references: dict[str, float]
    compute: tuple[str, ...]
    least_systems: int
    reductions: int


def direct_observation_table(sample: pl.DataFrame, asked: Observed, benchmark: str) -> pl.DataFrame:
    """The table `direct_observation`: a row for each reference system and kind of compute.

    Parameters
    ----------
    sample : rows of a sample.
    benchmark : on which perplexities are compared.

    A trend rests on n systems, the reference among them. Fewer than ``least_systems`` give a row
    with a note and no trend. ``growth_without_reference`` shows what hangs on that one system,
    ``growth_without_one_low`` and ``_high`` what hangs on any one, most on ``most_influential``.
    """
    least = max(asked.least_systems, 4)  # a slope and its error, also without the reference
    rows = []
    for kind in asked.compute:
        systems = with_compute(sample, kind, benchmark)
        for reference, factor in asked.references.items():
            found = comparable(systems, reference, factor)
            row = {"reference": reference, "compute": kind, "factor": factor, "n": found.height}
            if found.is_empty():
                row["note"] = f"refused: not in the sample on {benchmark} with its compute"
            elif found.height < least:
                row["note"] = f"refused: fewer than {least} systems"
            else:
                row |= _trend_columns(found)
            rows.append(row)
    return frame_of(DIRECT_OBSERVATION, rows)


def _trend_columns(found: pl.DataFrame) -> dict[str, Any]:
    compute = found["compute"].to_numpy()
    years, log_ratio = calendar_year(found["published"]), np.log(compute / compute[0])
    if np.ptp(years[1:]) == 0:
        return {"note": "refused: all later systems have one date"}
    line = trend(years, log_ratio)
    others = ~np.eye(len(years), dtype=bool)
    without = [
        trend(years[kept], log_ratio[kept]).growth if np.ptp(years[kept]) else line.growth
        for kept in others
    ]
    moved = np.abs(np.array(without) - line.growth)
    return {
        "doubling_time_months": line.months,
        "standard_error": line.standard_error,
        "ci95_low": line.interval[0],
        "ci95_high": line.interval[1],
        "growth": line.growth,
        "growth_standard_error": line.growth_standard_error,
        "growth_ci95_low": line.growth_interval[0],
        "growth_ci95_high": line.growth_interval[1],
        "growth_without_reference": without[0],
        "growth_without_one_low": min(without),
        "growth_without_one_high": max(without),
        "most_influential": found["system"][int(moved.argmax())],
    }


def compute_reductions_table(sample: pl.DataFrame, asked: Observed, benchmark: str) -> pl.DataFrame:
    """The table `compute_reductions`: the largest falls in compute at equal or better perplexity.

    A pair is a system and a later one of its perplexity or less that took less compute; ``ratio``
    is the one's compute / the other's. The ``reductions`` largest of each kind of compute, each
    reference and each successor in one pair, the largest it can have (a cheap successor would
    otherwise fill the table). ``doubling_time_months`` is what the pair alone implies,
    12 years ln2 / ln ratio; ``note`` says where one's recorded compute and 6 N D e are far apart.
    """
    rows = []
    for kind in asked.compute:
        systems = with_compute(sample, kind, benchmark)
        pairs = _reductions(systems)
        rows += [
            {"compute": kind, "rank": rank, **row}
            for rank, row in enumerate(pairs[: asked.reductions], 1)
        ]
    return frame_of(COMPUTE_REDUCTIONS, rows)


def _reductions(systems: pl.DataFrame) -> list[dict[str, Any]]:
    """Pairs in descending order of ratio, no system twice a reference or twice a successor."""
    ordinal = systems["published"].to_physical().to_numpy()
    years = calendar_year(systems["published"]) if systems.height else np.zeros(0)
    perplexity, compute = systems["perplexity"].to_numpy(), systems["compute"].to_numpy()
    later = ordinal[None, :] > ordinal[:, None]
    better = perplexity[None, :] <= perplexity[:, None]
    ratio = np.where(later & better, compute[:, None] / compute[None, :], 0.0)
    names = systems["system"].to_list()
    taken: tuple[set[str], set[str]] = (set(), set())
    pairs = []
    for flat in np.argsort(-ratio, axis=None, kind="stable"):
        i, j = (int(k) for k in np.unravel_index(flat, ratio.shape))
        if ratio[i, j] <= 1:
            break
        if names[i] in taken[0] or names[j] in taken[1]:
            continue
        taken[0].add(names[i])
        taken[1].add(names[j])
        row: dict[str, Any] = {"ratio": float(ratio[i, j])}
        for part, k in (("reference", i), ("successor", j)):
            row[part] = names[k]
            row[f"{part}_published"] = systems["published"][k]
            row[f"{part}_perplexity"] = float(perplexity[k])
            row[f"{part}_compute"] = float(compute[k])
        elapsed = float(years[j] - years[i])
        row["doubling_time_months"] = MONTHS * elapsed * math.log(2) / math.log(ratio[i, j])
        row["note"] = "; ".join(filter(None, (systems["note"][i], systems["note"][j]))) or None
        pairs.append(row)
    return pairs
