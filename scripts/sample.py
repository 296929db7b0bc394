"""Draw one sample from the evaluations."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.records.benchmarks import Benchmarks
    from algoprog.records.sample import Sample, SampleSpec, check_baseline, select

    evaluations = pl.read_parquet(snakemake.input.evaluations)
    call = snakemake.params.call
    benchmarks = Benchmarks.of(call["benchmarks"])
    spec = SampleSpec.of(call["name"], call["spec"], call["exclusions"], benchmarks)
    selection = select(evaluations, spec)
    check_baseline(Sample(spec.name, selection.rows, benchmarks))
    for table in ("rows", "excluded", "steps", "warnings"):
        with job.writing(snakemake.output[table]) as path:
            getattr(selection, table).write_parquet(path)
