"""Cross-validation: held-out errors of each variant at each penalty.

It knows how rows are held out and predicted; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.estimators.converged import AGREEMENT, predict, problem, settled, subgradient
from algoprog.estimators.objective import CERTIFICATE, predictor
from algoprog.estimators.published import solve_published
from algoprog.estimators.replicates import Effort, solve_replicates
from algoprog.model.design import Design
from algoprog.model.model import Model
from algoprog.model.variant import Variant, Variants
from algoprog.records.sample import Sample
from algoprog.resampling.tables import CROSS_VALIDATION
from algoprog.tables.frames import schema_of

Array = NDArray[np.float64]

# The published split (sklearn's train_test_split with test_size 0.2 and random_state 1).
SPLIT_SEED = 1
TEST_SHARE = 0.2


@dataclass(frozen=True)
class HeldOut:
    """Held-out predictions (n,) with the number of fits behind them, and of certified ones."""

    response: Array
    prediction: Array
    n_fits: int
    n_converged: int
    n_at_best_min: int

    @property
    def mean_square(self) -> float:
        """Mean squared held-out error, nats squared."""
        return float(np.mean((self.response - self.prediction) ** 2))

    @property
    def r2(self) -> float:
        """1 - mean squared held-out error / variance of the response."""
        return 1.0 - self.mean_square / float(np.var(self.response))


@dataclass(frozen=True)
class HeldOutBatch:
    """The rows of `cross_validation` that one job makes: variants at a delta, by one scheme."""

    variants: Variants
    delta: float
    scheme: str
    response: str

    def of(self, sample: Sample) -> pl.DataFrame:
        """Return the rows for a sample (:func:`cross_validate`)."""
        chosen = self.variants.values()
        return cross_validate(sample, chosen, self.delta, self.scheme, self.response)


def published_training_rows(n: int) -> NDArray[np.int64]:
    """Rows of the published training part, in its order: a permutation less its first fifth."""
    order = np.random.RandomState(SPLIT_SEED).permutation(n)
    return np.asarray(order[int(np.ceil(TEST_SHARE * n)) :], dtype=np.int64)


def leave_one_out_published(
    design: Design,
    response: Array,
    delta: float,
    start: Array | None = None,
    order: NDArray[np.int64] | None = None,
    evaluated: Design | None = None,
) -> HeldOut:
    """The published scheme on a training part: each row in turn is left out and predicted.

    The optimiser starts from the estimates of the previous row, from zeros for the first.

    Parameters
    ----------
    start, order : for measuring the procedure's own noise: where the first row starts (p,), and
        the order (n,) in which the rows are summed.
    evaluated : the design whose rows are predicted, if not ``design``'s own.
    """
    n = design.n
    order = np.arange(n) if order is None else order
    prediction = np.empty(n)
    theta = np.zeros(design.p) if start is None else start
    certified = 0
    for i in range(n):
        keep = order[order != i]
        part = design.rows(keep)
        theta, _ = solve_published(part, response[keep], delta, theta)
        certified += subgradient(problem(part, response[keep], delta), theta) <= CERTIFICATE
        prediction[i] = predictor((evaluated or design).rows(np.array([i])))(theta)[0]
    return HeldOut(response, prediction, n, certified, 1)


def self_normalised(design: Design, parameter: str) -> Design:
    """The design with the columns of ``parameter`` at zero.

    So the published cross-validation of m18 sees a held-out row: its compute is divided by the
    least compute of the rows at hand, which is its own.
    """
    columns = design.columns.copy()
    columns[design.parameter_of_column == design.parameters.index(parameter)] = 0.0
    return replace(design, columns=columns)


def leave_group_out(
    design: Design, response: Array, delta: float, groups: NDArray[np.int64]
) -> HeldOut:
    """Converged fits without each group of rows in turn (rows: groups = 0 ... n - 1)."""
    full = settled(design, response, delta)
    number = int(groups.max()) + 1
    weights = (groups[None, :] != np.arange(number)[:, None]).astype(float)
    # without one row or paper the minima hardly move, so starting from them needs few others
    perturbed = 0 if delta > 0 else 16
    effort = Effort(jumps=0, perturbed=perturbed, enough=AGREEMENT)
    fits = solve_replicates(design, response, delta, weights, full.minima, effort)
    prediction = np.empty(design.n)
    for group in range(number):
        rows = np.flatnonzero(groups == group)
        prediction[rows] = predict(design, fits.theta[group])[rows]
    return HeldOut(
        response, prediction, number, int(fits.certified.sum()), int(fits.n_at_best.min())
    )


def cross_validate(
    sample: Sample, variants: Iterable[Variant], delta: float, scheme: str, response: str
) -> pl.DataFrame:
    """Return rows of `cross_validation` for each variant at one delta, without ranks.

    ``scheme`` is ``published_split`` (the published estimator, leaving out each row of one random
    four fifths of the sample, normalised by those), or ``rows`` or ``papers`` (converged, leaving
    out each row or paper of the whole sample).

    Raises
    ------
    InputError
        for a sample with fewer rows than a variant has parameters.
    """
    height = sample.height
    if scheme == "published_split":
        sample = sample.take(published_training_rows(height))
    rows = []
    for variant in variants:
        model = Model.of(variant, sample)
        model.check_size(height)
        design, seen = model.design, model.observed(response)
        if scheme == "published_split":
            held = leave_one_out_published(design, seen.response, delta)
        else:
            groups = seen.papers if scheme == "papers" else np.arange(design.n)
            held = leave_group_out(design, seen.response, delta, groups)
        rows.append(
            {
                "sample": sample.name,
                "variant": variant.name,
                "delta": delta,
                "estimator": "published" if scheme == "published_split" else "converged",
                "scheme": scheme,
                "n": design.n,
                "mse": held.mean_square,
                "r2": held.r2,
                "n_fits": held.n_fits,
                "n_converged": held.n_converged,
                "n_at_best_min": held.n_at_best_min,
            }
        )
    schema = schema_of(CROSS_VALIDATION)
    del schema["rank"]  # among all fits, that come together later
    return pl.DataFrame(rows, schema=schema)
