"""The interval of the headline model's closed form."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.quantities.tables import DOUBLING_TIMES
    from algoprog.robustness.headline_interval import headline_interval
    from algoprog.robustness.tables import CONFIDENCE_SETS, HEADLINE_INTERVAL
    from algoprog.tables.csv import read_table, write_table

    doubling_times = read_table(Path(snakemake.input.doubling_times), DOUBLING_TIMES)
    sets = read_table(Path(snakemake.input.confidence_sets), CONFIDENCE_SETS)
    table = headline_interval(doubling_times, sets, **snakemake.params.call)
    with job.writing(snakemake.output.headline_interval) as path:
        write_table(path, HEADLINE_INTERVAL, table)
