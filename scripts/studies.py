"""The tables of all studies, each of which has made its own."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.catalogue import TABLES
    from algoprog.tables.csv import read_table, write_table

    for name in ("study_growth", "study_sets", "study_systems"):
        table = TABLES[name]
        parts = [read_table(Path(path), table) for path in snakemake.input[name]]
        with job.writing(snakemake.output[name]) as path:
            write_table(path, table, pl.concat(parts))
