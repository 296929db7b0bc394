"""The chains of scores and capability in one model put together, with their diagnostics."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    import polars as pl

    from algoprog.bayes.capability import joint_model, joint_table
    from algoprog.bayes.engine import Engine
    from algoprog.bayes.settings import CapabilityPriors, Diagnostics
    from algoprog.bayes.tables import BAYES_CAPABILITY
    from algoprog.capability.reading import read_planned
    from algoprog.common.settings import rebuild
    from algoprog.tables.csv import write_table

    read = read_planned(Path(), snakemake.params.reading)
    call = snakemake.params.call
    model = joint_model(read.published, rebuild(call["priors"], CapabilityPriors))
    engine = Engine(**json.loads(Path(snakemake.input.engine).read_text(encoding="utf-8")))
    chains = [pl.read_parquet(path) for path in snakemake.input.chains]
    limits = rebuild(call["limits"], Diagnostics)
    made = joint_table(model, chains, engine, limits, call["max_depth"])
    with job.writing(snakemake.output.bayes_capability) as path:
        write_table(path, BAYES_CAPABILITY, made)
