"""One chain of a Bayesian fit."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    import polars as pl

    from algoprog.bayes.chain import chain
    from algoprog.bayes.engine import Engine, Program
    from algoprog.bayes.models import chosen
    from algoprog.bayes.settings import Choice, Sampler
    from algoprog.common.settings import rebuild
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    ranking = snakemake.input.get("cross_validation")
    ranked = read_table(Path(ranking), CROSS_VALIDATION) if ranking else None
    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    model = chosen(rows, ranked, rebuild(snakemake.params.call, Choice))
    engine = Engine(**json.loads(Path(snakemake.input.engine).read_text(encoding="utf-8")))
    program = Program(engine, Path(snakemake.input.program))
    run = {**snakemake.params.run}
    sampler = rebuild(run.pop("sampler"), Sampler)
    draws = chain(model, program, sampler, **run)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
