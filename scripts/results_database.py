"""The result tables as one DuckDB file."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.catalogue import TABLES
    from algoprog.tables.csv import read_tables
    from algoprog.tables.database import write_documented

    extras = [f"results/tables/{name}.csv" for name in snakemake.params.extras]
    frames = read_tables(
        map(Path, [*snakemake.input.tables, *snakemake.input.shipped, *extras]), TABLES
    )
    with job.writing(snakemake.output.database) as path:
        write_documented(path, frames, TABLES, snakemake.threads)
