# Bootstrap draws. A shard is named by the replicates it holds, first-last (last not included).


rule draw:
    input:
        unpack(ranking),
        rows=lambda wildcards: f"data/processed/samples/{analysis(wildcards)['sample']}.parquet",
        code=code("draw"),
    output:
        fit=temp("results/draws/{analysis}/{first}-{last}.fit.parquet"),
        draws=temp("results/draws/{analysis}/{first}-{last}.parquet"),
    log:
        "logs/draw/{analysis}/{first}-{last}.log",
    benchmark:
        "logs/benchmarks/draw/{analysis}/{first}-{last}.tsv"
    wildcard_constraints:
        first="[0-9]+",
        last="[0-9]+",
    threads: 1
    params:
        call=lambda wildcards: dict(
            variants=candidates(analysis(wildcards)["model"]),
            model=analysis(wildcards)["model"],
            change=analysis(wildcards)["change"],
            estimator=analysis(wildcards)["estimator"],
            resampling=analysis(wildcards)["resampling"],
            response=analysis(wildcards)["response"],
            sample_name=analysis(wildcards)["sample"],
            benchmarks=MODEL_BENCHMARKS,
            seed=CONFIG.seed,
            first=int(wildcards.first),
            last=int(wildcards.last),
        ),
    script:
        "../scripts/draw.py"


rule merge_draws:
    input:
        fits=lambda wildcards: shards(wildcards, "fit.parquet"),
        draws=lambda wildcards: shards(wildcards, "parquet"),
        code=code("merge_draws"),
    output:
        fit=ensure("results/draws/{analysis}.fit.parquet", non_empty=True),
        draws=ensure("results/draws/{analysis}.parquet", non_empty=True),
    log:
        "logs/merge_draws/{analysis}.log",
    benchmark:
        "logs/benchmarks/merge_draws/{analysis}.tsv"
    threads: 1
    params:
        call=lambda wildcards: dict(replicates=analysis(wildcards)["replicates"]),
    script:
        "../scripts/merge_draws.py"
