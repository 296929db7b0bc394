"""Fit some simulated data sets."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    import polars as pl

    from algoprog.bayes.calibration import calibration_shard
    from algoprog.bayes.engine import Engine
    from algoprog.bayes.models import chosen

    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    one = chosen(rows, None, **snakemake.params.call)
    posterior = snakemake.input.get("posterior")
    known = posterior and dict(draws=pl.read_parquet(posterior), **snakemake.params.known)
    engine = Engine(**json.loads(Path(snakemake.input.engine).read_text(encoding="utf-8")))
    ranked = calibration_shard(
        one,
        known=known,
        engine=engine,
        compiled=Path(snakemake.input.program),
        **snakemake.params.run,
    )
    with job.writing(snakemake.output.shard) as path:
        ranked.write_parquet(path)
