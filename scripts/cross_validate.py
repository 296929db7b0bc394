"""Held-out errors of the variants of one batch at some deltas."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.common.settings import rebuild
    from algoprog.records.sample import Sample
    from algoprog.resampling.cross_validation import HeldOutBatch

    call = snakemake.params.call
    sample = Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"])
    batches = [rebuild(call | {"delta": delta}, HeldOutBatch) for delta in call["deltas"]]
    held_out = pl.concat([batch.of(sample) for batch in batches])
    with job.writing(snakemake.output.held_out) as path:
        held_out.write_parquet(path)
