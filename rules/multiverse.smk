# Every combination of choices; not part of the main job: `make multiverse`.


rule multiverse_fits:
    input:
        evaluations="data/processed/evaluations.parquet",
        code=code("multiverse_fits"),
    output:
        fits="results/multiverse/fits/{block}.parquet",
    log:
        "logs/multiverse_fits/{block}.log",
    benchmark:
        "logs/benchmarks/multiverse_fits/{block}.tsv"
    threads: 1
    params:
        choices=lambda wildcards: BLOCKS[wildcards.block],
        base=MULTIVERSE["base"],
        call=lambda wildcards: fitting(specifications(BLOCKS[wildcards.block], MULTIVERSE["base"])),
    script:
        "../scripts/multiverse_fits.py"


rule multiverse_draws:
    input:
        evaluations="data/processed/evaluations.parquet",
        code=code("multiverse_draws"),
    output:
        intervals="results/multiverse/draws/{stratum}.parquet",
    log:
        "logs/multiverse_draws/{stratum}.log",
    benchmark:
        "logs/benchmarks/multiverse_draws/{stratum}.tsv"
    threads: 1
    params:
        call=lambda wildcards: dict(
            seed=CONFIG.seed,
            replicates=CONFIG.multiverse.bootstrap.replicates,
            resampling=CONFIG.multiverse.bootstrap.resampling,
            chosen=[asdict(one) for one in multiverse_strata()[wildcards.stratum]],
            **fitting(multiverse_strata()[wildcards.stratum]),
        ),
    script:
        "../scripts/multiverse_draws.py"


rule multiverse_table:
    input:
        fits=expand("results/multiverse/fits/{block}.parquet", block=BLOCKS),
        draws=lambda _: expand(
            "results/multiverse/draws/{stratum}.parquet", stratum=multiverse_strata()
        ),
        code=code("multiverse_table"),
    output:
        multiverse=table("multiverse"),
        multiverse_account=table("multiverse_account"),
        multiverse_intervals=table("multiverse_intervals"),
        attribution=table("attribution"),
        attribution_interactions=table("attribution_interactions"),
    log:
        "logs/multiverse_table.log",
    benchmark:
        "logs/benchmarks/multiverse_table.tsv"
    threads: 1
    params:
        choices=MULTIVERSE["choices"],
        base=MULTIVERSE["base"],
    script:
        "../scripts/multiverse_table.py"


rule averaged_model:
    input:
        rows=sample_files([HEADLINE.sample]),
        code=code("averaged_model"),
    output:
        held_out="results/multiverse/models/{variant}.held_out.parquet",
        draws="results/multiverse/models/{variant}.draws.parquet",
    log:
        "logs/averaged_model/{variant}.log",
    benchmark:
        "logs/benchmarks/averaged_model/{variant}.tsv"
    threads: 1
    params:
        call=lambda wildcards: dict(
            variants={wildcards.variant: SETTINGS["variants"][wildcards.variant]},
            deltas=CONFIG.deltas,
            response=CONFIG.samples[HEADLINE.sample].response.converged,
            sample_name=HEADLINE.sample,
            benchmarks=MODEL_BENCHMARKS,
            seed=CONFIG.seed,
            replicates=CONFIG.multiverse.averaging.replicates,
        ),
    script:
        "../scripts/averaged_model.py"


rule model_average:
    input:
        held_out=expand(
            "results/multiverse/models/{variant}.held_out.parquet",
            variant=CONFIG.enabled_variants,
        ),
        draws=expand(
            "results/multiverse/models/{variant}.draws.parquet",
            variant=CONFIG.enabled_variants,
        ),
        code=code("model_average"),
    output:
        model_weights=table("model_weights"),
        model_average=table("model_average"),
    log:
        "logs/model_average.log",
    benchmark:
        "logs/benchmarks/model_average.tsv"
    threads: 1
    params:
        seed=CONFIG.seed,
    script:
        "../scripts/model_average.py"
