"""The tables of studies. The module joins their declarations with their files."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from algoprog.experiments import tables
from algoprog.experiments.settings import StudySettings
from algoprog.experiments.study import run_study
from algoprog.tables.frames import frame_of


def study_tables(
    studies: Mapping[str, StudySettings], contents: Mapping[str, bytes], seed: int
) -> dict[str, pl.DataFrame]:
    """Return the tables `study_growth` and `study_sets` of all studies, by name.

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
    }
