"""Samples that cannot tell a rate: the fit names what it leaves open, and the sentence says so."""

from __future__ import annotations

import datetime
import math
import re
from pathlib import Path

import polars as pl
import pytest

import algoprog as ap
from algoprog.common.errors import InputError
from algoprog.estimators.fit import fit_row
from algoprog.estimators.tables import FITS
from algoprog.quantities import headline
from algoprog.quantities.headline import Headline, Statement
from algoprog.quantities.known import Known
from algoprog.tables.frames import frame_of

ROOT = Path(__file__).resolve().parents[2]
ANALYSIS = {"sample": "mine", "variant": "m07", "delta": 0.0025, "estimator": "converged"}
TOLD = Headline((Statement("It halves every ∞ months.", "m07."), Statement("And −0.0 months.")))
UNKNOWN = "How fast algorithms reduce the compute needed cannot be known from this sample: "


def by_benchmark(*values: object) -> pl.Expr:
    return pl.col("benchmark").replace_strict(
        dict(zip(("wt103", "wt2", "ptb"), values, strict=True))
    )


@pytest.fixture(scope="module")
def sample() -> ap.Sample:
    return ap.read_records(ROOT / "data/raw/lm_evaluations.csv").sample(ap.PAPER_SAMPLE)


def fitted(sample: ap.Sample, rows: pl.DataFrame) -> tuple[ap.Fit, Known]:
    """The headline's variant on these rows, and what the headline's job finds of it in `fits`."""
    fit = ap.variant("m07").on(ap.Sample("mine", rows, sample.benchmarks)).fit(delta=0.0025)
    row = ANALYSIS | fit_row(fit.task, fit.result, "converged")
    fits = frame_of(FITS, [{name: value for name, value in row.items() if name in FITS.names}])
    return fit, Known.of_fit(rows, fits, ANALYSIS)


DEGENERATE = {
    "one date": (
        "published", pl.lit(datetime.date(2018, 6, 1)), "one date (2018-06-01)", "alpha_year",
    ),
    "one N": ("parameters", pl.lit(7e9), "number of parameters (7000000000)", "alpha_param"),
    "one D": ("dataset_tokens", pl.lit(3e11), "tokens (300000000000)", "beta_data"),
    "a date for each benchmark": (
        "published",
        by_benchmark(*(datetime.date(year, 1, 1) for year in (2016, 2017, 2019))),
        "on a benchmark have one date",
        "alpha_year, beta_const_ptb",
    ),
    "two benchmarks of one date": (
        "published",
        by_benchmark(*(datetime.date(year, 1, 1) for year in (2016, 2019, 2019))),
        "on a benchmark have one date",
        "alpha_year, beta_const_ptb",
    ),
    "an N for each benchmark": (
        "parameters", by_benchmark(1e8, 2e7, 1e7),
        "on a benchmark have one number of parameters", "alpha_param",
    ),
    "a D for each benchmark": (
        "dataset_tokens", by_benchmark(1e8, 2e6, 9e5),
        "on a benchmark have one number of training tokens", "beta_data",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEGENERATE)
def test_no_rate_is_told_where_the_rows_have_none(sample: ap.Sample, name: str) -> None:
    field, value, clause, left_open = DEGENERATE[name]
    typed = value.cast(sample.rows.schema[field]).alias(field)
    rows = sample.rows.with_columns(typed)
    fit, known = fitted(sample, rows)
    assert left_open in ", ".join(fit.not_identified)
    text = known.said(TOLD).text
    assert text.startswith(UNKNOWN) and clause in text
    assert "months" not in text and "∞" not in text
    assert clause in repr(fit.doubling_time())
    assert repr(fit.doubling_time()).startswith("DoublingTime(not identified: ")


def test_identical_rows(sample: ap.Sample) -> None:
    rows = pl.concat([sample.rows.head(1)] * 30)
    fit, known = fitted(sample, rows)
    assert fit.not_identified == ["alpha_year", "alpha_param", "beta_year", "beta_data"]
    assert known.said(TOLD).text.startswith(f"{UNKNOWN}all 30 evaluations are identical and ")


def test_one_paper_and_fewer_papers_than_parameters(sample: ap.Sample) -> None:
    for papers, said in ((1, "are from one paper (P0)"), (4, "The 4 papers are fewer than the 10")):
        numbered = pl.format("P{}", pl.int_range(pl.len()) % papers)
        _, known = fitted(sample, sample.rows.with_columns(paper=numbered))
        (first, _) = known.said(TOLD).statements
        assert first.answer == TOLD.statements[0].answer and said in first.basis


def test_fewer_rows_than_parameters_are_refused(sample: ap.Sample) -> None:
    with pytest.raises(InputError, match="6 rows for 10 parameters"):
        fitted(sample, sample.rows.head(6))


def test_what_can_be_known_is_told(sample: ap.Sample) -> None:
    fit, known = fitted(sample, sample.rows)
    assert fit.not_identified == [] and known.said(TOLD) == TOLD
    assert fit.doubling_time().known == Known()


@pytest.mark.parametrize(
    "point", [math.inf, -math.inf, math.nan, 0.0, -0.0, -5.0, 5e-324, 1e-9, 0.04, 1e9, 1e300]
)
def test_a_sentence_of_any_number(point: float) -> None:
    """Never every ∞, 0.0 or −0.0 months, nor a number of three hundred digits."""
    row = {"point": point, "ci95_low": -0.0, "ci95_high": point, "median": point, "n_draws": 9}
    row |= {"resampling": "papers", "share_nonpositive": 1.0, "benchmark": "all"}
    row |= {"allocation_within_records": False}
    for statement in (headline._own(row, ANALYSIS), headline._published(row, ANALYSIS)):
        every = re.findall(r"every (\S+) months", statement.answer)
        assert len(every) == (math.isfinite(point) and point > 0)
        assert all(len(number) < 12 and number.strip("-−0.,∞") for number in every)
        assert "−0.0" not in statement.answer and "-0" not in statement.answer
        assert every or "at no rate" in statement.answer
