"""Published draws, again and again with moved starts."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.audit.published_noise import Repeated, draws_together, repeated_draws
    from algoprog.common.settings import rebuild
    from algoprog.records.sample import Sample
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    ranking = snakemake.input.get("cross_validation")
    cross_validation = read_table(Path(ranking), CROSS_VALIDATION) if ranking else None
    repeated = {}
    for name, call in snakemake.params.calls.items():
        sample = Sample.read(snakemake.input.rows, "repeated", call["benchmarks"])
        repeated[name] = repeated_draws(sample, cross_validation, rebuild(call, Repeated))
    draws = draws_together(repeated)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
