"""The record with the exponents of sweeps, whether they agree, and elasticities by scale."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec
    import polars as pl

    from algoprog.catalogue import TABLES
    from algoprog.experiments.joint_results import compared_sweeps, joint_tables, record_of
    from algoprog.experiments.settings import Sweeps
    from algoprog.tables.csv import read_table, write_table

    given = snakemake.params
    settings = msgspec.convert(given.settings, Sweeps)
    contents = {path: Path(path).read_bytes() for path in snakemake.input.files}
    laws = read_table(Path(snakemake.input.laws), TABLES["sweep_laws"])
    (rows,) = snakemake.input.rows
    record = record_of(settings, pl.read_parquet(rows), **given.record)
    sweeps = compared_sweeps(settings, contents, laws)
    made = joint_tables(settings, record, sweeps, given.systems, given.seed)
    for name, table in made.items():
        with job.writing(snakemake.output[name]) as path:
            write_table(path, TABLES[name], table)
