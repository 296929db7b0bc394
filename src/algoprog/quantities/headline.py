"""The headline: the doubling time of algorithmic progress where the records are, in sentences.

It reads :mod:`algoprog.quantities.headline_tables`, whose numbers it tells; it computes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.numbers import count, decimals, months, percent, scientific, significant
from algoprog.common.rows import Plain, Row
from algoprog.quantities.headline_tables import Evidence, answers_table, variants_table

_LEAD = "Better algorithms halve the compute needed for the same language-modelling performance"
_NAMES = {"closed_form": "in closed form", "optimal_scaling": "by optimal scaling"}
# What is resampled, in words.
RESAMPLED = {"rows": "rows", "papers": "whole papers"}


@dataclass(frozen=True)
class Statement:
    """What an analysis says: its answer, and what the answer rests on, a sentence each."""

    answer: str
    basis: str = ""


@dataclass(frozen=True)
class Headline:
    """What a run ends with: a statement for each estimator, and notes on the first."""

    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentences, a line each."""
        sentences = [part for one in self.statements for part in (one.answer, one.basis) if part]
        return "".join(f"{sentence}\n" for sentence in (*sentences, *self.notes))


@dataclass(frozen=True)
class Told:
    """The headline with its tables `headline_answers` and `headline_variants`."""

    headline: Headline
    answers: pl.DataFrame
    variants: pl.DataFrame


def headline(
    evidence: Evidence,
    headline: Mapping[str, str],
    analyses: Mapping[str, Row],
    baseline: str,
    reference: str,
) -> Told:
    """Return what the bootstrap analyses that `headline` names say.

    Parameters
    ----------
    headline : name of the analysis of each estimator.
    analyses : the configuration's bootstrap analyses.
    baseline : the benchmark that is quoted where progress differs between benchmarks.
    reference : the variant without progress that errors out of time are compared with.
    """
    ours, theirs = (analyses[headline[name]] for name in ("converged", "published"))
    answers = answers_table(evidence, ours, theirs, baseline)
    variants = variants_table(evidence, ours, reference)
    rows = {
        (row["role"], row["definition"], row["direction"]): row
        for row in answers.to_dicts()
        if row["method"] in ("percentile", None)
    }
    own = rows.get(("headline", "own_allocation", "alike"))
    notes: list[str] = []
    if own is not None and own["point"] is not None:
        notes += _directions(rows)
        notes += _unpenalised(answers)
        notes += _definitions(rows, evidence, ours, baseline)
        notes += _variants(variants, str(ours["variant"]), reference)
    statements = _own(own, ours), _published(rows.get(("published", "closed_form", None)), theirs)
    return Told(Headline(statements, tuple(notes)), answers, variants)


def _own(row: Plain | None, analysis: Row) -> Statement:
    model = f"{analysis['variant']}, δ = {analysis['delta']:g}, {analysis['estimator']} estimator"
    if row is None:
        return Statement(f"{_LEAD} at a rate that is not known: the model has none ({model}).")
    if row["point"] is None:
        return Statement(
            f"{_LEAD} at a rate that is not known: predicted loss does not fall with compute where "
            f"the systems are ({model})."
        )
    basis = f"{model}, at the systems’ own split of compute into parameters and data"
    answer = f"{_LEAD} {_every(row['point'])}"
    if row["n_draws"]:
        answer += f" (95 % interval {_interval(row)})"
        basis += f"; {_draws(row)}"
    return Statement(f"{answer}, where the systems actually were.", f"{basis}.")


def _published(row: Plain | None, analysis: Row) -> Statement:
    lead = "By the published procedure it halves"
    model = f"{analysis['variant']}, {analysis['estimator']} estimator"
    if row is None:
        return Statement(f"{lead} at a rate with no closed form ({model}).")
    on = "" if row["benchmark"] == "all" else f" on {row['benchmark']}"
    answer = f"{lead}{on} {_every(row['point'])}"
    basis = f"{model}, in closed form"
    if row["n_draws"]:
        answer += f" (95 % interval {_interval(row)})"
        basis += f"; {_draws(row)}"
    if row["allocation_within_records"] is False:
        answer += ", at a split of compute that no system of similar compute used"
    return Statement(f"{answer}.", f"{basis}.")


def _every(point: float) -> str:
    """How often, in words; growth that is not positive halves nothing."""
    if not math.isfinite(point) or point <= 0:
        return "at no rate, for growth at the estimate is not positive"
    return f"every {months(point)} months"


def _interval(row: Plain) -> str:
    return f"{months(row['ci95_low'])} to {months(row['ci95_high'])}"


def _draws(row: Plain) -> str:
    return (
        f"{count(row['n_draws'])} draws of {RESAMPLED[row['resampling']]}: median "
        f"{months(row['median'])} months, {percent(row['share_nonpositive'])} without progress"
    )


def _directions(rows: Mapping[tuple[Any, ...], Plain]) -> Iterator[str]:
    """What the answer is where compute is spent in another way."""
    words = {
        "parameters": "parameters scaled alone",
        "data": "data scaled alone",
        "trend": "both scaled along the systems’ own trend of data on parameters",
    }
    told = [
        f"{words[direction]} {months(row['point'])} months"
        for (role, _, direction), row in rows.items()
        if role == "direction" and row["point"] is not None
    ]
    if told:
        *first, last = told
        listed = f"{', '.join(first)} and {last}" if first else last
        yield f"The answer scales parameters and data alike; other directions give: {listed}."


def _unpenalised(answers: pl.DataFrame) -> Iterator[str]:
    """The interval of the answer that allows for the penalty and for few papers."""
    found = answers.filter(pl.col("method") == "unpenalised", pl.col("point").is_not_null())
    for row in found.to_dicts():
        yield (
            f"Without its penalty the same law gives {months(row['point'])} months there, with a "
            f"95 % interval of {_interval(row)} that allows for how few papers carry most of the "
            "answer."
        )


def _definitions(
    rows: Mapping[tuple[Any, ...], Plain], evidence: Evidence, analysis: Row, baseline: str
) -> Iterator[str]:
    """What the published definitions give for the same fit, and at which split of compute."""
    found = {name: rows.get(("definition", name, None)) for name in _NAMES}
    told = []
    for name, row in found.items():
        if row is None:
            continue
        quoted = quoted_interval(evidence.intervals, row) if name == "closed_form" else None
        interval = _interval(row) if row["n_draws"] else ""
        if quoted:
            interval = f"{months(quoted['low'])} to {months(quoted['high'])}"
        beside = f" (95 % interval {interval})" if interval else ""
        told.append(f"{_NAMES[name]} {months(row['point'])} months{beside}")
    if not told:
        return
    yield f"The published definitions give, of the same fit, {' and '.join(told)}."
    split = _farthest(evidence.allocation_ratios, analysis, baseline)
    if split:
        yield (
            "They are growth at the split of compute that is best under the fit: "
            f"{significant(split['optimal'], 2)} tokens per parameter at "
            f"{scientific(split['compute'])} FLOP, where systems have "
            f"{significant(split['nearest_low'], 2)} to {significant(split['nearest_high'], 2)}."
        )


def _farthest(ratios: pl.DataFrame, analysis: Row, baseline: str) -> Plain | None:
    """The split at the largest compute within the records' own, where it is not among theirs."""
    keys = ("sample", "variant", "delta", "estimator")
    found = ratios.filter(
        pl.col("benchmark").is_in(["all", baseline]),
        pl.col("place").str.starts_with("records"),
        ~pl.col("within"),
        *(pl.col(key) == analysis[key] for key in keys),
    ).sort("compute")
    return found.row(-1, named=True) if found.height else None


def _variants(variants: pl.DataFrame, name: str, reference: str) -> Iterator[str]:
    """Why this variant, by its errors on later records, and how far others move the answer."""
    by_name = {row["variant"]: row for row in variants.to_dicts()}
    own, judged = by_name.get(name), variants.filter(pl.col("rank").is_not_null())
    if own is not None and own["rank"] is not None:
        best = judged.sort("rank", "variant").row(0, named=True)
        sentence = (
            f"Why {name}: fitted to the records before a year it predicts later ones with a mean "
            f"squared error of {decimals(own['out_of_time'], 3)} nats² (over {own['cutoffs']} "
            f"years, in {own['better_in']} of them less than without progress), against "
            f"{decimals(own['reference'], 3)} without progress ({reference})"
        )
        if judged.height == 1:
            yield f"{sentence}."
        elif best["variant"] == name:
            yield f"{sentence}; no variant has less."
        else:
            yield (
                f"{sentence}. It is number {own['rank']} of {judged.height} variants with "
                f"progress; the least error is that of {best['variant']} "
                f"({decimals(best['out_of_time'], 3)} nats²), which gives {months(best['point'])} "
                "months."
            )
    counted = variants.filter("counted", pl.col("point").is_not_null()).sort("point", "variant")
    if counted.height > 1:
        low, high = counted.row(0, named=True), counted.row(-1, named=True)
        which = f" that predict later records better than {reference}" if judged.height else ""
        yield (
            f"The {counted.height} variants with progress{which} give "
            f"{months(low['point'])} ({low['variant']}) to {months(high['point'])} months "
            f"({high['variant']}) where the systems were."
        )


def quoted_interval(intervals: pl.DataFrame, row: Plain, level: int = 95) -> dict[str, Any] | None:
    """Return the row of `headline_interval` that is quoted instead of the percentiles of a row.

    None where the percentiles are quoted: another model or estimator has no other interval.
    """
    inverted = intervals.filter(
        *(pl.col(key) == row[key] for key in ("sample", "variant", "delta", "benchmark")),
        pl.col("level") == level,
        pl.col("method") == "inverted",
    )
    converged = row["estimator"] == "converged" and inverted.height
    return inverted.row(0, named=True) if converged else None
