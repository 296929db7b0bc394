"""Values that cannot be right, and values that are hard to believe.

Every number and date has a range outside which it cannot be right, so that its record is refused,
and a narrower range outside which the run warns. Both are declared by field, and by benchmark where
that knows more (`values` and `benchmarks.definitions` of the configuration). Two warnings compare
a record with the others on its benchmark: a perplexity far below every earlier record, and a date
years before all others. One compares its training compute C with 6 N D E, which N parameters, D
tokens and E epochs explain (1 epoch where their number is unknown).
"""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from algoprog.common.rows import Plain
from algoprog.records.fields import FIELDS
from algoprog.records.names import words_of
from algoprog.records.reading import TYPES

# Fields that have ranges. A count of 0 stands for an unknown one, which samples leave out.
RANGED = (
    *("published", "perplexity", "parameters", "dataset_tokens"),
    *("epochs", "vocabulary", "training_compute"),
)
_UNKNOWN_IS_ZERO = ("parameters", "dataset_tokens")

# Words in the name of a column that say what it holds if not a perplexity.
_SHARES = {
    *("acc", "accuracy", "accuracies", "em", "exact", "f1", "bleu", "rouge", "pct", "percent"),
    *("percentage", "precision", "recall", "correct", "%"),
}
_LOSSES = {"loss", "losses", "nll", "nats", "bits", "bpc", "bpb", "bpw", "entropy", "logloss"}

Ends = tuple[Any, Any]


@dataclass(frozen=True)
class Ranges:
    """The ranges of fields: everywhere, and on single benchmarks in their place.

    Attributes
    ----------
    everywhere : by field: the least and the greatest value; None where that end is open.
    on : by benchmark, likewise.
    """

    everywhere: Mapping[str, Ends] = field(default_factory=dict)
    on: Mapping[str, Mapping[str, Ends]] = field(default_factory=dict)

    @classmethod
    def of(cls, everywhere: Plain, on: Mapping[str, Plain]) -> Ranges:
        """Return the ranges of the configuration; dates may be texts in ISO form."""
        return cls(_typed(everywhere), {name: _typed(one) for name, one in on.items()})

    def ends(self, name: str, benchmark: str | None) -> Ends:
        """Return the range of a field on a benchmark."""
        here = self.on.get(benchmark or "", {})
        found: Ends = here.get(name, self.everywhere.get(name, (None, None)))
        return found

    def outside(self, records: pl.DataFrame) -> list[tuple[int, str, Ends]]:
        """Return position, field and range of every value outside its range, in order."""
        found = []
        named = [benchmark for benchmark in self.on if benchmark is not None]
        on = pl.col("benchmark")
        for name in RANGED:
            groups = [(on == benchmark, benchmark) for benchmark in named]
            others: pl.Expr = on.is_null() | ~on.is_in(named)
            for here, benchmark in [*groups, (others, None)]:
                ends = self.ends(name, benchmark)
                wrong = _beyond(name, ends)
                if wrong is not None:
                    at = records.select((here & wrong).fill_null(False)).to_series().arg_true()
                    found += [(position, name, ends) for position in at]
        order = {name: number for number, name in enumerate(RANGED)}
        return sorted(found, key=lambda one: (one[0], order[one[1]]))


@dataclass(frozen=True)
class Values:
    """What the configuration says of values.

    Attributes
    ----------
    possible : ranges outside which a record is refused.
    plausible : ranges outside which the run warns.
    leap : a perplexity below that of every earlier record on its benchmark by more than this
        factor is warned of; None: never.
    years_before : a date more years than this before every other date on its benchmark is warned
        of; None: never.
    compute_ratio : the range of C / (6 N D E) outside which training compute is warned of.
    """

    possible: Ranges = field(default_factory=Ranges)
    plausible: Ranges = field(default_factory=Ranges)
    leap: float | None = None
    years_before: float | None = None
    compute_ratio: Ends = (None, None)

    @classmethod
    def of(cls, values: Plain, benchmarks: Mapping[str, Plain]) -> Values:
        """Return what the sections `values` and `benchmarks.definitions` say."""
        ranges = {
            kind: Ranges.of(
                values.get(kind) or {},
                {name: one[kind] for name, one in benchmarks.items() if one.get(kind)},
            )
            for kind in ("possible", "plausible")
        }
        low, high = values.get("compute_ratio") or (None, None)
        return cls(
            **ranges,
            leap=values.get("leap"),
            years_before=values.get("years_before"),
            compute_ratio=(low, high),
        )

    def impossible(
        self, records: pl.DataFrame, today: datetime.date | None = None
    ) -> Iterator[tuple[int, str, str]]:
        """Yield position, field and what to do, of every value that cannot be right.

        ``today``, where it is given, is the last date that can be right.
        """
        for position, name, ends in self.possible.outside(records):
            yield position, name, _mend(name, ends, records["benchmark"][position])
        if today is not None:
            late = (records["published"] > today).fill_null(False).arg_true()
            for position in late:
                fix = "give a date of publication that is not after today"
                yield position, "published", fix

    def implausible(self, records: pl.DataFrame) -> list[tuple[int, str, str]]:
        """Return position, field and a sentence for every value that is hard to believe."""
        found = [
            (position, name, _doubt(name, ends, records["benchmark"][position]))
            for position, name, ends in self.plausible.outside(records)
        ]
        known = {(position, name) for position, name, _ in found}
        compared = [
            *_leaps(records, self.leap),
            *_early(records, self.years_before),
            *_out_of_proportion(records, self.compute_ratio),
        ]
        return sorted([*found, *(one for one in compared if one[:2] not in known)])


def column_doubt(column: str) -> str | None:
    """Return what the name of a column says it holds instead of a perplexity; None if nothing."""
    words = set(words_of(column))
    if words & {"ppl", "perplexity", "perplexities"}:
        return None
    if words & _SHARES:
        return "a share of right answers, which is no loss and gives no perplexity"
    if words & _LOSSES:
        return "a loss: say so by `metric` (nats, log2, bits_per_byte, ...)"
    return None


def _typed(ranges: Plain) -> dict[str, Ends]:
    typed = {}
    for name, ends in ranges.items():
        if ends is None:
            continue
        low, high = (
            datetime.date.fromisoformat(end)
            if FIELDS[name].kind == "date" and isinstance(end, str)
            else end
            for end in ends
        )
        typed[name] = (low, high)
    return typed


def _beyond(name: str, ends: Ends) -> pl.Expr | None:
    """Whether a field is outside a range; None for a range open at both ends."""
    value, kind = pl.col(name), TYPES[FIELDS[name].kind]
    low, high = (None if end is None else pl.lit(end, kind) for end in ends)
    sides = ([] if low is None else [value < low]) + ([] if high is None else [value > high])
    if not sides:
        return None
    wrong = pl.any_horizontal(sides)
    return wrong & (value != 0) if name in _UNKNOWN_IS_ZERO else wrong


def _range(ends: Ends) -> str:
    low, high = (f"{end:g}" if isinstance(end, int | float) else end for end in ends)
    if high is None:
        return f"of at least {low}"
    return f"of at most {high}" if low is None else f"from {low} to {high}"


def _mend(name: str, ends: Ends, benchmark: str | None) -> str:
    """What to do about a value that cannot be right."""
    on = f" on {benchmark}" if benchmark else ""
    fix = f"give {FIELDS[name].meaning}, {_range(ends)}{on} (values.possible)"
    if name == "published":
        return f"{fix}; a blank that was read as 0 gives 1970-01-01"
    if name in ("parameters", "dataset_tokens", "training_compute"):
        return f"{fix}; a column in billions needs `scale: billion`, and 7.000 reads as 7"
    return fix


def _doubt(name: str, ends: Ends, benchmark: str | None) -> str:
    """What is doubtful about a value that is hard to believe."""
    on = f" on {benchmark}" if benchmark else ""
    doubt = f"outside what is plausible{on}: {name} {_range(ends)}"
    low = ends[0]
    hints = {
        "perplexity": "a loss or an accuracy is no perplexity (`metric`)",
        "parameters": "a column in millions or billions needs `scale`",
        "dataset_tokens": "a column in millions or billions needs `scale`",
    }
    return f"{doubt}; {hints[name]}" if name in hints and low is not None else doubt


def _leaps(records: pl.DataFrame, factor: float | None) -> Iterator[tuple[int, str, str]]:
    """Perplexities far below those of every earlier record on their benchmark."""
    if factor is None:
        return
    for benchmark, rows in _by_benchmark(records):
        best = None
        for _, same_day in itertools.groupby(rows, key=lambda row: row[0]):
            today = list(same_day)
            for published, position, perplexity in today:
                if best is not None and perplexity * factor < best:
                    yield (
                        position,
                        "perplexity",
                        f"more than {factor:g} times below the best on {benchmark} before "
                        f"{published}, {best:g}; a loss or an accuracy is no perplexity (`metric`)",
                    )
            lowest = min(perplexity for _, _, perplexity in today)
            best = lowest if best is None else min(best, lowest)


def _early(records: pl.DataFrame, years: float | None) -> Iterator[tuple[int, str, str]]:
    """Dates years before all others on their benchmark."""
    if years is None:
        return
    for benchmark, rows in _by_benchmark(records):
        dates = sorted({published for published, _, _ in rows})
        early = dates[: len(dates) // 2]
        gaps = [(later - date).days / 365.25 for date, later in itertools.pairwise(dates)]
        last = max((i for i, _ in enumerate(early) if gaps[i] > years), default=-1)
        for published, position, _ in rows:
            if last >= 0 and published <= dates[last]:
                yield (
                    position,
                    "published",
                    f"more than {years:g} years before the others on {benchmark}, "
                    f"which begin on {dates[last + 1]}",
                )


def _out_of_proportion(records: pl.DataFrame, ends: Ends) -> Iterator[tuple[int, str, str]]:
    """Training compute that parameters and tokens do not explain."""
    epochs = pl.col("epochs").fill_null(1.0)
    explained = 6.0 * pl.col("parameters") * pl.col("dataset_tokens") * epochs
    ratios = records.select((pl.col("training_compute") / explained).alias("ratio"))
    low, high = ends
    for position, ratio in enumerate(ratios["ratio"]):
        if ratio is None or not math.isfinite(ratio):
            continue
        if (low is not None and ratio < low) or (high is not None and ratio > high):
            yield (
                position,
                "training_compute",
                f"{ratio:.2g} times 6 × parameters × tokens × epochs, and plausible is a number "
                f"{_range(ends)} (values.compute_ratio); FLOP in other units need `scale`",
            )


def _by_benchmark(
    records: pl.DataFrame,
) -> Iterator[tuple[str, Sequence[tuple[datetime.date, int, float]]]]:
    """Date, position and perplexity of the dated records of each benchmark, by date."""
    wanted = records.select("benchmark", "published", "perplexity").with_row_index("position")
    whole = wanted.drop_nulls(["benchmark", "published", "perplexity"])
    for (benchmark,), rows in whole.group_by("benchmark", maintain_order=True):
        found = rows.sort("published", "position")
        yield str(benchmark), found.select("published", "position", "perplexity").rows()
