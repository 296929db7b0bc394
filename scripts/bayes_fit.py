"""The chains of a Bayesian fit put together, diagnosed and judged on what is held out."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    import polars as pl

    from algoprog.bayes.engine import Engine
    from algoprog.bayes.fit import fit
    from algoprog.bayes.models import chosen
    from algoprog.bayes.settings import Choice, FitSettings
    from algoprog.common.settings import rebuild
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    ranking = snakemake.input.get("cross_validation")
    ranked = read_table(Path(ranking), CROSS_VALIDATION) if ranking else None
    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    model = chosen(rows, ranked, rebuild(snakemake.params.call, Choice))
    engine = Engine(**json.loads(Path(snakemake.input.engine).read_text(encoding="utf-8")))
    chains = [pl.read_parquet(path) for path in snakemake.input.chains]
    made = fit(model, chains, engine, rebuild(snakemake.params.run, FitSettings))
    for name, table in zip(("fit", "draws", "held_out"), made, strict=True):
        with job.writing(snakemake.output[name]) as path:
            table.write_parquet(path)
