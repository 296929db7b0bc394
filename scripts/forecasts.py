"""Forecasts made earlier, and how those with an outcome did."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.synthesis.forecasts import forecast_table
    from algoprog.synthesis.tables import FORECASTS
    from algoprog.tables.csv import write_table

    register = snakemake.input.register
    with job.writing(snakemake.output.forecasts) as path:
        write_table(path, FORECASTS, forecast_table(Path(register).read_bytes(), register))
