"""Fit some simulated data sets."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    import polars as pl

    from algoprog.bayes.engine import Engine, Program
    from algoprog.bayes.models import chosen
    from algoprog.bayes.settings import Choice, SimulatedSets
    from algoprog.bayes.simulated import KnownGrowth, calibration_shard
    from algoprog.common.settings import rebuild

    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    model = chosen(rows, None, rebuild(snakemake.params.call, Choice))
    engine = Engine(**json.loads(Path(snakemake.input.engine).read_text(encoding="utf-8")))
    program = Program(engine, Path(snakemake.input.program))
    posterior = snakemake.input.get("posterior")
    known = KnownGrowth(pl.read_parquet(posterior), **snakemake.params.known) if posterior else None
    sets = rebuild(snakemake.params.run, SimulatedSets)
    with job.writing(snakemake.output.shard) as path:
        calibration_shard(model, sets, program, known).write_parquet(path)
