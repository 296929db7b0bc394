"""The tables of record histories."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.histories.acquire import read_registers
    from algoprog.histories.analysis import Settings, result_tables
    from algoprog.histories.observed import observed_histories
    from algoprog.histories.tables import TABLES
    from algoprog.records.snapshots import Policy
    from algoprog.tables.csv import write_table

    call = snakemake.params
    registers = read_registers(**call.registers, read_as=(Path(), Policy(**call.policy)))
    observed = observed_histories(pl.read_parquet(snakemake.input.rows), **call.observed)
    published = (snakemake.input.published, Path(snakemake.input.published).read_bytes())
    settings = Settings(**call.settings)
    made = result_tables(registers, observed, published, settings, call.seed)
    for table in (declared for declared in TABLES if declared.name in made):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, made[table.name])
