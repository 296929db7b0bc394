"""What was not established: each sentence follows its table, and goes where that settles it."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from typing import Any

import polars as pl
import pytest
from report_page import made_from

from algoprog.report import page as report
from algoprog.report.sections import endogeneity, not_established

OURS = {
    "sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "converged",
    "resampling": "papers",
}  # fmt: skip
THEIRS = OURS | {"estimator": "published", "resampling": "rows"}
CLOSED = {"definition": "closed_form", "quantity": "compute", "benchmark": "all"}
CONFIG: dict[str, Any] = {
    "bootstrap": {"analyses": {"ours": OURS, "theirs": THEIRS}},
    "pools": {"converged": {"scheme": "papers", "size": 2}},
    "profiles": {"pool": "converged", "losses": [0.01]},
    "shapley": {"systems": {
        "First": {"published": "2012-12-01"}, "Second": {"published": "2016-12-13"},
        "Third": {"published": "2022-03-29"},
    }},
}  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]

FAST = "The exact pace"
DEFINITION = "Any upper end by the paper’s definition"
LAW = "Which law and which penalty"
DATA = "That the answer does not hang on few records"
QUALITY = "That no unrecorded quality is at work"
SHARE = "What the algorithmic part came from"
TRANSFORMER = "That the transformer helped"
ACCELERATION = "That progress became faster in 2017"
OBSERVED = "Progress without a law"
INTERVALS = "How often the intervals hold the truth"
CLAIMS = (
    FAST, DEFINITION, LAW, DATA, QUALITY, SHARE, TRANSFORMER, ACCELERATION, OBSERVED, INTERVALS,
)  # fmt: skip


def share(key: dict[str, Any], to: str, factor: str, low: float, high: float) -> dict[str, Any]:
    row = key | {"from_system": "First", "to_system": to, "factor": factor}
    return row | {"share": (low + high) / 2, "ci95_low": low, "ci95_high": high}


def gain(key: dict[str, Any], form: str, value: float, low: float, high: float) -> dict[str, Any]:
    row = key | {"form": form, "compute": 1e25, "gain": value}
    return row | {"gain_ci95_low": low, "gain_ci95_high": high}


def split(form: str, year: int, low: float) -> dict[str, Any]:
    row = OURS | CLOSED | {"era": "change", "form": form, "year": year}
    return row | {"growth_ci95_low": low, "growth_ci95_high": 2.0}


def rows() -> Rows:
    """Tables that leave every claim open."""
    law = {"sample": "paper", "scheme": "papers"}
    fit = {"sample": "paper", "estimator": "converged"} | CLOSED
    return {
        "own_allocation": [
            OURS | {"benchmark": "all", "period": "all", "direction": "alike"}
            | {"growth_point": 0.7, "ci95_low": 8.25, "ci95_high": 17.25},
        ],
        "headline_interval": [
            OURS | {"definition": "closed_form", "quoted": True, "method": "inverted"}
            | {"level": level, "low": low, "high": math.inf, "pieces": 1}
            for level, low in ((90, 3.0), (95, 2.6))
        ],
        "cross_validation": [
            law | {"variant": "m07", "delta": 0.0025, "mse": 0.05},
            law | {"variant": "m14", "delta": 0.0, "mse": 0.0505},
        ],
        "doubling_times": [
            fit | {"variant": "m07", "delta": 0.0025, "growth_point": 12 * math.log(2) / 5.5},
            fit | {"variant": "m14", "delta": 0.0, "growth_point": 12 * math.log(2) / 20.5},
        ],
        "identification": [
            {"measure": "modal_data", "of": "wt103", "n": 74, "share": 0.7, "value": 1e8},
            {"measure": "modal_data", "of": "all", "n": 142, "share": 0.7},
            {"measure": "large_data", "of": "all", "n": 36, "papers": 19, "value": 1e9},
            {"measure": "estimate", "of": "all", "own_allocation": 11.75, "closed_form": 5.7},
            {"measure": "estimate", "of": "without_large_data", "own_allocation": 6.75,
             "closed_form": math.inf},
        ],
        "endogeneity": [
            {"variant": "m07", "treatment": treatment, "point": 11.8, "target": target,
             "robustness_value": value}
            for treatment, target, value in (
                ("compute", "half", 0.32), ("date", "half", 0.21), ("date", "none", 0.6))
        ],
        "shapley": [
            share(key, to, factor, low, high)
            for key in (OURS, THEIRS)
            for to in ("Second", "Third")
            for factor, low, high in (
                ("compute", 0.4 if to == "Second" else 0.55, 0.8),
                ("parameter_efficiency", -0.2, 0.3), ("data_efficiency", 0.05, 0.3),
            )
        ],
        "transformer": [
            gain(OURS, "multiplier", 13.3, 3.8, 193.0), gain(OURS, "factor", 3.6, 0.6, 40.0),
        ],
        "era_split": [
            split("jump", 2017, -0.4), split("kink", 2017, -1.0), split("kink", 2018, 0.1),
        ],
        "direct_observation": [
            {"growth": 0.5, "growth_ci95_low": low, "growth_ci95_high": 1.2} for low in (-0.1, 0.2)
        ],
    }  # fmt: skip


def edited(table: str, place: int, **cells: Any) -> Rows:
    found = rows()
    found[table][place] |= cells
    return found


def longer(table: str, row: dict[str, Any]) -> Rows:
    found = rows()
    found[table].append(row)
    return found


def lines(given: Rows) -> dict[str, str]:
    """Each claim with the sentence that says what leaves it open."""
    inputs = made_from(
        {name: pl.DataFrame(of, infer_schema_length=None) for name, of in given.items()}, CONFIG
    )
    source = "{% from 'macros.html.j2' import ci, interval, run with context %}{% include name %}"
    template = report.environment(one=source).get_template("one")
    html = template.render(
        name=not_established.SECTION.template,
        not_established=not_established.not_established(inputs),
        endogeneity=endogeneity.endogeneity(inputs),
    )
    found = re.findall(r"<li><strong>(.*?)\.</strong>(.*?)</li>", html, re.DOTALL)
    return {claim: " ".join(re.sub(r"<[^>]+>", "", said).split()) for claim, said in found}


@cache
def before() -> dict[str, str]:
    return lines(rows())


def test_every_claim_that_is_open_is_told_in_order() -> None:
    assert tuple(before()) == CLAIMS
    assert before()[LAW].startswith("The 2 best models predict held-out papers")


CHANGES: tuple[tuple[str, str, str, Rows], ...] = (
    (FAST, "from 8.2 to 17.2 months", "from 6.4 to 17.2 months",
     edited("own_allocation", 0, ci95_low=6.4)),
    (FAST, "from 8.2 to 17.2 months", "from 8.2 to 19.6 months",
     edited("own_allocation", 0, ci95_high=19.6)),
    (DEFINITION, "is 2.6 to ∞ months", "is 1.4 to ∞ months",
     edited("headline_interval", 1, low=1.4)),
    (LAW, "(none more than 1.0 % worse than the best)", "(none more than 4.0 % worse than the best",
     edited("cross_validation", 1, mse=0.052)),
    (LAW, "they give 5.5 to 20.5 months", "they give 4.4 to 20.5 months",
     edited("doubling_times", 0, growth_point=12 * math.log(2) / 4.4)),
    (LAW, "they give 5.5 to 20.5 months", "they give 5.5 to 31.5 months",
     edited("doubling_times", 1, growth_point=12 * math.log(2) / 31.5)),
    (DATA, "Without the 36 records", "Without the 29 records", edited("identification", 2, n=29)),
    (DATA, "more than 10⁹ training tokens", "more than 10¹⁰ training tokens",
     edited("identification", 2, value=1e10)),
    (DATA, "instead of 11.8", "instead of 9.5", edited("identification", 3, own_allocation=9.5)),
    (DATA, "is 6.8 months instead", "is 5.2 months instead",
     edited("identification", 4, own_allocation=5.2)),
    (QUALITY, "explains 21.0 % of what is left of the date, given parameters and data",
     "explains 17.0 % of what is left of compute, given the date",
     edited("endogeneity", 0, robustness_value=0.17)),
    (SHARE, "To Third the interval of efficiency in parameters includes zero",
     "To Third the intervals of efficiency in parameters and efficiency in data include zero",
     edited("shapley", 5, ci95_low=-0.1)),
    (SHARE, "established for 1 of 2 systems", "established for 0 of 2 systems",
     edited("shapley", 3, ci95_low=0.45)),
    (TRANSFORMER, "gain at 10²⁵ FLOP", "gain at 10²⁴ FLOP",
     {**rows(), "transformer": [row | {"compute": 1e24} for row in rows()["transformer"]]}),
    (TRANSFORMER, "at 10²⁵ FLOP is 3.60 times", "at 10²⁵ FLOP is 2.90 times",
     edited("transformer", 1, gain=2.9)),
    (TRANSFORMER, "interval of 0.600 to 40.0 that", "interval of 0.800 to 9.00 that",
     edited("transformer", 1, gain_ci95_low=0.8, gain_ci95_high=9.0)),
    (ACCELERATION, "Of 3 splits (years and forms) 1 has", "Of 3 splits (years and forms) 2 have",
     edited("era_split", 1, growth_ci95_low=0.2)),
    (ACCELERATION, "Of 3 splits (years and forms) 1 has",
     "Of 3 splits (years and forms) none has", edited("era_split", 2, growth_ci95_low=-0.2)),
    (ACCELERATION, "Of 3 splits", "Of 4 splits", longer("era_split", split("kink", 2019, -0.1))),
    (OBSERVED, "took, 1 does not exclude", "took, 2 do not exclude",
     edited("direct_observation", 1, growth_ci95_low=-0.3)),
    (OBSERVED, "Of 2 trends of", "Of 3 trends of",
     longer("direct_observation",
            {"growth": 0.5, "growth_ci95_low": 0.1, "growth_ci95_high": 1.2})),
)  # fmt: skip


@pytest.mark.parametrize(("claim", "was", "becomes", "given"), CHANGES)
def test_another_table_is_another_sentence(claim: str, was: str, becomes: str, given: Rows) -> None:
    after = lines(given)
    assert was in before()[claim]
    assert becomes in after[claim] and was not in after[claim]
    assert {name: said for name, said in after.items() if name != claim} == {
        name: said for name, said in before().items() if name != claim
    }


def numbers(said: str) -> Counter[str]:
    return Counter(re.findall(r"\d[\d.·⁰¹²³⁴⁵⁶⁷⁸⁹]*", said))


def test_every_number_of_a_sentence_is_changed_by_a_table() -> None:
    """What no change above moves is a level, what settings ask for, or the gain of no effect."""
    fixed = {LAW: {"2"}, SHARE: {"2"}, TRANSFORMER: {"1"}}
    for claim in CLAIMS:
        moved = Counter[str]()
        for name, _, _, given in CHANGES:
            if name == claim:
                moved |= numbers(before()[claim]) - numbers(lines(given)[claim])
        left = set(numbers(before()[claim]) - moved)
        assert left <= {"95"} | fixed.get(claim, set()), claim


SETTLED: dict[str, Rows] = {
    DEFINITION: edited("headline_interval", 1, high=40.0),
    SHARE: {
        **rows(),
        "shapley": [row | {"ci95_low": max(row["ci95_low"], 0.51)} for row in rows()["shapley"]],
    },
    TRANSFORMER: edited("transformer", 1, gain_ci95_low=1.2),
    ACCELERATION: {
        **rows(),
        "era_split": [row | {"growth_ci95_low": 0.1} for row in rows()["era_split"]],
    },
    OBSERVED: edited("direct_observation", 0, growth_ci95_low=0.1),
}


@pytest.mark.parametrize("claim", SETTLED)
def test_a_claim_that_the_table_settles_is_not_told(claim: str) -> None:
    assert lines(SETTLED[claim]) == {name: said for name, said in before().items() if name != claim}


@pytest.mark.parametrize(
    ("claim", "table"),
    [
        (FAST, "own_allocation"), (DEFINITION, "headline_interval"), (LAW, "cross_validation"),
        (LAW, "doubling_times"), (DATA, "identification"), (QUALITY, "endogeneity"),
        (SHARE, "shapley"), (TRANSFORMER, "transformer"), (ACCELERATION, "era_split"),
        (OBSERVED, "direct_observation"),
    ],
)  # fmt: skip
def test_without_its_table_a_claim_is_not_told(claim: str, table: str) -> None:
    found = rows()
    del found[table]
    assert tuple(lines(found)) == tuple(name for name in CLAIMS if name != claim)


def test_without_any_table_only_that_intervals_were_not_simulated_is_told() -> None:
    assert lines({}) == {INTERVALS: before()[INTERVALS]}
