"""The paper's quantities and the audit on the page: sentences follow the tables, and only them."""

from __future__ import annotations

import copy
import datetime
import math
import re
from typing import Any

import polars as pl
import pytest
from report_page import CONFIG, HOSTILE, Page, inputs, made_from, prose, rendered

from algoprog.report import page as report
from algoprog.report.sections.doubling import scaling
from algoprog.report.sections.findings import findings as every_finding

OURS = {"sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "converged"}
OURS |= {"resampling": "papers"}
THEIRS = OURS | {"estimator": "published", "resampling": "rows"}
SETTINGS: dict[str, Any] = {
    "optimal_scaling": {"compute": 1e25, "year": 2023.0},
    "shapley": {
        "systems": {
            "First": {"published": "2012-12-01"},
            "Second": {"published": "2016-12-13"},
            HOSTILE: {"published": "2022-03-29"},
        }
    },
    "transformer": {"year": 2023.0},
    "effective_compute": {
        "start": 2014.0, "doubling_months": 6.0, "anchor_year": 2018.0, "anchor": 1.5,
    },
    "allocation": {
        "baseline": {"name": "Kaplan-optimal"},
        "laws": {
            "A law": {
                "irreducible": 1.69, "parameter_coefficient": 406.4, "parameter_exponent": 0.34,
                "data_coefficient": 410.7, "data_exponent": 0.28,
            }
        },
    },
    "direct_observation": {"least_systems": 6},
    "audit": {"noise": {"repetitions": 10, "pool_repetitions": 4, "size": 1e-8}},
}  # fmt: skip


def interval(low: float | None, high: float | None, prefix: str = "") -> dict[str, Any]:
    middle = None if low is None or high is None else (low + high) / 2
    ends = {f"{prefix}ci{n}_{end}": v for n in (50, 90, 95)
            for end, v in (("low", low), ("high", high))}  # fmt: skip
    return {f"{prefix}median": middle} | ends


def time(key: dict[str, Any], point: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    """A row of `doubling_times`; its growth is that of the months."""
    growth = {"growth_point": 8 / point}
    growth |= interval(8 / high if math.isfinite(high) else -0.2, 8 / low, "growth_")
    row = key | {"definition": "closed_form", "quantity": "compute", "benchmark": "all"}
    row |= {"point": point} | interval(low, high) | {"median": point + 0.5}
    return row | {"n_draws": 1000, "share_nonpositive": 0.02} | growth | more


def pool(estimator: str, kind: str, median: float, high: float) -> dict[str, Any]:
    row = {"name": estimator, "scheme": "papers", "estimator": estimator, "resampling": "papers"}
    row |= (
        {"pool": kind, "n_sets": 16, "definition": "optimal_scaling"}
        | interval(1.5, high)
        | interval(0.0, 5.0, "growth_")
    )
    return row | {"median": median, "n_draws": 9000, "share_nonpositive": 0.04}


def share(key: dict[str, Any], to: str, factor: str, value: float, low: float) -> dict[str, Any]:
    row = key | {"from_system": "First", "to_system": to, "factor": factor, "share": value}
    row |= {"share_perplexity": value + 0.05, "share_log_compute": None}
    row |= {"reduction": 2.0} | interval(low, value + 0.1)
    return row | {"n_draws": 1000, "share_nonpositive": 0.0, "share_not_reduced": 0.0}


def gain(key: dict[str, Any], form: str, value: float, low: float, high: float) -> dict[str, Any]:
    row = key | {"form": form, "compute": 1e25, "parameter": 1.0, "objective": 0.05}
    row |= {"converged": True, "share_draws_converged": 1.0, "reduction": 0.05}
    row |= interval(0.01, 0.08, "reduction_") | {"gain": value} | interval(low, high, "gain_")
    return row | {"n_draws": 1000, "share_unbounded": 0.0, "share_undefined": 0.0}


def split(key: dict[str, Any], form: str, change: float, low: float) -> list[dict[str, Any]]:
    rows = []
    for era in ("before", "after", "change"):
        row = time(key, 8.0, 4.0, math.inf) | {"form": form, "year": 2017, "era": era}
        if era == "change":
            row |= {"point": None} | interval(None, None) | {"growth_point": change}
            row |= interval(low, change + 1, "growth_") | {"share_nonpositive": 0.1}
        rows.append(row | {"objective": 0.05, "converged": True, "share_draws_converged": 1.0})
    return rows


def published_number(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(
        f"{name}{end}"
        for name in ("published", "ours_published", "noise", "monte_carlo", "ours_converged",
                     "relative_difference")
        for end in ("", "_low", "_high")
    )  # fmt: skip
    row |= {"id": "m07.objective", "section": "3.1", "quantity": "objective", "unit": None}
    row |= {"level": None, "agreement": "exact", "verdict": "exact", "note": None}
    row |= {"published": 0.0518129, "ours_published": 0.0518129, "relative_difference": 0.0}
    return row | changes


def quantity_tables() -> dict[str, list[dict[str, Any]]]:
    return {
        "pooled_doubling_times": [
            pool("converged", "distinct", 5.1, math.inf), pool("converged", "top10", 4.8, 28.0),
            pool("published", "distinct", 8.1, 21.0), pool("published", "top10", 7.9, 22.0),
        ],
        "shapley": [
            share(key, to, factor, value, low)
            for key, less in ((OURS, 0.0), (THEIRS, 0.1))
            for to in ("Second", HOSTILE)
            for factor, value, low in (
                ("compute", 0.7 - less, 0.6 - less), ("parameters", 0.3, 0.2), ("data", 0.4, 0.3),
                ("parameter_efficiency", 0.1, -0.2), ("data_efficiency", 0.2, 0.1),
            )
        ],
        "predicted_loss": [
            OURS | {"system": "Second", "loss": 3.5} | interval(3.0, 4.0)
            | {"n_draws": 1000, "share_nonpositive": 0.0}
        ],
        "transformer": [
            gain(OURS, "multiplier", 13.3, 3.8, 193.0), gain(OURS, "factor", 3.6, 0.6, 40.0),
            gain(THEIRS, "multiplier", 7.4, 3.3, math.inf),
            gain(OURS | {"variant": "m05"}, "multiplier", 28290.3, 2.0, 9e7),
        ],
        "era_split": [
            *split(OURS, "jump", 0.84, -0.45), *split(THEIRS, "jump", 0.95, 0.1),
            *split(OURS, "kink", 1.81, -1.02),
        ],
        "frontiers": [
            {"perplexity": 17.48, "year": year, "dataset_tokens": d, "parameters": n}
            for year, n in ((2014.0, None), (2020.0, 3.5e9)) for d in (1e9, 1e11, 1e13)
        ],
        "effective_compute": [
            {"estimator": "converged", "resampling": "papers", "year": 2014.0, "physical": 0.0234}
            | {"algorithmic": 451623.4, "effective": 6.9e8} | interval(1.0, math.inf)
            | {"n_draws": 1000, "share_nonpositive": 0.0}
        ],
        "direct_observation": [
            {"reference": HOSTILE, "compute": "recorded", "factor": 1.25, "n": 2}
            | dict.fromkeys(("doubling_time_months", "standard_error", "ci95_low", "ci95_high",
                             "growth", "growth_standard_error", "growth_ci95_low",
                             "growth_ci95_high", "growth_without_reference",
                             "growth_without_one_low", "growth_without_one_high",
                             "most_influential"))
            | {"note": "refused: fewer than 6 systems"},
            {"reference": "GPT-2", "compute": "recorded", "factor": 1.1, "n": 7, "note": None}
            | {"doubling_time_months": math.inf, "standard_error": None, "ci95_low": 9.2}
            | {"ci95_high": math.inf, "growth": -0.27, "growth_standard_error": 0.5}
            | {"growth_ci95_low": -1.4, "growth_ci95_high": 0.9}
            | {"growth_without_reference": -0.95, "growth_without_one_low": -1.2}
            | {"growth_without_one_high": 0.21, "most_influential": HOSTILE},
        ],
        "compute_reductions": [
            {"compute": "recorded", "rank": 1, "reference": "Large", "successor": HOSTILE}
            | {f"{one}_published": datetime.date(2019, 2, 14) for one in ("reference", "successor")}
            | {f"{one}_perplexity": 17.48 for one in ("reference", "successor")}
            | {"reference_compute": 1.5e21, "successor_compute": 7.3e18, "ratio": 205.5}
            | {"doubling_time_months": 4.17, "note": f"{HOSTILE}: recorded 1e17 FLOP"}
        ],
        "allocation": [
            {"law": "Hoffmann", "system": name, "compute": 1e22, "parameters": 2.3e10}
            | {"dataset_tokens": 7e10, "loss": 2.187, "optimal_parameters": 5e9}
            | {"optimal_dataset_tokens": 3e11, "optimal_loss": 2.139, "gain": 1.947}
            | {"extra_compute": extra}
            for name, extra in (("GPT-3", None), ("Kaplan-optimal", 2.108))
        ],
        "reproduction": [
            published_number(),
            published_number(
                id="m07.doubling.params", quantity="doubling time", unit="years", level=95.0,
                published=0.98, published_low=-77.5, published_high=29.45, agreement="close",
                ours_published=1.07, ours_published_low=-77.5, ours_published_high=29.45,
                noise=0.34, noise_low=39.4, noise_high=20.0, monte_carlo=1.34, monte_carlo_low=68.0,
                monte_carlo_high=math.inf, ours_converged=math.inf, ours_converged_low=0.7,
                ours_converged_high=math.inf, relative_difference=0.0875,
                verdict="defect 9", note="ratios",
            ),
            published_number(
                id="shapley.compute_share", section="4.1", published=None, published_low=60.0,
                published_high=95.0, ours_published=None, relative_difference=None,
                agreement="not determined", verdict="not determined", note=HOSTILE,
            ),
            published_number(
                id="cv.m07.0.0025", section="J", agreement="differs", verdict="differs",
                note="unexplained",
            ),
        ],
        "defects": [
            {"defect": 6, "title": "Rows", "quantity": "upper end", "unit": "months"}
            | {"with_defect": 25.9, "without_defect": math.inf},
            {"defect": 11, "title": "Noise", "quantity": HOSTILE, "unit": "nats²"}
            | {"with_defect": 0.0494898, "without_defect": None},
            {"defect": 99, "title": "A new one", "quantity": "runs", "unit": None}
            | {"with_defect": 3.0, "without_defect": 0.0},
        ],
    }  # fmt: skip


def given(
    change: dict[str, list[dict[str, Any]]] | None = None, only: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Arguments of `render`: those of test_report with the quantities' tables."""
    arguments = inputs()
    arguments["config"] = arguments["config"] | copy.deepcopy(SETTINGS)
    times = [
        row
        for key, point, low, high in ((THEIRS, 8.7, 4.5, 14.3), (OURS, 5.7, 2.9, 46.5))
        for row in (
            time(key, point, low, high),
            time(key, point + 0.1, low, math.inf, definition="optimal_scaling"),
        )
    ]
    found = quantity_tables() | {"doubling_times": times} | (change or {})
    for name, rows in found.items():
        if only is None or name in only or name == "doubling_times":
            arguments["tables"][name] = pl.DataFrame(rows, infer_schema_length=None)
    return arguments


@pytest.fixture(scope="module")
def html() -> str:
    return rendered(**given())


def findings(change: dict[str, list[dict[str, Any]]] | None = None) -> str:
    """The words alone."""
    text = prose(_undrawn(given(change)))
    start = text.index("what the converged analysis changes")
    return text[start : text.index("Intervals are of resampling alone")]


def _undrawn(arguments: dict[str, Any]) -> str:
    """The page without its figures, which take the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "_inline", lambda *_: "")
        return rendered(**arguments)


def test_the_page_holds_every_section_and_stays_whole(html: str) -> None:
    page = Page(html)
    assert len(html.encode()) < 1_200_000
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", html)
    assert headings == [
        "Why it differs: what the converged analysis changes",
        "Explorer: what drives the answer", "Sensitivity: which choice drives the answer?",
        "What progress is made of: Shapley shares", "The transformer", "Eras",
        "Effective compute", "Direct observation", "What was not established", "The record",
        "Reproduction: every published number beside ours", "Methods",
        "Glossary, and how to cite",
        "Another route: a Bayesian fit with paper effects", "Frontiers",
        "Doubling times by the paper’s definitions, and the fits",
        "Splitting compute", "Where this comes from",
    ]  # fmt: skip
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert sum(tag == "figure" for tag, _ in page.elements) == 2 + 11
    assert "#audit" in {attributes.get("href") for tag, attributes in page.elements if tag == "a"}


def test_every_figure_has_its_files_and_its_tables(html: str) -> None:
    for figure in re.findall(r"<figure>.*?</figure>", html, re.DOTALL):
        (name,) = re.findall(r'<div class="plot(?: small)?"><svg[^>]* id="([\w-]+)-figure"', figure)
        for ending in ("svg", "pdf"):
            assert f'href="figures/{name}.{ending}"' in figure, name
        assert name == "loss" or 'href="tables/' in figure, name


def test_variants_stand_in_the_order_of_their_least_held_out_error() -> None:
    def score(
        variant: str, delta: float, mse: float | None, scheme: str = "papers"
    ) -> dict[str, Any]:
        row = {"sample": "paper", "variant": variant, "delta": delta, "estimator": "converged"}
        return row | {"scheme": scheme, "n": 24, "mse": mse, "r2": 0.9, "rank": 1,
                      "n_fits": 1, "n_converged": 1}  # fmt: skip

    scaled = {"definition": "optimal_scaling"}
    times = [
        time(OURS | {"variant": name}, months, 2.0, 20.0, **scaled)
        for name, months in (("m07", 5.0), ("m01", 6.0), ("m02", 7.0), ("m03", 8.0))
    ]
    errors = [
        score("m01", 0.0025, 0.03), score("m01", 0.01, 0.01), score("m07", 0.0025, 0.05),
        score("m03", 0.0025, 0.04), score("m03", 0.0025, 0.001, "rows"), score("m02", 0.0025, None),
    ]  # fmt: skip
    tables = {"doubling_times": pl.DataFrame(times), "cross_validation": pl.DataFrame(errors)}
    found = scaling(made_from(tables, given()["config"]))
    assert [(row["variant"], row["error"]) for row in found["variants"]] == [
        ("m01", 0.03), ("m03", 0.04), ("m07", 0.05), ("m02", None),
    ]  # fmt: skip
    tables.pop("cross_validation")
    found = scaling(made_from(tables, given()["config"]))
    assert [row["variant"] for row in found["variants"]] == ["m01", "m02", "m03", "m07"]


def test_nothing_blank_or_hostile_becomes_markup_or_python(html: str) -> None:
    text = prose(html)
    assert "<img" not in html
    assert html.count("&lt;img src=x") >= 8
    assert HOSTILE in text
    assert "None" not in text
    assert not re.search(r"\bnan\b", text.lower())
    assert not re.search(r"\binf\b", text)
    assert "out of reach" in text
    assert "refused: fewer than 6 systems" in text


def test_doubling_times_are_said_with_intervals_pools_and_what_stays() -> None:
    text = findings()
    assert "Published procedure: 8.7 months (95 % interval 4.5 to 14.3; 2.0 % of refits" in text
    assert "Converged: 5.7 months (95 % interval 2.9 to 46.5" in text
    assert "Each estimate lies within the other’s interval." in text
    wider = (8 / 2.9 - 8 / 46.5) / (8 / 4.5 - 8 / 14.3)
    assert f"{wider:.2f} times as wide" in text
    assert "By optimal scaling the two are 8.8 and 5.8 months." in text
    assert (
        "Pooled by optimal scaling, the median of the 10 best models is 7.9 (1.5 to 22.0) "
        "published, 4.8 (1.5 to 28.0) converged; of the best model of each distinct variant is "
        "8.1 (1.5 to 21.0) published, 5.1 (1.5 to ∞) converged."
    ) in text
    assert (
        "The order of magnitude, months to about a year: every median of these distributions, "
        "published or converged, single or pooled, is between 4.8 and 9.2 months; the converged "
        "intervals, though, reach to no progress at all."
    ) in text
    assert "What shows progress is prediction, and not the share of refits" in text


def quoted(**changes: Any) -> dict[str, Any]:
    """A row of the table headline_interval."""
    row = {name: OURS[name] for name in ("sample", "variant", "delta")}
    row |= {"benchmark": "all", "level": 95, "method": "inverted", "pieces": 1}
    row |= {"definition": "closed_form", "quoted": True}
    row |= {"point": 5.7, "low": 2.8, "high": math.inf}
    return row | {f"growth_{name}": 1.0 for name in ("point", "low", "high")} | changes


def test_the_interval_quoted_stands_instead_of_that_of_the_draws() -> None:
    words = "(95 % interval 2.8 to"
    assert f"{words} ∞, the set by inverting" in findings({"headline_interval": [quoted()]})
    assert f"{words} 30.0, the set" in findings({"headline_interval": [quoted(high=30.0)]})
    for other in ({"method": "percentile"}, {"variant": "m09"}, {"level": 90}):
        assert "inverting a test" not in findings({"headline_interval": [quoted(**other)]})


def test_other_doubling_times_are_other_sentences() -> None:
    times = [time(THEIRS, 8.7, 7.0, 10.0), time(OURS, 40.0, 20.0, 60.0)]
    text = findings({"doubling_times": times})
    assert "Neither estimate lies within the other’s interval." in text
    assert "The order of magnitude" not in text
    assert "is between 4.8 and 40.5 months. What shows progress is prediction" in text
    assert "By optimal scaling the two" not in text
    times = [time(THEIRS, 8.7, 4.0, 20.0), time(OURS, 6.0, 5.0, 7.0)]
    text = findings({"doubling_times": times})
    assert "The converged estimate lies within the published interval, not the reverse." in text


def test_a_variant_without_closed_form_is_told_by_optimal_scaling() -> None:
    times = [
        time(key, 7.0, 4.0, 9.0, definition="optimal_scaling", benchmark=benchmark)
        for key in (THEIRS, OURS)
        for benchmark in ("ptb", "wt103")
    ]
    times[3]["point"] = 6.0
    text = findings({"doubling_times": times})
    assert "Doubling time on wt103, by optimal scaling. Published procedure: 7.0" in text
    assert "Converged: 6.0 months" in text


def test_the_compute_share_is_the_larger_part_only_where_its_interval_says_so() -> None:
    text = findings()
    assert (
        f"from First to {HOSTILE}, parameters and data account for 60.0 % (50.0 % to 70.0 %) "
        "by the published procedure and 70.0 % (60.0 % to 80.0 %) converged."
    ) in text
    assert "each interval lies above one half" in text
    assert "efficiency in parameters (−20.0 % to 20.0 %) includes zero" in text
    rows = quantity_tables()["shapley"]
    for row in rows:
        if row["factor"] == "compute" and row["to_system"] == "Second":
            row["ci95_low"] = 0.4
    assert "above one half for 1 of them; for the rest it is not established" in findings(
        {"shapley": rows}
    )
    for row in rows:
        row["ci95_low"] = 0.05
    text = findings({"shapley": rows})
    assert "no interval lies above one half, so it is not established" in text
    assert "the data cannot say" not in text


def test_a_share_of_no_fall_is_blank_and_not_spoken_of() -> None:
    rows = quantity_tables()["shapley"]
    for row in rows:
        if row["to_system"] == HOSTILE:
            row |= {"share": None, "reduction": 0.0} | interval(None, None)
    arguments = given({"shapley": rows})
    text = prose(_undrawn(arguments))
    assert "Compute share." not in text
    assert "None" not in text


def test_the_transformers_effect_is_established_only_without_one_in_the_interval() -> None:
    text = findings()
    assert "at 10²⁵ FLOP is 7.40 (3.30 to ∞) by the published procedure and 13.3 (3.80" in text
    assert "The converged interval includes a gain of 1, so an effect is not established." in text
    assert "Over the 1 other converged models with σ(γ)" in text
    assert "from 28,300 to 28,300" in text
    rows = quantity_tables()["transformer"]
    rows[1] = gain(OURS, "factor", 3.6, 1.2, 40.0)
    text = findings({"transformer": rows})
    assert "The converged interval does not include a gain of 1." in text
    assert "not established" not in text[text.index("Transformer.") : text.index("Acceleration")]
    text = findings({"transformer": rows[:1]})
    assert "it is 13.3" not in text
    assert "Its compute-equivalent gain at 10²⁵ FLOP is 13.3 (3.80 to 193) converged." in text
    assert "exp(−κ)" not in text


def test_acceleration_is_established_only_where_intervals_lie_above_zero() -> None:
    text = findings()
    assert "+0.95 (+0.10 to +1.95; 10.0 % of draws without acceleration) by the published" in text
    assert "where only the pace changes, +1.81 (−1.02 to +2.81" in text
    assert "An acceleration is not established: neither converged interval lies above 0." in text
    assert "Of the 2 converged splits (years and forms), none has an interval above 0." in text
    rows = [*split(OURS, "jump", 0.84, 0.2), *split(OURS, "kink", 1.81, -1.02)]
    text = findings({"era_split": rows})
    assert "Only one of the two converged intervals lies above 0" in text
    assert "Of the 2 converged splits (years and forms), 1 has" in text
    text = findings({"era_split": split(OURS, "jump", 0.84, 0.2)})
    assert "The converged interval lies above 0." in text
    assert "only the pace" not in text
    rows = [row | {"year": 2018} for row in rows]
    assert "Acceleration" not in findings({"era_split": rows})


def test_what_is_not_computed_is_not_on_the_page() -> None:
    for table, heading in (
        ("shapley", "What progress is made of"), ("transformer", "The transformer"),
        ("era_split", "Eras"), ("frontiers", "Frontiers"), ("allocation", "Splitting compute"),
        ("effective_compute", "Effective compute"), ("defects", "Known defects"),
        ("direct_observation", "Direct observation"), ("reproduction", "Reproduction and defects"),
        ("compute_reductions", "The largest falls"),
    ):  # fmt: skip
        arguments = given()
        arguments["tables"].pop(table)
        page = _undrawn(arguments)
        headings = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", page)
        if table != "reproduction":  # the heading of the audit stays with its defects
            assert not any(title.startswith(heading) for title in headings), table
        assert f"tables/{table}.csv" not in page, table
    page = _undrawn(given(only=()))
    assert 'id="audit"' not in page
    assert "Compute share" not in page
    assert "Pooled" not in page


def test_an_empty_table_is_no_section() -> None:
    arguments = given()
    for name in quantity_tables():
        arguments["tables"][name] = arguments["tables"][name].clear()
    page = _undrawn(arguments)
    assert 'id="eras"' not in page
    assert "None" not in prose(page)
    assert [name for name, _ in report.page_figures(
        made_from(arguments["tables"], arguments["config"], samples=arguments["samples"])
    )] == ["loss", "variants"]  # fmt: skip


def test_the_audit_counts_its_verdicts_and_opens_all_but_scores() -> None:
    page = _undrawn(given())
    text = prose(page)
    assert (
        "We reproduce 1 of the paper’s 4 numbers (1 to the last printed digit, 0 within noise). "
        "1 differ, 1 of them without a known cause. 1 suffers from a known defect (9), whether "
        "or not it reproduces. 1 is not determined, for the reason given."
    ) in text
    sections = re.findall(r"<details( open)?>\s*<summary>(.*?)</summary>", page)
    audited = [(opened != "", title) for opened, title in sections if "number" in title[10:]]
    assert (True, "Section 3.1: 2 numbers") in audited
    assert (True, "Section 4.1: 1 number") in audited
    assert (False, "Appendix J: 1 number (cross-validation scores)") in audited
    assert (
        "doubling time (years); 95 % interval m07.doubling.params 0.98 −77.5 to 29.45 "
        "1.07 −77.5 to 29.45 +8.75 % 0.34 39; 20 1.3 68; ∞ ∞ 0.7 to ∞ defect 9 , close: ratios"
    ) in text
    rows = quantity_tables()["reproduction"]
    text = prose(_undrawn(given({"reproduction": rows[:1]})))
    assert "0 within noise). 0 differ." in text
    assert "known defect (" not in text


def test_defects_have_their_text_and_numbers() -> None:
    text = prose(_undrawn(given()))
    assert "6. Rows The bootstrap draws rows." in text
    assert "upper end months 25.9 ∞" in text
    assert "is moved by 10⁻⁸ or the rows" in text
    assert f"{HOSTILE} nats² 0.04949 –" in text
    assert "99. A new one Defect 99. Number Unit With Without runs – 3 0" in text


def test_another_headline_is_another_analysis() -> None:
    arguments = given()
    assert arguments["config"]["headline"] == CONFIG["headline"]
    other = copy.deepcopy(arguments)
    other["config"]["bootstrap"]["analyses"]["ours"]["delta"] = 0
    other["tables"]["parameters"] = pl.concat(
        [arguments["tables"]["parameters"],
         arguments["tables"]["parameters"].with_columns(delta=pl.lit(0.0))]
    )  # fmt: skip
    assert every_finding(made_from(other["tables"], other["config"])) is None
