# What is computed from fits and draws, and what was left out: the tables of the report.


rule exclusions:
    input:
        excluded=expand(
            "data/processed/samples/{sample}.excluded.parquet",
            sample=CONFIG.enabled_samples,
        ),
        steps=expand(
            "data/processed/samples/{sample}.steps.parquet",
            sample=CONFIG.enabled_samples,
        ),
        code=code("exclusions"),
    output:
        exclusions=table("exclusions"),
        sample_steps=table("sample_steps"),
    log:
        "logs/exclusions.log",
    benchmark:
        "logs/benchmarks/exclusions.tsv"
    localrule: True
    threads: 1
    params:
        samples=list(CONFIG.enabled_samples),
    script:
        "../scripts/exclusions.py"


rule doubling_times:
    input:
        fits="results/tables/fits.csv",
        parameters="results/tables/parameters.csv",
        rows=sample_files(CONFIG.enabled_samples),
        analysis_fits=fit_files(DRAWN),
        draws=draw_files(DRAWN),
        code=code("doubling_times"),
    output:
        doubling_times=table("doubling_times"),
    log:
        "logs/doubling_times.log",
    benchmark:
        "logs/benchmarks/doubling_times.tsv"
    threads: 1
    params:
        analyses=DRAWN,
        samples=list(CONFIG.enabled_samples),
        call=dict(
            variants=SETTINGS["variants"],
            benchmarks=MODEL_BENCHMARKS,
            optimal_scaling=SETTINGS["optimal_scaling"],
        ),
    script:
        "../scripts/doubling_times.py"


rule pooled_doubling_times:
    input:
        rows=f"data/processed/samples/{CONFIG.cross_validation.sample}.parquet",
        analysis_fits=fit_files([name for members in POOLS.values() for name in members]),
        draws=draw_files([name for members in POOLS.values() for name in members]),
        code=code("pooled_doubling_times"),
    output:
        pooled_doubling_times=table("pooled_doubling_times"),
    log:
        "logs/pooled_doubling_times.log",
    benchmark:
        "logs/benchmarks/pooled_doubling_times.tsv"
    threads: 1
    params:
        members=POOLS,
        call=dict(
            variants=SETTINGS["variants"],
            benchmarks=MODEL_BENCHMARKS,
            optimal_scaling=SETTINGS["optimal_scaling"],
            pools={name: SETTINGS["pools"][name] for name in POOLS},
        ),
    script:
        "../scripts/pooled_doubling_times.py"


rule shapley:
    input:
        rows=sample_files(samples(SHAPLEY)),
        analysis_fits=fit_files(SHAPLEY),
        draws=draw_files(SHAPLEY),
        code=code("shapley"),
    output:
        shapley=table("shapley"),
        predicted_loss=table("predicted_loss"),
    log:
        "logs/shapley.log",
    benchmark:
        "logs/benchmarks/shapley.tsv"
    threads: 1
    params:
        analyses=SHAPLEY,
        samples=samples(SHAPLEY),
        call=dict(
            variants=analysed(SHAPLEY),
            benchmarks=MODEL_BENCHMARKS,
            systems=SETTINGS["shapley"]["systems"],
        ),
    script:
        "../scripts/shapley.py"


rule transformer:
    input:
        rows=sample_files(samples(TRANSFORMERS)),
        analysis_fits=fit_files(TRANSFORMERS),
        draws=draw_files(TRANSFORMERS),
        code=code("transformer"),
    output:
        transformer=table("transformer"),
    log:
        "logs/transformer.log",
    benchmark:
        "logs/benchmarks/transformer.tsv"
    threads: 1
    params:
        analyses=TRANSFORMERS,
        samples=samples(TRANSFORMERS),
        changes=[ANALYSES[name]["change"] for name in TRANSFORMERS],
        call=dict(
            variants=analysed(TRANSFORMERS),
            benchmarks=MODEL_BENCHMARKS,
            computes=CONFIG.transformer.computes,
            year=CONFIG.transformer.year,
        ),
    script:
        "../scripts/transformer.py"


rule era_split:
    input:
        rows=sample_files(samples(ERAS)),
        analysis_fits=fit_files(ERAS),
        draws=draw_files(ERAS),
        code=code("era_split"),
    output:
        era_split=table("era_split"),
    log:
        "logs/era_split.log",
    benchmark:
        "logs/benchmarks/era_split.tsv"
    threads: 1
    params:
        analyses=ERAS,
        samples=samples(ERAS),
        changes=[ANALYSES[name]["change"] for name in ERAS],
        call=dict(variants=analysed(ERAS), benchmarks=MODEL_BENCHMARKS),
    script:
        "../scripts/era_split.py"


rule frontiers:
    input:
        rows=sample_files(samples([CONFIG.headline.converged])),
        analysis_fits=fit_files([CONFIG.headline.converged]),
        draws=draw_files([CONFIG.headline.converged]),
        code=code("frontiers"),
    output:
        frontiers=table("frontiers"),
    log:
        "logs/frontiers.log",
    benchmark:
        "logs/benchmarks/frontiers.tsv"
    localrule: True
    threads: 1
    params:
        analyses=[CONFIG.headline.converged],
        samples=samples([CONFIG.headline.converged]),
        call=dict(
            variants=analysed([CONFIG.headline.converged]),
            benchmarks=MODEL_BENCHMARKS,
            **SETTINGS["frontiers"],
        ),
    script:
        "../scripts/frontiers.py"


rule effective_compute:
    input:
        rows=sample_files(samples(HEADLINES)),
        analysis_fits=fit_files(HEADLINES),
        draws=draw_files(HEADLINES),
        code=code("effective_compute"),
    output:
        effective_compute=table("effective_compute"),
    log:
        "logs/effective_compute.log",
    benchmark:
        "logs/benchmarks/effective_compute.tsv"
    localrule: True
    threads: 1
    params:
        analyses=HEADLINES,
        samples=samples(HEADLINES),
        call=dict(
            variants=analysed(HEADLINES),
            benchmarks=MODEL_BENCHMARKS,
            optimal_scaling=SETTINGS["optimal_scaling"],
            settings=SETTINGS["effective_compute"],
        ),
    script:
        "../scripts/effective_compute.py"


rule allocation:
    input:
        code=code("allocation"),
    output:
        allocation=table("allocation"),
    log:
        "logs/allocation.log",
    benchmark:
        "logs/benchmarks/allocation.tsv"
    localrule: True
    threads: 1
    params:
        call=dict(spec=SETTINGS["allocation"]),
    script:
        "../scripts/allocation.py"


rule direct_observation:
    input:
        rows=f"data/processed/samples/{CONFIG.direct_observation.sample}.parquet",
        code=code("direct_observation"),
    output:
        direct_observation=table("direct_observation"),
        compute_reductions=table("compute_reductions"),
    log:
        "logs/direct_observation.log",
    benchmark:
        "logs/benchmarks/direct_observation.tsv"
    localrule: True
    threads: 1
    params:
        call=dict(
            spec=SETTINGS["direct_observation"],
            benchmark=CONFIG.benchmarks.baseline,
        ),
    script:
        "../scripts/direct_observation.py"


rule results_database:
    input:
        tables=expand("results/tables/{table}.csv", table=[*TABLES, *AUDIT_TABLES]),
        code=code("results_database"),
    output:
        database="results/results.duckdb",
    log:
        "logs/results_database.log",
    benchmark:
        "logs/benchmarks/results_database.tsv"
    localrule: True
    threads: 1
    params:
        extras=finished(),
    script:
        "../scripts/results_database.py"
