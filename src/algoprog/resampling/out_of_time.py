"""Out-of-time hold-out: fits to the records before a date, and how well they predict those after.

It knows models, penalties and simple baselines; it knows no files. Units are those of the training
rows (docs/method.md, section 4).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import Interval, percentiles
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import predict
from algoprog.estimators.estimator import ESTIMATORS, Estimator, Task
from algoprog.model.model import Model, observations
from algoprog.model.units import Units
from algoprog.model.variant import Variant, Variants
from algoprog.records.sample import Sample
from algoprog.resampling.tables import TEMPORAL_HOLD_OUT
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

DRAWS = 1000  # of the interval of a difference


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
        return float(np.sqrt(np.mean(self.errors**2)))

    @property
    def bias(self) -> float:
        """Mean error: positive where the model predicts too little loss."""
        return float(np.mean(self.errors))

    def against(self, other: Prediction, papers: Rows, seed: int) -> tuple[float, Interval]:
        """Return the mean difference in squared error to another prediction, with its interval.

        Negative where this one predicts better. The interval's draws resample whole papers of the
        test rows.
        """
        difference = self.errors**2 - other.errors**2
        groups = int(papers.max()) + 1
        totals = np.bincount(papers, weights=difference, minlength=groups)
        sizes = np.bincount(papers, minlength=groups).astype(float)
        drawn = np.random.default_rng(seed).integers(groups, size=(DRAWS, groups))
        draws = totals[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
        return float(difference.mean()), percentiles(draws)


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


# Least squares of y = ln perplexity, or of ln y, on a constant for each benchmark and on columns.
BASELINES: dict[str, tuple[bool, tuple[str, ...]]] = {
    "mean": (False, ()),
    "loss_on_t": (False, ("t",)),
    "loss_on_c": (False, ("c",)),
    "loss_on_c_t": (False, ("c", "t")),
    "loss_on_n_d_t": (False, ("n", "d", "t")),
    "log_loss_on_t": (True, ("t",)),
    "log_loss_on_c": (True, ("c",)),
    "log_loss_on_c_t": (True, ("c", "t")),
    "log_loss_on_n_d_t": (True, ("n", "d", "t")),
}


def baseline(split: Split, name: str, response: str) -> Prediction:
    """Return the prediction of a baseline, one of :data:`BASELINES`.

    Of ln y the prediction is the exponential of the fitted value, the median of y.
    """
    logarithm, names = BASELINES[name]
    units = Units.of(split.train.rows, split.train.benchmarks)
    y = observations(split.train.rows, response).response
    design = _columns(units, split.train.rows, names)
    coefficients = np.linalg.lstsq(design, np.log(y) if logarithm else y, rcond=None)[0]
    fitted = _columns(units, split.test, names) @ coefficients
    return Prediction(
        name, None, split.response(response) - (np.exp(fitted) if logarithm else fitted)
    )


def _columns(units: Units, rows: pl.DataFrame, names: Sequence[str]) -> Array:
    values = units.of_rows(rows)
    benchmarks = np.asarray(values["b"])
    dummies = [(benchmarks == level).astype(float) for level in units.levels]
    return np.column_stack([*dummies, *(values[name] for name in names)])


@dataclass(frozen=True)
class Candidates:
    """What is tried out of time: variants at penalties, and the one errors are compared with.

    variants : those that are told, and the reference, by name; ``told`` names the first.
    deltas : the penalties each is fitted with.
    reference : name of the variant that errors are compared with, at the same penalty; a baseline
        is compared with it at ``reference_delta``.
    baselines : whether the baselines are told as well.
    """

    variants: Variants
    told: tuple[str, ...]
    deltas: tuple[float, ...]
    reference: str
    reference_delta: float
    baselines: bool

    def rows(self, split: Split, name: str, response: str) -> Iterator[dict[str, Any]]:
        """Yield rows of `temporal_hold_out` of a split by the estimator ``name``.

        A variant with fewer training rows than parameters is a row that says so.
        """
        made: dict[tuple[str, float | None], Prediction] = {}
        refused: dict[tuple[str, float | None], str] = {}
        for variant in self.variants.values():
            for delta in self.deltas:
                try:
                    made[variant.name, delta] = predicted(
                        split, variant, delta, ESTIMATORS[name], response
                    )
                except InputError as error:
                    refused[variant.name, delta] = f"{error.value}; {error.fix}"
        if self.baselines:
            made |= {(one, None): baseline(split, one, response) for one in BASELINES}
        key = {"cutoff": split.cutoff.year, "estimator": name}
        counts = {
            "n_train": split.train.rows.height,
            "n_test": split.test.height,
            "n_unknown": split.n_unknown,
        }
        for (model, at_delta), reason in refused.items():
            if model not in self.told:
                continue
            yield {**key, "model": model, "delta": at_delta, **counts, "reason": reason}
        for one in made.values():
            if one.delta is not None and one.model not in self.told:
                continue
            at = self.reference_delta if one.delta is None else one.delta
            other = made.get((self.reference, at))
            yield {**key, **counts, **self._row(one, other, split)}

    def _row(self, one: Prediction, other: Prediction | None, split: Split) -> dict[str, Any]:
        row: dict[str, Any] = {
            "model": one.model,
            "delta": one.delta,
            "rmse": one.rmse,
            "bias": one.bias,
        }
        if other is None:
            return row
        seed = seed_of("out_of_time", split.cutoff.isoformat(), one.model, str(one.delta))
        difference, interval = one.against(other, split.papers, seed)
        return row | {"difference": difference, **interval.columns("difference_")}


def hold_out_table(
    sample: Sample, years: Sequence[int], candidates: Candidates, name: str, response: str
) -> pl.DataFrame:
    """Return the table `temporal_hold_out` of one estimator, cut at 1 January of each year.

    A year before which, or from which on, there is no record has no rows.
    """
    rows: list[dict[str, Any]] = []
    for year in years:
        split = Split.of(sample, year)
        if split.train.rows.height and split.test.height:
            rows += candidates.rows(split, name, response)
    return frame_of(TEMPORAL_HOLD_OUT, rows)
