"""Which record moved the answer: the headline's model without one change at a time.

For each row of the headline's sample that came, went or was edited the model is fitted to the
sample as it is now with that single change undone: without the row that came, with the row that
went, with the row as it was before. The sample's units are those of its rows then, so each answer
is the one a run on those records would give. The difference to the answer of the whole sample is
what the row moved, the others being there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.model.growth import growth_rates
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.records.sample import Sample
from algoprog.synthesis.changes import PLACED, Answer, Pair

# Changes that are undone one by one; a refit takes hundredths of a second.
MOST = 300


@dataclass(frozen=True)
class Analysis:
    """The headline's analysis, as far as a refit needs it."""

    variant: Variant
    delta: float
    response: str
    estimator: str

    @classmethod
    def of(cls, call: Plain) -> Analysis:
        """Return the analysis that a configuration states."""
        variant = Variant.of(call["variant"], call["spec"])
        return cls(variant, call["delta"], call["response"], call["estimator"])

    def answer(self, sample: Sample) -> Answer:
        """Return what the analysis finds on a sample; where it cannot be fitted, the reason."""
        # here, for most runs find no row changed and fit nothing
        from algoprog.estimators.estimator import BEST_ONLY, Task

        try:
            model = Model.of(self.variant, sample)
            model.check_size()
            task = Task.of(model, self.response, self.delta)
            fit = BEST_ONLY[self.estimator].fit(task)
            own = OwnAllocation.of(model).growth(fit.theta[None, :])
        except InputError as error:
            return Answer(reason=str(error))
        parts = [] if model.closed_form is None else model.closed_form.first
        closed = growth_rates(parts, fit.theta[None, :]).get("compute", np.array([np.nan]))
        return Answer(_known(own[0]), _known(closed[0]), fit.certified)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def without_each(
    analysis: Analysis, sample: Sample, changed: Sequence[Pair], most: int = MOST
) -> list[Answer]:
    """Return the answer of a sample with each change undone, in the order of the changes."""
    found = []
    for number, pair in enumerate(changed):
        if number >= most:
            found.append(Answer(reason=f"{len(changed)} rows changed; the first {most} are undone"))
            continue
        try:
            rows = undone(sample.rows, pair)
        except InputError as error:
            found.append(Answer(reason=str(error)))
            continue
        found.append(analysis.answer(sample.with_rows(rows)))
    return found


def undone(rows: pl.DataFrame, pair: Pair) -> pl.DataFrame:
    """Return the rows of a sample with one change undone.

    Raises
    ------
    InputError
        where the former row lacks a column that the sample now has, or no row would be left.
    """
    kept = rows
    if pair.after is not None:
        kept = rows.filter(pl.col("row") != pair.after["row"])
    if pair.before is not None:
        kept = pl.concat([kept, _former(rows, pair.before)])
    if kept.is_empty():
        raise InputError("the sample", "", "no rows without this one", "add records")
    return kept.with_columns(pl.int_range(pl.len()).alias("row"))


def _former(rows: pl.DataFrame, row: Plain) -> pl.DataFrame:
    """A row of an earlier run, as a row of the present sample."""
    lacking = [name for name in rows.columns if name not in row and name not in PLACED]
    if lacking:
        fix = "this change cannot be undone"
        raise InputError("the former row", lacking[0], None, fix)
    told = {
        name: pl.Series([row.get(name)], dtype=pl.String).str.to_date()
        if kind == pl.Date
        else pl.Series([row.get(name)], dtype=kind, strict=False)
        for name, kind in rows.schema.items()
    }
    return pl.DataFrame(told)
