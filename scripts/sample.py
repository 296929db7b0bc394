"""Draw one sample from the evaluations."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.records.sample import check_baseline, select

    evaluations = pl.read_parquet(snakemake.input.evaluations)
    call = snakemake.params.call
    selection = select(evaluations, **call)
    check_baseline(call["name"], selection.rows, call["benchmarks"])
    for table in ("rows", "excluded", "steps"):
        with job.writing(snakemake.output[table]) as path:
            getattr(selection, table).write_parquet(path)
