"""The tables of studies. The module joins their declarations with their files."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from algoprog.common.numbers import months
from algoprog.experiments import tables
from algoprog.experiments.settings import StudySettings
from algoprog.experiments.study import run_study
from algoprog.tables.frames import frame_of


def study_tables(
    studies: Mapping[str, StudySettings], contents: Mapping[str, bytes], seed: int
) -> dict[str, pl.DataFrame]:
    """Return the tables `study_growth`, `study_sets` and `study_systems`, by name.

    ``contents`` holds the bytes of each study's file by its path.
    """
    results = [
        result
        for name, settings in studies.items()
        for result in run_study(contents[settings.file], settings.study(name), seed)
    ]
    return {
        "study_growth": frame_of(tables.STUDY_GROWTH, [result.row() for result in results]),
        "study_sets": frame_of(
            tables.STUDY_SETS, [row for result in results for row in result.set_rows()]
        ),
        "study_systems": frame_of(
            tables.STUDY_SYSTEMS, [row for result in results for row in result.system_rows()]
        ),
    }


def study_answer(title: str, growth: pl.DataFrame) -> str:
    """Return a study's answer in a sentence, from its rows of `study_growth`."""
    row = growth.filter(pl.col("role") == "estimate").row(0, named=True)
    text = (
        f"{title}: the compute that a fixed score needs halves every {months(row['point'])} months "
        f"(95 % interval {months(row['ci95_low'])} to {months(row['ci95_high'])}), by {row['n']} "
        f"rows of {row['clusters']} clusters ({row['clustered']})."
    )
    few = " So few clusters support one significant digit." if row["few_clusters"] else ""
    return text + few
