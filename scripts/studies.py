"""The growth of compute that studies of other benchmarks show."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec

    from algoprog.catalogue import TABLES
    from algoprog.experiments.settings import StudySettings
    from algoprog.experiments.study_results import study_tables
    from algoprog.tables.csv import write_table

    studies = msgspec.convert(snakemake.params.studies, dict[str, StudySettings])
    contents = {path: Path(path).read_bytes() for path in snakemake.input.files}
    for name, table in study_tables(studies, contents, snakemake.params.seed).items():
        with job.writing(snakemake.output[name]) as path:
            write_table(path, TABLES[name], table)
