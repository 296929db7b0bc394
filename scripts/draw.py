"""Fit analyses and draw one shard of the bootstrap of each."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.common.settings import rebuild
    from algoprog.records.sample import Sample
    from algoprog.resampling.analysis import Analysis
    from algoprog.resampling.refit import pack
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    ranking = snakemake.input.get("cross_validation")
    cross_validation = read_table(Path(ranking), CROSS_VALIDATION) if ranking else None
    refits = {}
    for name, call in snakemake.params.calls.items():
        sample = Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"])
        analysis = rebuild(call, Analysis)
        refits[name] = analysis.of(sample, cross_validation, call["first"], call["last"])
    fits, draws = pack(refits)
    with job.writing(snakemake.output.fit) as path:
        fits.write_parquet(path)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
