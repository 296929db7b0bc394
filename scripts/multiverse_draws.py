"""Bootstrap the specifications of one stratum."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.multiverse import bootstrap_specifications
    from algoprog.robustness.specifications import Specification

    call = dict(snakemake.params.call)
    chosen = [Specification(**one) for one in call.pop("chosen")]
    evaluations = pl.read_parquet(snakemake.input.evaluations)
    intervals = bootstrap_specifications(evaluations, chosen, **call)
    with job.writing(snakemake.output.intervals) as path:
        intervals.write_parquet(path)
