"""The units of an estimation sample: its variables, measured from origins taken once.

Resamples, held-out rows and points that no record has keep the origins of the whole sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.model.formula import VARIABLES
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.measured import PREFIX

Array = NDArray[np.float64]

# WikiText and Penn Treebank results are repeated over epochs; the value of a repeated token
# decays with this many epochs (Muennighoff et al. 2023, equation 5 and R*_D of table 1;
# the published analysis uses 2.9157).
EPOCH_DECAY = 2.9157

# A value of each variable for each row: arrays (n,), and the benchmarks' names.
Values = dict[str, Any]


@dataclass(frozen=True)
class Normaliser:
    """Origins of the variables, taken once from the full estimation sample.

    ``first_year`` is in calendar years, the others are natural logarithms of counts.
    """

    first_year: float
    log_parameters: float
    log_tokens: float
    log_tokens_seen: float
    log_tokens_effective: float
    log_compute: float


def calendar_year(published: pl.Series) -> Array:
    """Return the calendar year as a real number: year + (day of year - 1) / 365."""
    year = published.dt.year().to_numpy().astype(float)
    return year + (published.dt.ordinal_day().to_numpy().astype(float) - 1.0) / 365.0


def effective_epochs(epochs: Array) -> Array:
    """Return E(e) = 1 + R (1 - exp(-e / R)), R = 2.9157; E(1) where e is unknown (NaN).

    As the published analysis writes it, E(1) = 1.85 and not 1; a blank counts as E = E(1).
    """
    known = np.where(np.isnan(epochs), 1.0, epochs)
    return 1.0 + EPOCH_DECAY * (1.0 - np.exp(-known / EPOCH_DECAY))


def _raw(rows: pl.DataFrame) -> dict[str, Array]:
    epochs = rows["epochs"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    tokens = rows["dataset_tokens"].cast(pl.Float64).to_numpy()
    parameters = rows["parameters"].cast(pl.Float64).to_numpy()
    return {
        "year": calendar_year(rows["published"]),
        "log_parameters": np.log(parameters),
        "log_tokens": np.log(tokens),
        "log_tokens_seen": np.log(tokens * np.where(np.isnan(epochs), 1.0, epochs)),
        "log_tokens_effective": np.log(tokens * effective_epochs(epochs)),
        "log_compute": np.log(6.0 * parameters * tokens),
    }


def normaliser(rows: pl.DataFrame) -> Normaliser:
    """Return the minima over a sample's rows of the variables measured from a minimum.

    Raises
    ------
    InputError
        for a sample without rows.
    """
    if rows.is_empty():
        raise InputError("config.yaml", "samples", "a sample with no rows", "exclude fewer records")
    raw = _raw(rows)
    return Normaliser(
        first_year=float(raw["year"].min()),
        log_parameters=float(raw["log_parameters"].min()),
        log_tokens=float(raw["log_tokens"].min()),
        log_tokens_seen=float(raw["log_tokens_seen"].min()),
        log_tokens_effective=float(raw["log_tokens_effective"].min()),
        log_compute=float(raw["log_compute"].min()),
    )


def benchmark_levels(rows: pl.DataFrame, benchmarks: Benchmarks) -> tuple[str, ...]:
    """Return the benchmarks of a sample's rows, the baseline first, then in alphabetical order.

    Where the configured baseline is absent, the first benchmark present in the order of the
    configuration stands in for it.
    """
    present = set(rows["benchmark"].to_list())
    baseline = benchmarks.baseline
    if baseline not in present:
        baseline = next(name for name in benchmarks.names if name in present)
    return (baseline, *sorted(present - {baseline}))


# The variable that has the logarithm of a scale.
_SCALED = {"compute": "c", "parameters": "n", "data": "d"}


def _added(rows: pl.DataFrame) -> dict[str, Array]:
    """The added variables of a sample's rows, by name."""
    return {
        name.removeprefix(PREFIX): rows[name].to_numpy()
        for name in rows.columns
        if name.startswith(PREFIX)
    }


@dataclass(frozen=True)
class Units:
    """Origins and benchmarks of one estimation sample.

    ``levels`` are the benchmarks of the sample, the baseline first; ``means`` the means over the
    sample of each added variable, and of n, d and c where there is any.
    """

    benchmarks: Benchmarks
    origin: Normaliser
    levels: tuple[str, ...]
    means: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pl.DataFrame, benchmarks: Benchmarks) -> Units:
        """Return the units of an estimation sample's rows."""
        units = cls(benchmarks, normaliser(rows), benchmark_levels(rows, benchmarks))
        added = _added(rows)
        if added:
            values = units.of_rows(rows)
            means = {name: float(np.mean(values[name])) for name in (*added, *_SCALED.values())}
            return replace(units, means=means)
        return units

    @property
    def baseline(self) -> str:
        """The benchmark that predictions are on unless another is named."""
        return self.levels[0]

    def vocabulary(self, benchmark: str) -> int:
        """Return the vocabulary of a benchmark in tokens; 1 where it is unknown."""
        return self.benchmarks.vocabulary(benchmark)

    def of_rows(self, rows: pl.DataFrame) -> Values:
        """Return the variables a formula may name (``VARIABLES``), one value a row."""
        raw, origin = _raw(rows), self.origin
        names = rows["benchmark"].to_list()
        known = rows["vocabulary"].cast(pl.Float64).to_list()
        usual = {name: one.vocabulary for name, one in self.benchmarks.definitions.items()}
        transformer = (rows["architecture"] == "transformer").fill_null(False)
        return {
            "t": raw["year"] - origin.first_year,
            "n": raw["log_parameters"] - origin.log_parameters,
            "d": raw["log_tokens"] - origin.log_tokens,
            "d_seen": raw["log_tokens_seen"] - origin.log_tokens_seen,
            "d_effective": raw["log_tokens_effective"] - origin.log_tokens_effective,
            "c": raw["log_compute"] - origin.log_compute,
            "b": names,
            "T": transformer.to_numpy().astype(float),
            "Y": raw["year"],
            "V": np.array(
                [usual[name] if v is None else v for name, v in zip(names, known, strict=True)],
                dtype=float,
            ),
            **_added(rows),
        }

    def of_points(
        self,
        scales: Mapping[str, str | None] | None = None,
        /,
        **values: float | str | Array | Sequence[float],
    ) -> Values:
        """Return the variables at points; those not given are 0 (V: 1, b: baseline).

        ``Y`` follows from ``t``. An added variable that moves with a scale (``scales``, by name) is
        the logarithm of that scale plus the sample's mean difference of the two; another has its
        mean over the sample. Values broadcast to the longest.
        """
        n = max(np.size(value) for value in values.values())
        full: Values = {name: np.zeros(n) for name in VARIABLES}
        full["b"] = np.full(n, self.baseline)
        full["V"] = np.ones(n)
        for name, value in values.items():
            full[name] = np.broadcast_to(np.asarray(value), (n,))
        full["Y"] = full["t"] + self.origin.first_year
        for name, scale in (scales or {}).items():
            if name in self.means and name not in values:
                of = _SCALED[scale] if scale else None
                moved = full[of] - self.means[of] if of else np.zeros(n)
                full[name] = self.means[name] + moved
        return full
