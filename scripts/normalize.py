"""All sources' records as one table of evaluations, each once."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import msgspec
    import polars as pl

    from algoprog.common.days import latest_day
    from algoprog.records.joining import join_sources
    from algoprog.records.normalise import Rules, normalize
    from algoprog.records.specification import Joins

    sources = msgspec.convert(snakemake.params.sources, dict[str, Joins])
    frames = zip(sources, map(pl.read_parquet, snakemake.input.sources), strict=True)
    records, joined = join_sources(dict(frames), sources)
    rules = Rules.of(snakemake.params.rules, latest_day())
    found = normalize(records, **snakemake.params.call, rules=rules)
    for table, path_of in snakemake.output.items():
        with job.writing(path_of) as path:
            (joined if table == "joined" else getattr(found, table)).write_parquet(path)
