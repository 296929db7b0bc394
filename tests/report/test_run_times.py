"""Run times: summed by stage, in the order of the stages, of this workflow's rules alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from report_page import inputs, prose, undrawn

from algoprog.report.run_times import run_times

STAGES = {"sample": "normalize", "fit": "fit", "merge_fits": "fit", "draw": "resample"}


def benchmark(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("s\th:m:s\tmax_rss\tcpu_time\n" + "".join(f"{line}\n" for line in lines))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    benchmark(tmp_path / "fit/paper/0.tsv", "3.5\t0:00:03\t259.3\t2.5")
    benchmark(tmp_path / "fit/paper/0.01.tsv", "1.25\t0:00:01\t200\t1.0")
    benchmark(tmp_path / "merge_fits.tsv", "0.25\t0:00:00\tNA\tNA")
    benchmark(tmp_path / "sample/paper.tsv", "0.5\t0:00:00\t-\t0.25")
    benchmark(tmp_path / "of_another_time.tsv", "99\t0:01:39\t1\t99")
    return tmp_path


def test_seconds_are_summed_by_stage(folder: Path) -> None:
    assert run_times(folder, STAGES) == [
        {"stage": "normalize", "jobs": 1, "seconds": 0.5, "cpu_seconds": 0.25, "longest": 0.5}
        | {"rules": ["sample"]},
        {"stage": "fit", "jobs": 3, "seconds": 5.0, "cpu_seconds": 3.5, "longest": 3.5}
        | {"rules": ["fit", "merge_fits"]},
    ]


def test_nothing_has_run(tmp_path: Path) -> None:
    assert run_times(tmp_path / "none", STAGES) == []


def test_the_page_shows_them_and_is_the_same_without_but_for_that(folder: Path) -> None:
    given = inputs()
    with_times = undrawn(**given, run_times=tuple(run_times(folder, STAGES)))
    assert "4 jobs, 6 s in all" in prose(with_times)  # 5.5
    assert "fit 3 5.0 3.5 3.5 fit, merge_fits" in prose(with_times)
    without = undrawn(**given)
    assert "Run time" not in without
    section = re.compile(r'<section id="run-times">.*?</section>\n', re.DOTALL)
    assert section.sub("", with_times) == without
