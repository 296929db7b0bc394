"""The sections on sweeps and on other benchmarks, from tables of the library."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from report_page import inputs, prose, undrawn

from algoprog.catalogue import TABLES
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.experiments.settings import StudySettings, Sweeps
from algoprog.experiments.study_results import study_answer, study_tables
from algoprog.experiments.sweep_results import frontier_tables, law_table
from algoprog.report.figures.study_scores import study_scores
from algoprog.report.figures.sweep_frontiers import sweep_frontiers
from algoprog.report.figures.sweep_gains import sweep_gains
from algoprog.report.figures.sweep_scale import sweep_scale
from algoprog.tables.frames import frame_of

ROOT = Path(__file__).resolve().parents[2]
FEW = {
    "sweeps": {"draws": {"laws": 20, "frontiers": 10, "record": 10}},
    "studies": {"imagenet": {"draws": 50}},
}


def conflict(p: float) -> pl.DataFrame:
    key = {"sweep": "olmo_ladder", "test": "imposing", "counted": "papers", "n": 231}
    rows = [
        key | {"records": "all", "irreducible": "own", "statistic": 26.5, "p": p},
        key | {"records": "large", "irreducible": "common", "statistic": 2.4, "p": 0.29},
    ]
    return frame_of(TABLES["sweep_conflict"], rows)


def scale() -> pl.DataFrame:
    rows = [
        {"system": name, "law": law, "parameters": n, "tokens": 20 * n, "rate": 0.06,
         "elasticity": value, "months": 8.3 * value / 0.06, "extrapolated": law != "record"}
        for name, n, value in (("small", 1e7, 0.5), ("large", 1e11, 0.04))
        for law in ("record", "olmo_ladder")
    ]  # fmt: skip
    return frame_of(TABLES["sweep_scale"], rows)


@pytest.fixture(scope="module")
def tables():
    config = parse_config(merged(read_mapping(ROOT), FEW))
    contents = {file: (ROOT / file).read_bytes() for file in config.experiment_files.values()}
    settings = msgspec.convert(config.settings["sweeps"], Sweeps)
    studies = msgspec.convert(
        {name: config.settings["studies"][name] for name in config.enabled_studies},
        dict[str, StudySettings],
    )
    return {
        "sweep_laws": law_table(settings, contents, 1),
        **frontier_tables(settings, contents, 1),
        **study_tables(studies, contents, 1),
        "sweep_scale": scale(),
        "sweep_conflict": conflict(1e-6),
    }


def page(tables, **changes):
    given = inputs()
    return undrawn(**given | {"tables": given["tables"] | tables | changes})


def test_the_first_sentence_says_whether_the_record_rejects(tables):
    text = prose(page(tables))
    assert "The record rejects the exponents of every sweep" in text
    digits = re.sub(r"[\s,]", "", text)
    assert "publishedtotalof6926times" in digits
    other = prose(page(tables, sweep_conflict=conflict(0.5)))
    assert "The record does not reject the sweeps’ exponents" in other


def test_imagenet_has_its_months_and_its_warning(tables):
    text = prose(page(tables))
    assert "halves every 12.0 months" in text
    assert "one significant digit" in text


def test_sections_without_tables_are_left_out():
    html = undrawn(**inputs())
    assert 'id="sweeps"' not in html
    assert 'id="studies"' not in html


def test_gains_beyond_the_runs_are_broken_lines(tables):
    figure = sweep_gains(tables["sweep_gains"])
    styles = [line.get_linestyle() for line in figure.axes[0].lines]
    assert styles.count(":") == 3
    (axes,) = sweep_frontiers(tables["sweep_frontiers"], tables["sweep_checkpoints"]).axes
    dots = sum(len(drawn.get_offsets()) for drawn in axes.collections)
    assert dots == len(tables["sweep_checkpoints"])


def test_a_study_is_drawn_with_lines_of_equal_date(tables):
    (axes,) = study_scores(tables["study_growth"], tables["study_systems"]).axes
    assert sum(len(drawn.get_offsets()) for drawn in axes.collections) == 31
    lines = [line.get_ydata() for line in axes.lines]
    assert len(lines) == len(axes.get_legend().get_lines()) > 2
    for earlier, later in pairwise(lines):  # at the same compute a later network errs less
        assert (np.asarray(later) < np.asarray(earlier)).all()


def test_the_answer_of_a_study(tables):
    answer = study_answer("Images", tables["study_growth"])
    assert "halves every 12.0 months" in answer and "31 rows of 13 clusters (recipe)" in answer
    assert sweep_scale(tables["sweep_scale"]).axes
