"""The headline, a statement for each estimator: as text, and as data for the page."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec

    from algoprog.quantities.headline import headline
    from algoprog.quantities.tables import DOUBLING_TIMES
    from algoprog.robustness.tables import HEADLINE_INTERVAL
    from algoprog.tables.csv import read_table

    doubling_times = read_table(Path(snakemake.input.doubling_times), DOUBLING_TIMES)
    intervals = read_table(Path(snakemake.input.headline_interval), HEADLINE_INTERVAL)
    said = headline(doubling_times, intervals, **snakemake.params.call)
    with job.writing(snakemake.output.headline) as path:
        path.write_text(said.text, encoding="utf-8")
    with job.writing(snakemake.output.statements) as path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(said)) + b"\n")
