"""Fit the variants of one batch at some deltas."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.estimators.fit import Batch
    from algoprog.records.sample import Sample

    call = snakemake.params.call
    sample = Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"])
    fits, parameters, minima = rebuild(call, Batch).of(sample)
    with job.writing(snakemake.output.fits) as path:
        fits.write_parquet(path)
    with job.writing(snakemake.output.parameters) as path:
        parameters.write_parquet(path)
    with job.writing(snakemake.output.minima) as path:
        minima.write_parquet(path)
