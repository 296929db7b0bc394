"""The page: complete in itself, every number from a table, nothing of a record becomes markup."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from report_page import (
    HOSTILE,
    Page,
    changed,
    cross_validation_rows,
    inputs,
    of_two_sources,
    prose,
    rendered,
    undrawn,
    with_cross_validation,
)

from algoprog.config.code import code_of
from algoprog.report.page import SECTIONS, environment
from algoprog.report.sections.record import disagreements

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def html() -> str:
    return rendered(**inputs())


def test_the_page_is_whole_and_asks_for_nothing(html: str) -> None:
    page = Page(html)
    assert len(html.encode()) < 2_000_000
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"img", "iframe", "object", "embed", "image", "base", "form"}
    for tag, attributes in page.elements:
        for name in ("href", "src", "xlink:href", "srcset", "action"):
            target = attributes.get(name) or "#"
            local = re.fullmatch(
                r"#.*|data:,|tables/\w+\.csv|figures/[\w-]+\.(svg|pdf)|results\.duckdb"
                r"|run_config\.yaml",
                target,
            )
            assert local, (tag, name, target)
        assert not any(name.startswith("on") for name in attributes)
    outside = re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    assert "http://" not in outside
    assert "https://" not in outside
    assert "@import" not in outside
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for tag, a in page.elements if tag == "a" and a["href"][0] == "#"}
    assert targets <= set(ids)


def test_no_line_breaks_between_a_number_and_its_per_cent_sign(html: str) -> None:
    text = re.sub(r"<(script|style|pre|code)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"\d %", text)
    assert re.search(r"\d\N{NO-BREAK SPACE}%", text)


def test_its_own_script_is_the_only_one_that_may_run(html: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert (
        f"script-src &#39;sha256-{digest}&#39;" in html or f"script-src 'sha256-{digest}'" in html
    )


def test_every_figure_says_what_it_is_of_and_where_to_have_it(html: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    names = [re.search(r'<svg[^>]* id="([\w-]+)-figure"', figure) for figure in figures]
    assert [name[1] for name in names if name] == ["loss", "doubling-times"]
    for figure, name in zip(figures, names, strict=True):
        assert name
        caption = Page(figure[figure.index("<figcaption>") :].replace("</figure>", "")).text
        assert "24" in caption and "12 papers" in caption
        for ending in ("svg", "pdf"):
            assert f'href="figures/{name[1]}.{ending}"' in figure


def test_same_inputs_same_page(html: str) -> None:
    assert rendered(**inputs()) == html


def test_nothing_of_a_record_becomes_markup(html: str) -> None:
    assert "<img" not in html
    assert html.count("&lt;img src=x") >= 3  # figures, table of reasons
    assert "49" not in re.findall(r"&lt;img[^<]*", html)[0]
    assert HOSTILE in Page(html).text


def test_the_answer_comes_first_and_then_that_the_procedure_stops_early(html: str) -> None:
    text = prose(html)
    assert text.index("It halves every 6.6 months.") < text.index("By the published procedure")
    months = 12 * math.log(2) / np.array([0.8, 1.2])  # two exponents, rate / elasticity each
    assert (
        "On the same 24 rows, response and objective (m07, δ = 0.0025) it ends at 0.0518129; "
        f"the minimum is 0.0507223, where the doubling time by the paper’s definition is "
        f"{months[1]:.1f} months instead of {months[0]:.1f}. That change is specific to this δ. "
        "Of its 1 fits (every variant and δ), 1 end more than 0.1 % above the minimum, the worst "
        "by 2.2 %."
    ) in text


def test_another_table_is_another_sentence(html: str) -> None:
    text = prose(undrawn(**changed("fits", objective=0.06)))
    assert "the published procedure reaches the minimum, 0.0600000. Of its 1 fits" in text
    assert ", 0 end more than" in text
    assert "stops early" not in text
    text = prose(undrawn(**changed("parameters", estimate=0.05)))
    assert "definition is 4.2 months instead of 4.2" in text


def test_what_the_answer_rests_on_follows_the_tables() -> None:
    given = with_cross_validation()
    text = prose(undrawn(**given))
    assert (
        "It rests on 24 evaluations from 12 papers, 2013-01-01 to 2020-03-01 "
        "(16 on WikiText-103, 8 on Penn Treebank). The law is the paper’s preferred law, m07, "
        "with a penalty δ = 0.0025 on its parameters; the paper’s definition depends on δ. "
        "The law ranks 11 of 12 at predicting unseen papers."
    ) in text
    given["samples"]["paper"] = given["samples"]["paper"].head(20)
    given["tables"]["cross_validation"] = given["tables"]["cross_validation"].with_columns(
        rank=pl.col("rank") + 100
    )
    text = prose(undrawn(**given))
    assert "It rests on 20 evaluations from 10 papers, 2013-01-01 to 2019-02-01 (14 on" in text
    assert "ranks 111 of 12 at" in text
    text = prose(undrawn(**inputs()))
    assert "preferred law, m07, with a penalty δ = 0.0025" in text
    given = inputs()
    given["tables"]["fits"] = given["tables"]["fits"].with_columns(
        converged=pl.col("sample") == "same", subgradient=pl.lit(3e-10)
    )
    assert "1 of the 2 converged fits have one, the largest of these 3·10⁻¹⁰" in prose(
        undrawn(**given)
    )


def test_a_sentence_without_its_fits_is_not_written() -> None:
    given = inputs()
    given["samples"].pop("same")
    given["tables"]["fits"] = given["tables"]["fits"].filter(pl.col("sample") == "paper")
    text = prose(undrawn(**given))
    assert "stops early" not in text
    assert "not fitted" in text
    assert "0.0518129" in text


def test_other_rows_are_no_comparison() -> None:
    given = inputs()
    given["samples"]["same"] = given["samples"]["same"].head(20)
    assert "stops early" not in prose(undrawn(**given))


def test_infinite_and_negative_times_are_shown_as_such(html: str) -> None:
    text = prose(html)
    assert "2.9 to ∞" in text
    assert "−4.3 to 9.0" in text
    assert "2.5 %" in text  # the share of draws that are not positive
    assert not re.search(r"\bnan\b", text.lower())
    assert "None" not in text
    assert not re.search(r"\binf\b", text)


def test_counts_by_reason_and_step(html: str) -> None:
    text = prose(html)
    assert "records 1,408 1,420 no date date unknown 36 37" in text
    assert "what is beyond the first 3 of a paper on each benchmark by perplexity 24 24" in text
    assert "date unknown 1 1" in text
    assert "All 2 1" in text


def test_every_delta_has_its_table(html: str) -> None:
    summaries = re.findall(r"<summary>(δ = .*?)</summary>", html)
    assert summaries == ["δ = 0", "δ = 0.0025 (the headline’s)"]
    assert "0.0524278" in html


def test_cross_validation_says_what_its_table_says() -> None:
    text = prose(undrawn(**with_cross_validation()))
    assert (
        "Published split : x00 at δ = 0.0025 predicts best, with an error of 0.05000; "
        "the 10 best of 12 are up to 18.0 % worse. "
        "The headline’s m07 at δ = 0.0025 is number 11, with 0.06000. Leaving out rows : x00"
    ) in text
    assert (
        "Leaving out papers : x00 at δ = 0.0025 predicts best, with an error of 0.07000; "
        "the 10 best of 12 are up to 12.9 % worse. The headline’s m07 at δ = 0.0025 is number 11, "
        "with 0.08000. All 168 fits of this scheme are certified."
    ) in text
    assert "the published estimator on 19 rows drawn once at random" in text
    assert "on the sample paper of 24 rows" in text


def test_cross_validation_has_the_best_of_each_scheme_and_the_headline_by_leaving_out_papers() -> (
    None
):
    lines = cross_validation_rows(undrawn(**with_cross_validation()))
    assert len(lines) == 11
    assert lines[1] == ("x01, 0.0025 2 0.05100 0.940 2 0.06100 0.940 yes 2 0.07100 0.940 yes")
    assert lines[9].startswith("x09, 0.0025 10 0.05900 0.860 10")
    assert lines[10].startswith("m07, 0.0025 11 0.06000 0.850 11")
    turned = pl.when(pl.col("scheme") == "papers").then(13 - pl.col("rank")).otherwise("rank")
    lines = cross_validation_rows(undrawn(**with_cross_validation(rank=turned)))
    assert lines[0].startswith("x11, 0.0025 12 ")  # the papers' best, last by the others
    assert len(lines) == 12


def test_a_held_out_fit_without_certificate_is_said() -> None:
    uncertified = (pl.col("scheme") == "papers") & (pl.col("variant") == "x02")
    given = with_cross_validation(
        n_converged=pl.when(uncertified).then(11).otherwise("n_converged")
    )
    page = undrawn(**given)
    assert "Of the 168 fits of this scheme, 3 are not certified." in prose(page)
    assert "All 156 fits of this scheme are certified." in prose(page)
    lines = cross_validation_rows(page)
    assert lines[2].endswith("0.930 11 of 14")
    assert "of" not in lines[1]


def test_cross_validation_of_few_models_and_one_scheme() -> None:
    page = undrawn(**with_cross_validation(models=2, schemes=("papers",)))
    text = prose(page)
    assert "m07 at δ = 0.0025 predicts best, with an error of 0.05000; the 2 best of 2 are" in text
    assert len(cross_validation_rows(page)) == 2
    assert '<tr class="own"><th scope="row">m07, 0.0025</th>' in page
    assert "Published split" not in text
    text = prose(undrawn(**with_cross_validation(models=1, variant=pl.lit("m01"))))
    assert "m01 at δ = 0.0025 predicts best, with an error of 0.05000. Leaving out rows" in text
    assert "is number" not in text


def test_an_error_that_is_no_number_is_shown_as_none() -> None:
    last = pl.when(pl.col("rank") < 4).then("mse")
    text = prose(undrawn(**with_cross_validation(models=4, mse=last)))
    assert "the 4 best of 4 are up to – worse" in text
    assert "None" not in text


def test_no_cross_validation_no_section(html: str) -> None:
    assert "ross-validation" not in html
    assert "cross_validation" not in html
    assert "at predicting unseen" not in html


def test_benchmark_specific_variant_has_a_panel_for_each() -> None:
    given = inputs("m10")
    times = given["tables"]["doubling_times"]
    given["tables"]["doubling_times"] = pl.concat(
        [times.with_columns(benchmark=pl.lit(name)) for name in ("ptb", "wt103")]
    )
    text = prose(rendered(**given))
    assert "Converged on ptb, whole papers" in text
    assert "compute, wt103" in text


def test_variant_without_a_closed_form_has_no_figure_of_draws() -> None:
    given = inputs("m14")
    given["tables"]["doubling_times"] = given["tables"]["doubling_times"].clear()
    page = Page(undrawn(**given))
    assert sum(tag == "figure" for tag, _ in page.elements) == 1


def test_no_record_left_out() -> None:
    given = inputs()
    given["tables"]["exclusions"] = given["tables"]["exclusions"].clear()
    assert "All 0 0" in prose(undrawn(**given))


def test_disagreements_of_sources_are_shown_largest_first(tmp_path: Path) -> None:
    conflicts = [
        {"system": HOSTILE, "field": "perplexity", "other_row": row, "kept_value": "100"}
        | {"other_value": str(100 + row), "relative_difference": (-1) ** row * row / 100}
        for row in range(1, 23)
    ]
    conflicts.append(
        {"system": "B", "field": "published", "other_row": 1, "kept_value": "2019-02-14"}
        | {"other_value": "2019-03-01", "relative_difference": None}
    )
    found = disagreements(of_two_sources(tmp_path, conflicts)["tables"])
    assert found is not None and found["total"] == 23
    sizes = [abs(row["relative_difference"]) for row in found["rows"]]
    assert sizes == [row / 100 for row in range(22, 2, -1)]
    text = prose(undrawn(**of_two_sources(tmp_path, conflicts)))
    assert "Of 27 evaluations that mine shares with register" in text
    assert "22 differ by more than rounding" in text
    assert "The 20 largest of 23 differences" in text
    assert "122" in text and HOSTILE in text


def test_a_source_that_repeats_evaluations_is_named(tmp_path: Path) -> None:
    given = of_two_sources(tmp_path, [])
    again = pl.DataFrame([{"kept_source": "mine", "other_source": "mine", "agreeing": 2}])
    repeats = again.with_columns(conflicting=pl.lit(0, pl.Int64))
    given["tables"]["duplicates"] = pl.concat(
        [given["tables"]["duplicates"], repeats], how="vertical_relaxed"
    )
    text = prose(undrawn(**given))
    assert "mine repeats 2 of its evaluations, the same in every field; each counts once." in text
    assert "mine shares with mine" not in text


@pytest.mark.parametrize("only", [[], ["a date"]])
def test_sources_that_agree_in_every_number(tmp_path: Path, only: list[str]) -> None:
    dates = [
        {"system": "B", "field": "published", "other_row": 1, "kept_value": "2019-02-14"}
        | {"other_value": "1987-03-01", "relative_difference": None}
        for _ in only
    ]
    text = prose(undrawn(**of_two_sources(tmp_path, dates)))
    assert f"{len(dates)} differ by more than rounding" in text
    assert ("1987-03-01" in text) == bool(only)


def test_one_source_has_nothing_to_disagree_with_and_nothing_to_warn_of(html: str) -> None:
    text = prose(html)
    assert "sources disagree" not in text and "Warning:" not in text


def test_warnings_of_sources_are_shown() -> None:
    given = inputs()
    record = yaml.safe_load(given["record"])
    given["record"] = yaml.safe_dump(record | {"warnings": [f"refused: {HOSTILE}"]})
    assert f"Warning: refused: {HOSTILE}" in prose(undrawn(**given))


def test_an_edit_of_an_estimator_makes_no_page_again() -> None:
    for script in ("report", "figures"):
        files = code_of(ROOT / "scripts" / f"{script}.py")
        solving = [path.name for path in files if path.parent.name in {"estimators", "kernels"}]
        assert set(solving) <= {"__init__.py", "fit_tables.py", "tables.py"}


def test_every_section_has_its_template_and_no_figure_two_places() -> None:
    made = environment()
    for section in SECTIONS:
        assert made.get_template(section.template)
    names = [figure.name for section in SECTIONS for figure in section.figures]
    assert len(names) == len(set(names))


def test_every_figure_says_its_finding_to_those_who_do_not_see_it() -> None:
    """It has a finding of its own, or a paragraph of its section is named as that."""
    made = environment()
    for section in SECTIONS:
        source = made.loader.get_source(made, section.template)[0]  # type: ignore[union-attr]
        for figure in section.figures:
            named = f'id="{figure.name}-finding"' in source
            assert named or figure.finding.__name__ != "_silent", figure.name


def test_a_table_that_scrolls_is_one_stop_of_the_keyboard() -> None:
    """Its caption's link is one already; else the box is, but for tables that fit a phone."""
    made = environment()
    for section in SECTIONS:
        source = made.loader.get_source(made, section.template)[0]  # type: ignore[union-attr]
        for box in re.findall(r'<div class="scroll.*?</caption>', source, re.DOTALL):
            linked = "csv(" in box or "<a " in box or 'class="scroll brief"' in box
            assert linked != ('tabindex="0"' in box), box[:200]


def test_every_table_has_a_caption_and_no_head_is_empty() -> None:
    made = environment()
    for section in SECTIONS:
        source = made.loader.get_source(made, section.template)[0]  # type: ignore[union-attr]
        tables = re.findall(r"<table[^>]*>\n(.*?)\n", source)
        assert all(line.startswith("<caption><span><b>") for line in tables), section.name
        assert not re.search(r"<th[^>]*></th>", source), section.name
