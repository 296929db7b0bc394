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
    from algoprog.bayes.engine import Engine
    from algoprog.bayes.models import chosen
    from algoprog.tables.csv import read_table

    ranking = snakemake.input.get("cross_validation")
    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    one = chosen(rows, read_table(Path(ranking)) if ranking else None, **snakemake.params.call)
    engine = Engine(**json.loads(Path(snakemake.input.engine).read_text(encoding="utf-8")))
    draws = chain(one, engine, Path(snakemake.input.program), **snakemake.params.run)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
