"""The tables of capability across benchmarks."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.capability.analysis import AUDITED, Settings, result_tables
    from algoprog.capability.published import read_printed
    from algoprog.capability.reading import read_planned
    from algoprog.capability.tables import TABLES
    from algoprog.tables.csv import write_table

    read = read_planned(Path(), snakemake.params.reading)
    printed = read_printed(Path(snakemake.input.published).read_bytes(), snakemake.input.published)
    settings = Settings(**snakemake.params.simulated)
    made = result_tables(read.published, printed, settings, read.names)
    for table in (declared for declared in TABLES if declared.name in made):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, made[table.name])
    for name in AUDITED:
        with job.writing(snakemake.output[name]) as path:
            made[name].write_parquet(path)
