"""The multiverse of capability across benchmarks, and its attribution."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.capability.multiverse import multiverse_tables
    from algoprog.capability.reading import read_planned
    from algoprog.capability.tables import TABLES
    from algoprog.tables.csv import write_table

    read = read_planned(Path(), snakemake.params.reading)
    made = multiverse_tables(read.published.registers)
    for table in (declared for declared in TABLES if declared.name in made):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, made[table.name])
