"""Out-of-time hold-out: fits to the records before a date, and how well they predict those after.

Errors are made variant by variant (:class:`Candidates`); :func:`hold_out_tables` compares them,
with one another and with simple laws. It knows no files. Units are those of the training rows
(docs/method.md, section 4).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import Interval, percentiles
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import predict
from algoprog.estimators.estimator import BEST_ONLY, Estimator, Task
from algoprog.model.model import Model, observations
from algoprog.model.units import Units
from algoprog.model.variant import Variant, Variants
from algoprog.records.sample import Sample
from algoprog.resampling.baselines import BASELINES, Baseline
from algoprog.resampling.tables import HOLD_OUT_DIFFERENCES, TEMPORAL_HOLD_OUT
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

DRAWS = 1000  # of the interval of a difference
# A model's errors out of time, before they are compared; of one that was not fitted, why not.
ERRORS: dict[str, Any] = {
    "cutoff": pl.Int64,
    "model": pl.String,
    "delta": pl.Float64,
    "estimator": pl.String,
    "errors": pl.List(pl.Float64),
    "reason": pl.String,
}


@dataclass(frozen=True)
class Split:
    """A sample cut at a date: training rows before it, test rows from it on.

    ``train`` keeps the units' benchmarks; test rows on a benchmark that no training row is on
    cannot be predicted, are left out of ``test`` and counted in ``n_unknown``.
    """

    cutoff: datetime.date
    train: Sample
    test: pl.DataFrame
    n_unknown: int

    @classmethod
    def of(cls, sample: Sample, year: int) -> Split:
        """Return a sample cut at 1 January of a year."""
        cutoff = datetime.date(year, 1, 1)
        before = sample.rows.filter(pl.col("published") < cutoff)
        after = sample.rows.filter(pl.col("published") >= cutoff)
        known = after.filter(pl.col("benchmark").is_in(before["benchmark"].unique().to_list()))
        train = replace(sample, rows=before)
        return cls(cutoff, train, known, after.height - known.height)

    @property
    def papers(self) -> Rows:
        """The paper of each test row, numbered as they come."""
        return observations(self.test, "own").papers

    def response(self, response: str) -> Array:
        """Return ln(perplexity) of the test rows."""
        return observations(self.test, response).response

    @cached_property
    def redrawn(self) -> Redrawn:
        """The test rows' papers drawn again and again, the same draws for every comparison."""
        return Redrawn.of(self.papers, seed_of("out_of_time", self.cutoff.isoformat()))


def splits(sample: Sample, years: Sequence[int]) -> Iterator[Split]:
    """Yield a sample cut at each year before which, and from which on, there are records."""
    for year in years:
        split = Split.of(sample, year)
        if split.train.rows.height and split.test.height:
            yield split


@dataclass(frozen=True)
class Redrawn:
    """Whole papers of n rows, resampled: how often each of G papers is in each draw, (r, G)."""

    papers: Rows
    counts: Array

    @classmethod
    def of(cls, papers: Rows, seed: int) -> Redrawn:
        """Return :data:`DRAWS` draws of the papers of rows."""
        groups = int(papers.max()) + 1
        drawn = np.random.default_rng(seed).integers(groups, size=(DRAWS, groups))
        counts = np.zeros((DRAWS, groups))
        np.add.at(counts, (np.arange(DRAWS)[:, None], drawn), 1.0)
        return cls(papers, counts)

    def mean(self, values: Array) -> Interval:
        """Return the percentile interval of the mean of values (n,) of the rows.

        A value may be infinite, of one sign: so is the mean of every draw with its paper.
        """
        groups = self.counts.shape[1]
        infinite = np.isinf(values)
        totals = np.bincount(self.papers, np.where(infinite, 0.0, values), groups)
        sizes = np.bincount(self.papers, minlength=groups).astype(float)
        means = (self.counts @ totals) / (self.counts @ sizes)
        if infinite.any():
            drawn = self.counts @ np.bincount(self.papers, infinite, groups) > 0
            means[drawn] = values[infinite][0]
        return percentiles(means)


@dataclass(frozen=True)
class Prediction:
    """What a model, fitted to the training rows, says of the test rows: errors (n,) in nats.

    An error is the response less the prediction; ``delta`` is None for a baseline.
    """

    model: str
    delta: float | None
    errors: Array

    @property
    def rmse(self) -> float:
        """Root mean squared error."""
        largest = float(np.abs(self.errors).max())
        if not largest or np.isinf(largest):
            return largest
        return largest * float(np.sqrt(np.mean((self.errors / largest) ** 2)))

    @property
    def bias(self) -> float:
        """Mean error: positive where the model predicts too little loss."""
        return float(np.mean(self.errors))

    def against(self, other: Prediction, redrawn: Redrawn) -> dict[str, Any]:
        """Return the mean difference in squared error to another prediction, with its interval.

        Negative where this one predicts better. The interval's draws resample whole papers of the
        test rows. Infinite where an error's square is beyond the largest number (an exponential far
        outside the training rows); blank where those of both predictions are.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            difference = self.errors**2 - other.errors**2
        if np.isnan(difference).any() or len(set(difference[np.isinf(difference)].tolist())) > 1:
            return {}
        interval = redrawn.mean(difference).columns("difference_")
        return {"difference": float(difference.mean()), **interval}


def predicted(
    split: Split, variant: Variant, delta: float, estimator: Estimator, response: str
) -> Prediction:
    """Return a variant's prediction of the test rows, fitted to the training rows.

    Raises
    ------
    InputError
        for fewer training rows than parameters.
    """
    model = Model.of(variant, split.train)
    model.check_size()
    fit = estimator.fit(Task.of(model, response, delta))
    errors = split.response(response) - predict(model.on(split.test), fit.theta)
    return Prediction(variant.name, delta, errors)


def baseline(split: Split, name: str, response: str) -> Prediction:
    """Return the prediction of a baseline, one of :data:`BASELINES`."""
    one = Baseline(name, Units.of(split.train.rows, split.train.benchmarks))
    y = observations(split.train.rows, response).response
    said = one.predict(one.columns(split.train.rows), y, one.columns(split.test))
    return Prediction(name, None, split.response(response) - said)


@dataclass(frozen=True)
class Candidates:
    """What one job tries out of time: variants by name, each at each of the penalties."""

    variants: Variants
    deltas: tuple[float, ...]

    def errors(
        self, sample: Sample, years: Sequence[int], estimator: str, response: str
    ) -> pl.DataFrame:
        """Return the errors (:data:`ERRORS`) at each year's cut, fitted by an estimator.

        A variant with fewer training rows than parameters is a row that says so.
        """
        rows: list[dict[str, Any]] = []
        for split in splits(sample, years):
            for variant in self.variants.values():
                for delta in self.deltas:
                    row: dict[str, Any] = {"cutoff": split.cutoff.year, "model": variant.name}
                    row |= {"delta": delta, "estimator": estimator}
                    try:
                        made = predicted(split, variant, delta, BEST_ONLY[estimator], response)
                        row["errors"] = made.errors.tolist()
                    except InputError as error:
                        row["reason"] = f"{error.value}; {error.fix}"
                    rows.append(row)
        return pl.DataFrame(rows, schema=ERRORS)


@dataclass(frozen=True)
class Comparison:
    """What errors out of time are compared with, and which models are told.

    Attributes
    ----------
    reference : name of the variant that errors are compared with, at the same penalty; a baseline
        is compared with it at ``reference_delta``.
    told : the variants that have rows.
    responses : what each estimator explains; baselines explain the converged estimator's.
    """

    reference: str
    reference_delta: float
    told: tuple[str, ...]
    responses: dict[str, str]


@dataclass(frozen=True)
class _Cut:
    """One cut by one estimator: predictions by model and penalty, and those not made."""

    split: Split
    estimator: str
    made: dict[tuple[str, float | None], Prediction]
    refused: dict[tuple[str, float | None], str] = field(default_factory=dict)

    @classmethod
    def of(cls, split: Split, estimator: str, errors: pl.DataFrame, response: str) -> _Cut:
        """Return a cut's predictions, those of baselines with them."""
        made: dict[tuple[str, float | None], Prediction] = {}
        refused: dict[tuple[str, float | None], str] = {}
        for row in errors.iter_rows(named=True):
            key = row["model"], row["delta"]
            if row["errors"] is None:
                refused[key] = row["reason"]
            else:
                made[key] = Prediction(*key, np.array(row["errors"]))
        for name in BASELINES:
            made[name, None] = baseline(split, name, response)
        return cls(split, estimator, made, refused)

    def told(self, comparison: Comparison) -> list[Prediction]:
        """Return the predictions that have rows: baselines among the converged estimator's."""
        return [
            one
            for one in self.made.values()
            if (one.model in comparison.told if one.delta is not None else self._has_baselines)
        ]

    @property
    def _has_baselines(self) -> bool:
        return self.estimator == "converged"

    @property
    def _key(self) -> dict[str, Any]:
        return {"cutoff": self.split.cutoff.year, "estimator": self.estimator}

    def rows(self, comparison: Comparison) -> Iterator[dict[str, Any]]:
        """Yield rows of `temporal_hold_out`."""
        counts = {
            "n_train": self.split.train.rows.height,
            "n_test": self.split.test.height,
            "n_unknown": self.split.n_unknown,
        }
        for (model, delta), reason in self.refused.items():
            if model in comparison.told:
                key = {**self._key, "model": model, "delta": delta}
                yield {**key, **counts, "reason": reason}
        told = self.told(comparison)
        place = {id(one): i for i, one in enumerate(sorted(told, key=_order), 1)}
        for one in told:
            row = {**self._key, "model": one.model, "delta": one.delta, **counts}
            row |= {"rmse": one.rmse, "bias": one.bias, "rank": place[id(one)]}
            at = comparison.reference_delta if one.delta is None else one.delta
            other = self.made.get((comparison.reference, at))
            if other is not None:
                row |= one.against(other, self.split.redrawn)
            yield row

    def differences(self, comparison: Comparison) -> Iterator[dict[str, Any]]:
        """Yield rows of `hold_out_differences`: each variant against each baseline."""
        for one in self.told(comparison):
            for name in BASELINES if one.delta is not None else ():
                key = {**self._key, "model": one.model, "delta": one.delta, "against": name}
                yield {**key, **one.against(self.made[name, None], self.split.redrawn)}


def _order(one: Prediction) -> tuple[float, str, float]:
    return one.rmse, one.model, -1.0 if one.delta is None else one.delta


def hold_out_tables(
    sample: Sample, errors: pl.DataFrame, comparison: Comparison
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `temporal_hold_out` and `hold_out_differences` of errors out of time.

    Parameters
    ----------
    sample : the one that was cut.
    errors : those of all candidates by all estimators (:meth:`Candidates.errors`).
    """
    rows: list[dict[str, Any]] = []
    differences: list[dict[str, Any]] = []
    for split in splits(sample, sorted(set(errors["cutoff"].to_list()))):
        at = errors.filter(pl.col("cutoff") == split.cutoff.year)
        for estimator, response in comparison.responses.items():
            cut = _Cut.of(split, estimator, at.filter(pl.col("estimator") == estimator), response)
            rows += cut.rows(comparison)
            differences += cut.differences(comparison)
    return frame_of(TEMPORAL_HOLD_OUT, rows), frame_of(HOLD_OUT_DIFFERENCES, differences)
