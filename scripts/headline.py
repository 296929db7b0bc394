"""The headline, in a sentence for each estimator."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.quantities.headline import headline_text
    from algoprog.quantities.tables import DOUBLING_TIMES
    from algoprog.robustness.tables import HEADLINE_INTERVAL
    from algoprog.tables.csv import read_table

    doubling_times = read_table(Path(snakemake.input.doubling_times), DOUBLING_TIMES)
    intervals = read_table(Path(snakemake.input.headline_interval), HEADLINE_INTERVAL)
    text = headline_text(doubling_times, intervals, **snakemake.params.call)
    with job.writing(snakemake.output.headline) as path:
        path.write_text(text, encoding="utf-8")
