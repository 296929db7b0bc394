"""The interval that the headline quotes."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.model.model import Model
    from algoprog.model.variant import Variant
    from algoprog.quantities.tables import DOUBLING_TIMES
    from algoprog.records.sample import Sample
    from algoprog.robustness.headline_interval import headline_interval
    from algoprog.robustness.tables import HEADLINE_INTERVAL
    from algoprog.tables.csv import read_table, write_table

    (rows,) = snakemake.input.rows
    call = snakemake.params.call
    analysis = call["analysis"]
    sample = Sample.read(rows, analysis["sample"], call["benchmarks"])
    table = headline_interval(
        Model.of(Variant.of(analysis["variant"], call["spec"]), sample),
        read_table(Path(snakemake.input.doubling_times), DOUBLING_TIMES),
        *(call[name] for name in ("analysis", "response", "critical", "months")),
    )
    with job.writing(snakemake.output.headline_interval) as path:
        write_table(path, HEADLINE_INTERVAL, table)
