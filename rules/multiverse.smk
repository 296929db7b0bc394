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
        choices=of(PLAN.multiverse.choices),
        base=PLAN.multiverse.settings["base"],
        call=of(PLAN.multiverse.fits),
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
        call=of(PLAN.multiverse.draws),
    script:
        "../scripts/multiverse_draws.py"


rule multiverse_table:
    input:
        fits=PLAN.multiverse.fit_paths,
        draws=of(PLAN.multiverse.draw_paths),
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
        choices=PLAN.multiverse.settings["choices"],
        base=PLAN.multiverse.settings["base"],
    script:
        "../scripts/multiverse_table.py"


rule averaged_model:
    input:
        rows=sample_paths([PLAN.facts.headline.sample]),
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
        call=of(PLAN.multiverse.averaged),
    script:
        "../scripts/averaged_model.py"


rule model_average:
    input:
        held_out=PLAN.multiverse.averaged_paths("held_out"),
        draws=PLAN.multiverse.averaged_paths("draws"),
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
