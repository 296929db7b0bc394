"""Every check beside the headline."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.common.settings import rebuild
    from algoprog.robustness.checks import Plan, sensitivity_table
    from algoprog.robustness.tables import SENSITIVITY
    from algoprog.tables.csv import write_table

    plan = rebuild(snakemake.params.call, Plan)
    rows = pl.concat([pl.read_parquet(path) for path in snakemake.input.rows])
    table = sensitivity_table(rows.to_dicts(), plan.checks())
    with job.writing(snakemake.output.sensitivity) as path:
        write_table(path, SENSITIVITY, table)
