"""The objective of one model along its doubling time."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.analysed import Models
    from algoprog.robustness.coverage import profile_of

    fits = pl.concat([pl.read_parquet(path) for path in snakemake.input.fit])
    fit, call = fits.filter(analysis=snakemake.params.analysis), snakemake.params.call
    profiles, ranges = profile_of(
        Models.read(snakemake.input.rows, fit["sample"], call["variants"], call["benchmarks"]),
        fit,
        *(call[name] for name in ("response", "months", "losses")),
    )
    with job.writing(snakemake.output.profiles) as path:
        profiles.write_parquet(path)
    with job.writing(snakemake.output.ranges) as path:
        ranges.write_parquet(path)
