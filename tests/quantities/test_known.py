"""No rate is told where the rows of a sample tell none."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from algoprog.quantities.headline import Headline, Statement
from algoprog.quantities.known import Known

SAID = Headline((Statement("It halves every ∞ months.", "m07."), Statement("And so.", "m07.")))


def rows(**same: object) -> pl.DataFrame:
    varied = pl.DataFrame(
        {
            "benchmark": ["wt103"] * 4,
            "perplexity": [30.0, 25.0, 20.0, 15.0],
            "published": [datetime.date(2018 + i, 1, 1) for i in range(4)],
            "parameters": [1e7, 1e8, 1e9, 1e10],
            "dataset_tokens": [1e8, 1e9, 1e10, 1e11],
            "paper": ["A", "B", "C", "D"],
        }
    )
    return varied.with_columns(pl.lit(value).alias(name) for name, value in same.items())


@pytest.mark.parametrize(
    ("same", "clause"),
    [
        ({"published": datetime.date(2019, 12, 31)}, "one date (2019-12-31)"),
        ({"parameters": 7e9}, "one number of parameters (7000000000)"),
        ({"dataset_tokens": 3e11}, "one number of training tokens (300000000000)"),
    ],
)
def test_no_rate_without_variation(same: dict[str, object], clause: str) -> None:
    told = Known.of(rows(**same), "alpha_year", 3).said(SAID)
    (statement,) = told.statements
    assert statement.answer.startswith(
        "How fast algorithms reduce the compute needed cannot be known"
    )
    assert clause in statement.answer and "months" not in told.text


def test_one_paper_and_few_papers() -> None:
    one = Known.of(rows(paper="A"), "", 3).said(SAID)
    assert one.statements[0].answer == SAID.statements[0].answer
    assert "All 4 evaluations are from one paper (A): how sure" in one.statements[0].basis
    few = Known.of(rows(), "", 5).said(SAID)
    assert "The 4 papers are fewer than the 5 parameters" in few.statements[0].basis


def test_parameters_that_are_not_determined_are_named() -> None:
    told = Known.of(rows(), "beta_data", 3).said(SAID)
    assert told.statements[0].basis.endswith("The rows do not determine beta_data.")


def test_what_is_known_stays_as_it_is() -> None:
    assert Known.of(rows(), "", 4).said(SAID) == SAID
    assert Known.of(rows(), None, 4).said(SAID) == SAID


def test_a_date_that_is_the_benchmarks_is_known_to_a_model_in_which_they_do_not_differ() -> None:
    day = datetime.date(2019, 1, 1)
    two = pl.concat([rows(published=day), rows(published=day.replace(year=2021), benchmark="ptb")])
    assert Known.of(two, "", 4).said(SAID) == SAID
    (statement,) = Known.of(two, "alpha_year, beta_year", 4).said(SAID).statements
    assert "all evaluations on a benchmark have one date" in statement.answer
