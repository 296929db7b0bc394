"""Variants and simple laws ranked by what they predict: held-out rows, and later records."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.records.sample import Sample
    from algoprog.resampling.ranking_table import ranking_table
    from algoprog.resampling.tables import CROSS_VALIDATION, RANKING, TEMPORAL_HOLD_OUT
    from algoprog.tables.csv import read_table, write_table

    call = snakemake.params.call
    table = ranking_table(
        Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"]),
        call["response"],
        read_table(Path(snakemake.input.cross_validation), CROSS_VALIDATION),
        read_table(Path(snakemake.input.temporal_hold_out), TEMPORAL_HOLD_OUT),
    )
    with job.writing(snakemake.output.ranking) as path:
        write_table(path, RANKING, table)
