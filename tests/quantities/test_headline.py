"""The sentences a run ends with, and the tables of their numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from algoprog.quantities.headline import Told, headline
from algoprog.quantities.headline_tables import Evidence
from algoprog.quantities.tables import (
    ALLOCATION_RATIOS,
    DOUBLING_TIMES,
    HEADLINE_ANSWERS,
    HEADLINE_VARIANTS,
    OWN_ALLOCATION,
)
from algoprog.resampling.tables import TEMPORAL_HOLD_OUT
from algoprog.robustness.interval_tables import HEADLINE_INTERVAL
from algoprog.tables.frames import frame_of, in_order

ANALYSIS = {"sample": "paper", "variant": "m07", "delta": 0.0025}
OURS = ANALYSIS | {"estimator": "converged", "resampling": "papers"}
THEIRS = ANALYSIS | {"estimator": "published", "resampling": "rows"}
ANALYSES = {"ours": OURS, "theirs": THEIRS}
NAMES = {"converged": "ours", "published": "theirs"}


def time(key: dict[str, Any], definition: str, point: float, low: float, high: float) -> Any:
    row = key | {"definition": definition, "quantity": "compute", "benchmark": "all"}
    row |= {"point": point, "growth_point": 8.3 / point, "median": point + 0.5}
    row |= {"ci95_low": low, "ci95_high": high, "n_draws": 1000, "share_nonpositive": 0.02}
    return row | {"allocation_within_records": definition == "own_allocation"}


def other(variant: str, point: float) -> dict[str, Any]:
    row = {**OURS, "variant": variant, "resampling": "none", "definition": "own_allocation"}
    row |= {"quantity": "compute", "benchmark": "all", "point": point, "growth_point": 8.3 / point}
    return row | {"allocation_within_records": True}


def error(model: str, rmse: float, cutoff: int) -> dict[str, Any]:
    row = {"cutoff": cutoff, "model": model, "delta": 0.0025, "estimator": "converged"}
    return row | {"rmse": rmse}


TIMES = [
    time(OURS, "own_allocation", 11.82, 8.21, 17.34),
    time(OURS, "closed_form", 5.694, 4.0, math.inf),
    time(OURS, "optimal_scaling", 5.75, 2.87, math.inf),
    time(THEIRS, "own_allocation", 12.3, 9.9, 16.8),
    time(THEIRS, "closed_form", 8.6849, 4.44, 16.31),
    other("m03", 12.54),
    other("m14", 18968.0),
    other("m18", 9.28),
]
ERRORS = [
    error(model, rmse, cutoff)
    for cutoff in (2019, 2020)
    for model, rmse in (
        ("m07", 0.3), ("m03", 0.2), ("m14", 0.5), ("m16", 0.4), ("m18", 0.35), ("mean", 0.1),
    )
]  # fmt: skip


@pytest.fixture
def evidence() -> Evidence:
    directions = [
        {**OURS, "direction": direction, "benchmark": "all", "period": period, "point": point}
        for direction, point in (("alike", 11.82), ("parameters", 15.8), ("data", 7.8),
                                 ("trend", 10.9))
        for period in ("all", "since_2019")
    ]  # fmt: skip
    place = {"place": "records_high", "compute": 2e21, "benchmark": "wt103", "optimal": 0.0026}
    place |= {"within": False, "nearest_low": 1.03, "nearest_high": 203.5}
    keys = ("sample", "variant", "delta", "estimator")
    profile = {"definition": "closed_form", "benchmark": "all", "method": "inverted"}
    profile |= {"quoted": True, "pieces": 1, "point": 5.694, "high": math.inf}
    beside = {"definition": "own_allocation", "benchmark": "all", "method": "unpenalised"}
    beside |= {"quoted": False, "point": 9.99, "low": 7.1, "high": 16.87}
    levels = [ANALYSIS | row | {"level": level} for row in (profile, beside) for level in (90, 95)]
    levels[0]["low"], levels[1]["low"], levels[1]["pieces"] = 3.0, 2.81, 2
    return Evidence(
        doubling_times=frame_of(DOUBLING_TIMES, TIMES),
        own_allocation=frame_of(OWN_ALLOCATION, directions),
        allocation_ratios=frame_of(
            ALLOCATION_RATIOS, [{name: OURS[name] for name in keys} | place]
        ),
        intervals=frame_of(HEADLINE_INTERVAL, levels),
        hold_out=frame_of(TEMPORAL_HOLD_OUT, ERRORS),
    )


def told(evidence: Evidence, baseline: str = "wt103") -> Told:
    return headline(evidence, NAMES, ANALYSES, baseline, "m16")


def test_the_answer_is_where_the_systems_were(evidence: Evidence) -> None:
    ours, theirs = told(evidence).headline.statements
    assert ours.answer == (
        "Better algorithms halve the compute needed for the same language-modelling performance "
        "every 11.8 months (95 % interval 8.2 to 17.3), where the systems actually were."
    )
    assert ours.basis == (
        "m07, δ = 0.0025, converged estimator, at the systems’ own split of compute into "
        "parameters and data; 1,000 draws of whole papers: median 12.3 months, 2.0 % without "
        "progress."
    )
    assert theirs.answer == (
        "By the published procedure it halves every 8.7 months (95 % interval 4.4 to 16.3), at a "
        "split of compute that no system of similar compute used."
    )
    assert "in closed form; 1,000 draws of rows" in theirs.basis


def test_notes_say_directions_definitions_why_this_variant_and_how_far_others_move_it(
    evidence: Evidence,
) -> None:
    directions, unpenalised, definitions, split, why, others = told(evidence).headline.notes
    assert unpenalised == (
        "Without its penalty the same law gives 10.0 months there, with a 95 % interval of 7.1 to "
        "16.9 that allows for how few papers carry most of the answer."
    )
    assert directions.endswith(
        "parameters scaled alone 15.8 months, data scaled alone 7.8 months and both scaled along "
        "the systems’ own trend of data on parameters 10.9 months."
    )
    assert definitions.endswith(
        "in closed form 5.7 months (95 % interval 2.8 to ∞) and by optimal scaling 5.8 months "
        "(95 % interval 2.9 to ∞)."
    )
    assert "0.0026 tokens per parameter at 2·10²¹ FLOP, where systems have 1.0 to 200" in split
    # m14 predicts worse than m16, which has no progress: it is not an answer of progress
    assert "0.090 nats² (over 2 years, in 2 of them less" in why
    assert "0.160 without progress (m16). It is number 2 of 4" in why
    assert "m03 (0.040 nats²), which gives 12.5 months" in why
    assert others == (
        "The 3 variants with progress that predict later records better than m16 give 9.3 (m18) "
        "to 12.5 months (m03) where the systems were."
    )
    assert told(evidence).headline.text.splitlines()[4] == directions


def test_tables_have_every_number_of_the_sentences(evidence: Evidence) -> None:
    made = told(evidence)
    answers = in_order(HEADLINE_ANSWERS, made.answers)
    directions = ("parameters", "data", "trend")
    assert answers.select("role", "definition", "direction", "method", "quoted").rows() == [
        ("headline", "own_allocation", "alike", "percentile", True),
        ("headline", "own_allocation", "alike", "unpenalised", False),
        *(("direction", "own_allocation", name, None, True) for name in directions),
        ("definition", "closed_form", None, "inverted", True),
        ("definition", "closed_form", None, "percentile", False),
        ("definition", "optimal_scaling", None, "percentile", True),
        ("published", "own_allocation", "alike", "percentile", True),
        ("published", "closed_form", None, "percentile", True),
    ]
    of_set, of_draws = answers.filter(definition="closed_form", role="definition").to_dicts()
    assert (of_set["ci90_low"], of_set["ci95_low"], of_set["ci95_high"]) == (3.0, 2.81, math.inf)
    assert of_set["pieces"] == 2 and of_set["median"] is None and of_set["n_draws"] is None
    assert of_draws["ci95_low"] == 4.0 and of_draws["median"] is not None
    variants = in_order(HEADLINE_VARIANTS, made.variants)
    assert variants.select("variant", "rank", "better_in", "counted").rows() == [
        ("m03", 1, 2, True), ("m07", 2, 2, True), ("m14", 4, 0, False), ("m18", 3, 2, True),
    ]  # fmt: skip
    assert variants["out_of_time"][0] == pytest.approx(0.04)


def test_without_later_records_every_variant_counts(evidence: Evidence) -> None:
    made = told(replace(evidence, hold_out=None))
    assert made.variants["counted"].all() and made.variants["rank"].is_null().all()
    assert "The 4 variants with progress give 9.3 (m18) to 18,968 months" in made.headline.text
    assert "Why m07" not in made.headline.text


def test_the_best_variant_says_that_none_is_better(evidence: Evidence) -> None:
    errors = [error("m07", 0.3, 2019), error("m16", 0.4, 2019)]
    alone = told(replace(evidence, hold_out=frame_of(TEMPORAL_HOLD_OUT, errors))).headline.text
    assert "without progress (m16).\n" in alone
    errors = frame_of(TEMPORAL_HOLD_OUT, [*errors, error("m03", 0.35, 2019)])
    text = told(replace(evidence, hold_out=errors)).headline.text
    assert "(m16); no variant has less." in text


def test_percentiles_are_quoted_where_there_is_no_other_interval(evidence: Evidence) -> None:
    made = told(replace(evidence, intervals=evidence.intervals.clear()))
    assert "in closed form 5.7 months (95 % interval 4.0 to ∞)" in made.headline.text


def test_a_split_that_records_have_is_no_extrapolation(evidence: Evidence) -> None:
    times = evidence.doubling_times.with_columns(allocation_within_records=True)
    ratios = evidence.allocation_ratios.with_columns(within=True)
    text = told(replace(evidence, doubling_times=times, allocation_ratios=ratios)).headline.text
    assert "no system of similar compute" not in text and "best under the fit" not in text


def test_a_model_without_growth_says_so(evidence: Evidence) -> None:
    none = replace(evidence, doubling_times=evidence.doubling_times.clear())
    made = told(none).headline
    assert "the model has none (m07" in made.text and "no closed form" in made.text
    assert made.notes == ()
    refused = evidence.doubling_times.with_columns(
        point=pl.when(pl.col("definition") == "own_allocation").then(None).otherwise("point")
    )
    text = told(replace(evidence, doubling_times=refused)).headline.text
    assert "does not fall with compute where the systems are" in text


def test_published_progress_that_differs_by_benchmark_is_told_on_the_baseline(
    evidence: Evidence,
) -> None:
    row = time(THEIRS, "closed_form", 3.6, 2.0, 9.0)
    rows = [row | {"benchmark": "ptb", "point": 6.9}, row | {"benchmark": "wt103"}]
    times = frame_of(DOUBLING_TIMES, rows)
    for baseline, said in (("wt103", "wt103 every 3.6"), ("ptb", "ptb every 6.9")):
        made = told(replace(evidence, doubling_times=times), baseline).headline
        assert f"halves on {said} months (95 % interval 2.0 to 9.0)" in made.statements[1].answer
