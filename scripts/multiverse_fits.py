"""Fit the specifications of one block."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.common.settings import rebuild
    from algoprog.robustness.multiverse import Fitting, fit_specifications
    from algoprog.robustness.specifications import specifications

    chosen = specifications(snakemake.params.choices, snakemake.params.base)
    evaluations = pl.read_parquet(snakemake.input.evaluations)
    fits = fit_specifications(evaluations, chosen, rebuild(snakemake.params.call, Fitting))
    with job.writing(snakemake.output.fits) as path:
        fits.write_parquet(path)
