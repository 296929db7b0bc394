# Bootstrap draws. A job draws an analysis of the configuration, or several of those that rest on
# one. With shards, each is named by the replicates it holds, first-last (last not included).

if CONFIG.bootstrap.shards == 1:

    rule draw:
        input:
            unpack(of(PLAN.draws.inputs)),
            code=code("draw"),
        output:
            fit=ensure("results/draws/{job}.fit.parquet", non_empty=True),
            draws=ensure("results/draws/{job}.parquet", non_empty=True),
        log:
            "logs/draw/{job}.log",
        benchmark:
            "logs/benchmarks/draw/{job}.tsv"
        threads: 1
        params:
            calls=of(PLAN.draws.calls),
        script:
            "../scripts/draw.py"

else:

    rule draw:
        input:
            unpack(of(PLAN.draws.inputs)),
            code=code("draw"),
        output:
            fit=temp("results/draws/{job}/{first}-{last}.fit.parquet"),
            draws=temp("results/draws/{job}/{first}-{last}.parquet"),
        log:
            "logs/draw/{job}/{first}-{last}.log",
        benchmark:
            "logs/benchmarks/draw/{job}/{first}-{last}.tsv"
        wildcard_constraints:
            first="[0-9]+",
            last="[0-9]+",
        threads: 1
        params:
            calls=of(PLAN.draws.calls),
        script:
            "../scripts/draw.py"

    rule merge_draws:
        input:
            fits=lambda wildcards: PLAN.draws.shard_paths(wildcards.job, "fit.parquet"),
            draws=lambda wildcards: PLAN.draws.shard_paths(wildcards.job, "parquet"),
            code=code("merge_draws"),
        output:
            fit=ensure("results/draws/{job}.fit.parquet", non_empty=True),
            draws=ensure("results/draws/{job}.parquet", non_empty=True),
        log:
            "logs/merge_draws/{job}.log",
        benchmark:
            "logs/benchmarks/merge_draws/{job}.tsv"
        localrule: True
        threads: 1
        params:
            call=of(PLAN.draws.merge),
        script:
            "../scripts/merge_draws.py"
